/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* pvhload_pvh_write(): every part has a fixed place. */
#include "abi/sizes.h"
#include "core/error.h"
#include "core/libc.h"
#include "core/sized.h"
#include "guest/rsdp.h"
#include "pvh/pvh.h"
#include "x86/limits.h"

/* One call of pvhload_pvh_write(). */
struct job {
	struct pvl_pvh_input input;
	struct pvhload_pvh_layout places;
	struct pvl_layout layout;
	struct pvl_writes writes;
	uint8_t *bytes; /* of the structures; the writes point into it */
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

static enum pvhload_status place(struct job *job, struct pvhload_error *err)
{
	PVL_TRY(pvl_layout_init(&job->layout, PVL_PVH_PARTS + job->input.module_count, err));
	append_structures(job);
	for (size_t i = 0; i < job->input.module_count; i++)
		PVL_TRY(pvl_pvh_append_module(&job->input, i, &job->layout, err));
	PVL_TRY(pvl_keep_rsdp_free(&job->layout.space, job->input.rsdp_gpa, err));
	return pvl_layout_place(&job->layout, err);
}

static enum pvhload_status encode(struct job *job, struct pvhload_error *err)
{
	const uint64_t size = pvl_pvh_total_size(&job->input);
	struct pvl_block block = { &job->writes, malloc((size_t)size) };

	job->bytes = block.at;
	if (!job->bytes)
		return pvl_fail_no_memory(err, size);
	PVL_TRY(pvl_pvh_encode(&job->input, &job->layout, 0, &block, err));
	pvl_writes_finish(&job->writes, &job->layout.space);
	return PVHLOAD_OK;
}

static enum pvhload_status write_start_info(const struct pvhload_memory *mem,
					    const struct pvhload_pvh_layout *layout,
					    const struct pvhload_pvh_params *params,
					    struct job *job, struct pvhload_error *err)
{
	const struct pvhload_memmap *map;
	struct pvl_memory memory;

	PVL_TRY(pvl_memory_open(mem, PVL_MEMORY_WRITES, &job->layout.space.ram, &memory, err));
	PVL_TRY(pvl_pvh_input(params, 0, false, &job->input, err));
	PVL_TRY(pvl_memmap_check(params->memmap, err));
	map = mem->memmap ? mem->memmap : params->memmap;
	PVL_TRY(pvl_space_init(&job->layout.space, &pvl_arch_x86, map, err));
	PVL_TRY(pvl_pvh_check(&job->input, err));
	PVL_TRY(read_places(layout, job, err));
	PVL_TRY(place(job, err));
	PVL_TRY(encode(job, err));
	return pvl_writes_commit(&job->writes, &job->layout.space, &memory, NULL, err);
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
	status = write_start_info(mem, layout, params, &job, err);
	pvl_layout_free(&job.layout);
	pvl_space_free(&job.layout.space);
	pvl_writes_free(&job.writes);
	free(job.bytes);
	return status;
}
