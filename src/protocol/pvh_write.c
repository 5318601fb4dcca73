/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* Start info for a VMM that keeps its own flow: check the places, then write. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "abi/sizes.h"
#include "core/checked.h"
#include "core/error.h"
#include "core/sized.h"
#include "memory/access.h"
#include "protocol/pvh.h"

/* A part, the RSDP or a module, for finding two that overlap. */
struct claim {
	struct pvl_range range;
	size_t number; /* a part, CLAIM_RSDP, or CLAIM_MODULES + a module */
};
#define CLAIM_RSDP    ((size_t)PVL_PVH_PARTS)
#define CLAIM_MODULES ((size_t)PVL_PVH_PARTS + 1)

/* One call of pvhload_pvh_write(). */
struct job {
	struct pvl_pvh_input input;
	uint64_t gpa[PVL_PVH_PARTS];
	uint64_t size[PVL_PVH_PARTS];
	struct pvl_ram ram;
	struct claim *claims;
	size_t claim_count;
	uint8_t *bytes; /* room for the largest part */
};

static int by_start(const void *a, const void *b)
{
	const struct claim *x = a, *y = b;

	return (x->range.start > y->range.start) - (x->range.start < y->range.start);
}

static enum pvhload_status resolve(const struct pvhload_pvh_layout *caller, struct job *job,
				   struct pvhload_error *err)
{
	struct pvhload_pvh_layout layout = PVHLOAD_PVH_LAYOUT_INIT;

	if (caller && !pvl_sized_in(&layout, sizeof(layout), caller, PVL_V1_PVH_LAYOUT))
		return pvl_fail(err, PVHLOAD_E_USAGE, PVL_ANYWHERE, "the layout has a wrong size");
	job->gpa[PVL_PVH_START_INFO] = layout.start_info_gpa;
	job->gpa[PVL_PVH_MODLIST] = layout.modlist_gpa;
	job->gpa[PVL_PVH_MEMMAP] = layout.memmap_gpa;
	job->gpa[PVL_PVH_CMDLINE] = layout.cmdline_gpa;
	job->gpa[PVL_PVH_MODULE_CMDLINES] = layout.module_cmdlines_gpa;
	for (unsigned int i = 0; i < PVL_PVH_PARTS; i++) {
		if (job->gpa[i] == 0)
			job->gpa[i] = pvl_pvh_default(i, &job->input, job->gpa);
		job->size[i] = pvl_pvh_size(i, &job->input);
	}
	return PVHLOAD_OK;
}

/* One part's place: its limit, RAM, and not address 0, which means absent. */
static enum pvhload_status claim_part(struct job *job, enum pvl_pvh_part part,
				      struct pvhload_error *err)
{
	const struct pvl_pvh_rule *rule = &pvl_pvh_rules[part];
	struct claim *claim = &job->claims[job->claim_count];

	if (job->size[part] == 0)
		return PVHLOAD_OK;
	if (job->gpa[part] == 0 ||
	    !pvl_range_make(job->gpa[part], job->size[part], &claim->range) ||
	    claim->range.end > rule->limit)
		return pvl_fail(err, PVHLOAD_E_RANGE, PVL_GPA(job->gpa[part]),
				"%s, 0x%" PRIx64 " bytes at 0x%" PRIx64
				", must lie above 0 and end below %s",
				rule->name, job->size[part], job->gpa[part], rule->limit_is);
	if (!pvl_ram_contains(&job->ram, claim->range))
		return pvl_fail(err, PVHLOAD_E_RANGE, PVL_GPA(job->gpa[part]),
				"%s " PVL_RANGE_FMT " is not all in RAM", rule->name,
				PVL_RANGE_ARG(claim->range));
	claim->number = part;
	job->claim_count++;
	return PVHLOAD_OK;
}

static enum pvhload_status claim_module(struct job *job, size_t i, struct pvhload_error *err)
{
	const struct pvhload_pvh_module *m = &job->input.modules[i];
	struct claim *claim = &job->claims[job->claim_count];

	if (m->gpa == 0 || m->size == 0 || !pvl_range_make(m->gpa, m->size, &claim->range) ||
	    claim->range.end > PVL_4GIB || !pvl_ram_contains(&job->ram, claim->range))
		return pvl_fail(err, PVHLOAD_E_RANGE, PVL_GPA(m->gpa),
				"module %zu, 0x%" PRIx64 " bytes at 0x%" PRIx64
				", is empty, at address 0, not all in RAM, or not below 4 GiB",
				i, m->size, m->gpa);
	claim->number = CLAIM_MODULES + i;
	job->claim_count++;
	return PVHLOAD_OK;
}

/* It may lie anywhere; one that wraps cannot be overlapped. */
static void claim_rsdp(struct job *job)
{
	struct claim *claim = &job->claims[job->claim_count];

	if (job->input.rsdp_gpa == 0 ||
	    !pvl_range_make(job->input.rsdp_gpa, PVL_RSDP_SIZE, &claim->range))
		return;
	claim->number = CLAIM_RSDP;
	job->claim_count++;
}

static void claim_name(const struct claim *claim, char *name, size_t size)
{
	if (claim->number < CLAIM_RSDP)
		snprintf(name, size, "%s", pvl_pvh_rules[claim->number].name);
	else if (claim->number == CLAIM_RSDP)
		snprintf(name, size, "the RSDP");
	else
		snprintf(name, size, "module %zu", claim->number - CLAIM_MODULES);
}

static enum pvhload_status check_overlaps(struct job *job, struct pvhload_error *err)
{
	qsort(job->claims, job->claim_count, sizeof(*job->claims), by_start);
	for (size_t i = 1; i < job->claim_count; i++) {
		const struct claim *a = &job->claims[i - 1], *b = &job->claims[i];
		char name_a[32], name_b[32];

		if (!pvl_range_overlap(a->range, b->range))
			continue;
		claim_name(a, name_a, sizeof(name_a));
		claim_name(b, name_b, sizeof(name_b));
		return pvl_fail(err, PVHLOAD_E_OVERLAP, PVL_GPA(b->range.start),
				"%s " PVL_RANGE_FMT " overlaps %s " PVL_RANGE_FMT, name_a,
				PVL_RANGE_ARG(a->range), name_b, PVL_RANGE_ARG(b->range));
	}
	return PVHLOAD_OK;
}

static enum pvhload_status check_places(struct job *job, struct pvhload_error *err)
{
	enum pvhload_status status = PVHLOAD_OK;

	job->claims = calloc(CLAIM_MODULES + job->input.module_count, sizeof(*job->claims));
	if (!job->claims)
		return pvl_fail_no_memory(err, job->input.module_count * sizeof(*job->claims));
	for (unsigned int i = 0; i < PVL_PVH_PARTS && status == PVHLOAD_OK; i++)
		status = claim_part(job, i, err);
	if (status == PVHLOAD_OK)
		claim_rsdp(job);
	for (size_t i = 0; i < job->input.module_count && status == PVHLOAD_OK; i++)
		status = claim_module(job, i, err);
	return status == PVHLOAD_OK ? check_overlaps(job, err) : status;
}

static enum pvhload_status write_parts(struct job *job, const struct pvl_memory *mem,
				       struct pvhload_error *err)
{
	enum pvhload_status status = PVHLOAD_OK;
	uint64_t largest = 0;

	for (unsigned int i = 0; i < PVL_PVH_PARTS; i++)
		largest = pvl_max_u64(largest, job->size[i]);
	job->bytes = malloc((size_t)largest);
	if (!job->bytes)
		return pvl_fail_no_memory(err, largest);
	for (unsigned int i = 0; i < PVL_PVH_PARTS && status == PVHLOAD_OK; i++) {
		if (job->size[i] == 0)
			continue;
		pvl_pvh_encode(i, &job->input, job->gpa, job->bytes);
		status = pvl_memory_write(mem, job->gpa[i], job->bytes, (size_t)job->size[i], err);
		if (status != PVHLOAD_OK)
			status = pvl_fail_in(err, status, "%s", pvl_pvh_rules[i].name);
	}
	return status;
}

static enum pvhload_status take_params(const struct pvhload_pvh_params *caller,
				       struct pvhload_pvh_params *params, struct job *job,
				       struct pvhload_error *err)
{
	if (!pvl_sized_in(params, sizeof(*params), caller, PVL_V1_PVH_PARAMS) || !params->memmap ||
	    (params->module_count > 0 && !params->modules) ||
	    (params->flags & ~PVHLOAD_PVH_NOT_LINUX) != 0)
		return pvl_fail(err, PVHLOAD_E_USAGE, PVL_ANYWHERE,
				"the parameters are NULL or have a wrong size, no memory map, no "
				"modules for their count, or an unknown flag");
	job->input = (struct pvl_pvh_input){
		.cmdline = params->cmdline ? params->cmdline : "",
		.cmdline_max = params->flags & PVHLOAD_PVH_NOT_LINUX
				       ? PVHLOAD_PVH_CMDLINE_LENGTH_MAX
				       : PVHLOAD_PVH_CMDLINE_MAX,
		.modules = params->modules,
		.module_count = params->module_count,
		.memmap = params->memmap->entries,
		.memmap_count = params->memmap->count,
		.rsdp_gpa = params->rsdp_gpa,
		.flags = params->flags,
		.start_info_flags = params->start_info_flags,
	};
	return PVHLOAD_OK;
}

static enum pvhload_status run(const struct pvhload_memory *mem,
			       const struct pvhload_pvh_layout *layout,
			       const struct pvhload_pvh_params *caller, struct job *job,
			       struct pvhload_error *err)
{
	struct pvhload_pvh_params params;
	struct pvl_memory memory;
	enum pvhload_status status;

	status = pvl_memory_open(mem, PVL_MEMORY_WRITES, &job->ram, &memory, err);
	if (status == PVHLOAD_OK)
		status = take_params(caller, &params, job, err);
	if (status == PVHLOAD_OK)
		status = pvl_memmap_check(params.memmap, err);
	if (status == PVHLOAD_OK)
		status = pvl_ram_init(mem->memmap ? mem->memmap : params.memmap, &job->ram, err);
	if (status == PVHLOAD_OK)
		status = pvl_pvh_check(&job->input, err);
	if (status == PVHLOAD_OK)
		status = resolve(layout, job, err);
	if (status == PVHLOAD_OK)
		status = check_places(job, err);
	if (status == PVHLOAD_OK)
		status = write_parts(job, &memory, err);
	return status;
}

enum pvhload_status pvhload_pvh_write(const struct pvhload_memory *mem,
				      const struct pvhload_pvh_layout *layout,
				      const struct pvhload_pvh_params *params,
				      struct pvhload_error *err)
{
	struct job job = { .claims = NULL };
	enum pvhload_status status;

	if (!pvl_error_usable(err))
		return PVHLOAD_E_USAGE;
	status = run(mem, layout, params, &job, err);
	pvl_ram_free(&job.ram);
	free(job.claims);
	free(job.bytes);
	return status;
}
