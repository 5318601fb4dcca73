/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * The Linux guests, 32-bit and 64-bit: the zero page and everything that it leads to, and what the
 * page tables reach.  Offsets are Linux's (Documentation/arch/x86/zero-page.rst and boot.rst), written
 * down here again so that they are not the library's own.
 */
#include "guest.h"

#define SETUP_E820_EXT 1u
#define SETUP_INDIRECT 0x80000000u
#define NODES_MAX      64u
#define E820_MAX       128u
#define E820_ENTRY     20u
#define CMDLINE_WINDOW 2048u
#define ZERO_PAGE_SIZE 4096u

/* By this, auto takes its ELF entry for Linux's. */
__attribute__((used)) static const char banner[] = "Linux version 0, a test guest";

#pragma GCC visibility push(hidden)
extern const uint8_t image_start[], image_end[]; /* from the linker script */
#pragma GCC visibility pop

/* Fields that are numbers, by name, offset and size. */
static const struct field {
	char name[25];
	uint8_t size;
	uint16_t offset;
} fields[] = {
	{ "acpi_rsdp_addr", 8, 0x070 },
	{ "ext_ramdisk_image", 4, 0x0c0 },
	{ "ext_ramdisk_size", 4, 0x0c4 },
	{ "ext_cmd_line_ptr", 4, 0x0c8 },
	{ "cc_blob_address", 4, 0x13c },
	{ "alt_mem_k", 4, 0x1e0 },
	{ "e820_entries", 1, 0x1e8 },
	{ "sentinel", 1, 0x1ef },
	{ "setup_sects", 1, 0x1f1 },
	{ "root_flags", 2, 0x1f2 },
	{ "syssize", 4, 0x1f4 },
	{ "vid_mode", 2, 0x1fa },
	{ "root_dev", 2, 0x1fc },
	{ "boot_flag", 2, 0x1fe },
	{ "header", 4, 0x202 },
	{ "version", 2, 0x206 },
	{ "type_of_loader", 1, 0x210 },
	{ "loadflags", 1, 0x211 },
	{ "code32_start", 4, 0x214 },
	{ "ramdisk_image", 4, 0x218 },
	{ "ramdisk_size", 4, 0x21c },
	{ "heap_end_ptr", 2, 0x224 },
	{ "ext_loader_ver", 1, 0x226 },
	{ "ext_loader_type", 1, 0x227 },
	{ "cmd_line_ptr", 4, 0x228 },
	{ "initrd_addr_max", 4, 0x22c },
	{ "kernel_alignment", 4, 0x230 },
	{ "relocatable_kernel", 1, 0x234 },
	{ "min_alignment", 1, 0x235 },
	{ "xloadflags", 2, 0x236 },
	{ "cmdline_size", 4, 0x238 },
	{ "hardware_subarch", 4, 0x23c },
	{ "hardware_subarch_data", 8, 0x240 },
	{ "payload_offset", 4, 0x248 },
	{ "payload_length", 4, 0x24c },
	{ "setup_data", 8, 0x250 },
	{ "pref_address", 8, 0x258 },
	{ "init_size", 4, 0x260 },
	{ "handover_offset", 4, 0x264 },
	{ "kernel_info_offset", 4, 0x268 },
};

/* Ranges of the zero page that are printed, one way or another; the rest should be 0. */
static const uint16_t known[][2] = {
	{ 0x000, 0x040 },                                                       /* screen_info */
	{ 0x070, 0x078 }, { 0x0c0, 0x0cc }, { 0x13c, 0x140 }, { 0x1c0, 0x1e0 }, /* efi_info */
	{ 0x1e0, 0x1e9 }, /* with scratch, which the 32-bit entry's code has used */
	{ 0x1ef, 0x1f0 }, { 0x1f1, 0x290 }, /* setup_header */
	{ 0x2d0, 0xcd0 },                   /* e820_table */
};

static uint64_t number(const uint8_t *p, unsigned size)
{
	uint64_t value = 0;

	while (size-- > 0)
		value = value << 8 | p[size];
	return value;
}

/* "reach.NAME ADDRESS PAGE": in what size of page the address is, 0 for none. */
static void print_reach(const char *name, uint64_t gpa)
{
	if (sizeof(void *) == 4)
		return; /* without paging there is nothing to find out */
	text("reach.");
	text(name);
	text(" ");
	hex(gpa);
	text(" ");
	hex(reach(gpa));
	text("\n");
}

static void print_fields(const uint8_t *page)
{
	uint32_t other = 0;

	for (unsigned i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
		line(fields[i].name, number(page + fields[i].offset, fields[i].size));
	for (unsigned i = 0; i < ZERO_PAGE_SIZE; i++) {
		int is_known = 0;

		for (unsigned k = 0; k < sizeof(known) / sizeof(known[0]); k++)
			is_known |= i >= known[k][0] && i < known[k][1];
		other += !is_known && page[i] != 0;
	}
	line("other_bytes", other);
	line("screen_info.crc", crc32(page + 0x000, 0x40));
	line("efi_info.crc", crc32(page + 0x1c0, 0x20));
	bytes("header.bytes", page + 0x1f1, 0x290 - 0x1f1);
}

static void print_e820(const uint8_t *entries, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++, entries += E820_ENTRY) {
		line("e820.addr", number(entries, 8));
		line("e820.size", number(entries + 8, 8));
		line("e820.type", number(entries + 16, 4));
	}
}

static void print_cmdline(const uint8_t *page)
{
	const uint64_t gpa = number(page + 0x228, 4) | number(page + 0x0c8, 4) << 32;
	const uint8_t *s = at(gpa);
	uint64_t length = 0;

	line("cmdline.gpa", gpa);
	line("cmdline.reachable", (uint64_t)reachable(gpa, CMDLINE_WINDOW));
	print_reach("cmdline", gpa);
	if (gpa == 0 || !reachable(gpa, CMDLINE_WINDOW))
		return;
	while (length < CMDLINE_WINDOW && s[length] != 0)
		length++;
	line("cmdline.length", length);
	if (length == CMDLINE_WINDOW)
		return; /* no end where Linux looks for one */
	text("cmdline ");
	text((const char *)s);
	text("\n");
}

static void print_indirect(const uint8_t *data)
{
	const uint64_t len = number(data + 8, 8), gpa = number(data + 16, 8);

	line("indirect.type", number(data, 4));
	line("indirect.reserved", number(data + 4, 4));
	line("indirect.len", len);
	line("indirect.addr", gpa);
	line("indirect.reachable", (uint64_t)reachable(gpa, len));
	if (reachable(gpa, len))
		line("indirect.crc", crc32(at(gpa), len));
}

static void print_setup_data(uint64_t gpa)
{
	for (unsigned i = 0; i < NODES_MAX && gpa != 0; i++) {
		const uint8_t *node = at(gpa);
		uint32_t type, len;

		line("setup_data.gpa", gpa);
		print_reach("setup_data", gpa);
		if (!reachable(gpa, 16))
			return;
		type = (uint32_t)number(node + 8, 4);
		len = (uint32_t)number(node + 12, 4);
		line("setup_data.type", type);
		line("setup_data.len", len);
		line("setup_data.reachable", (uint64_t)reachable(gpa, UINT64_C(16) + len));
		if (!reachable(gpa, UINT64_C(16) + len))
			return;
		line("setup_data.crc", crc32(node + 16, len));
		if (type == SETUP_E820_EXT)
			print_e820(node + 16, len / E820_ENTRY);
		if (type == SETUP_INDIRECT && len >= 24)
			print_indirect(node + 16);
		gpa = number(node, 8);
	}
	line("setup_data.end", gpa);
}

/* Fixed addresses, and those that everything of ours is at. */
static void print_reaches(uint64_t gpa, const uint8_t *page)
{
	const uint64_t start = (uintptr_t)image_start, last = (uintptr_t)image_end - 1;
	const uint64_t preferred = number(page + 0x258, 8), init_size = number(page + 0x260, 4);
	const uint64_t runtime = start > preferred ? start : preferred;

	print_reach("zero", 0);
	print_reach("last_below_1m", 0xff000);
	print_reach("zero_page", gpa);
	print_reach("gdt", entry_state.gdt.base);
	print_reach("start", start);
	print_reach("end", last);
	if (init_size > 0)
		print_reach("runtime_end", runtime + init_size - 1);
	print_reach("last_below_4g", 0xfffff000);
	print_reach("4g", UINT64_C(0x100000000));
}

static void print_initrd(const uint8_t *page)
{
	const uint64_t gpa = number(page + 0x218, 4) | number(page + 0x0c0, 4) << 32;
	const uint64_t size = number(page + 0x21c, 4) | number(page + 0x0c4, 4) << 32;

	line("initrd.gpa", gpa);
	line("initrd.size", size);
	print_reach("initrd", gpa);
	if (size == 0)
		return;
	map_everything(); /* the kernel maps it itself, too */
	if (sizeof(void *) == 8 || reachable(gpa, size))
		line("initrd.crc", crc32(at(gpa), size));
}

void guest_main(void)
{
#ifdef __x86_64__
	const uint64_t gpa = entry_state.rsi;
#else
	const uint64_t gpa = entry_state.esi;
#endif
	const uint8_t *page = at(gpa);

	print_state();
	print_image();
	line("image_start", (uintptr_t)image_start);
	line("zero_page.gpa", gpa);
	line("zero_page.reachable", (uint64_t)reachable(gpa, ZERO_PAGE_SIZE));
	if (reachable(gpa, ZERO_PAGE_SIZE)) {
		const uint8_t entries = page[0x1e8];

		print_fields(page);
		print_e820(page + 0x2d0, entries < E820_MAX ? entries : E820_MAX);
		print_cmdline(page);
		print_setup_data(number(page + 0x250, 8));
		print_reaches(gpa, page);
		print_initrd(page);
	}
	end();
}
