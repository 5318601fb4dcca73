/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/**
 * @file
 * What a kernel was given, as lines of text.
 *
 * For kernels: freestanding, every function inline.  The caller has a function that puts one character where it can be
 * read, a serial port for one.  Each line is a name and its value; numbers are in hex, and a line of a list has
 * several of them:
 *
 *     version 0x1
 *     cmdline console=ttyS0
 *     module ADDRESS SIZE COMMAND-LINE
 *     memmap ADDRESS SIZE TYPE
 *
 * Strings are in arrays, not by pointers, so that a kernel that runs elsewhere than it was linked can print.
 *
 * @par Ownership and threads
 * Nothing is kept.  Characters are put by the thread that calls.
 *
 * @since 0.3
 */
#ifndef PVHLOAD_GUEST_PRINT_H
#define PVHLOAD_GUEST_PRINT_H

#include <pvhload/guest_reach.h>
#include <pvhload/guest_setup_data.h>
#include <pvhload/guest_start_info.h>
#include <pvhload/guest_zero_page.h>

PVHLOAD_BEGIN_DECLS

/** Where characters go. */
struct pvhload_guest_printer {
	void (*put)(void *context,
		    char c); /**< called for each character; a line ends with "\n" alone */
	void *context;       /**< passed to it */
};

/**
 * Put a text.
 *
 * @param[in] to    Where it goes.
 * @param[in] text  The text.
 */
static inline void pvhload_guest_print_text(const struct pvhload_guest_printer *to,
					    const char *text)
{
	while (*text)
		to->put(to->context, *text++);
}

/**
 * Put a text that the loader brought: " (none)" if there is none, and a full stop for what is no character of ASCII.
 *
 * @param[in] to    Where it goes, after a space.
 * @param[in] text  The text, or NULL.
 */
static inline void pvhload_guest_print_told(const struct pvhload_guest_printer *to,
					    const char *text)
{
	if (!text)
		text = "(none)";
	to->put(to->context, ' ');
	for (; *text; text++)
		to->put(to->context, (char)(*text >= ' ' && *text <= '~' ? *text : '.'));
}

/**
 * Put a number: a space, 0x and its digits.
 *
 * @param[in] to      Where it goes.
 * @param[in] number  The number.
 */
static inline void pvhload_guest_print_number(const struct pvhload_guest_printer *to,
					      uint64_t number)
{
	unsigned int shift = 60;

	pvhload_guest_print_text(to, " 0x");
	while (shift > 0 && number >> shift == 0)
		shift -= 4;
	for (;; shift -= 4) {
		to->put(to->context, "0123456789abcdef"[number >> shift & 0xf]);
		if (shift == 0)
			return;
	}
}

/**
 * Put a line: a name and a number.
 *
 * @param[in] to      Where it goes.
 * @param[in] name    The name.
 * @param[in] number  The number.
 */
static inline void pvhload_guest_print_line(const struct pvhload_guest_printer *to,
					    const char *name, uint64_t number)
{
	pvhload_guest_print_text(to, name);
	pvhload_guest_print_number(to, number);
	to->put(to->context, '\n');
}

/**
 * Put a line: a name and a text.
 *
 * @param[in] to    Where it goes.
 * @param[in] name  The name.
 * @param[in] text  The text, or NULL; as pvhload_guest_print_told() puts it.
 */
static inline void pvhload_guest_print_text_line(const struct pvhload_guest_printer *to,
						 const char *name, const char *text)
{
	pvhload_guest_print_text(to, name);
	pvhload_guest_print_told(to, text);
	to->put(to->context, '\n');
}

/**
 * Put a line on how reading ended, if that was not as it should be.
 *
 * @param[in] to      Where it goes.
 * @param[in] name    What was read.
 * @param[in] status  How it ended: there is no line for PVHLOAD_GUEST_OK and PVHLOAD_GUEST_END.
 */
static inline void pvhload_guest_print_status(const struct pvhload_guest_printer *to,
					      const char *name, enum pvhload_guest_status status)
{
	static const char words[][24] = { "not within reach", "not what it should be", "too many",
					  "end beyond 64 bits" };

	if (status <= PVHLOAD_GUEST_END)
		return;
	pvhload_guest_print_text(to, name);
	pvhload_guest_print_text(to, ": ");
	pvhload_guest_print_text(to, words[status - PVHLOAD_GUEST_E_REACH]);
	to->put(to->context, '\n');
}

/**
 * Put a line of a memory map: a name, address, size and type.
 *
 * @param[in] to     Where it goes.
 * @param[in] name   The name.
 * @param[in] range  The range.
 */
static inline void pvhload_guest_print_range(const struct pvhload_guest_printer *to,
					     const char *name,
					     const struct pvhload_guest_range *range)
{
	pvhload_guest_print_text(to, name);
	pvhload_guest_print_number(to, range->addr);
	pvhload_guest_print_number(to, range->size);
	pvhload_guest_print_number(to, range->type);
	to->put(to->context, '\n');
}

/**
 * Print start info's modules and memory map, and what is wrong with either.
 *
 * @param[in] to    Where it goes.
 * @param[in] info  Start info.
 */
static inline void pvhload_guest_print_tables(const struct pvhload_guest_printer *to,
					      const struct pvhload_guest_start_info *info)
{
	struct pvhload_guest_module module;
	struct pvhload_guest_range range;
	enum pvhload_guest_status status;
	uint32_t i;

	for (i = 0; (status = pvhload_guest_read_module(info, i, &module)) == PVHLOAD_GUEST_OK;
	     i++) {
		pvhload_guest_print_text(to, "module");
		pvhload_guest_print_number(to, module.paddr);
		pvhload_guest_print_number(to, module.size);
		pvhload_guest_print_told(to, module.cmdline);
		to->put(to->context, '\n');
	}
	pvhload_guest_print_status(to, "module", status);
	for (i = 0; (status = pvhload_guest_read_memmap(info, i, &range)) == PVHLOAD_GUEST_OK; i++)
		pvhload_guest_print_range(to, "memmap", &range);
	pvhload_guest_print_status(to, "memmap", status);
}

/**
 * Print start info with its modules and memory map.
 *
 * @param[in] to    Where it goes.
 * @param[in] info  Start info.
 */
static inline void pvhload_guest_print_start_info(const struct pvhload_guest_printer *to,
						  const struct pvhload_guest_start_info *info)
{
	pvhload_guest_print_line(to, "start_info", info->gpa);
	pvhload_guest_print_line(to, "version", info->version);
	pvhload_guest_print_line(to, "flags", info->flags);
	pvhload_guest_print_line(to, "nr_modules", info->nr_modules);
	pvhload_guest_print_line(to, "modlist_paddr", info->modlist_paddr);
	pvhload_guest_print_line(to, "cmdline_paddr", info->cmdline_paddr);
	pvhload_guest_print_line(to, "rsdp_paddr", info->rsdp_paddr);
	pvhload_guest_print_line(to, "memmap_paddr", info->memmap_paddr);
	pvhload_guest_print_line(to, "memmap_entries", info->memmap_entries);
	pvhload_guest_print_text_line(to, "cmdline", info->cmdline);
	pvhload_guest_print_tables(to, info);
}

/**
 * Print the zero page's setup header.
 *
 * @param[in] to    Where it goes.
 * @param[in] page  The zero page.
 */
static inline void pvhload_guest_print_header(const struct pvhload_guest_printer *to,
					      const struct pvhload_guest_zero_page *page)
{
	pvhload_guest_print_line(to, "setup_sects", page->setup_sects);
	pvhload_guest_print_line(to, "root_flags", page->root_flags);
	pvhload_guest_print_line(to, "syssize", page->syssize);
	pvhload_guest_print_line(to, "vid_mode", page->vid_mode);
	pvhload_guest_print_line(to, "boot_flag", page->boot_flag);
	pvhload_guest_print_line(to, "jump", page->jump);
	pvhload_guest_print_line(to, "version", page->version);
	pvhload_guest_print_line(to, "kernel_version", page->kernel_version);
	pvhload_guest_print_line(to, "type_of_loader", page->type_of_loader);
	pvhload_guest_print_line(to, "loadflags", page->loadflags);
	pvhload_guest_print_line(to, "code32_start", page->code32_start);
	pvhload_guest_print_line(to, "heap_end_ptr", page->heap_end_ptr);
	pvhload_guest_print_line(to, "initrd_addr_max", page->initrd_addr_max);
	pvhload_guest_print_line(to, "kernel_alignment", page->kernel_alignment);
	pvhload_guest_print_line(to, "relocatable_kernel", page->relocatable_kernel);
	pvhload_guest_print_line(to, "min_alignment", page->min_alignment);
	pvhload_guest_print_line(to, "xloadflags", page->xloadflags);
	pvhload_guest_print_line(to, "cmdline_size", page->cmdline_size);
	pvhload_guest_print_line(to, "payload_offset", page->payload_offset);
	pvhload_guest_print_line(to, "payload_length", page->payload_length);
	pvhload_guest_print_line(to, "setup_data", page->setup_data);
	pvhload_guest_print_line(to, "pref_address", page->pref_address);
	pvhload_guest_print_line(to, "init_size", page->init_size);
	pvhload_guest_print_line(to, "handover_offset", page->handover_offset);
	pvhload_guest_print_line(to, "kernel_info_offset", page->kernel_info_offset);
}

/**
 * Print the zero page's screen_info.
 *
 * @param[in] to    Where it goes.
 * @param[in] page  The zero page.
 */
static inline void pvhload_guest_print_screen(const struct pvhload_guest_printer *to,
					      const struct pvhload_guest_zero_page *page)
{
	struct pvhload_guest_screen screen;

	pvhload_guest_read_screen(page, &screen);
	pvhload_guest_print_line(to, "screen.mode", screen.mode);
	pvhload_guest_print_line(to, "screen.columns", screen.columns);
	pvhload_guest_print_line(to, "screen.lines", screen.lines);
	pvhload_guest_print_line(to, "screen.type", screen.type);
	pvhload_guest_print_line(to, "screen.points", screen.points);
	pvhload_guest_print_line(to, "screen.lfb_width", screen.lfb_width);
	pvhload_guest_print_line(to, "screen.lfb_height", screen.lfb_height);
	pvhload_guest_print_line(to, "screen.lfb_depth", screen.lfb_depth);
	pvhload_guest_print_line(to, "screen.lfb_base", screen.lfb_base);
	pvhload_guest_print_line(to, "screen.lfb_size", screen.lfb_size);
	pvhload_guest_print_line(to, "screen.lfb_stride", screen.lfb_stride);
	pvhload_guest_print_line(to, "screen.red_bits", screen.red_bits);
	pvhload_guest_print_line(to, "screen.red_shift", screen.red_shift);
	pvhload_guest_print_line(to, "screen.green_bits", screen.green_bits);
	pvhload_guest_print_line(to, "screen.green_shift", screen.green_shift);
	pvhload_guest_print_line(to, "screen.blue_bits", screen.blue_bits);
	pvhload_guest_print_line(to, "screen.blue_shift", screen.blue_shift);
	pvhload_guest_print_line(to, "screen.unused_bits", screen.unused_bits);
	pvhload_guest_print_line(to, "screen.unused_shift", screen.unused_shift);
	pvhload_guest_print_line(to, "screen.capabilities", screen.capabilities);
}

/**
 * Print the zero page's setup_data: address, type and size of each node's data, and the ranges of e820 in them.
 *
 * @param[in] to    Where it goes.
 * @param[in] page  The zero page.
 */
static inline void pvhload_guest_print_setup_data(const struct pvhload_guest_printer *to,
						  const struct pvhload_guest_zero_page *page)
{
	struct pvhload_guest_setup_data list;
	struct pvhload_guest_node node;
	struct pvhload_guest_range range;
	enum pvhload_guest_status status, of_range;
	uint32_t i;

	pvhload_guest_begin_setup_data(page, &list);
	while ((status = pvhload_guest_next_setup_data(&list, &node)) == PVHLOAD_GUEST_OK) {
		pvhload_guest_print_text(to, "node");
		pvhload_guest_print_number(to, node.gpa);
		pvhload_guest_print_number(to, node.type);
		pvhload_guest_print_number(to, node.data_type);
		pvhload_guest_print_number(to, node.data_gpa);
		pvhload_guest_print_number(to, node.data_size);
		to->put(to->context, '\n');
		if (!node.data)
			pvhload_guest_print_status(to, "node", PVHLOAD_GUEST_E_REACH);
		for (i = 0;
		     (of_range = pvhload_guest_read_e820_ext(&node, i, &range)) == PVHLOAD_GUEST_OK;
		     i++)
			pvhload_guest_print_range(to, "e820", &range);
		pvhload_guest_print_status(to, "e820", of_range);
	}
	pvhload_guest_print_status(to, "node", status);
}

/**
 * Print the zero page with its header, screen, e820 map and setup_data.
 *
 * @param[in] to    Where it goes.
 * @param[in] page  The zero page.
 */
static inline void pvhload_guest_print_zero_page(const struct pvhload_guest_printer *to,
						 const struct pvhload_guest_zero_page *page)
{
	struct pvhload_guest_range range;
	enum pvhload_guest_status status;
	uint32_t i;

	pvhload_guest_print_line(to, "zero_page", page->gpa);
	pvhload_guest_print_line(to, "acpi_rsdp_addr", page->acpi_rsdp_addr);
	pvhload_guest_print_line(to, "cc_blob_address", page->cc_blob_address);
	pvhload_guest_print_line(to, "alt_mem_k", page->alt_mem_k);
	pvhload_guest_print_line(to, "scratch", page->scratch);
	pvhload_guest_print_line(to, "e820_entries", page->e820_entries);
	pvhload_guest_print_line(to, "secure_boot", page->secure_boot);
	pvhload_guest_print_line(to, "sentinel", page->sentinel);
	pvhload_guest_print_line(to, "ramdisk_image", page->ramdisk_image);
	pvhload_guest_print_line(to, "ramdisk_size", page->ramdisk_size);
	pvhload_guest_print_line(to, "cmd_line_ptr", page->cmd_line_ptr);
	pvhload_guest_print_text_line(to, "cmdline", page->cmdline);
	pvhload_guest_print_header(to, page);
	pvhload_guest_print_screen(to, page);
	for (i = 0; (status = pvhload_guest_read_e820(page, i, &range)) == PVHLOAD_GUEST_OK; i++)
		pvhload_guest_print_range(to, "e820", &range);
	pvhload_guest_print_status(to, "e820", status);
	pvhload_guest_print_setup_data(to, page);
}

PVHLOAD_END_DECLS

#endif
