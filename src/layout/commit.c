/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* Writing to guest memory; nothing else does: the writes of a plan, and zeros where it has none. */
#include <pvhload/region.h>

#include "core/error.h"
#include "core/libc.h"
#include "layout/decoded.h"
#include "layout/write_kinds.h"
#include "memory/rom.h"

/* Tell the VMM which region the writes that follow belong to. */
static enum pvhload_status begin_region(const struct pvl_memory *mem, const struct pvl_claim *claim,
					struct pvhload_error *err)
{
	const struct pvhload_plan_region region = { .name = claim->name,
						    .gpa = claim->range.start,
						    .size = claim->size,
						    .kind = claim->kind,
						    .index = claim->index,
						    .reason = claim->reason };

	return pvl_memory_begin_region(mem, &region, err);
}

/* A firmware's region opens the ROM that it is in, and any other closes it. */
static void open_rom(struct pvl_memory *mem, const struct pvl_claim *claim)
{
	const struct pvl_range range = { claim->range.start, claim->range.start + claim->size };
	const bool rom =
		pvl_is_firmware(claim->kind) && pvl_roms_contain(mem->roms, mem->rom_count, range);

	mem->rom = rom ? range : (struct pvl_range){ 0, 0 };
}

/* Does the VMM get to see this write? */
static bool is_written(const struct pvl_transfer *t, const struct pvl_write *w)
{
	return !pvl_write_kind(w)->zeros ||
	       !pvl_transfer_skips_zeros(t, (struct pvl_range){ w->gpa, w->gpa + w->size });
}

/* Its bytes are moved, unless they are there already. */
static enum pvhload_status write_in_region(struct pvl_transfer *t, const struct pvl_claim *claim,
					   bool begins, bool there, const struct pvl_write *w,
					   struct pvhload_error *err)
{
	enum pvhload_status status = PVHLOAD_OK;

	open_rom(&t->mem, claim);
	if (begins)
		status = begin_region(&t->mem, claim, err);
	if (status == PVHLOAD_OK && !there)
		status = pvl_write_kind(w)->move(t, w, err);
	return pvl_fail_in_region(claim, status, err);
}

static enum pvhload_status check_regions(const struct pvl_space *space,
					 const struct pvl_memory *memory, struct pvhload_error *err)
{
	struct pvl_memory mem = *memory;

	for (size_t i = 0; i < space->count; i++) {
		const struct pvl_claim *claim = &space->claims[i];
		enum pvhload_status status;

		if (claim->kind == 0)
			continue;
		open_rom(&mem, claim);
		status = pvl_memory_check(&mem, claim->range.start, claim->size, err);
		if (status != PVHLOAD_OK)
			return pvl_fail_in(err, status, "%s", claim->name);
	}
	return PVHLOAD_OK;
}

static enum pvhload_status write_all(struct pvl_transfer *t, const struct pvl_writes *writes,
				     const struct pvl_space *space,
				     const struct pvl_decoded *decoded, struct pvhload_error *err)
{
	size_t begun = SIZE_MAX; /* the region that was begun last */

	PVL_TRY(pvl_work_begin(&t->work, err));
	PVL_TRY(pvl_decoded_move(t, writes, space, decoded, err));
	for (size_t i = 0; i < writes->count; i++) {
		const struct pvl_write *w = &writes->items[i];
		const bool begins = w->region != begun && is_written(t, w);
		const bool there = pvl_decoded_has(decoded, w);

		PVL_TRY(write_in_region(t, &space->claims[w->region], begins, there, w, err));
		if (begins)
			begun = w->region;
	}
	return pvl_work_end(&t->work, err);
}

static bool needs_buffer(const struct pvl_writes *writes)
{
	for (size_t i = 0; i < writes->count; i++)
		if (pvl_write_kind(&writes->items[i])->buffered)
			return true;
	return false;
}

static uint64_t total_size(const struct pvl_writes *writes)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < writes->count; i++)
		sum += writes->items[i].size;
	return sum;
}

enum pvhload_status
pvl_writes_commit_decoded(const struct pvl_writes *writes, const struct pvl_space *space,
			  const struct pvl_memory *mem, const struct pvl_decoded *decoded,
			  const struct pvhload_progress *progress, struct pvhload_error *err)
{
	struct pvl_transfer t = { .mem = *mem,
				  .work = { .progress = progress,
					    .phase = PVHLOAD_PROGRESS_COMMIT,
					    .total = total_size(writes) } };
	enum pvhload_status status;

	PVL_TRY(check_regions(space, mem, err));
	if (decoded || needs_buffer(writes))
		PVL_TRY(pvl_transfer_init(&t, err));
	if (decoded && !pvl_decoded_in_order(writes, decoded)) {
		pvl_used_clear(&decoded->used);
		decoded = NULL;
	}
	if (decoded)
		t.used = decoded->used;
	status = write_all(&t, writes, space, decoded, err);
	pvl_transfer_free(&t);
	return status;
}

enum pvhload_status pvl_writes_commit(const struct pvl_writes *writes,
				      const struct pvl_space *space, const struct pvl_memory *mem,
				      const struct pvhload_progress *progress,
				      struct pvhload_error *err)
{
	return pvl_writes_commit_decoded(writes, space, mem, NULL, progress, err);
}

/* What a plan writes, and what is the VMM's: sorted, disjoint. */
static enum pvhload_status list_used(const struct pvl_writes *writes, const struct pvl_space *space,
				     struct pvl_writes *ret, struct pvhload_error *err)
{
	for (size_t i = 0; i < writes->count; i++)
		PVL_TRY(pvl_writes_append(ret, writes->items[i], err));
	for (size_t i = 0; i < space->count; i++) {
		const struct pvl_range r = space->claims[i].range;

		if (space->claims[i].kind == 0 && !space->claims[i].unused)
			PVL_TRY(pvl_writes_append(
				ret, (struct pvl_write){ .gpa = r.start, .size = r.end - r.start },
				err));
	}
	pvl_sort_by_start(ret->items, ret->count, sizeof(*ret->items));
	return PVHLOAD_OK;
}

/* Zeros for the rest of the RAM. */
static enum pvhload_status list_unused(const struct pvl_writes *writes,
				       const struct pvl_space *space, struct pvl_writes *ret,
				       struct pvhload_error *err)
{
	size_t used;

	PVL_TRY(list_used(writes, space, ret, err));
	used = ret->count;
	for (size_t i = 0; i < space->ram.count; i++)
		PVL_TRY(pvl_writes_fill(ret, used, space->ram.ranges[i], err));
	ret->count -= used;
	if (used > 0)
		memmove(ret->items, ret->items + used, ret->count * sizeof(*ret->items));
	return PVHLOAD_OK;
}

static enum pvhload_status clear_all(struct pvl_transfer *t, const struct pvl_writes *zeros,
				     struct pvhload_error *err)
{
	PVL_TRY(pvl_work_begin(&t->work, err));
	for (size_t i = 0; i < zeros->count; i++)
		PVL_TRY(pvl_write_kind(&zeros->items[i])->move(t, &zeros->items[i], err));
	return pvl_work_end(&t->work, err);
}

static enum pvhload_status clear(const struct pvl_writes *zeros, const struct pvl_memory *mem,
				 const struct pvhload_progress *progress, struct pvhload_error *err)
{
	struct pvl_transfer t = { .mem = *mem,
				  .work = { .progress = progress,
					    .phase = PVHLOAD_PROGRESS_CLEAR,
					    .total = total_size(zeros) } };
	enum pvhload_status status;

	for (size_t i = 0; i < zeros->count; i++)
		PVL_TRY(pvl_memory_check(mem, zeros->items[i].gpa, zeros->items[i].size, err));
	PVL_TRY(pvl_transfer_init(&t, err));
	status = clear_all(&t, zeros, err);
	pvl_transfer_free(&t);
	return status;
}

static enum pvhload_status clear_unused(const struct pvl_writes *writes,
					const struct pvl_space *space, const struct pvl_memory *mem,
					const struct pvhload_progress *progress,
					struct pvl_writes *zeros, struct pvhload_error *err)
{
	PVL_TRY(list_unused(writes, space, zeros, err));
	return clear(zeros, mem, progress, err);
}

enum pvhload_status pvl_writes_clear_unused(const struct pvl_writes *writes,
					    const struct pvl_space *space,
					    const struct pvl_memory *mem,
					    const struct pvhload_progress *progress,
					    struct pvhload_error *err)
{
	struct pvl_writes zeros = { .count = 0 };
	const enum pvhload_status status = clear_unused(writes, space, mem, progress, &zeros, err);

	pvl_writes_free(&zeros);
	if (status == PVHLOAD_OK || status == PVHLOAD_E_CANCELLED)
		return status;
	return pvl_fail_in(err, status, "unused RAM");
}
