/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* pvhload_linux_write(): every part has a fixed place. */
#include "abi/sizes.h"
#include "core/blocks.h"
#include "core/error.h"
#include "core/libc.h"
#include "core/sized.h"
#include "guest/rsdp.h"
#include "linux/linux.h"
#include "x86/limits.h"

/* Blocks of memory for the call.  Of the lists, there are as many as the number of setup_data makes it. */
enum { RANGES, LISTS, PAGE, REST };

/* As many setup_data as are on the stack; more are on the heap. */
#define FEW_NODES 4u

/* One call of pvhload_linux_write(). */
struct job {
	struct pvl_linux_input input;
	struct pvl_linux_node few[FEW_NODES];
	struct pvl_linux_node *nodes;
	struct pvhload_linux_layout places;
	const struct pvhload_memmap *map; /* of what is RAM */
	struct pvl_memory memory;
	struct pvl_linux_reach reach;
	struct pvl_layout layout;
	struct pvl_linux_parts parts;
	struct pvl_writes writes;
	struct pvl_blocks blocks;
	uint8_t *data; /* of the sources */
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

/* In the order of pvl_layout_place(). */
static enum pvhload_status place(struct job *job, struct pvhload_error *err)
{
	const struct pvl_linux_reach *reach = &job->reach;
	struct pvl_layout *layout = &job->layout;

	pvl_linux_append_page(&job->input, reach->limit, reach->limit_name, layout, &job->parts);
	pvl_linux_append_list(&job->input, reach->limit, reach->limit_name, layout, &job->parts);
	fix_structures(job);
	PVL_TRY(pvl_linux_append_initrd(&job->input, reach, layout, err));
	PVL_TRY(pvl_keep_rsdp_free(&layout->space, job->input.rsdp_gpa, err));
	PVL_TRY(pvl_layout_place_structures(layout, true, err));
	PVL_TRY(pvl_layout_claim_fixed(layout, layout->count - 1, err));
	return pvl_layout_place_structures(layout, false, err);
}

static enum pvhload_status encode(struct job *job, struct pvhload_error *err)
{
	struct pvl_block page = { &job->writes, job->blocks.at[PAGE] };
	struct pvl_block rest = { &job->writes, job->blocks.at[REST] };

	PVL_TRY(pvl_linux_encode(&job->input, &job->layout, &job->parts, &page, &rest, err));
	pvl_writes_finish(&job->writes, &job->layout.space);
	return pvl_writes_load(&job->writes, &job->layout.space, &job->data, err);
}

/* Page, command line and initrd, and the nodes with that of the map. */
static size_t parts_max(const struct job *job)
{
	return 3 + job->input.node_count + 1;
}

/* One claim for each part, and one for the RSDP. */
static size_t claims_max(const struct job *job)
{
	return parts_max(job) + 1;
}

/* Divide the block of lists. */
static void set_lists(struct job *job)
{
	struct pvl_layout *layout = &job->layout;
	uint8_t *at = job->blocks.at[LISTS];
	struct pvl_claim *claims = (struct pvl_claim *)(void *)at;

	at += claims_max(job) * sizeof(*claims);
	pvl_space_init_in(&layout->space, &pvl_arch_x86, job->map, job->blocks.at[RANGES], claims,
			  claims_max(job));
	layout->parts = (struct pvl_part *)(void *)at;
	layout->capacity = parts_max(job);
	at += layout->capacity * sizeof(*layout->parts);
	job->writes.items = (struct pvl_write *)(void *)at;
	job->writes.capacity = PVL_LINUX_WRITES(job->input.node_count);
}

static enum pvhload_status write_in_blocks(void *user, struct pvhload_error *err)
{
	struct job *job = user;

	set_lists(job);
	PVL_TRY(place(job, err));
	PVL_TRY(encode(job, err));
	return pvl_writes_commit(&job->writes, &job->layout.space, &job->memory, NULL, err);
}

/* Room for the setup_data; pvl_linux_input() says what is wrong with @params. */
static enum pvhload_status get_nodes(const struct pvhload_linux_params *params, struct job *job,
				     struct pvhload_error *err)
{
	struct pvhload_linux_params own;

	job->nodes = job->few;
	if (!pvl_sized_in(&own, sizeof(own), params, PVL_V1_LINUX_PARAMS) ||
	    own.setup_data_count <= FEW_NODES)
		return PVHLOAD_OK;
	job->nodes = calloc(PVHLOAD_LINUX_SETUP_DATA_MAX, sizeof(*job->nodes));
	if (!job->nodes)
		return pvl_fail_no_memory(err, PVHLOAD_LINUX_SETUP_DATA_MAX * sizeof(*job->nodes));
	return PVHLOAD_OK;
}

static enum pvhload_status write_zero_page(const struct pvhload_memory *mem,
					   const struct pvhload_linux_layout *layout,
					   const struct pvhload_linux_params *params,
					   struct job *job, struct pvhload_error *err)
{
	size_t *sizes = job->blocks.sizes;

	PVL_TRY(pvl_memory_open(mem, PVL_MEMORY_WRITES, &job->layout.space.ram, &job->memory, err));
	PVL_TRY(get_nodes(params, job, err));
	PVL_TRY(pvl_linux_input(params, false, job->nodes, &job->input, err));
	PVL_TRY(check_nodes(job, err));
	job->map = mem->memmap ? mem->memmap : params->memmap;
	PVL_TRY(pvl_memmap_check(job->map, err));
	job->reach = pvl_linux_reach(&job->input, !(params->flags & PVHLOAD_LINUX_ENTRY32));
	PVL_TRY(read_places(layout, job, err));
	job->blocks.count = REST + 1;
	sizes[RANGES] = job->map->count * sizeof(struct pvl_range);
	sizes[LISTS] = claims_max(job) * sizeof(struct pvl_claim) +
		       parts_max(job) * sizeof(struct pvl_part) +
		       PVL_LINUX_WRITES(job->input.node_count) * sizeof(struct pvl_write);
	sizes[PAGE] = PVL_ZERO_PAGE_HEAD;
	sizes[REST] = (size_t)pvl_linux_block_size(&job->input);
	return pvl_with_blocks(&job->blocks, write_in_blocks, job, err);
}

enum pvhload_status pvhload_linux_write(const struct pvhload_memory *mem,
					const struct pvhload_linux_layout *layout,
					const struct pvhload_linux_params *params,
					struct pvhload_error *err)
{
	struct job job = { .data = NULL };
	enum pvhload_status status;

	if (!pvl_error_usable(err))
		return PVHLOAD_E_USAGE;
	status = write_zero_page(mem, layout, params, &job, err);
	if (job.nodes != job.few)
		free(job.nodes);
	free(job.data);
	return status;
}
