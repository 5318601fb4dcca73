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
#include "protocol/places.h"
#include "protocol/pvh.h"

/* One call of pvhload_pvh_write(). */
struct job {
	struct pvl_pvh_input input;
	uint64_t gpa[PVL_PVH_PARTS];
	uint64_t size[PVL_PVH_PARTS];
	struct pvl_ram ram;
	struct pvl_places places;
	uint8_t *bytes; /* room for the largest part */
};

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

static enum pvhload_status check_places(struct job *job, struct pvhload_error *err)
{
	enum pvhload_status status = PVHLOAD_OK;
	char name[32];

	job->places.ram = &job->ram;
	for (unsigned int i = 0; i < PVL_PVH_PARTS && status == PVHLOAD_OK; i++)
		if (job->size[i] > 0)
			status = pvl_places_add(&job->places, pvl_pvh_rules[i].name, job->gpa[i],
						job->size[i], pvl_pvh_rules[i].limit,
						pvl_pvh_rules[i].limit_name, err);
	if (status == PVHLOAD_OK && job->input.rsdp_gpa != 0)
		status = pvl_places_add_foreign(&job->places, "the RSDP", job->input.rsdp_gpa,
						PVL_RSDP_SIZE, err);
	for (size_t i = 0; i < job->input.module_count && status == PVHLOAD_OK; i++) {
		const struct pvhload_pvh_module *m = &job->input.modules[i];

		snprintf(name, sizeof(name), "module %zu", i);
		status =
			pvl_places_add(&job->places, name, m->gpa, m->size, PVL_4GIB, "4 GiB", err);
	}
	return status == PVHLOAD_OK ? pvl_places_check(&job->places, err) : status;
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
	struct job job = { .bytes = NULL };
	enum pvhload_status status;

	if (!pvl_error_usable(err))
		return PVHLOAD_E_USAGE;
	status = run(mem, layout, params, &job, err);
	pvl_ram_free(&job.ram);
	pvl_places_free(&job.places);
	free(job.bytes);
	return status;
}
