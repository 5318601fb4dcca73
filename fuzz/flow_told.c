/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* What the library has no readers for: the information of Multiboot, page tables and a firmware, as a guest finds them. */
#include <string.h>

#include "abi/multiboot_layout.h"
#include "flow.h"

#define LOADER    "libpvhload"
#define FOUR_GIB  (UINT64_C(1) << 32)
#define CR4_LA57  (UINT64_C(1) << 12)
#define ADDRESS   UINT64_C(0x000ffffffffff000)
#define LARGE     0x80u
#define PRESENT   0x3u /* and may be written */
#define ALIAS_MAX UINT64_C(0x20000)
#define FLAGS1                                                                                    \
	(PVL_MB1I_FLAG_MEMORY | PVL_MB1I_FLAG_CMDLINE | PVL_MB1I_FLAG_MODS | PVL_MB1I_FLAG_MMAP | \
	 PVL_MB1I_FLAG_LOADER)

static uint64_t word_at(const struct shadow *m, uint64_t gpa, size_t size)
{
	const uint8_t *at = shadow_at(m, gpa, size);

	MUST(at != NULL);
	return peek(at, size);
}

static void is_text(const struct shadow *m, uint64_t gpa, const char *text)
{
	const size_t size = strlen(text) + 1;
	const uint8_t *at = shadow_at(m, gpa, size);

	MUST(at && memcmp(at, text, size) == 0);
}

static void is_cmdline(const struct scene *s, const struct pvhload_plan_info *info,
		       const struct shadow *m, uint64_t gpa)
{
	const char *name = s->multiboot.kernel_name ? s->multiboot.kernel_name : "kernel";
	const char *space = info->cmdline[0] != '\0' ? " " : "";
	char text[SCENE_CMDLINE_MAX + 16];

	MUST(strlen(info->cmdline) < SCENE_CMDLINE_MAX);
	snprintf(text, sizeof(text), "%s%s%s", name, space, info->cmdline);
	is_text(m, gpa, text);
}

/* A module as a guest finds it: @at has its start, its end and its text's address; an initrd, the scene's or a UKI's, is the first of @count. */
static void is_module(const struct scene *s, const struct shadow *m, size_t i, size_t count,
		      const uint64_t at[3])
{
	const size_t initrds = count - s->config.module_count, module = i - initrds;
	const uint64_t size = at[1] - at[0];
	const char *words;

	MUST(i < count && count >= s->config.module_count && initrds <= 1);
	if (i >= initrds) {
		words = s->module_list[module].cmdline;
		MUST(size == s->modules[module].bytes.size);
		is_file(m, at[0], &s->modules[module].bytes);
		is_text(m, at[2], words ? words : "");
		return;
	}
	is_text(m, at[2], "initrd");
	if (scene_initrd_size(s) > 0) {
		MUST(size == scene_initrd_size(s));
		is_initrd(s, m, at[0]);
	}
}

/* Its regions say how many there are. */
static size_t modules_of(const struct pvhload_plan_info *info)
{
	size_t count = 0;

	for (size_t i = 0; i < info->region_count; i++)
		count += info->regions[i]->kind == PVHLOAD_REGION_INITRD ||
			 info->regions[i]->kind == PVHLOAD_REGION_MODULE;
	return count;
}

static void is_entry(const struct pvhload_plan_info *info, const struct shadow *m, size_t i,
		     uint64_t gpa)
{
	const struct pvhload_memmap_entry *e = &info->memmap->entries[i];

	MUST(word_at(m, gpa + PVL_MB2_MMAP_ADDR, 8) == e->gpa);
	MUST(word_at(m, gpa + PVL_MB2_MMAP_LENGTH, 8) == e->size);
	MUST(word_at(m, gpa + PVL_MB2_MMAP_TYPE, 4) == e->type);
}

static void check_multiboot1(const struct scene *s, const struct pvhload_plan_info *info,
			     const struct shadow *m)
{
	const uint64_t at = info->multiboot_info_gpa;
	const uint64_t modules = word_at(m, at + PVL_MB1I_MODS_ADDR, 4);
	const uint64_t map = word_at(m, at + PVL_MB1I_MMAP_ADDR, 4);
	const size_t count = modules_of(info);

	MUST(word_at(m, at + PVL_MB1I_FLAGS, 4) == FLAGS1);
	is_cmdline(s, info, m, word_at(m, at + PVL_MB1I_CMDLINE, 4));
	is_text(m, word_at(m, at + PVL_MB1I_LOADER_NAME, 4), LOADER);
	MUST(word_at(m, at + PVL_MB1I_MODS_COUNT, 4) == count);
	for (size_t i = 0; i < count; i++) {
		const uint64_t module = modules + i * PVL_MB1_MODULE_SIZE;
		const uint64_t words[] = { word_at(m, module + PVL_MB1_MODULE_START, 4),
					   word_at(m, module + PVL_MB1_MODULE_END, 4),
					   word_at(m, module + PVL_MB1_MODULE_CMDLINE, 4) };

		is_module(s, m, i, count, words);
	}
	MUST(word_at(m, at + PVL_MB1I_MMAP_LENGTH, 4) == info->memmap->count * PVL_MB1_MMAP_ENTRY);
	for (size_t i = 0; i < info->memmap->count; i++) {
		const uint64_t entry = map + i * PVL_MB1_MMAP_ENTRY;

		MUST(word_at(m, entry, 4) == PVL_MB1_MMAP_SAYS);
		is_entry(info, m, i, entry + PVL_MB1_MMAP_ADDR);
	}
}

static void check_tag_map(const struct pvhload_plan_info *info, const struct shadow *m,
			  uint64_t tag, uint64_t size)
{
	MUST(size == PVL_MB2I_MMAP_ENTRIES + info->memmap->count * PVL_MB2_MMAP_SIZE);
	for (size_t i = 0; i < info->memmap->count; i++)
		is_entry(info, m, i, tag + PVL_MB2I_MMAP_ENTRIES + i * PVL_MB2_MMAP_SIZE);
}

static void check_tag(const struct scene *s, const struct pvhload_plan_info *info,
		      const struct shadow *m, uint64_t tag, size_t before)
{
	const uint64_t type = word_at(m, tag, 4), size = word_at(m, tag + PVL_MB2I_TAG_SIZE, 4);

	if (type == PVL_MB2I_CMDLINE)
		is_cmdline(s, info, m, tag + PVL_MB2I_TAG_HEADER);
	if (type == PVL_MB2I_LOADER)
		is_text(m, tag + PVL_MB2I_TAG_HEADER, LOADER);
	if (type == PVL_MB2I_MMAP)
		check_tag_map(info, m, tag, size);
	if (type == PVL_MB2I_MODULE) {
		const uint64_t words[] = { word_at(m, tag + PVL_MB2I_MODULE_START, 4),
					   word_at(m, tag + PVL_MB2I_MODULE_END, 4),
					   tag + PVL_MB2I_MODULE_TEXT };

		is_module(s, m, before, modules_of(info), words);
	}
}

/* Tags up to the last, each of them there once, but for the modules. */
static void check_multiboot2(const struct scene *s, const struct pvhload_plan_info *info,
			     const struct shadow *m)
{
	const uint64_t end = info->multiboot_info_gpa + word_at(m, info->multiboot_info_gpa, 4);
	uint64_t tag = info->multiboot_info_gpa + PVL_MB2I_TAGS, type, size;
	size_t counts[PVL_MB2I_LAST + 1] = { 0 };

	for (;; tag += (size + 7) / 8 * 8) {
		type = word_at(m, tag, 4);
		size = word_at(m, tag + PVL_MB2I_TAG_SIZE, 4);
		MUST(tag < end && size >= PVL_MB2I_TAG_HEADER && size <= end - tag);
		MUST(type <= PVL_MB2I_LAST);
		check_tag(s, info, m, tag, counts[type]++);
		if (type == PVL_MB2I_END)
			break;
	}
	MUST(tag + size == end && counts[PVL_MB2I_MODULE] == modules_of(info));
	MUST(counts[PVL_MB2I_CMDLINE] == 1 && counts[PVL_MB2I_LOADER] == 1 &&
	     counts[PVL_MB2I_MMAP] == 1 && counts[PVL_MB2I_MEMORY] == 1);
}

/* Where the processor finds what has @address. */
static uint64_t walk(const struct scene *s, const struct pvhload_x86_cpu *cpu,
		     const struct shadow *m, uint64_t address)
{
	const uint64_t mask = s->x86.page_entry_mask;
	unsigned int shift = cpu->cr4 & CR4_LA57 ? 48 : 39;

	for (uint64_t table = cpu->cr3 & ~mask;; shift -= 9) {
		const uint64_t entry = word_at(m, table + (address >> shift & 511) * 8, 8);

		MUST((entry & PRESENT) == PRESENT && (entry & mask) == mask && shift >= 21);
		table = entry & ADDRESS & ~mask;
		if (entry & LARGE) {
			const uint64_t inside = (UINT64_C(1) << shift) - 1;

			MUST(shift <= 30 && (table & inside) == 0);
			return table | (address & inside);
		}
	}
}

/* What is below 4 GiB and the kernel are mapped to themselves. */
static void check_page_tables(const struct scene *s, const struct pvhload_plan_info *info,
			      const struct shadow *m)
{
	const struct pvhload_x86_cpu *cpu = info->x86_cpu;

	for (size_t i = 0; i < info->region_count; i++) {
		const struct pvhload_plan_region *r = info->regions[i];
		const uint64_t last = r->gpa + r->size - 1;

		if (r->gpa >= FOUR_GIB && r->kind != PVHLOAD_REGION_KERNEL &&
		    r->kind != PVHLOAD_REGION_KERNEL_IMAGE)
			continue;
		MUST(walk(s, cpu, m, r->gpa) == r->gpa && walk(s, cpu, m, last) == last);
	}
	MUST(walk(s, cpu, m, 0) == 0 && walk(s, cpu, m, FOUR_GIB - 1) == FOUR_GIB - 1);
	MUST(walk(s, cpu, m, info->entry) == info->entry);
}

/* The file ends at 4 GiB, the variables are before it, and its last bytes are below 1 MiB as well. */
static void check_firmware(const struct scene *s, const struct shadow *m)
{
	const struct bytes *file = &s->kernel.bytes;
	const uint64_t at = FOUR_GIB - file->size;
	const uint64_t alias = file->size < ALIAS_MAX ? file->size : ALIAS_MAX;

	is_file(m, at, file);
	if (s->config.firmware_vars)
		is_file(m, at - s->vars.bytes.size, &s->vars.bytes);
	is_file(m, 0x100000 - alias,
		&(struct bytes){ file->data + (file->size - alias), (size_t)alias });
}

void read_told(const struct scene *s, const struct pvhload_plan_info *info, const struct shadow *m)
{
	if (info->protocol == PVHLOAD_PROTOCOL_MULTIBOOT1)
		check_multiboot1(s, info, m);
	if (info->protocol == PVHLOAD_PROTOCOL_MULTIBOOT2)
		check_multiboot2(s, info, m);
	if (info->protocol == PVHLOAD_PROTOCOL_X86_LINUX64)
		check_page_tables(s, info, m);
	if (info->protocol == PVHLOAD_PROTOCOL_X86_RESET)
		check_firmware(s, m);
}
