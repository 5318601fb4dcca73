/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* pvhload_pvh_write(): every part has a fixed place. */
#include "abi/sizes.h"
#include "core/blocks.h"
#include "core/error.h"
#include "core/libc.h"
#include "core/sized.h"
#include "guest/rsdp.h"
#include "pvh/pvh.h"
#include "x86/limits.h"

/* Blocks of memory for the call. */
enum { RANGES, CLAIMS, TABLES, CMDLINES };

/* One call of pvhload_pvh_write(). */
struct job {
	struct pvl_pvh_input input;
	struct pvhload_pvh_layout places;
	const struct pvhload_memmap *map; /* of what is RAM */
	struct pvl_memory memory;
	struct pvl_layout layout;
	struct pvl_part parts[PVL_PVH_PARTS + 1]; /* one for a module at a time */
	struct pvl_writes writes;
	struct pvl_write items[PVL_PVH_PARTS];
	struct pvl_blocks blocks;
};

static enum pvhload_status read_places(const struct pvhload_pvh_layout *caller, struct job *job,
				       struct pvhload_error *err)
{
	job->places = (struct pvhload_pvh_layout)PVHLOAD_PVH_LAYOUT_INIT;
	if (caller && !pvl_sized_in(&job->places, sizeof(job->places), caller, PVL_V1_PVH_LAYOUT))
		return pvl_fail(err, PVHLOAD_E_USAGE, PVL_ANYWHERE, "the layout has a wrong size");
	return PVHLOAD_OK;
}

/* Set the places of the structures: those given, or the usual ones. */
static void append_structures(struct job *job)
{
	const uint64_t fixed[PVL_PVH_PARTS] = {
		[PVL_PVH_START_INFO] = job->places.start_info_gpa,
		[PVL_PVH_MODLIST] = job->places.modlist_gpa,
		[PVL_PVH_MEMMAP] = job->places.memmap_gpa,
		[PVL_PVH_CMDLINE] = job->places.cmdline_gpa,
		[PVL_PVH_MODULE_CMDLINES] = job->places.module_cmdlines_gpa,
	};
	const size_t first = pvl_pvh_append_parts(&job->input, &job->layout);

	for (size_t i = 0; i < PVL_PVH_PARTS; i++) {
		job->layout.parts[first + i].fixed = fixed[i];
		job->layout.parts[first + i].search = PVL_NOWHERE_ELSE;
	}
}

/* The places of modules are claimed one after the other, so that they need not be parts all at once. */
static enum pvhload_status claim_modules(struct job *job, struct pvhload_error *err)
{
	struct pvl_layout *layout = &job->layout;

	for (size_t i = 0; i < job->input.module_count; i++) {
		PVL_TRY(pvl_pvh_append_module(&job->input, i, layout, err));
		layout->count--;
		PVL_TRY(pvl_layout_claim_fixed(layout, layout->count, err));
	}
	return PVHLOAD_OK;
}

/* In the order of pvl_layout_place(). */
static enum pvhload_status place(struct job *job, struct pvhload_error *err)
{
	append_structures(job);
	for (size_t i = 0; i < job->input.module_count; i++)
		PVL_TRY(pvl_pvh_check_module(&job->input, i, err));
	PVL_TRY(pvl_keep_rsdp_free(&job->layout.space, job->input.rsdp_gpa, err));
	PVL_TRY(pvl_layout_place_structures(&job->layout, true, err));
	PVL_TRY(claim_modules(job, err));
	return pvl_layout_place_structures(&job->layout, false, err);
}

static enum pvhload_status encode(struct job *job, struct pvhload_error *err)
{
	struct pvl_block tables = { &job->writes, job->blocks.at[TABLES] };
	struct pvl_block cmdlines = { &job->writes, job->blocks.at[CMDLINES] };

	PVL_TRY(pvl_pvh_encode(&job->input, &job->layout, 0, &tables, &cmdlines, err));
	pvl_writes_finish(&job->writes, &job->layout.space);
	return PVHLOAD_OK;
}

/* One claim for each structure and module, and one for the RSDP. */
static size_t claims_max(const struct job *job)
{
	return PVL_PVH_PARTS + job->input.module_count + 1;
}

/* In the blocks; with these numbers of entries and modules, no size_t is too small for their sizes. */
static enum pvhload_status write_in_blocks(void *user, struct pvhload_error *err)
{
	struct job *job = user;
	struct pvl_space *space = &job->layout.space;

	pvl_space_init_in(space, &pvl_arch_x86, job->map, job->blocks.at[RANGES],
			  job->blocks.at[CLAIMS], claims_max(job));
	job->layout.parts = job->parts;
	job->layout.capacity = PVL_PVH_PARTS + 1;
	job->writes.items = job->items;
	job->writes.capacity = PVL_PVH_PARTS;
	PVL_TRY(place(job, err));
	PVL_TRY(encode(job, err));
	return pvl_writes_commit(&job->writes, space, &job->memory, NULL, err);
}

static enum pvhload_status write_start_info(const struct pvhload_memory *mem,
					    const struct pvhload_pvh_layout *layout,
					    const struct pvhload_pvh_params *params,
					    struct job *job, struct pvhload_error *err)
{
	size_t *sizes = job->blocks.sizes;

	PVL_TRY(pvl_memory_open(mem, PVL_MEMORY_WRITES, &job->layout.space.ram, &job->memory, err));
	PVL_TRY(pvl_pvh_input(params, 0, false, &job->input, err));
	PVL_TRY(pvl_memmap_check(params->memmap, err));
	job->map = mem->memmap ? mem->memmap : params->memmap;
	if (mem->memmap)
		PVL_TRY(pvl_memmap_check(mem->memmap, err));
	PVL_TRY(pvl_pvh_check(&job->input, err));
	PVL_TRY(read_places(layout, job, err));
	job->blocks.count = CMDLINES + 1;
	sizes[RANGES] = job->map->count * sizeof(struct pvl_range);
	sizes[CLAIMS] = claims_max(job) * sizeof(struct pvl_claim);
	sizes[TABLES] = (size_t)pvl_pvh_tables_size(&job->input);
	sizes[CMDLINES] = (size_t)pvl_pvh_total_size(&job->input) - sizes[TABLES];
	return pvl_with_blocks(&job->blocks, write_in_blocks, job, err);
}

enum pvhload_status pvhload_pvh_write(const struct pvhload_memory *mem,
				      const struct pvhload_pvh_layout *layout,
				      const struct pvhload_pvh_params *params,
				      struct pvhload_error *err)
{
	struct job job = { .map = NULL };

	if (!pvl_error_usable(err))
		return PVHLOAD_E_USAGE;
	return write_start_info(mem, layout, params, &job, err);
}
