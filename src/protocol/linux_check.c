/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * Rules on what a zero page may say.
 *
 * ABI source: Linux, Documentation/arch/x86/boot.rst; Devicetree Specification, "Flattened
 * Devicetree (DTB) Format", for what a device tree begins with.
 */
#include <inttypes.h>
#include <string.h>

#include "abi/sizes.h"
#include "core/checked.h"
#include "core/error.h"
#include "core/sized.h"
#include "core/store.h"
#include "protocol/linux.h"
#include "protocol/memmap_rules.h"

#define PROTOCOL_2_02  0x202u
#define PROTOCOL_2_09  0x209u
#define PROTOCOL_2_15  0x20fu
#define LOADFLAGS_OPEN (PVHLOAD_LOADFLAG_KASLR | PVHLOAD_LOADFLAG_QUIET)
#define NORMAL_MODE    0xffffu
#define DTB_MAGIC      0xd00dfeedu
#define DTB_HEADER     40u

static uint8_t *at(struct pvl_linux_input *in, uint32_t file_offset)
{
	return in->header + (file_offset - PVHLOAD_SETUP_HEADER_OFFSET);
}

/* An ELF file has no header to copy; the kernel looks at little of this one. */
static void make_header(struct pvl_linux_input *in)
{
	memset(in->header, 0, sizeof(in->header));
	pvl_store_le16(at(in, PVHLOAD_SETUP_VID_MODE), NORMAL_MODE);
	pvl_store_le16(at(in, PVHLOAD_SETUP_BOOT_FLAG), PVHLOAD_SETUP_BOOT_FLAG_VALUE);
	pvl_store_le32(at(in, PVHLOAD_SETUP_MAGIC), PVHLOAD_SETUP_MAGIC_VALUE);
	pvl_store_le16(at(in, PVHLOAD_SETUP_VERSION), PROTOCOL_2_15);
	*at(in, PVHLOAD_SETUP_LOADFLAGS) = PVHLOAD_LOADFLAG_LOADED_HIGH;
	in->header_size = PVHLOAD_SETUP_HEADER_END - PVHLOAD_SETUP_HEADER_OFFSET;
	in->header_made = true;
}

enum pvhload_status pvl_linux_take_header(struct pvl_linux_input *in, const uint8_t *bytes,
					  size_t size, struct pvhload_error *err)
{
	uint8_t page[PVHLOAD_ZERO_PAGE_SIZE];
	struct pvl_setup_header h;
	uint32_t end;

	if (!bytes) {
		make_header(in);
		in->cmdline_max = PVHLOAD_LINUX_COMMAND_LINE_SIZE - 1;
		return PVHLOAD_OK;
	}
	in->header_size = size < sizeof(in->header) ? size : sizeof(in->header);
	memcpy(in->header, bytes, in->header_size);
	h = pvl_linux_header(in, page);
	end = pvl_setup_end(h.bytes);
	if (end == 0 || end > h.bytes.size)
		return pvl_fail(err, PVHLOAD_E_MALFORMED, PVL_ANYWHERE,
				"a setup_header of %zu bytes whose jump has it end at 0x%" PRIx32
				", not between 0x%x and its last byte",
				size, end, PVHLOAD_SETUP_LOADFLAGS);
	in->header_size = end - PVHLOAD_SETUP_HEADER_OFFSET;
	h = pvl_linux_header(in, page);
	if (pvl_setup_field(&h, PVHLOAD_SETUP_BOOT_FLAG, 2, 0) != PVHLOAD_SETUP_BOOT_FLAG_VALUE ||
	    pvl_setup_field(&h, PVHLOAD_SETUP_MAGIC, 4, 0) != PVHLOAD_SETUP_MAGIC_VALUE)
		return pvl_fail(err, PVHLOAD_E_MALFORMED, PVL_ANYWHERE,
				"the setup_header has no boot_flag 0xaa55 or no \"HdrS\"");
	in->cmdline_max =
		(uint32_t)pvl_min_u64(pvl_setup_cmdline_max(&h), PVHLOAD_LINUX_CMDLINE_LENGTH_MAX);
	return PVHLOAD_OK;
}

/* A device tree says in its first words that it is one, and how long. */
static enum pvhload_status check_dtb(const struct pvl_source *source, struct pvhload_error *err)
{
	uint8_t b[8] = { 0 };
	enum pvhload_status status = PVHLOAD_OK;
	uint32_t magic, size;

	if (source->length >= DTB_HEADER)
		status = pvl_source_read(source, 0, b, sizeof(b), err);
	if (status != PVHLOAD_OK)
		return status;
	magic = (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
	size = (uint32_t)b[4] << 24 | (uint32_t)b[5] << 16 | (uint32_t)b[6] << 8 | b[7];
	if (magic != DTB_MAGIC || size < DTB_HEADER || size > source->length)
		return pvl_fail(err, PVHLOAD_E_MALFORMED, PVL_AT(0),
				"not a device tree: its magic is 0x%" PRIx32
				" and its totalsize %" PRIu32 " in a file of %" PRIu64 " bytes",
				magic, size, source->length);
	return PVHLOAD_OK;
}

static enum pvhload_status check_node(const struct pvl_linux_node *node, struct pvhload_error *err)
{
	if (node->source.length == 0)
		return pvl_fail(err, PVHLOAD_E_MALFORMED, PVL_ANYWHERE, "it is empty");
	if (node->source.length > PVHLOAD_LINUX_SETUP_DATA_BYTES_MAX)
		return pvl_fail(err, PVHLOAD_E_LIMIT, PVL_ANYWHERE,
				"it has %" PRIu64 " bytes; the limit is %u", node->source.length,
				PVHLOAD_LINUX_SETUP_DATA_BYTES_MAX);
	return node->type == PVHLOAD_SETUP_DTB ? check_dtb(&node->source, err) : PVHLOAD_OK;
}

enum pvhload_status pvl_linux_take_node(const struct pvhload_linux_setup_data *data, size_t i,
					struct pvl_linux_node *node, struct pvhload_error *err)
{
	enum pvhload_status status;

	if (data->type == PVHLOAD_SETUP_NONE || data->type == PVHLOAD_SETUP_E820_EXT ||
	    data->type >= PVHLOAD_SETUP_INDIRECT || (data->flags & ~PVHLOAD_SETUP_DATA_APART) != 0)
		return pvl_fail(err, PVHLOAD_E_USAGE, PVL_ANYWHERE,
				"setup_data %zu: type 0x%" PRIx32
				" is not the caller's to give, or flags 0x%" PRIx32 " are unknown",
				i, data->type, data->flags);
	node->type = data->type;
	node->apart = (data->flags & PVHLOAD_SETUP_DATA_APART) != 0;
	status = pvl_source_open(data->source, &node->source, err);
	if (status == PVHLOAD_OK)
		status = check_node(node, err);
	if (status != PVHLOAD_OK)
		status = pvl_fail_in(err, status, "setup_data %zu (%s)", i,
				     pvhload_setup_data_name(data->type));
	return pvl_fail_about(err, status, PVHLOAD_SUBJECT_SETUP_DATA, i);
}

static enum pvhload_status check_nodes(const struct pvl_linux_input *in, struct pvhload_error *err)
{
	uint64_t total = 0;

	/* 64 times 64 MiB: the sum cannot wrap. */
	for (size_t i = 0; i < in->node_count; i++)
		total += in->nodes[i].source.length;
	if (total > PVHLOAD_LINUX_SETUP_DATA_BYTES_MAX)
		return pvl_fail(err, PVHLOAD_E_LIMIT, PVL_ANYWHERE,
				"the setup_data have %" PRIu64 " bytes; the limit is %u", total,
				PVHLOAD_LINUX_SETUP_DATA_BYTES_MAX);
	return PVHLOAD_OK;
}

static bool has_indirect(const struct pvl_linux_input *in)
{
	for (size_t i = 0; i < in->node_count; i++)
		if (pvl_linux_node_is_indirect(&in->nodes[i]))
			return true;
	return false;
}

static enum pvhload_status check_version(const struct pvl_linux_input *in,
					 struct pvhload_error *err)
{
	uint8_t page[PVHLOAD_ZERO_PAGE_SIZE];
	const uint16_t version = pvl_linux_header(in, page).version;
	const bool has_list = in->node_count > 0 || in->memmap_count > PVHLOAD_E820_TABLE_MAX;
	const char *what = version < PROTOCOL_2_02 && in->cmdline[0] != '\0'
				   ? "a command line by pointer, which came with 2.02"
			   : version < PROTOCOL_2_09 && has_list
				   ? "setup_data, which came with 2.09"
			   : version < PROTOCOL_2_15 && has_indirect(in)
				   ? "setup_data apart by setup_indirect, which came with 2.15"
				   : NULL;

	if (!what)
		return PVHLOAD_OK;
	return pvl_fail(err, PVHLOAD_E_PROTOCOL, PVL_ANYWHERE,
			"the kernel's boot protocol %u.%02u cannot take %s", version >> 8,
			version & 0xffu, what);
}

static enum pvhload_status check_memmap(const struct pvl_linux_input *in, struct pvhload_error *err)
{
	if (!in->not_linux)
		return pvl_check_linux_memmap(in->memmap, in->memmap_count,
					      PVHLOAD_LINUX_MEMMAP_MAX, "the zero page", err);
	if (in->memmap_count > PVHLOAD_LINUX_MEMMAP_MAX)
		return pvl_fail(err, PVHLOAD_E_MEMMAP, PVL_ANYWHERE,
				"the memory map has %zu entries; the limit is %u", in->memmap_count,
				PVHLOAD_LINUX_MEMMAP_MAX);
	return PVHLOAD_OK;
}

enum pvhload_status pvl_linux_check(const struct pvl_linux_input *in, struct pvhload_error *err)
{
	const size_t length = strlen(in->cmdline);
	enum pvhload_status status;

	if ((in->loadflags & ~LOADFLAGS_OPEN) != 0 || in->type_of_loader > 0xff)
		return pvl_fail(err, PVHLOAD_E_USAGE, PVL_ANYWHERE,
				"load flags 0x%" PRIx32 " or type_of_loader 0x%" PRIx32
				" are not the caller's to set",
				in->loadflags, in->type_of_loader);
	status = check_memmap(in, err);
	if (status == PVHLOAD_OK && length > in->cmdline_max)
		status = pvl_fail(err, PVHLOAD_E_CMDLINE, PVL_ANYWHERE,
				  "the command line has %zu bytes, %zu more than the %" PRIu32
				  " the kernel takes%s",
				  length, length - in->cmdline_max, in->cmdline_max,
				  in->header_made ? " (assumed: an ELF file does not say)" : "");
	if (status == PVHLOAD_OK)
		status = check_nodes(in, err);
	return status == PVHLOAD_OK ? check_version(in, err) : status;
}
