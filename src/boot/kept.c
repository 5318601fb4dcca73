/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* What the caller keeps free, and what it has written there. */
#include "boot/kept.h"

#include "abi/sizes.h"
#include "core/checked.h"
#include "core/error.h"
#include "core/libc.h"
#include "core/sized.h"
#include "guest/rsdp.h"

/* Element @i of the caller's array, complete and with a name. */
static enum pvhload_status read_range(const struct pvl_builder *b, size_t i,
				      struct pvhload_boot_keep_free *ret, struct pvhload_error *err)
{
	if (!pvl_element(b->config.keep_free, i, ret, sizeof(*ret), PVL_V1_BOOT_KEEP_FREE))
		return pvl_fail(err, PVHLOAD_E_USAGE, PVL_ANYWHERE,
				"keep_free %zu has a wrong size", i);
	if (ret->flags & ~PVHLOAD_BOOT_KEEP_FREE_UNTIL_ENTRY || ret->reserved != 0)
		return pvl_fail(err, PVHLOAD_E_USAGE, PVL_ANYWHERE,
				"keep_free %zu has an unknown flag (0x%" PRIx32
				"), or its reserved member is not 0",
				i, ret->flags);
	if (!ret->bytes && ret->byte_count > 0)
		return pvl_fail(err, PVHLOAD_E_USAGE, PVL_ANYWHERE,
				"keep_free %zu counts %zu bytes, but they are NULL", i,
				ret->byte_count);
	if (ret->byte_count > 0 && ret->flags & PVHLOAD_BOOT_KEEP_FREE_UNTIL_ENTRY)
		return pvl_fail(err, PVHLOAD_E_USAGE, PVL_ANYWHERE,
				"keep_free %zu has bytes, which are for who is entered, and says "
				"that nobody needs it from the entry on",
				i);
	if (!ret->name)
		ret->name = "reserved";
	return PVHLOAD_OK;
}

/* As a region, which is nowhere but in RAM. */
static enum pvhload_status claim_bytes(struct pvl_builder *b, size_t i,
				       const struct pvhload_boot_keep_free *r,
				       struct pvhload_error *err)
{
	struct pvl_part part = { .kind = PVHLOAD_REGION_KEPT,
				 .index = (uint32_t)i,
				 .size = r->size,
				 .align = 1,
				 .limit = UINT64_MAX,
				 .limit_name = "the end of the address space" };

	pvl_part_set_name(&part, r->name);
	if (r->gpa == 0)
		return pvl_fail(err, PVHLOAD_E_USAGE, PVL_ANYWHERE,
				"the bytes of keep_free \"%s\" are to be at address 0, which means "
				"that there is no place for them",
				part.name);
	if (r->byte_count > r->size)
		return pvl_fail(err, PVHLOAD_E_RANGE, PVL_GPA(r->gpa),
				"keep_free \"%s\" has 0x%zx bytes for 0x%" PRIx64 " at 0x%" PRIx64
				", 0x%" PRIx64 " too many",
				part.name, r->byte_count, r->size, r->gpa, r->byte_count - r->size);
	return pvl_space_claim(&b->layout.space, &part, r->gpa, PVHLOAD_PLACED_ASKED, err);
}

enum pvhload_status pvl_keep_free(struct pvl_builder *b, struct pvhload_error *err)
{
	for (size_t i = 0; i < b->config.keep_free_count; i++) {
		struct pvhload_boot_keep_free r = PVHLOAD_BOOT_KEEP_FREE_INIT;

		PVL_TRY(read_range(b, i, &r, err));
		if (r.byte_count > 0)
			PVL_TRY(claim_bytes(b, i, &r, err));
		else
			PVL_TRY(pvl_space_keep_free(&b->layout.space, r.name, r.gpa, r.size, err));
	}
	return pvl_keep_rsdp_free(&b->layout.space, b->config.rsdp_gpa, err);
}

/* Bytes of all ranges together: each has no more than its RAM, so the sum does not wrap. */
static enum pvhload_status count_bytes(const struct pvl_builder *b, uint64_t *ret,
				       struct pvhload_error *err)
{
	*ret = 0;
	for (size_t i = 0; i < b->config.keep_free_count; i++) {
		struct pvhload_boot_keep_free r = PVHLOAD_BOOT_KEEP_FREE_INIT;

		PVL_TRY(read_range(b, i, &r, err));
		*ret += r.byte_count;
	}
	return PVHLOAD_OK;
}

static enum pvhload_status append_bytes(struct pvl_block *block,
					const struct pvhload_boot_keep_free *r,
					struct pvhload_error *err)
{
	const struct pvl_write rest = { .gpa = r->gpa + r->byte_count,
					.size = r->size - r->byte_count };

	memcpy(block->at, r->bytes, r->byte_count);
	PVL_TRY(pvl_block_append(block, r->gpa, r->byte_count, err));
	return pvl_writes_append(block->writes, rest, err);
}

enum pvhload_status pvl_write_kept(struct pvl_builder *b, struct pvhload_error *err)
{
	struct pvl_block block = { &b->plan->writes, NULL };
	uint64_t size;

	PVL_TRY(count_bytes(b, &size, err));
	if (size == 0)
		return PVHLOAD_OK;
	block.at = b->plan->kept = size <= SIZE_MAX ? malloc((size_t)size) : NULL;
	if (!block.at)
		return pvl_fail_no_memory(err, size);
	for (size_t i = 0; i < b->config.keep_free_count; i++) {
		struct pvhload_boot_keep_free r = PVHLOAD_BOOT_KEEP_FREE_INIT;

		PVL_TRY(read_range(b, i, &r, err));
		if (r.byte_count > 0)
			PVL_TRY(append_bytes(&block, &r, err));
	}
	return PVHLOAD_OK;
}
