/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * ABI source: Linux, arch/x86/include/asm/bootparam_utils.h (the sentinel), arch/x86/kernel/setup.c
 * (type_of_loader, setup_data), arch/x86/boot/compressed/head_64.S (init_size, kernel_alignment).
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "decode.h"
#include "decode_warn.h"

static uint32_t get32(const struct pvhload_linux_view *view, uint32_t offset)
{
	return (uint32_t)decode_field(view, offset, 4);
}

/* A header without any word of a kernel's is one that was made for an ELF file. */
static bool is_made(const struct pvhload_linux_view *view)
{
	return view->boot_protocol >= 0x20a && get32(view, PVHLOAD_SETUP_INIT_SIZE) == 0 &&
	       get32(view, PVHLOAD_SETUP_ALIGNMENT) == 0 &&
	       get32(view, PVHLOAD_SETUP_CMDLINE_SIZE) == 0 &&
	       get32(view, PVHLOAD_SETUP_INITRD_ADDR_MAX) == 0;
}

static void warn_of_page(const struct pvhload_linux_view *view, struct warnings *w)
{
	const bool high = get32(view, PVHLOAD_ZERO_EXT_RAMDISK_IMAGE) != 0 ||
			  get32(view, PVHLOAD_ZERO_EXT_RAMDISK_SIZE) != 0 ||
			  get32(view, PVHLOAD_ZERO_EXT_CMD_LINE_PTR) != 0;
	const bool no_alignment =
		view->boot_protocol >= 0x205 && get32(view, PVHLOAD_SETUP_ALIGNMENT) == 0;
	const uint32_t size = get32(view, PVHLOAD_SETUP_INIT_SIZE);
	const uint32_t payload = get32(view, PVHLOAD_SETUP_PAYLOAD_LENGTH);
	const bool no_size = view->boot_protocol >= 0x20a && size == 0;

	if (view->sentinel != 0)
		warn(w,
		     "the sentinel is 0x%" PRIx32 ", not 0: Linux takes the page for a copied file "
		     "and wipes most of it%s%s",
		     view->sentinel, view->rsdp_gpa ? "; the RSDP's address is lost" : "",
		     high ? "; addresses and sizes of 4 GiB or more lose their high halves" : "");
	if (view->type_of_loader == 0 && view->initrd_size > 0)
		warn(w, "type_of_loader is 0: Linux ignores the initrd");
	if ((no_alignment || no_size) && !is_made(view))
		warn(w,
		     "%s%s%s 0: a bzImage that unpacks itself takes that from here and dies without a "
		     "word",
		     no_alignment ? "kernel_alignment" : "", no_alignment && no_size ? " and " : "",
		     !no_size       ? " is"
		     : no_alignment ? "init_size are"
				    : "init_size is");
	if (view->boot_protocol >= 0x20a && !no_size && size < payload)
		warn(w,
		     "init_size is 0x%" PRIx32 ", 0x%" PRIx32
		     " less than payload_length, 0x%" PRIx32
		     ": a bzImage that unpacks itself there dies without a word",
		     size, payload - size, payload);
}

/* What Linux looks for in a node alone: see PVHLOAD_SETUP_DATA_INDIRECT. */
static bool is_direct_only(uint32_t type)
{
	return type == PVHLOAD_SETUP_RNG_SEED || type == PVHLOAD_SETUP_DTB ||
	       type == PVHLOAD_SETUP_EFI || type == PVHLOAD_SETUP_KEXEC_KHO ||
	       type == PVHLOAD_SETUP_E820_EXT;
}

/* The library's own rules on what is in the list, one node after the other. */
static void warn_of_nodes(const struct pvhload_linux_view *view, struct warnings *w)
{
	static const uint8_t stand_in[1];
	const struct pvhload_memory mem = warn_memory(warn_good_map());
	struct pvhload_linux_setup_data list[PVHLOAD_LINUX_SETUP_DATA_MAX];
	struct pvhload_source sources[PVHLOAD_LINUX_SETUP_DATA_MAX];
	struct pvhload_linux_params params = PVHLOAD_LINUX_PARAMS_INIT;
	struct pvhload_error err = PVHLOAD_ERROR_INIT;

	params.memmap = warn_good_map();
	params.setup_data = list;
	for (size_t i = 0; i < view->setup_data_count && i < PVHLOAD_LINUX_SETUP_DATA_MAX; i++) {
		const struct pvhload_linux_node *node = view->setup_data[i];
		const bool judged =
			node->data && !node->indirect && node->type != PVHLOAD_SETUP_NONE &&
			node->type != PVHLOAD_SETUP_E820_EXT && node->type < PVHLOAD_SETUP_INDIRECT;

		if (node->indirect && is_direct_only(node->type))
			warn(w,
			     "setup_data %zu (%s): behind a setup_indirect, Linux does not see it",
			     i, pvhload_setup_data_name(node->type));
		/* Those before it are no more than their number: it keeps its own. */
		list[i] = (struct pvhload_linux_setup_data)PVHLOAD_LINUX_SETUP_DATA_INIT;
		list[i].source = &sources[i];
		list[i].type = judged ? node->type : PVHLOAD_SETUP_INDIRECT - 1;
		sources[i] = judged ? pvhload_source_buffer(node->data, (size_t)node->size)
				    : pvhload_source_buffer(stand_in, 1);
		params.setup_data_count = i + 1;
		if (judged && pvhload_linux_write(&mem, NULL, &params, &err) != PVHLOAD_OK)
			warn(w, "%s", err.message);
		list[i].type = PVHLOAD_SETUP_INDIRECT - 1;
		sources[i] = pvhload_source_buffer(stand_in, 1);
	}
}

/* The kernel's own setup_header; its jump, which only the file needs, may be missing. */
static void take_header(const struct pvhload_linux_view *view,
			uint8_t header[PVHLOAD_SETUP_HEADER_ROOM],
			struct pvhload_linux_params *params)
{
	uint8_t *jump = header + (PVHLOAD_SETUP_JUMP - PVHLOAD_SETUP_HEADER_OFFSET);

	if (is_made(view))
		return;
	memcpy(header, view->zero_page + PVHLOAD_SETUP_HEADER_OFFSET, PVHLOAD_SETUP_HEADER_ROOM);
	jump[0] = 0xeb;
	jump[1] = PVHLOAD_SETUP_HEADER_END - PVHLOAD_SETUP_MAGIC;
	params->setup_header = header;
	params->setup_header_size = PVHLOAD_SETUP_HEADER_ROOM;
}

/* The memory map, and the length of the command line. */
static void warn_of_content(const struct pvhload_linux_view *view, struct warnings *w)
{
	const bool has_map = (view->incomplete & PVHLOAD_PART_MEMMAP) == 0;
	const struct pvhload_memory mem = warn_memory(warn_good_map());
	struct pvhload_linux_params params = PVHLOAD_LINUX_PARAMS_INIT;
	struct pvhload_error err = PVHLOAD_ERROR_INIT;
	uint8_t header[PVHLOAD_SETUP_HEADER_ROOM];

	params.memmap = view->memmap;
	if (has_map && view->memmap->count == 0)
		warn(w, "there is no memory map: Linux makes one up, and panics");
	else if (has_map && pvhload_linux_write(&mem, NULL, &params, &err) != PVHLOAD_OK)
		warn(w, "%s", err.message);
	params.memmap = warn_good_map();
	if ((view->incomplete & PVHLOAD_PART_CMDLINE) == 0)
		params.cmdline = view->cmdline;
	take_header(view, header, &params);
	if (pvhload_linux_write(&mem, NULL, &params, &err) != PVHLOAD_OK)
		warn(w, "%s", err.message);
}

/* Where page, command line and initrd are: in any RAM, if not all of the map is there. */
static void warn_of_places(const struct pvhload_linux_view *view, uint64_t gpa, struct warnings *w)
{
	const bool has_map = (view->incomplete & PVHLOAD_PART_MEMMAP) == 0;
	const bool has_cmdline =
		view->cmdline_gpa != 0 && (view->incomplete & PVHLOAD_PART_CMDLINE) == 0;
	struct pvhload_linux_layout layout = PVHLOAD_LINUX_LAYOUT_INIT;
	struct pvhload_linux_params params = PVHLOAD_LINUX_PARAMS_INIT;
	struct pvhload_error err = PVHLOAD_ERROR_INIT;
	uint8_t header[PVHLOAD_SETUP_HEADER_ROOM];
	struct pvhload_memmap ram;
	struct pvhload_memory mem;

	if (!warn_ram(has_map ? view->memmap : NULL, has_cmdline ? NULL : &layout.cmdline_gpa,
		      &ram))
		return;
	mem = warn_memory(&ram);
	layout.zero_page_gpa = gpa;
	if (has_cmdline)
		layout.cmdline_gpa = view->cmdline_gpa;
	params.memmap = warn_good_map(); /* the rules on content have had their say */
	params.initrd_gpa = view->initrd_gpa;
	params.initrd_size = view->initrd_size;
	params.rsdp_gpa = view->rsdp_gpa;
	take_header(view, header, &params);
	if (pvhload_linux_write(&mem, &layout, &params, &err) != PVHLOAD_OK)
		warn(w, "%s", err.message);
	free(ram.entries);
}

void warn_of_zero_page(const struct pvhload_linux_view *view, const struct pvhload_memory *mem,
		       uint64_t gpa, struct warnings *w)
{
	warn_of_problems(w, view->problems, view->problem_count);
	warn_of_page(view, w);
	warn_of_content(view, w);
	warn_of_nodes(view, w);
	if (view->memmap->count > 0 || (view->incomplete & PVHLOAD_PART_MEMMAP) != 0)
		warn_of_places(view, gpa, w);
	warn_of_overlaps(view, mem, gpa, w);
}
