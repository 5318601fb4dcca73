/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* The zero page for a VMM that keeps its own flow: check the places, then write. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "abi/sizes.h"
#include "core/checked.h"
#include "core/error.h"
#include "core/sized.h"
#include "memory/access.h"
#include "protocol/linux.h"
#include "protocol/places.h"

/* One call of pvhload_linux_write(). */
struct job {
	struct pvl_linux_input input;
	struct pvl_linux_node nodes[PVHLOAD_LINUX_SETUP_DATA_MAX];
	uint64_t zero_page_gpa;
	uint64_t list_gpa; /* of all nodes together */
	uint64_t list_size;
	struct pvl_linux_reach reach;
	struct pvl_ram ram;
	struct pvl_places places;
	uint8_t *list;
};

/* All nodes have one place here, and there is none that could be chosen for what is apart. */
static enum pvhload_status take_nodes(const struct pvhload_linux_params *params, struct job *job,
				      struct pvhload_error *err)
{
	enum pvhload_status status =
		pvl_linux_take_nodes(&job->input, params->setup_data, params->setup_data_count,
				     job->nodes, err);

	for (size_t i = 0; i < params->setup_data_count && status == PVHLOAD_OK; i++)
		if (job->nodes[i].apart || job->nodes[i].gpa != 0)
			status = pvl_fail_about(err,
						pvl_fail(err, PVHLOAD_E_USAGE, PVL_ANYWHERE,
							 "setup_data %zu is to be put %s", i,
							 job->nodes[i].apart ? "apart"
									     : "by itself"),
						PVHLOAD_SUBJECT_SETUP_DATA, i);
	return status;
}

static enum pvhload_status take_params(const struct pvhload_linux_params *caller,
				       struct pvhload_linux_params *params, struct job *job,
				       struct pvhload_error *err)
{
	struct pvl_linux_input *in = &job->input;
	enum pvhload_status status;

	if (!pvl_sized_in(params, sizeof(*params), caller, PVL_V1_LINUX_PARAMS) ||
	    !params->memmap || (params->setup_data_count > 0 && !params->setup_data) ||
	    (params->flags & ~PVHLOAD_LINUX_ENTRY32) != 0 || params->reserved != 0)
		return pvl_fail(err, PVHLOAD_E_USAGE, PVL_ANYWHERE,
				"the parameters are NULL or have a wrong size, no memory map, no "
				"setup_data for their count, or an unknown flag");
	status = pvl_memmap_check(params->memmap, err);
	if (status == PVHLOAD_OK)
		status = pvl_linux_take_header(in, params->setup_header, params->setup_header_size,
					       err);
	if (status != PVHLOAD_OK)
		return status;
	in->cmdline = params->cmdline ? params->cmdline : "";
	in->memmap = params->memmap->entries;
	in->memmap_count = params->memmap->count;
	in->rsdp_gpa = params->rsdp_gpa;
	in->screen_info = params->screen_info;
	in->efi_info = params->efi_info;
	in->loadflags = params->loadflags;
	in->type_of_loader =
		params->type_of_loader ? params->type_of_loader : PVHLOAD_LINUX_LOADER_UNDEFINED;
	in->initrd_gpa = params->initrd_gpa;
	in->initrd_size = params->initrd_size;
	status = take_nodes(params, job, err);
	return status == PVHLOAD_OK ? pvl_linux_check(in, err) : status;
}

static bool has_list(const struct pvl_linux_input *in)
{
	return in->node_count > 0 || pvl_linux_e820_ext_size(in) > 0;
}

/*
 * Give every node its address in the list.  The command line's place has been checked; the list's own
 * may still be wrong, so its sums are checked.
 */
static enum pvhload_status lay_out_list(struct job *job, struct pvhload_error *err)
{
	uint64_t at = job->list_gpa ? job->list_gpa
				    : job->input.cmdline_gpa + pvl_linux_cmdline_size(&job->input);
	bool fits;

	if (job->list_gpa % PVL_NODE_ALIGN != 0)
		return pvl_fail(err, PVHLOAD_E_RANGE, PVL_GPA(job->list_gpa),
				"setup_data at 0x%" PRIx64 " is not at a multiple of %u",
				job->list_gpa, PVL_NODE_ALIGN);
	fits = pvl_align_up(at, PVL_NODE_ALIGN, &at);
	job->list_gpa = at;
	if (fits && pvl_linux_e820_ext_size(&job->input) > 0) {
		job->input.e820_ext_gpa = at;
		fits = pvl_add_u64(at, pvl_linux_e820_ext_size(&job->input), &at);
	}
	for (size_t i = 0; i < job->input.node_count && fits; i++) {
		fits = pvl_align_up(at, PVL_NODE_ALIGN, &at);
		job->nodes[i].gpa = at;
		fits = fits && pvl_add_u64(at, pvl_linux_node_size(&job->nodes[i]), &at);
	}
	if (!fits)
		return pvl_fail(err, PVHLOAD_E_RANGE, PVL_GPA(job->list_gpa),
				"setup_data at 0x%" PRIx64 " passes the end of the address space",
				job->list_gpa);
	job->list_size = at - job->list_gpa;
	return PVHLOAD_OK;
}

static enum pvhload_status resolve(const struct pvhload_linux_layout *caller, struct job *job,
				   struct pvhload_error *err)
{
	struct pvhload_linux_layout layout = PVHLOAD_LINUX_LAYOUT_INIT;

	if (caller && !pvl_sized_in(&layout, sizeof(layout), caller, PVL_V1_LINUX_LAYOUT))
		return pvl_fail(err, PVHLOAD_E_USAGE, PVL_ANYWHERE, "the layout has a wrong size");
	job->zero_page_gpa =
		layout.zero_page_gpa ? layout.zero_page_gpa : PVHLOAD_LINUX_ZERO_PAGE_GPA;
	job->input.cmdline_gpa =
		layout.cmdline_gpa ? layout.cmdline_gpa : PVHLOAD_LINUX_CMDLINE_GPA;
	job->list_gpa = layout.setup_data_gpa;
	return PVHLOAD_OK;
}

static enum pvhload_status check_places(struct job *job, struct pvhload_error *err)
{
	struct pvl_places *places = &job->places;
	const struct pvl_linux_input *in = &job->input;
	const bool above = job->reach.above;
	const uint64_t limit = above ? UINT64_MAX : PVL_4GIB;
	const char *limit_name = above ? "2^64" : "4 GiB";
	enum pvhload_status status;

	places->ram = &job->ram;
	status = pvl_places_add(places, "zero page", job->zero_page_gpa, PVHLOAD_ZERO_PAGE_SIZE,
				limit, limit_name, err);
	if (status == PVHLOAD_OK)
		status = pvl_places_add(places, "cmdline", in->cmdline_gpa,
					pvl_linux_cmdline_size(in), limit, limit_name, err);
	if (status == PVHLOAD_OK && has_list(in))
		status = lay_out_list(job, err);
	if (status == PVHLOAD_OK && job->list_size > 0)
		status = pvl_places_add(places, "setup_data", job->list_gpa, job->list_size, limit,
					limit_name, err);
	if (status == PVHLOAD_OK && in->initrd_size > 0)
		status = pvl_places_add(places, "initrd", in->initrd_gpa, in->initrd_size,
					above ? limit : job->reach.initrd_limit,
					above ? limit_name : job->reach.initrd_limit_name, err);
	if (status == PVHLOAD_OK && in->rsdp_gpa != 0)
		status = pvl_places_add_foreign(places, "the RSDP", in->rsdp_gpa, PVL_RSDP_SIZE,
						err);
	return status == PVHLOAD_OK ? pvl_places_check(places, err) : status;
}

/* The whole list in host memory: a source that cannot be read must be found before we write. */
static enum pvhload_status make_list(struct job *job, struct pvhload_error *err)
{
	enum pvhload_status status = PVHLOAD_OK;

	if (job->list_size == 0)
		return PVHLOAD_OK;
	job->list = calloc(1, (size_t)job->list_size);
	if (!job->list)
		return pvl_fail_no_memory(err, job->list_size);
	if (job->input.e820_ext_gpa != 0)
		pvl_linux_encode_e820_ext(&job->input, job->list);
	for (size_t i = 0; i < job->input.node_count && status == PVHLOAD_OK; i++) {
		const struct pvl_source *source = &job->nodes[i].source;
		uint8_t *dst = job->list + (job->nodes[i].gpa - job->list_gpa);

		dst += pvl_linux_encode_node(&job->input, i, dst);
		status = pvl_source_read(source, 0, dst, source->length, err);
		if (status != PVHLOAD_OK)
			status = pvl_fail_in(err, status, "setup_data %zu (%s)", i,
					     pvhload_setup_data_name(job->nodes[i].type));
		status = pvl_fail_about(err, status, PVHLOAD_SUBJECT_SETUP_DATA, i);
	}
	return status;
}

static enum pvhload_status write_part(const struct pvl_memory *mem, const char *name, uint64_t gpa,
				      const uint8_t *bytes, size_t size, struct pvhload_error *err)
{
	enum pvhload_status status = pvl_memory_write(mem, gpa, bytes, size, err);

	return status == PVHLOAD_OK ? status : pvl_fail_in(err, status, "%s", name);
}

static enum pvhload_status write_parts(struct job *job, const struct pvl_memory *mem,
				       struct pvhload_error *err)
{
	const size_t cmdline_size = (size_t)pvl_linux_cmdline_size(&job->input);
	uint8_t page[PVHLOAD_ZERO_PAGE_SIZE];
	enum pvhload_status status;
	uint8_t *cmdline = calloc(1, cmdline_size);

	if (!cmdline)
		return pvl_fail_no_memory(err, cmdline_size);
	memcpy(cmdline, job->input.cmdline, strlen(job->input.cmdline));
	pvl_linux_encode_zero_page(&job->input, page);
	status = write_part(mem, "zero page", job->zero_page_gpa, page, sizeof(page), err);
	if (status == PVHLOAD_OK)
		status = write_part(mem, "cmdline", job->input.cmdline_gpa, cmdline, cmdline_size,
				    err);
	if (status == PVHLOAD_OK && job->list_size > 0)
		status = write_part(mem, "setup_data", job->list_gpa, job->list,
				    (size_t)job->list_size, err);
	free(cmdline);
	return status;
}

static enum pvhload_status run(const struct pvhload_memory *mem,
			       const struct pvhload_linux_layout *layout,
			       const struct pvhload_linux_params *caller, struct job *job,
			       struct pvhload_error *err)
{
	struct pvhload_linux_params params;
	struct pvl_memory memory;
	enum pvhload_status status;

	status = pvl_memory_open(mem, PVL_MEMORY_WRITES, &job->ram, &memory, err);
	if (status == PVHLOAD_OK)
		status = take_params(caller, &params, job, err);
	if (status == PVHLOAD_OK)
		status = pvl_ram_init(mem->memmap ? mem->memmap : params.memmap, &job->ram, err);
	if (status != PVHLOAD_OK)
		return status;
	job->reach = pvl_linux_reach(&job->input, !(params.flags & PVHLOAD_LINUX_ENTRY32));
	status = resolve(layout, job, err);
	if (status == PVHLOAD_OK)
		status = check_places(job, err);
	if (status == PVHLOAD_OK)
		status = make_list(job, err);
	return status == PVHLOAD_OK ? write_parts(job, &memory, err) : status;
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
	job = calloc(1, sizeof(*job)); /* the nodes take too much of a small stack */
	if (!job)
		return pvl_fail_no_memory(err, sizeof(*job));
	status = run(mem, layout, params, job, err);
	pvl_ram_free(&job->ram);
	pvl_places_free(&job->places);
	free(job->list);
	free(job);
	return status;
}
