/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * Where zero page, command line, setup_data and page tables go.
 *
 * ABI source: Linux, Documentation/arch/x86/boot.rst.  All of it stays below 4 GiB, whatever the
 * kernel could take: it is small, and so it is always in the part that the page tables map.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "abi/sizes.h"
#include "boot/linux_job.h"
#include "core/checked.h"
#include "core/error.h"

#define PAGE      4096u
#define APART_MIN 0x100000u /* low memory is left to what has to be there */

/* Most bytes of setup_data in low memory, where the caller has not said otherwise. */
#define LOW_NODES_MAX (16u << 10)

static struct pvl_wish wish(const char *name, uint32_t kind, uint64_t size, uint64_t align)
{
	return (struct pvl_wish){ .name = name,
				  .kind = kind,
				  .size = size,
				  .align = align,
				  .limit = PVL_4GIB,
				  .limit_name = "4 GiB" };
}

/* One structure that has a usual place; in the first round only if the caller gave it one. */
static enum pvhload_status take(struct pvl_linux_job *job, bool fixed_round, struct pvl_wish what,
				uint64_t fixed, uint64_t usual, uint64_t *gpa,
				struct pvhload_error *err)
{
	if ((fixed != 0) != fixed_round)
		return PVHLOAD_OK;
	return pvl_space_take_usual(&job->b->plan->space, &what, fixed, usual, gpa, err);
}

static enum pvhload_status take_round(struct pvl_linux_job *job, bool fixed_round,
				      struct pvhload_error *err)
{
	const struct pvhload_boot_places *p = &job->b->places;
	enum pvhload_status status;

	status = take(job, fixed_round,
		      wish("zero page", PVHLOAD_REGION_X86_ZERO_PAGE, PVHLOAD_ZERO_PAGE_SIZE, 1),
		      p->zero_page_gpa, PVHLOAD_LINUX_ZERO_PAGE_GPA, &job->zero_page_gpa, err);
	if (status == PVHLOAD_OK)
		status = take(job, fixed_round,
			      wish("cmdline", PVHLOAD_REGION_CMDLINE,
				   pvl_linux_cmdline_size(&job->input), 1),
			      p->cmdline_gpa, PVHLOAD_LINUX_CMDLINE_GPA, &job->input.cmdline_gpa,
			      err);
	if (status == PVHLOAD_OK)
		status = take(job, fixed_round,
			      wish("gdt", PVHLOAD_REGION_X86_GDT, PVHLOAD_LINUX_GDT_SIZE, 1),
			      p->gdt_gpa, PVHLOAD_LINUX_GDT_GPA, &job->gdt_gpa, err);
	return status;
}

/* The name that people see, and its number in the list. */
static void node_name(char *name, size_t size, size_t number, uint32_t type, const char *suffix)
{
	const char *known = pvhload_setup_data_name(type);

	if (strcmp(known, "unknown") == 0)
		snprintf(name, size, "setup_data %zu %" PRIu32 "%s", number, type, suffix);
	else
		snprintf(name, size, "setup_data %zu %s%s", number, known, suffix);
}

/* One node of the list, which begins with the map's own if that is needed. */
struct listed {
	size_t number; /* in the list */
	uint32_t type;
	uint64_t size;               /* of the node itself */
	uint64_t *gpa;               /* 0 until it has a place */
	struct pvl_linux_node *data; /* the caller's; or NULL */
	size_t index;                /* of those */
};

static struct listed node_at(struct pvl_linux_job *job, size_t number)
{
	struct pvl_linux_input *in = &job->input;
	const uint64_t ext_size = pvl_linux_e820_ext_size(in);
	const size_t i = ext_size > 0 ? number - 1 : number;

	if (ext_size > 0 && number == 0)
		return (struct listed){ 0,        PVHLOAD_SETUP_E820_EXT,
					ext_size, &in->e820_ext_gpa,
					NULL,     0 };
	return (struct listed){ number,
				in->nodes[i].type,
				pvl_linux_node_size(&in->nodes[i]),
				&in->nodes[i].gpa,
				&in->nodes[i],
				i };
}

static size_t count_nodes(const struct pvl_linux_job *job)
{
	return job->input.node_count + (pvl_linux_e820_ext_size(&job->input) > 0 ? 1 : 0);
}

/* Data that are to lie apart go where files go. */
static enum pvhload_status take_data(struct pvl_linux_job *job, const struct listed *node,
				     struct pvhload_error *err)
{
	struct pvl_space *space = &job->b->plan->space;
	char name[PVL_NAME_SIZE];
	struct pvl_wish data;

	node_name(name, sizeof(name), node->number, node->type, " data");
	data = wish(name, PVHLOAD_REGION_X86_SETUP_DATA, node->data->source.length, PAGE);
	data.index = (uint32_t)node->number;
	data.min = APART_MIN;
	data.whole_pages = true;
	if (node->data->data_gpa != 0)
		return pvl_space_take(space, &data, node->data->data_gpa, err);
	return pvl_space_take_highest(space, &data, &node->data->data_gpa, err);
}

/*
 * A node where the caller wants it, or behind the one before it, as far as there is room.  Linux keeps
 * the memory of nodes for good, so that little of them stays in low memory, which it cannot do without.
 */
static enum pvhload_status take_node(struct pvl_linux_job *job, const struct listed *node,
				     struct pvhload_error *err)
{
	const uint64_t fixed = *node->gpa;
	uint64_t usual = job->node_behind;
	char name[PVL_NAME_SIZE];
	enum pvhload_status status;
	struct pvl_wish what;

	node_name(name, sizeof(name), node->number, node->type, "");
	what = wish(name, PVHLOAD_REGION_X86_SETUP_DATA, node->size, PVL_NODE_ALIGN);
	what.index = (uint32_t)node->number;
	if (!pvl_align_up(usual, PVL_NODE_ALIGN, &usual))
		usual = 0;
	if (fixed == 0 && node->size > LOW_NODES_MAX - job->low_nodes) {
		what.min = APART_MIN;
		usual = usual < APART_MIN ? 0 : usual;
	}
	status = pvl_space_take_usual(&job->b->plan->space, &what, fixed, usual, node->gpa, err);
	if (status == PVHLOAD_OK && fixed == 0 && *node->gpa < APART_MIN)
		job->low_nodes += node->size;
	return status;
}

/* The nodes, in list order, and what they put apart: those that the caller gave a place, or the others. */
static enum pvhload_status take_nodes(struct pvl_linux_job *job, enum pvl_round round,
				      struct pvhload_error *err)
{
	const size_t count = count_nodes(job);
	enum pvhload_status status = PVHLOAD_OK;

	job->node_behind = job->input.cmdline_gpa + pvl_linux_cmdline_size(&job->input);
	for (size_t n = 0; n < count && status == PVHLOAD_OK; n++) {
		const struct listed node = node_at(job, n);
		const bool apart = node.data && node.data->apart;

		if ((*node.gpa != 0) == (round == PVL_FIXED))
			status = take_node(job, &node, err);
		job->node_behind = *node.gpa + node.size;
		if (status == PVHLOAD_OK && apart &&
		    (node.data->data_gpa != 0) == (round == PVL_FIXED))
			status = take_data(job, &node, err);
		if (node.data)
			status =
				pvl_fail_about(err, status, PVHLOAD_SUBJECT_SETUP_DATA, node.index);
	}
	return status;
}

/*
 * What the kernel may touch before it has tables of its own: everything but the initrd is below 4 GiB,
 * which is mapped whole, as kernels read low memory that no document names; the kernel itself may be
 * above.
 */
static enum pvhload_status list_mapped(struct pvl_linux_job *job, struct pvhload_error *err)
{
	const struct pvl_space *space = &job->b->plan->space;
	const size_t most = space->count + 1;
	size_t count = 0;

	free(job->mapped);
	job->mapped = calloc(most, sizeof(*job->mapped));
	if (!job->mapped)
		return pvl_fail_no_memory(err, most * sizeof(*job->mapped));
	job->mapped[count++] = (struct pvhload_range){ 0, PVL_4GIB };
	for (size_t i = 0; i < space->count; i++) {
		const struct pvl_claim *claim = &space->claims[i];

		if ((claim->kind == PVHLOAD_REGION_KERNEL ||
		     claim->kind == PVHLOAD_REGION_KERNEL_IMAGE) &&
		    claim->range.end > PVL_4GIB)
			job->mapped[count++] =
				(struct pvhload_range){ claim->range.start, claim->size };
	}
	job->tables.ranges = job->mapped;
	job->tables.range_count = count;
	return PVHLOAD_OK;
}

/*
 * The page tables.  In the first round they are claimed for a kernel below 4 GiB, if the caller gave
 * them a place; in the second, when it is known where the kernel is, for what they really take.
 */
static enum pvhload_status take_tables(struct pvl_linux_job *job, bool fixed_round,
				       struct pvhload_error *err)
{
	const struct pvhload_boot_x86 *x = &job->b->x86;
	const uint64_t fixed = job->b->places.page_tables_gpa;
	struct pvl_space *space = &job->b->plan->space;
	enum pvhload_status status;
	struct pvl_wish tables;

	if (job->b->way.protocol != PVHLOAD_PROTOCOL_X86_LINUX64 || (fixed == 0 && fixed_round))
		return PVHLOAD_OK;
	job->tables.struct_size = sizeof(job->tables);
	job->tables.levels = x->paging_levels;
	job->tables.page_size = x->page_size;
	job->tables.entry_mask = x->page_entry_mask;
	status = list_mapped(job, err);
	if (status == PVHLOAD_OK)
		status = pvhload_x86_page_tables_size(&job->tables, &job->tables_size, err);
	if (status != PVHLOAD_OK)
		return pvl_fail_in(err, status, "page tables for 4 GiB and the kernel");
	if (fixed != 0 && !fixed_round)
		pvl_space_release(space, fixed);
	tables = wish("page tables", PVHLOAD_REGION_X86_PAGE_TABLES, job->tables_size, PAGE);
	return pvl_space_take_usual(space, &tables, fixed, PVHLOAD_LINUX_PAGE_TABLES_GPA,
				    &job->tables.gpa, err);
}

enum pvhload_status pvl_linux_take_fixed(struct pvl_linux_job *job, struct pvhload_error *err)
{
	enum pvhload_status status = take_round(job, true, err);

	if (status == PVHLOAD_OK)
		status = take_tables(job, true, err);
	if (count_nodes(job) > 0) {
		const struct listed first = node_at(job, 0);

		if (*first.gpa == 0)
			*first.gpa = job->b->places.setup_data_gpa;
	}
	return status == PVHLOAD_OK ? take_nodes(job, PVL_FIXED, err) : status;
}

enum pvhload_status pvl_linux_take_usual(struct pvl_linux_job *job, struct pvhload_error *err)
{
	const bool tables_first = job->b->places.page_tables_gpa != 0;
	enum pvhload_status status = PVHLOAD_OK;

	/* Those of a kernel above 4 GiB reach further than in the first round. */
	if (tables_first)
		status = take_tables(job, false, err);
	if (status == PVHLOAD_OK)
		status = take_round(job, false, err);
	if (status == PVHLOAD_OK && !tables_first)
		status = take_tables(job, false, err);
	return status == PVHLOAD_OK ? take_nodes(job, PVL_FREE, err) : status;
}
