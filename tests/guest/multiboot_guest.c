/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * The Multiboot guest: the state it is entered in, and all fields of the information of either version.  It asks no
 * reader of the library's, and goes by the loader's word for where things are.
 *
 * Layouts: GNU Multiboot Specification 0.6.96, 3.3; Multiboot2 Specification 2.0, 3.6.
 */
#include "guest.h"

#define ENTERED1 0x2badb002
#define ENTERED2 0x36d76289

#define LAPIC_VERSION 0xfee00030u /* high up, and the same for all who ask */

static uint32_t word(uint32_t gpa)
{
	return *(volatile const uint32_t *)(uintptr_t)gpa;
}

static uint64_t wide(uint32_t gpa)
{
	return word(gpa) | (uint64_t)word(gpa + 4) << 32;
}

static void text_line(const char *name, uint32_t gpa)
{
	text(name);
	text(" ");
	text((const char *)(uintptr_t)gpa);
	text("\n");
}

/* A segment is flat if it reaches by its own address what DS does, also high up. */
#define PRINT_FLAT(segment)                                                                       \
	do {                                                                                      \
		uint32_t low_, high_;                                                             \
		__asm__ volatile("movl %%" segment ":(%1), %0" : "=r"(low_) : "r"(&entry_state)); \
		__asm__ volatile("movl %%" segment ":(%1), %0"                                    \
				 : "=r"(high_)                                                    \
				 : "r"(LAPIC_VERSION));                                           \
		line("flat." segment, low_ == word((uint32_t)(uintptr_t)&entry_state) &&          \
					      high_ == word(LAPIC_VERSION));                      \
	} while (0)

static void print_segments(void)
{
	PRINT_FLAT("cs");
	PRINT_FLAT("es");
	PRINT_FLAT("fs");
	PRINT_FLAT("gs");
	PRINT_FLAT("ss");
}

static void print_module(uint32_t start, uint32_t end, uint32_t cmdline)
{
	line("module.start", start);
	line("module.size", end - start);
	line("module.crc", crc32(at(start), end - start));
	text_line("module.cmdline", cmdline);
}

static void print_range(uint32_t gpa)
{
	line("mmap.addr", wide(gpa));
	line("mmap.length", wide(gpa + 8));
	line("mmap.type", word(gpa + 16));
}

static void print_modules1(uint32_t info)
{
	const uint32_t count = word(info + 20);

	line("mods_count", count);
	for (uint32_t i = 0; i < count; i++) {
		const uint32_t module = word(info + 24) + 16 * i;

		print_module(word(module), word(module + 4), word(module + 8));
		line("module.reserved", word(module + 12));
	}
}

static void print_map1(uint32_t info)
{
	const uint32_t map = word(info + 48), end = map + word(info + 44);

	for (uint32_t entry = map; entry < end; entry += word(entry) + 4) {
		line("mmap.size", word(entry));
		print_range(entry + 4);
	}
}

static void print1(uint32_t info)
{
	line("flags", word(info));
	line("mem_lower", word(info + 4));
	line("mem_upper", word(info + 8));
	if (word(info) & 0x4)
		text_line("cmdline", word(info + 16));
	if (word(info) & 0x8)
		print_modules1(info);
	if (word(info) & 0x40)
		print_map1(info);
	if (word(info) & 0x200)
		text_line("loader", word(info + 64));
}

static void print_map2(uint32_t tag)
{
	line("mmap.entry_size", word(tag + 8));
	line("mmap.version", word(tag + 12));
	for (uint32_t at = 16; at < word(tag + 4); at += word(tag + 8))
		print_range(tag + at);
}

static void print_tag(uint32_t tag)
{
	switch (word(tag)) {
	case 1:
		text_line("cmdline", tag + 8);
		break;
	case 2:
		text_line("loader", tag + 8);
		break;
	case 3:
		print_module(word(tag + 8), word(tag + 12), tag + 16);
		break;
	case 4:
		line("mem_lower", word(tag + 8));
		line("mem_upper", word(tag + 12));
		break;
	case 6:
		print_map2(tag);
		break;
	case 14:
	case 15:
		bytes("rsdp", at(tag + 8), word(tag + 4) - 8);
		break;
	case 21:
		line("load_base", word(tag + 8));
		break;
	}
}

static void print2(uint32_t info)
{
	uint32_t tag = info + 8;

	line("total_size", word(info));
	line("reserved", word(info + 4));
	for (; word(tag) != 0; tag += (word(tag + 4) + 7) & ~7u) {
		line("tag", word(tag));
		line("tag.at", tag % 8);
		print_tag(tag);
	}
	line("end.size", word(tag + 4));
	line("end.at", tag + 8 - info);
}

void guest_main(void)
{
	print_state();
	print_segments();
	print_image();
	if (entry_state.eax == ENTERED1)
		print1(entry_state.ebx);
	else if (entry_state.eax == ENTERED2)
		print2(entry_state.ebx);
	end();
}
