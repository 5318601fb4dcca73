/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* pvhload_linux_write(): every part has a fixed place. */
#include "abi/sizes.h"
#include "core/error.h"
#include "core/libc.h"
#include "core/sized.h"
#include "guest/rsdp.h"
#include "linux/linux.h"
#include "x86/limits.h"

/* One call of pvhload_linux_write(). */
struct job {
	struct pvl_linux_input input;
	struct pvl_linux_node nodes[PVHLOAD_LINUX_SETUP_DATA_MAX];
	struct pvhload_linux_layout places;
	struct pvl_linux_reach reach;
	struct pvl_layout layout;
	struct pvl_linux_parts parts;
	struct pvl_writes writes;
	uint8_t *bytes; /* zero page, command line and nodes; the writes point into it */
	uint8_t *data;
};

/* The layout of this function has no place for indirect data. */
static enum pvhload_status check_nodes(const struct job *job, struct pvhload_error *err)
{
	for (size_t i = 0; i < job->input.node_count; i++)
		if (job->nodes[i].indirect)
			return pvl_fail_about(err,
					      pvl_fail(err, PVHLOAD_E_USAGE, PVL_ANYWHERE,
						       "setup_data %zu is to be indirect", i),
					      PVHLOAD_SUBJECT_SETUP_DATA, i);
	return PVHLOAD_OK;
}

static enum pvhload_status read_places(const struct pvhload_linux_layout *caller, struct job *job,
				       struct pvhload_error *err)
{
	job->places = (struct pvhload_linux_layout)PVHLOAD_LINUX_LAYOUT_INIT;
	if (caller && !pvl_sized_in(&job->places, sizeof(job->places), caller, PVL_V1_LINUX_LAYOUT))
		return pvl_fail(err, PVHLOAD_E_USAGE, PVL_ANYWHERE, "the layout has a wrong size");
	return PVHLOAD_OK;
}

static void fix_structures(struct job *job)
{
	struct pvl_part *parts = job->layout.parts;

	for (size_t i = 0; i < job->layout.count; i++) {
		parts[i].search = PVL_NOWHERE_ELSE;
		parts[i].prepare = NULL;
	}
	parts[job->parts.zero_page].fixed = job->places.zero_page_gpa;
	parts[job->parts.cmdline].fixed = job->places.cmdline_gpa;
	if (job->parts.nodes > 0)
		parts[job->parts.node[0]].fixed = job->places.setup_data_gpa;
}

static enum pvhload_status place(struct job *job, struct pvhload_error *err)
{
	const struct pvl_linux_reach *reach = &job->reach;

	PVL_TRY(pvl_layout_init(&job->layout, PVL_LINUX_PARTS_MAX + 1, err));
	pvl_linux_append_page(&job->input, reach->limit, reach->limit_name, &job->layout,
			      &job->parts);
	pvl_linux_append_list(&job->input, reach->limit, reach->limit_name, &job->layout,
			      &job->parts);
	fix_structures(job);
	PVL_TRY(pvl_linux_append_initrd(&job->input, reach, &job->layout, err));
	PVL_TRY(pvl_keep_rsdp_free(&job->layout.space, job->input.rsdp_gpa, err));
	return pvl_layout_place(&job->layout, err);
}

static enum pvhload_status encode(struct job *job, struct pvhload_error *err)
{
	const uint64_t size = pvl_linux_block_size(&job->input);
	struct pvl_block block = { &job->writes, malloc((size_t)size) };

	job->bytes = block.at;
	if (!job->bytes)
		return pvl_fail_no_memory(err, size);
	PVL_TRY(pvl_linux_encode(&job->input, &job->layout, &job->parts, &block, err));
	pvl_writes_finish(&job->writes, &job->layout.space);
	return pvl_writes_load(&job->writes, &job->layout.space, &job->data, err);
}

static enum pvhload_status write_zero_page(const struct pvhload_memory *mem,
					   const struct pvhload_linux_layout *layout,
					   const struct pvhload_linux_params *params,
					   struct job *job, struct pvhload_error *err)
{
	struct pvl_memory memory;

	PVL_TRY(pvl_memory_open(mem, PVL_MEMORY_WRITES, &job->layout.space.ram, &memory, err));
	PVL_TRY(pvl_linux_input(params, false, job->nodes, &job->input, err));
	PVL_TRY(check_nodes(job, err));
	PVL_TRY(pvl_space_init(&job->layout.space, &pvl_arch_x86,
			       mem->memmap ? mem->memmap : params->memmap, err));
	job->reach = pvl_linux_reach(&job->input, !(params->flags & PVHLOAD_LINUX_ENTRY32));
	PVL_TRY(read_places(layout, job, err));
	PVL_TRY(place(job, err));
	PVL_TRY(encode(job, err));
	return pvl_writes_commit(&job->writes, &job->layout.space, &memory, NULL, err);
}

enum pvhload_status pvhload_linux_write(const struct pvhload_memory *mem,
					const struct pvhload_linux_layout *layout,
					const struct pvhload_linux_params *params,
					struct pvhload_error *err)
{
	enum pvhload_status status;
	struct job *job;

	if (!pvl_error_usable(err))
		return PVHLOAD_E_USAGE;
	job = calloc(1, sizeof(*job)); /* too large for a small stack */
	if (!job)
		return pvl_fail_no_memory(err, sizeof(*job));
	status = write_zero_page(mem, layout, params, job, err);
	pvl_layout_free(&job->layout);
	pvl_space_free(&job->layout.space);
	pvl_writes_free(&job->writes);
	free(job->bytes);
	free(job->data);
	free(job);
	return status;
}
