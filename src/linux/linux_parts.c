/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * Zero page, command line and setup_data as parts of a layout, and their bytes once they are placed.
 *
 * ABI source: Linux, Documentation/arch/x86/boot.rst.
 */
#include <pvhload/region.h>

#include "core/error.h"
#include "core/libc.h"
#include "linux/linux.h"
#include "x86/limits.h"

/* Most bytes of setup_data in low memory, where the caller has not said otherwise. */
#define LOW_NODES_MAX (16u << 10)

static size_t append(struct pvl_layout *layout, const char *name, const struct pvl_part *row)
{
	struct pvl_part part = *row;

	snprintf(part.name, sizeof(part.name), "%s", name);
	return pvl_layout_append(layout, &part);
}

void pvl_linux_append_page(const struct pvl_linux_input *in, uint64_t limit, const char *limit_name,
			   struct pvl_layout *layout, struct pvl_linux_parts *ret)
{
	const struct pvl_part page = { .kind = PVHLOAD_REGION_X86_ZERO_PAGE,
				       .size = PVHLOAD_ZERO_PAGE_SIZE,
				       .align = 1,
				       .limit = limit,
				       .limit_name = limit_name,
				       .usual = PVHLOAD_LINUX_ZERO_PAGE_GPA };
	const struct pvl_part cmdline = { .kind = PVHLOAD_REGION_CMDLINE,
					  .size = pvl_linux_cmdline_size(in),
					  .align = 1,
					  .limit = limit,
					  .limit_name = limit_name,
					  .usual = PVHLOAD_LINUX_CMDLINE_GPA };

	ret->zero_page = append(layout, "zero page", &page);
	ret->cmdline = append(layout, "cmdline", &cmdline);
}

void pvl_linux_node_name(char *name, size_t size, size_t number, uint32_t type, const char *suffix)
{
	const char *known = pvhload_setup_data_name(type);

	if (strcmp(known, "unknown") == 0)
		snprintf(name, size, "setup_data %zu %" PRIu32 "%s", number, type, suffix);
	else
		snprintf(name, size, "setup_data %zu %s%s", number, known, suffix);
}

/* Bytes that the nodes before @part take of low memory where the caller has not chosen the place. */
static uint64_t low_bytes(const struct pvl_layout *layout, const struct pvl_linux_parts *parts,
			  const struct pvl_part *part)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < parts->nodes; i++) {
		const struct pvl_part *other = &layout->parts[parts->node[i]];

		if (other == part)
			break;
		if (other->fixed == 0 && other->gpa < PVL_X86_HIGH_RAM_GPA)
			sum += other->size;
	}
	return sum;
}

/*
 * Linux never frees the memory of nodes, and needs low memory itself, so only a few small nodes are
 * placed there.
 */
static enum pvhload_status prepare_node(struct pvl_layout *layout, struct pvl_part *part,
					struct pvhload_error *err)
{
	const uint64_t low = low_bytes(layout, part->user, part);

	(void)err;
	part->min = part->fixed == 0 && part->size > LOW_NODES_MAX - low ? PVL_X86_HIGH_RAM_GPA : 0;
	return PVHLOAD_OK;
}

/* The next node of the list. */
static void append_node(struct pvl_layout *layout, struct pvl_linux_parts *parts,
			const struct pvl_part *row, uint32_t type)
{
	const size_t number = parts->nodes;
	const size_t before = number > 0 ? parts->node[number - 1] : parts->cmdline;
	struct pvl_part part = *row;

	part.kind = PVHLOAD_REGION_X86_SETUP_DATA;
	part.index = (uint32_t)number;
	part.align = PVL_NODE_ALIGN;
	part.after = before + 1;
	part.prepare = prepare_node;
	part.user = parts;
	pvl_linux_node_name(part.name, sizeof(part.name), number, type, "");
	parts->data[number] = 0;
	parts->node[number] = pvl_layout_append(layout, &part);
	parts->nodes++;
}

/* The data of the node that was appended last, placed like a file. */
static void append_data(struct pvl_layout *layout, struct pvl_linux_parts *parts,
			const struct pvl_linux_node *node, const struct pvl_part *row)
{
	const size_t number = parts->nodes - 1;
	struct pvl_part part = *row;

	part.kind = PVHLOAD_REGION_X86_SETUP_DATA_BYTES;
	part.index = (uint32_t)number;
	part.size = node->source.length;
	part.align = PVL_X86_PAGE_SIZE;
	part.min = PVL_X86_HIGH_RAM_GPA;
	part.whole_pages = true;
	part.search = PVL_HIGHEST;
	pvl_linux_node_name(part.name, sizeof(part.name), number, node->type, " data");
	parts->data[number] = pvl_layout_append(layout, &part);
}

void pvl_linux_append_list(const struct pvl_linux_input *in, uint64_t limit, const char *limit_name,
			   struct pvl_layout *layout, struct pvl_linux_parts *ret)
{
	struct pvl_part row = { .limit = limit,
				.limit_name = limit_name,
				.size = pvl_linux_e820_ext_size(in) };

	ret->nodes = 0;
	if (row.size > 0)
		append_node(layout, ret, &row, PVHLOAD_SETUP_E820_EXT);
	for (size_t i = 0; i < in->node_count; i++) {
		row.size = pvl_linux_node_size(&in->nodes[i]);
		row.subject = PVHLOAD_SUBJECT_SETUP_DATA;
		row.subject_index = (uint32_t)i;
		append_node(layout, ret, &row, in->nodes[i].type);
		if (in->nodes[i].indirect)
			append_data(layout, ret, &in->nodes[i], &row);
	}
}

enum pvhload_status pvl_linux_append_initrd(const struct pvl_linux_input *in,
					    const struct pvl_linux_reach *reach,
					    struct pvl_layout *layout, struct pvhload_error *err)
{
	const struct pvl_part part = { .name = "initrd",
				       .class = PVL_FILE,
				       .size = in->initrd_size,
				       .align = 1,
				       .limit = reach->above ? reach->limit : reach->initrd_limit,
				       .limit_name = reach->above ? reach->limit_name
								  : reach->initrd_limit_name,
				       .fixed = in->initrd_gpa };

	if (in->initrd_size > 0 && in->initrd_gpa == 0)
		return pvl_fail(err, PVHLOAD_E_RANGE, PVL_GPA(0),
				"initrd, 0x%" PRIx64 " bytes, is at address 0, which means absent",
				in->initrd_size);
	(void)pvl_layout_append(layout, &part);
	return PVHLOAD_OK;
}

uint64_t pvl_linux_block_size(const struct pvl_linux_input *in)
{
	return pvl_linux_cmdline_size(in) + pvl_linux_e820_ext_size(in) +
	       (uint64_t)in->node_count * PVL_NODE_HEAD_MAX;
}

/* Copy the places to @in, as the bytes have them as addresses. */
static void note_places(struct pvl_linux_input *in, const struct pvl_layout *layout,
			const struct pvl_linux_parts *parts)
{
	const size_t ext = parts->nodes - in->node_count;

	in->cmdline_gpa = layout->parts[parts->cmdline].gpa;
	if (ext > 0)
		in->e820_ext_gpa = layout->parts[parts->node[0]].gpa;
	for (size_t i = 0; i < in->node_count; i++) {
		const size_t data = parts->data[ext + i];

		in->nodes[i].gpa = layout->parts[parts->node[ext + i]].gpa;
		in->nodes[i].data_gpa = data != 0 ? layout->parts[data].gpa : 0;
	}
}

/* The header of a node is from the block, its data are read from their source. */
static enum pvhload_status encode_node(const struct pvl_linux_input *in, size_t i,
				       struct pvl_block *block, struct pvhload_error *err)
{
	const struct pvl_linux_node *node = &in->nodes[i];
	const size_t head = pvl_linux_encode_node(in, i, block->at);
	const struct pvl_write data = { .gpa = node->indirect ? node->data_gpa : node->gpa + head,
					.size = node->source.length,
					.from = PVL_FROM_SOURCE,
					.source = &node->source,
					.subject = PVHLOAD_SUBJECT_SETUP_DATA,
					.index = (uint32_t)i };

	PVL_TRY(pvl_block_append(block, node->gpa, head, err));
	return pvl_writes_append(block->writes, data, err);
}

static enum pvhload_status encode_list(const struct pvl_linux_input *in, struct pvl_block *block,
				       struct pvhload_error *err)
{
	const uint64_t ext_size = pvl_linux_e820_ext_size(in);

	if (ext_size > 0) {
		pvl_linux_encode_e820_ext(in, block->at);
		PVL_TRY(pvl_block_append(block, in->e820_ext_gpa, ext_size, err));
	}
	for (size_t i = 0; i < in->node_count; i++)
		PVL_TRY(encode_node(in, i, block, err));
	return PVHLOAD_OK;
}

/* The head from the block, and the rest. */
static enum pvhload_status encode_page(const struct pvl_linux_input *in, uint64_t gpa,
				       struct pvl_block *block, struct pvhload_error *err)
{
	static const uint8_t zeros[PVHLOAD_ZERO_PAGE_SIZE - PVL_ZERO_PAGE_HEAD];
	const struct pvl_write rest = { .gpa = gpa + PVL_ZERO_PAGE_HEAD,
					.size = sizeof(zeros),
					.from = PVL_FROM_BYTES,
					.bytes = zeros };

	pvl_linux_encode_zero_page(in, block->at);
	PVL_TRY(pvl_block_append(block, gpa, PVL_ZERO_PAGE_HEAD, err));
	return pvl_writes_append(block->writes, rest, err);
}

enum pvhload_status pvl_linux_encode(struct pvl_linux_input *in, const struct pvl_layout *layout,
				     const struct pvl_linux_parts *parts, struct pvl_block *page,
				     struct pvl_block *block, struct pvhload_error *err)
{
	const size_t cmdline_size = (size_t)pvl_linux_cmdline_size(in);

	note_places(in, layout, parts);
	PVL_TRY(encode_page(in, layout->parts[parts->zero_page].gpa, page, err));
	memset(block->at, 0, cmdline_size);
	memcpy(block->at, in->cmdline, strlen(in->cmdline));
	PVL_TRY(pvl_block_append(block, in->cmdline_gpa, cmdline_size, err));
	return encode_list(in, block, err);
}
