/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * pvhload_linux_check(): a zero page is read back and held against the rules and places that
 * writing obeys.
 *
 * ABI source: Linux, Documentation/arch/x86/boot.rst; arch/x86/kernel/setup.c (setup_data).
 */
#include "linux/linux_check.h"

#include "core/error.h"
#include "core/libc.h"
#include "x86/limits.h"

/* One call of pvhload_linux_check(). */
struct job {
	struct pvl_check *check;
	struct pvhload_linux_view *view;
	struct pvl_linux_input input;
	struct pvl_linux_node nodes[PVHLOAD_LINUX_SETUP_DATA_MAX];
	uint32_t unjudged; /* PVHLOAD_PART_*: what is incomplete, or unsound as a whole */
	struct pvl_layout layout;
	struct pvl_linux_reach reach; /* the parts use its limit_name */
	struct pvl_linux_parts parts;
};

static bool is_judged(const struct job *job, uint32_t parts)
{
	return (job->unjudged & parts) == 0;
}

static enum pvhload_status check_memmap(struct job *job, struct pvhload_error *err)
{
	bool sound;

	if (!is_judged(job, PVHLOAD_PART_MEMMAP))
		return PVHLOAD_OK;
	PVL_TRY(pvl_check_memmap(job->check, job->view->memmap,
				 "there is no memory map: Linux makes one up, and panics", &sound,
				 err));
	if (!sound)
		job->unjudged |= PVHLOAD_PART_MEMMAP;
	return PVHLOAD_OK;
}

static enum pvhload_status check_rules(struct job *job, struct pvhload_error *err)
{
	struct pvhload_error found = PVHLOAD_ERROR_INIT;

	for (size_t i = 0; i < PVL_LINUX_RULES; i++) {
		if (!is_judged(job, pvl_linux_rules[i].judges))
			continue;
		PVL_TRY(pvl_check_rule(job->check, pvl_linux_rules[i].check(&job->input, &found),
				       &found, err));
	}
	return PVHLOAD_OK;
}

/* The rules on data only apply to types that a caller may give, and to data in the node itself. */
static bool has_rules(const struct pvhload_linux_node *node)
{
	return node->data && !node->indirect && node->type != PVHLOAD_SETUP_NONE &&
	       node->type != PVHLOAD_SETUP_E820_EXT && node->type < PVHLOAD_SETUP_INDIRECT;
}

static enum pvhload_status check_node(const struct job *job, size_t i, struct pvhload_error *err)
{
	const struct pvhload_linux_node *node = job->view->setup_data[i];

	if (has_rules(node))
		return pvl_linux_check_node(&job->nodes[i], i, err);
	if (!node->indirect || pvl_linux_may_be_indirect(node->type))
		return PVHLOAD_OK;
	return pvl_fail_about(err,
			      pvl_fail(err, PVHLOAD_E_PROTOCOL, PVL_GPA(node->gpa),
				       "setup_data %zu (%s): given by a setup_indirect, Linux does "
				       "not see it",
				       i, pvhload_setup_data_name(node->type)),
			      PVHLOAD_SUBJECT_SETUP_DATA, i);
}

static enum pvhload_status check_nodes(struct job *job, struct pvhload_error *err)
{
	struct pvhload_error found = PVHLOAD_ERROR_INIT;

	for (size_t i = 0; i < job->view->setup_data_count; i++)
		PVL_TRY(pvl_check_rule(job->check, check_node(job, i, &found), &found, err));
	return PVHLOAD_OK;
}

/*
 * Page, command line and initrd, at the places they have.  Those that are absent or cannot be
 * judged have size 0.
 */
static enum pvhload_status append_parts(struct job *job, uint64_t gpa, bool entry64,
					struct pvhload_error *err)
{
	const struct pvhload_linux_view *view = job->view;
	struct pvl_part *cmdline;

	job->reach = pvl_linux_reach(&job->input, entry64);
	PVL_TRY(pvl_layout_init(&job->layout, 3, err));
	pvl_linux_append_page(&job->input, job->reach.limit, job->reach.limit_name, &job->layout,
			      &job->parts);
	cmdline = &job->layout.parts[job->parts.cmdline];
	job->layout.parts[job->parts.zero_page].fixed = gpa;
	cmdline->fixed = view->cmdline_gpa;
	if (view->cmdline_gpa == 0 || !is_judged(job, PVHLOAD_PART_CMDLINE))
		cmdline->size = 0;
	return pvl_linux_append_initrd(&job->input, &job->reach, &job->layout, err);
}

static enum pvhload_status check_places(struct job *job, const struct pvhload_memory *mem,
					uint64_t gpa, uint32_t flags, struct pvhload_error *err)
{
	const bool has_map = is_judged(job, PVHLOAD_PART_MEMMAP);

	PVL_TRY(pvl_space_init(&job->layout.space, &pvl_arch_x86,
			       has_map ? job->view->memmap : mem->memmap, err));
	PVL_TRY(append_parts(job, gpa, !(flags & PVHLOAD_LINUX_ENTRY32), err));
	return pvl_check_places(job->check, &job->layout, job->input.rsdp_gpa, err);
}

/* The kernel's own header.  The jump before it may be missing, as only the file needs it. */
static enum pvhload_status read_header(struct job *job, struct pvhload_error *err)
{
	uint8_t header[PVHLOAD_SETUP_HEADER_ROOM];
	uint8_t *jump = header + (PVHLOAD_SETUP_JUMP - PVHLOAD_SETUP_HEADER_OFFSET);

	if (pvl_linux_is_made(job->view))
		return pvl_linux_read_header(&job->input, NULL, 0, err);
	memcpy(header, job->view->zero_page + PVHLOAD_SETUP_HEADER_OFFSET, sizeof(header));
	jump[0] = PVL_JUMP_SHORT;
	jump[1] = PVHLOAD_SETUP_HEADER_END - PVHLOAD_SETUP_MAGIC;
	return pvl_linux_read_header(&job->input, header, sizeof(header), err);
}

static enum pvhload_status make_nodes(struct job *job, struct pvhload_error *err)
{
	for (size_t i = 0; i < job->view->setup_data_count; i++) {
		const struct pvhload_linux_node *from = job->view->setup_data[i];
		struct pvhload_source source;

		job->nodes[i].type = from->type;
		job->nodes[i].indirect = from->indirect != 0;
		if (!from->data)
			continue;
		source = pvhload_source_buffer(from->data, (size_t)from->size);
		PVL_TRY(pvl_source_open(&source, &job->nodes[i].source, err));
	}
	job->input.nodes = job->nodes;
	job->input.node_count = job->view->setup_data_count;
	return PVHLOAD_OK;
}

/* Turn the view into the input that writing would have. */
static enum pvhload_status make_input(struct job *job, struct pvhload_error *err)
{
	const struct pvhload_linux_view *view = job->view;
	struct pvl_linux_input *in = &job->input;

	job->unjudged = view->incomplete;
	PVL_TRY(read_header(job, err));
	in->cmdline = view->cmdline;
	in->memmap = view->memmap->entries;
	in->memmap_count = view->memmap->count;
	in->rsdp_gpa = view->rsdp_gpa;
	in->initrd_gpa = view->initrd_gpa;
	in->initrd_size = view->initrd_size;
	in->has_framebuffer = pvl_linux_decode_screen(view->zero_page + PVHLOAD_ZERO_SCREEN_INFO,
						      &in->framebuffer);
	return make_nodes(job, err);
}

static enum pvhload_status check_all(struct job *job, const struct pvhload_memory *mem,
				     uint64_t gpa, uint32_t flags, struct pvhload_error *err)
{
	PVL_TRY(pvhload_linux_read(mem, gpa, PVHLOAD_READ_PARTIAL, &job->view, err));
	job->check = pvl_check_new(err);
	if (!job->check)
		return PVHLOAD_E_NO_MEMORY;
	pvl_check_append_all(job->check, job->view->problems, job->view->problem_count);
	PVL_TRY(make_input(job, err));
	PVL_TRY(pvl_linux_check_page(job->check, job->view, err));
	PVL_TRY(check_memmap(job, err));
	PVL_TRY(check_rules(job, err));
	PVL_TRY(check_nodes(job, err));
	PVL_TRY(check_places(job, mem, gpa, flags, err));
	return pvl_linux_check_overlaps(job->check, job->view, mem, gpa, err);
}

static enum pvhload_status check_job(struct job *job, const struct pvhload_memory *mem,
				     uint64_t gpa, uint32_t flags, struct pvhload_check **check,
				     struct pvhload_error *err)
{
	const enum pvhload_status status = check_all(job, mem, gpa, flags, err);

	pvl_layout_free(&job->layout);
	pvl_space_free(&job->layout.space);
	pvhload_linux_view_free(job->view);
	if (status == PVHLOAD_OK)
		*check = &job->check->made;
	else
		pvhload_check_free(job->check ? &job->check->made : NULL);
	return status;
}

enum pvhload_status pvhload_linux_check(const struct pvhload_memory *mem, uint64_t gpa,
					uint32_t flags, struct pvhload_check **check,
					struct pvhload_error *err)
{
	enum pvhload_status status;
	struct job *job;

	if (!pvl_error_usable(err))
		return PVHLOAD_E_USAGE;
	if (!check || (flags & ~PVHLOAD_LINUX_ENTRY32) != 0)
		return pvl_fail(err, PVHLOAD_E_USAGE, PVL_ANYWHERE,
				"there is no place for the check, or a flag is unknown: 0x%" PRIx32,
				flags);
	job = calloc(1, sizeof(*job)); /* too large for a small stack */
	if (!job)
		return pvl_fail_no_memory(err, sizeof(*job));
	status = check_job(job, mem, gpa, flags, check, err);
	free(job);
	return status;
}
