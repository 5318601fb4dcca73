/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* Writing a plan to guest memory: the only step that does. */
#include "boot/plan.h"
#include "core/error.h"
#include "memory/transfer.h"

static enum pvhload_status write_piece(struct pvl_transfer *t, const struct pvl_write *piece,
				       struct pvhload_error *err)
{
	enum pvhload_status status;

	if (piece->source) {
		status = pvl_transfer_source(t, piece->source, piece->offset, piece->gpa,
					     piece->size, err);
		return pvl_fail_about(err, status, piece->subject, piece->index);
	}
	if (piece->bytes)
		return pvl_memory_write(&t->mem, piece->gpa, piece->bytes, (size_t)piece->size,
					err);
	return pvl_transfer_zeros(t, piece->gpa, piece->size, err);
}

static const char *region_name(const struct pvhload_plan *plan, uint64_t gpa)
{
	const char *name = "";

	for (size_t i = 0; i < plan->info.region_count; i++)
		if (plan->info.regions[i]->gpa <= gpa)
			name = plan->info.regions[i]->name;
	return name;
}

static enum pvhload_status write_plan(const struct pvhload_plan *plan, struct pvl_transfer *t,
				      struct pvhload_error *err)
{
	enum pvhload_status status = PVHLOAD_OK;

	for (size_t i = 0; i < plan->info.region_count && status == PVHLOAD_OK; i++) {
		const struct pvhload_plan_region *r = plan->info.regions[i];

		status = pvl_memory_check(&t->mem, r->gpa, r->size, err);
		if (status != PVHLOAD_OK)
			return pvl_fail_in(err, status, "%s", r->name);
	}
	status = pvl_transfer_init(t, err);
	for (size_t i = 0; i < plan->piece_count && status == PVHLOAD_OK; i++) {
		status = write_piece(t, &plan->pieces[i], err);
		if (status != PVHLOAD_OK)
			status = pvl_fail_in(err, status, "%s",
					     region_name(plan, plan->pieces[i].gpa));
	}
	pvl_transfer_free(t);
	return status;
}

enum pvhload_status pvhload_plan_commit(const struct pvhload_plan *plan,
					const struct pvhload_memory *mem, struct pvhload_error *err)
{
	struct pvl_ram ram = { NULL, 0 };
	struct pvl_transfer t = { .buffer = NULL };
	enum pvhload_status status;

	if (!pvl_error_usable(err))
		return PVHLOAD_E_USAGE;
	if (!plan)
		return pvl_fail(err, PVHLOAD_E_USAGE, PVL_ANYWHERE, "the plan is NULL");
	status = pvl_memory_open(mem, PVL_MEMORY_WRITES, &plan->space.ram, &t.mem, err);
	if (status == PVHLOAD_OK && mem->memmap) {
		status = pvl_ram_init(mem->memmap, &ram, err);
		t.mem.ram = &ram;
	}
	if (status == PVHLOAD_OK)
		status = write_plan(plan, &t, err);
	pvl_ram_free(&ram);
	return status;
}
