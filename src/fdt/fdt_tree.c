/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* ABI source: Devicetree Specification 0.4, chapter 5. */
#include "fdt/fdt_tree.h"

#include "abi/fdt_layout.h"
#include "core/checked.h"
#include "core/libc.h"
#include "core/range.h"

/* A block that the header names. */
struct block {
	const char *name;
	uint32_t offset;
	uint32_t size;
	uint32_t align;
};

enum { RSVMAP, STRUCTURE, STRINGS, BLOCK_COUNT };

static struct pvl_where at_offset(uint64_t gpa, uint64_t offset)
{
	return gpa == PVHLOAD_NOWHERE ? PVL_AT(offset) : PVL_GPA(gpa + offset);
}

struct pvl_where pvl_fdt_where(const struct pvl_fdt_tree *tree, const void *at)
{
	return at_offset(tree->gpa, (uint64_t)((const uint8_t *)at - tree->bytes.data));
}

static enum pvhload_status check_magic(struct pvl_span bytes, uint64_t gpa,
				       struct pvhload_error *err)
{
	uint32_t magic;

	if (bytes.size < PVL_FDT_HEADER_SIZE)
		return pvl_fail(err, PVHLOAD_E_MALFORMED, at_offset(gpa, 0),
				"a device tree has at least %u bytes; there are %zu",
				PVL_FDT_HEADER_SIZE, bytes.size);
	magic = pvl_span_get_be32(bytes, PVL_FDT_MAGIC_AT);
	if (magic != PVL_FDT_MAGIC)
		return pvl_fail(err, PVHLOAD_E_FORMAT, at_offset(gpa, PVL_FDT_MAGIC_AT),
				"no device tree: its magic is 0x%" PRIx32 ", not 0x%x", magic,
				PVL_FDT_MAGIC);
	return PVHLOAD_OK;
}

static enum pvhload_status check_version(struct pvl_span bytes, uint64_t gpa,
					 struct pvhload_error *err)
{
	const uint32_t version = pvl_span_get_be32(bytes, PVL_FDT_VERSION);
	const uint32_t compatible = pvl_span_get_be32(bytes, PVL_FDT_LAST_COMP_VERSION);

	if (version >= PVL_FDT_VERSION_NOW && compatible <= PVL_FDT_VERSION_NOW)
		return PVHLOAD_OK;
	return pvl_fail(err, PVHLOAD_E_UNSUPPORTED, at_offset(gpa, PVL_FDT_VERSION),
			"the device tree has version %" PRIu32 ", compatible with %" PRIu32
			" and later; %u is supported",
			version, compatible, PVL_FDT_VERSION_NOW);
}

enum pvhload_status pvl_fdt_check_header(struct pvl_span bytes, uint64_t gpa, uint32_t *ret_size,
					 struct pvhload_error *err)
{
	const struct pvl_where where = at_offset(gpa, PVL_FDT_TOTALSIZE);
	uint32_t size;

	PVL_TRY(check_magic(bytes, gpa, err));
	PVL_TRY(check_version(bytes, gpa, err));
	size = pvl_span_get_be32(bytes, PVL_FDT_TOTALSIZE);
	if (size > PVHLOAD_FDT_SIZE_MAX)
		return pvl_fail(err, PVHLOAD_E_LIMIT, where,
				"the device tree says that it has %" PRIu32
				" bytes; the limit is %u",
				size, PVHLOAD_FDT_SIZE_MAX);
	if (size < PVL_FDT_HEADER_SIZE)
		return pvl_fail(err, PVHLOAD_E_MALFORMED, where,
				"the device tree says that it has %" PRIu32
				" bytes, and its header alone has %u",
				size, PVL_FDT_HEADER_SIZE);
	*ret_size = size;
	return PVHLOAD_OK;
}

/* Find the end of the memory reservation block: an entry of zeros. */
static enum pvhload_status measure_rsvmap(const struct pvl_fdt_tree *tree, struct block *block,
					  struct pvhload_error *err)
{
	struct pvl_span entry;

	block->size = 0;
	while (pvl_span_sub(tree->bytes, (uint64_t)block->offset + block->size,
			    PVL_FDT_RSVMAP_ENTRY, &entry)) {
		block->size += PVL_FDT_RSVMAP_ENTRY;
		if (pvl_span_get_be64(entry, 0) == 0 && pvl_span_get_be64(entry, 8) == 0)
			return PVHLOAD_OK;
		if (block->size / PVL_FDT_RSVMAP_ENTRY > PVHLOAD_FDT_RANGES_MAX)
			return pvl_fail(err, PVHLOAD_E_LIMIT, at_offset(tree->gpa, block->offset),
					"the device tree's %s has more than %u entries",
					block->name, PVHLOAD_FDT_RANGES_MAX);
	}
	return pvl_fail(err, PVHLOAD_E_MALFORMED, at_offset(tree->gpa, block->offset),
			"the device tree's %s, at offset 0x%" PRIx32 ", does not end within it",
			block->name, block->offset);
}

static enum pvhload_status check_block(const struct pvl_fdt_tree *tree, const struct block *block,
				       struct pvl_span *ret, struct pvhload_error *err)
{
	const struct pvl_where where = at_offset(tree->gpa, block->offset);

	if (block->offset < PVL_FDT_HEADER_SIZE ||
	    !pvl_span_sub(tree->bytes, block->offset, block->size, ret))
		return pvl_fail(err, PVHLOAD_E_MALFORMED, where,
				"the device tree's %s, %" PRIu32 " bytes at offset 0x%" PRIx32
				", is not in [0x%x, 0x%zx)",
				block->name, block->size, block->offset, PVL_FDT_HEADER_SIZE,
				tree->bytes.size);
	if (block->offset % block->align != 0)
		return pvl_fail(err, PVHLOAD_E_MALFORMED, where,
				"the device tree's %s is at offset 0x%" PRIx32
				", no multiple of %" PRIu32,
				block->name, block->offset, block->align);
	return PVHLOAD_OK;
}

static enum pvhload_status check_overlap(const struct pvl_fdt_tree *tree, const struct block *a,
					 const struct block *b, struct pvhload_error *err)
{
	const struct pvl_range range = { a->offset, (uint64_t)a->offset + a->size };
	const struct pvl_range other = { b->offset, (uint64_t)b->offset + b->size };

	if (!pvl_range_overlap(range, other))
		return PVHLOAD_OK;
	return pvl_fail(err, PVHLOAD_E_MALFORMED, at_offset(tree->gpa, b->offset),
			"the device tree's %s " PVL_RANGE_FMT " and %s " PVL_RANGE_FMT " overlap",
			a->name, PVL_RANGE_ARG(range), b->name, PVL_RANGE_ARG(other));
}

static enum pvhload_status check_blocks(struct pvl_fdt_tree *tree, struct block *blocks,
					struct pvhload_error *err)
{
	PVL_TRY(check_block(tree, &blocks[STRUCTURE], &tree->structure, err));
	PVL_TRY(check_block(tree, &blocks[STRINGS], &tree->strings, err));
	PVL_TRY(check_block(tree, &blocks[RSVMAP], &tree->rsvmap, err));
	PVL_TRY(measure_rsvmap(tree, &blocks[RSVMAP], err));
	tree->rsvmap.size = blocks[RSVMAP].size - PVL_FDT_RSVMAP_ENTRY;
	PVL_TRY(check_overlap(tree, &blocks[RSVMAP], &blocks[STRUCTURE], err));
	PVL_TRY(check_overlap(tree, &blocks[RSVMAP], &blocks[STRINGS], err));
	return check_overlap(tree, &blocks[STRUCTURE], &blocks[STRINGS], err);
}

enum pvhload_status pvl_fdt_open(struct pvl_span bytes, uint64_t gpa, struct pvl_fdt_tree *ret,
				 struct pvhload_error *err)
{
	struct block blocks[BLOCK_COUNT] = {
		[RSVMAP] = { "memory reservation block",
			     pvl_span_get_be32(bytes, PVL_FDT_OFF_MEM_RSVMAP), 0,
			     PVL_FDT_RSVMAP_ALIGN },
		[STRUCTURE] = { "structure block", pvl_span_get_be32(bytes, PVL_FDT_OFF_DT_STRUCT),
				pvl_span_get_be32(bytes, PVL_FDT_SIZE_DT_STRUCT),
				PVL_FDT_TOKEN_SIZE },
		[STRINGS] = { "strings block", pvl_span_get_be32(bytes, PVL_FDT_OFF_DT_STRINGS),
			      pvl_span_get_be32(bytes, PVL_FDT_SIZE_DT_STRINGS), 1 },
	};
	struct pvl_fdt_tree tree = { .gpa = gpa };
	uint32_t size;

	PVL_TRY(pvl_fdt_check_header(bytes, gpa, &size, err));
	if (!pvl_span_sub(bytes, 0, size, &tree.bytes))
		return pvl_fail(err, PVHLOAD_E_MALFORMED, at_offset(gpa, PVL_FDT_TOTALSIZE),
				"the device tree says that it has %" PRIu32 " bytes; there are %zu",
				size, bytes.size);
	PVL_TRY(check_blocks(&tree, blocks, err));
	*ret = tree;
	return PVHLOAD_OK;
}

uint64_t pvl_fdt_packed_size(const struct pvl_fdt_tree *tree)
{
	return PVL_FDT_HEADER_SIZE + (uint64_t)tree->rsvmap.size + PVL_FDT_RSVMAP_ENTRY +
	       tree->structure.size + tree->strings.size;
}
