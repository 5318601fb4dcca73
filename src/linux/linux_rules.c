/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * Rules on what a zero page may say.
 *
 * ABI source: Linux, Documentation/arch/x86/boot.rst.
 */
#include "abi/sizes.h"
#include "core/checked.h"
#include "core/error.h"
#include "core/libc.h"
#include "core/sized.h"
#include "core/store.h"
#include "guest/cmdline_rules.h"
#include "linux/linux.h"
#include "guest/memmap_rules.h"

#define LOADFLAGS_OPEN (PVHLOAD_LOADFLAG_KASLR | PVHLOAD_LOADFLAG_QUIET)
#define NORMAL_MODE    0xffffu

static uint8_t *at(struct pvl_linux_input *in, uint32_t file_offset)
{
	return in->header + (file_offset - PVHLOAD_SETUP_HEADER_OFFSET);
}

/* An ELF file has no header to copy.  The kernel only reads these fields of it. */
static void make_header(struct pvl_linux_input *in)
{
	memset(in->header, 0, sizeof(in->header));
	pvl_store_le16(at(in, PVHLOAD_SETUP_VID_MODE), NORMAL_MODE);
	pvl_store_le16(at(in, PVHLOAD_SETUP_BOOT_FLAG), PVHLOAD_SETUP_BOOT_FLAG_VALUE);
	pvl_store_le32(at(in, PVHLOAD_SETUP_MAGIC), PVHLOAD_SETUP_MAGIC_VALUE);
	pvl_store_le16(at(in, PVHLOAD_SETUP_VERSION), PVL_PROTOCOL_2_15);
	*at(in, PVHLOAD_SETUP_LOADFLAGS) = PVHLOAD_LOADFLAG_LOADED_HIGH;
	in->header_size = PVHLOAD_SETUP_HEADER_END - PVHLOAD_SETUP_HEADER_OFFSET;
	in->header_made = true;
}

enum pvhload_status pvl_linux_read_header(struct pvl_linux_input *in, const uint8_t *bytes,
					  size_t size, struct pvhload_error *err)
{
	struct pvl_setup_header h;
	uint32_t end;

	if (!bytes) {
		make_header(in);
		in->cmdline_max = PVHLOAD_LINUX_COMMAND_LINE_SIZE - 1;
		return PVHLOAD_OK;
	}
	in->header_size = size < sizeof(in->header) ? size : sizeof(in->header);
	memcpy(in->header, bytes, in->header_size);
	h = pvl_linux_header(in);
	end = pvl_setup_end(&h);
	if (end == 0 || end - PVHLOAD_SETUP_HEADER_OFFSET > h.bytes.size)
		return pvl_fail(err, PVHLOAD_E_MALFORMED, PVL_ANYWHERE,
				"a setup_header of %zu bytes whose jump has it end at 0x%" PRIx32
				", not between 0x%x and its last byte",
				size, end, PVHLOAD_SETUP_LOADFLAGS);
	in->header_size = end - PVHLOAD_SETUP_HEADER_OFFSET;
	h = pvl_linux_header(in);
	if (pvl_setup_field_of_any(&h, PVHLOAD_SETUP_BOOT_FLAG) != PVHLOAD_SETUP_BOOT_FLAG_VALUE ||
	    pvl_setup_field_of_any(&h, PVHLOAD_SETUP_MAGIC) != PVHLOAD_SETUP_MAGIC_VALUE)
		return pvl_fail(err, PVHLOAD_E_MALFORMED, PVL_ANYWHERE,
				"the setup_header has no boot_flag 0xaa55 or no \"HdrS\"");
	in->cmdline_max =
		(uint32_t)pvl_min_u64(pvl_setup_cmdline_max(&h), PVHLOAD_LINUX_CMDLINE_LENGTH_MAX);
	return PVHLOAD_OK;
}

static enum pvhload_status check_params(const struct pvhload_linux_params *caller,
					struct pvhload_linux_params *ret, struct pvhload_error *err)
{
	if (!pvl_sized_in(ret, sizeof(*ret), caller, PVL_V1_LINUX_PARAMS) || !ret->memmap ||
	    (ret->setup_data_count > 0 && !ret->setup_data) ||
	    (ret->flags & ~PVHLOAD_LINUX_ENTRY32) != 0 || ret->reserved != 0)
		return pvl_fail(err, PVHLOAD_E_USAGE, PVL_ANYWHERE,
				"the parameters are NULL or have a wrong size, no memory map, no "
				"setup_data for their count, or an unknown flag");
	return pvl_memmap_check(ret->memmap, err);
}

enum pvhload_status pvl_linux_input(const struct pvhload_linux_params *caller, bool not_linux,
				    struct pvl_linux_node *nodes, struct pvl_linux_input *in,
				    struct pvhload_error *err)
{
	struct pvhload_linux_params params;

	PVL_TRY(check_params(caller, &params, err));
	PVL_TRY(pvl_linux_read_header(in, params.setup_header, params.setup_header_size, err));
	in->cmdline = params.cmdline ? params.cmdline : "";
	in->memmap = params.memmap->entries;
	in->memmap_count = params.memmap->count;
	in->rsdp_gpa = params.rsdp_gpa;
	in->has_framebuffer = params.framebuffer != NULL;
	if (in->has_framebuffer)
		PVL_TRY(pvl_framebuffer_open(params.framebuffer, &in->framebuffer, err));
	in->efi_info = params.efi_info;
	in->loadflags = params.loadflags;
	in->not_linux = not_linux;
	in->type_of_loader =
		params.type_of_loader ? params.type_of_loader : PVHLOAD_LINUX_LOADER_UNDEFINED;
	in->initrd_gpa = params.initrd_gpa;
	in->initrd_size = params.initrd_size;
	PVL_TRY(pvl_linux_open_nodes(in, params.setup_data, params.setup_data_count, nodes, err));
	return pvl_linux_check(in, err);
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
	const uint16_t version = pvl_linux_header(in).version;
	const bool has_list = in->node_count > 0 || in->memmap_count > PVHLOAD_E820_TABLE_MAX;
	const char *what = version < PVL_PROTOCOL_2_02 && in->cmdline[0] != '\0'
				   ? "a command line by pointer, which came with 2.02"
			   : version < PVL_PROTOCOL_2_09 && has_list
				   ? "setup_data, which came with 2.09"
			   : version < PVL_PROTOCOL_2_15 && has_indirect(in)
				   ? "setup_data by setup_indirect, which came with 2.15"
				   : NULL;

	if (!what)
		return PVHLOAD_OK;
	return pvl_fail(err, PVHLOAD_E_PROTOCOL, PVL_ANYWHERE,
			"the kernel's boot protocol %u.%02u cannot take %s", version >> 8,
			version & 0xffu, what);
}

static enum pvhload_status check_entries(const struct pvl_linux_input *in,
					 struct pvhload_error *err)
{
	if (!in->not_linux) {
		PVL_TRY(pvl_check_linux_fewest(in->memmap_count, err));
		return pvl_check_linux_entries(in->memmap_count, PVHLOAD_LINUX_MEMMAP_MAX,
					       "the zero page", err);
	}
	if (in->memmap_count > PVHLOAD_LINUX_MEMMAP_MAX)
		return pvl_fail(err, PVHLOAD_E_MEMMAP, PVL_ANYWHERE,
				"the memory map has %zu entries; the limit is %u: %zu too many",
				in->memmap_count, PVHLOAD_LINUX_MEMMAP_MAX,
				in->memmap_count - PVHLOAD_LINUX_MEMMAP_MAX);
	return PVHLOAD_OK;
}

static enum pvhload_status check_low_ram(const struct pvl_linux_input *in,
					 struct pvhload_error *err)
{
	return in->not_linux ? PVHLOAD_OK
			     : pvl_check_linux_low_ram(in->memmap, in->memmap_count, err);
}

static enum pvhload_status check_cmdline(const struct pvl_linux_input *in,
					 struct pvhload_error *err)
{
	return pvl_check_cmdline_length(in->cmdline, in->cmdline_max, in->header_made, err);
}

static enum pvhload_status check_init_args(const struct pvl_linux_input *in,
					   struct pvhload_error *err)
{
	return in->not_linux ? PVHLOAD_OK : pvl_check_init_args(in->cmdline, err);
}

static enum pvhload_status check_screen(const struct pvl_linux_input *in, struct pvhload_error *err)
{
	if (!in->has_framebuffer || in->framebuffer.type != PVHLOAD_FRAMEBUFFER_LINEAR)
		return PVHLOAD_OK;
	return pvl_framebuffer_check_map(&in->framebuffer, in->memmap, in->memmap_count, err);
}

const struct pvl_linux_rule pvl_linux_rules[PVL_LINUX_RULES] = {
	{ PVHLOAD_PART_MEMMAP, check_entries },
	{ PVHLOAD_PART_MEMMAP, check_low_ram },
	{ PVHLOAD_PART_CMDLINE, check_cmdline },
	{ PVHLOAD_PART_CMDLINE, check_init_args },
	{ PVHLOAD_PART_SETUP_DATA, pvl_linux_check_nodes },
	{ 0, check_version },
	{ PVHLOAD_PART_MEMMAP, check_screen },
};

enum pvhload_status pvl_linux_check(const struct pvl_linux_input *in, struct pvhload_error *err)
{
	if ((in->loadflags & ~LOADFLAGS_OPEN) != 0)
		return pvl_fail(err, PVHLOAD_E_USAGE, PVL_ANYWHERE,
				"load flags 0x%" PRIx32
				" are not the caller's to set: 0x%x may be (KASLR and QUIET)",
				in->loadflags, LOADFLAGS_OPEN);
	if (in->type_of_loader > 0xff)
		return pvl_fail(err, PVHLOAD_E_USAGE, PVL_ANYWHERE,
				"type_of_loader 0x%" PRIx32 " has more than one byte",
				in->type_of_loader);
	for (size_t i = 0; i < PVL_LINUX_RULES; i++)
		PVL_TRY(pvl_linux_rules[i].check(in, err));
	return PVHLOAD_OK;
}

struct pvl_linux_reach pvl_linux_reach(const struct pvl_linux_input *in, bool entry64)
{
	const struct pvl_setup_header h = pvl_linux_header(in);
	const uint64_t xloadflags = pvl_setup_field(&h, PVHLOAD_SETUP_XLOADFLAGS);
	const uint64_t initrd_max = pvl_setup_initrd_max(&h);
	struct pvl_linux_reach reach = { .initrd_limit = PVL_4GIB,
					 .initrd_limit_name = PVL_4GIB_NAME };

	reach.above =
		entry64 && (in->header_made || xloadflags & PVHLOAD_XLF_CAN_BE_LOADED_ABOVE_4G);
	reach.limit = reach.above ? UINT64_MAX : PVL_4GIB;
	reach.limit_name = reach.above ? "2^64" : PVL_4GIB_NAME;

	/* An ELF file has no xloadflags to say so, but its 64-bit entry takes 64-bit addresses. */
	if (in->header_made)
		return reach;
	reach.initrd_limit = pvl_min_u64(initrd_max + 1, PVL_4GIB);
	snprintf(reach.initrd_limit_name, sizeof(reach.initrd_limit_name),
		 "initrd_addr_max, 0x%" PRIx64, initrd_max);
	return reach;
}
