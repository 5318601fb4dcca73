/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * Rules on setup_data.
 *
 * ABI source: Linux, arch/x86/kernel/setup.c (parse_setup_data) and arch/x86/kernel/devicetree.c;
 * Devicetree Specification, "Flattened Devicetree (DTB) Format", for what a device tree begins with.
 */
#include "abi/fdt_layout.h"
#include "abi/sizes.h"
#include "core/error.h"
#include "core/libc.h"
#include "core/sized.h"
#include "linux/linux.h"

/* The header of a device tree: its magic, and its total size. */
static enum pvhload_status check_dtb(const struct pvl_source *source, struct pvhload_error *err)
{
	uint8_t b[8] = { 0 };
	uint32_t magic, size;

	if (source->length >= PVL_FDT_HEADER_SIZE)
		PVL_TRY(pvl_source_read(source, 0, b, sizeof(b), err));
	magic = (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
	size = (uint32_t)b[4] << 24 | (uint32_t)b[5] << 16 | (uint32_t)b[6] << 8 | b[7];
	if (magic != PVL_FDT_MAGIC || size < PVL_FDT_HEADER_SIZE || size > source->length)
		return pvl_fail(err, PVHLOAD_E_MALFORMED, PVL_AT(0),
				"not a device tree: its magic is 0x%" PRIx32
				" and its totalsize %" PRIu32 " in a file of %" PRIu64 " bytes",
				magic, size, source->length);
	return PVHLOAD_OK;
}

static enum pvhload_status check_bytes(const struct pvl_linux_node *node, struct pvhload_error *err)
{
	if (node->source.length == 0)
		return pvl_fail(err, PVHLOAD_E_MALFORMED, PVL_ANYWHERE, "it is empty");
	if (node->source.length > PVHLOAD_LINUX_SETUP_DATA_BYTES_MAX)
		return pvl_fail(err, PVHLOAD_E_LIMIT, PVL_ANYWHERE,
				"it has %" PRIu64 " bytes; the limit is %u: %" PRIu64 " too many",
				node->source.length, PVHLOAD_LINUX_SETUP_DATA_BYTES_MAX,
				node->source.length - PVHLOAD_LINUX_SETUP_DATA_BYTES_MAX);
	if ((node->type == PVHLOAD_SETUP_RNG_SEED || node->type == PVHLOAD_SETUP_DTB) &&
	    node->source.length > PVHLOAD_LINUX_EARLY_DATA_MAX)
		return pvl_fail(err, PVHLOAD_E_LIMIT, PVL_ANYWHERE,
				"it has %" PRIu64 " bytes; Linux maps no more than %u of it, and "
				"dies without a word: %" PRIu64 " too many",
				node->source.length, PVHLOAD_LINUX_EARLY_DATA_MAX,
				node->source.length - PVHLOAD_LINUX_EARLY_DATA_MAX);
	return node->type == PVHLOAD_SETUP_DTB ? check_dtb(&node->source, err) : PVHLOAD_OK;
}

bool pvl_linux_may_be_indirect(uint32_t type)
{
	return type != PVHLOAD_SETUP_DTB && type != PVHLOAD_SETUP_EFI &&
	       type != PVHLOAD_SETUP_RNG_SEED && type != PVHLOAD_SETUP_KEXEC_KHO &&
	       type != PVHLOAD_SETUP_E820_EXT;
}

/* Make @err, if @status is a failure, one about setup_data @i. */
static enum pvhload_status about_node(uint32_t type, size_t i, enum pvhload_status status,
				      struct pvhload_error *err)
{
	(void)pvl_fail_in(err, status, "setup_data %zu (%s)", i, pvhload_setup_data_name(type));
	return pvl_fail_about(err, status, PVHLOAD_SUBJECT_SETUP_DATA, i);
}

enum pvhload_status pvl_linux_check_node(const struct pvl_linux_node *node, size_t i,
					 struct pvhload_error *err)
{
	return about_node(node->type, i, check_bytes(node, err), err);
}

static enum pvhload_status open_node(const struct pvhload_linux_setup_data *data, size_t i,
				     struct pvl_linux_node *node, struct pvhload_error *err)
{
	if (data->type == PVHLOAD_SETUP_NONE || data->type == PVHLOAD_SETUP_E820_EXT ||
	    data->type >= PVHLOAD_SETUP_INDIRECT)
		return pvl_fail(err, PVHLOAD_E_USAGE, PVL_ANYWHERE,
				"setup_data %zu: type 0x%" PRIx32 " is not the caller's to give", i,
				data->type);
	if ((data->flags & ~PVHLOAD_SETUP_DATA_INDIRECT) != 0)
		return pvl_fail(err, PVHLOAD_E_USAGE, PVL_ANYWHERE,
				"setup_data %zu: flags 0x%" PRIx32 " are unknown", i, data->flags);
	if (data->flags & PVHLOAD_SETUP_DATA_INDIRECT && !pvl_linux_may_be_indirect(data->type))
		return pvl_fail(
			err, PVHLOAD_E_USAGE, PVL_ANYWHERE,
			"setup_data %zu (%s): given by a setup_indirect, Linux does not see it", i,
			pvhload_setup_data_name(data->type));
	node->type = data->type;
	node->indirect = (data->flags & PVHLOAD_SETUP_DATA_INDIRECT) != 0;
	PVL_TRY(about_node(data->type, i, pvl_source_open(data->source, &node->source, err), err));
	return pvl_linux_check_node(node, i, err);
}

enum pvhload_status pvl_linux_open_nodes(struct pvl_linux_input *in,
					 const struct pvhload_linux_setup_data *list, size_t count,
					 struct pvl_linux_node *nodes, struct pvhload_error *err)
{
	if (count > PVHLOAD_LINUX_SETUP_DATA_MAX)
		return pvl_fail(err, PVHLOAD_E_LIMIT, PVL_ANYWHERE,
				"there are %zu setup_data; the limit is %u", count,
				PVHLOAD_LINUX_SETUP_DATA_MAX);
	for (size_t i = 0; i < count; i++) {
		struct pvhload_linux_setup_data data = PVHLOAD_LINUX_SETUP_DATA_INIT;

		if (!pvl_element(list, i, &data, sizeof(data), PVL_V1_LINUX_SETUP_DATA))
			return pvl_fail(err, PVHLOAD_E_USAGE, PVL_ANYWHERE,
					"setup_data %zu has a wrong size", i);
		PVL_TRY(open_node(&data, i, &nodes[i], err));
	}
	in->nodes = nodes;
	in->node_count = count;
	return PVHLOAD_OK;
}

enum pvhload_status pvl_linux_check_nodes(const struct pvl_linux_input *in,
					  struct pvhload_error *err)
{
	uint64_t total = 0;

	/* 64 times 64 MiB: the sum cannot wrap. */
	for (size_t i = 0; i < in->node_count; i++)
		total += in->nodes[i].source.length;
	if (total > PVHLOAD_LINUX_SETUP_DATA_BYTES_MAX)
		return pvl_fail(err, PVHLOAD_E_LIMIT, PVL_ANYWHERE,
				"the setup_data have %" PRIu64 " bytes; the limit is %u: %" PRIu64
				" too many",
				total, PVHLOAD_LINUX_SETUP_DATA_BYTES_MAX,
				total - PVHLOAD_LINUX_SETUP_DATA_BYTES_MAX);
	return PVHLOAD_OK;
}
