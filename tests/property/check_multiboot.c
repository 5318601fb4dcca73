/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* Plans by Multiboot: the kernel, the processor's state, and the information as a guest reads it. */
#include <string.h>

#include "plan_checks.h"

#define TEXT_MAX 70016u

static uint64_t le(const struct sparse *memory, uint64_t gpa, size_t size)
{
	uint8_t bytes[8];

	sparse_read(memory, gpa, bytes, size);
	return peek(bytes, size);
}

static bool is_text(const struct sparse *memory, uint64_t gpa, const char *text)
{
	static char found[TEXT_MAX];
	const size_t size = strlen(text) + 1;

	sparse_read(memory, gpa, found, size);
	return memcmp(found, text, size) == 0;
}

static bool is_cmdline(const struct scene *s, const struct sparse *memory, uint64_t gpa)
{
	if (s->cmdline_length == 0)
		return is_text(memory, gpa, "kernel");
	return le(memory, gpa, 7) == 0x206c656e72656b && is_text(memory, gpa + 7, s->cmdline);
}

bool check_multiboot_plan(const struct scene *s, const struct pvhload_plan_info *info)
{
	const struct model_multiboot *m = multiboot_of(s, info->protocol);
	const struct model_elf *elf = &s->image->elf;
	const uint64_t shift = info->kernel_gpa - elf->low;
	const struct pvhload_plan_region *r = find_region(info, PVHLOAD_REGION_MULTIBOOT_INFO, 0);
	const struct pvhload_x86_cpu *cpu = info->x86_cpu;
	const bool first = info->protocol == PVHLOAD_PROTOCOL_MULTIBOOT1;

	if (!m->usable || info->entry != m->entry + shift || (shift != 0 && !m->has_reloc))
		return complain(s, "the kernel was moved, or is not entered where its header says");
	if (m->has_reloc && (info->kernel_gpa % m->align != 0 || info->kernel_gpa < m->min ||
			     elf->end + shift > m->end))
		return complain(s, "the kernel is not where its header allows it");
	for (size_t i = 0; i < info->region_count; i++)
		if ((info->regions[i]->kind == PVHLOAD_REGION_INITRD ||
		     info->regions[i]->kind == PVHLOAD_REGION_MODULE) &&
		    info->regions[i]->gpa < elf->end + shift)
			return complain(s, "%s is below the kernel", info->regions[i]->name);
	if (!r || r->gpa % 8 != 0 || info->multiboot_info_gpa != r->gpa || cpu->rbx != r->gpa ||
	    cpu->rax != (first ? 0x2badb002 : 0x36d76289) || cpu->rip != info->entry)
		return complain(s, "the processor's state is not Multiboot's");
	return true;
}

/* Where module @i is, and what its text is. */
static bool is_module(const struct scene *s, const struct pvhload_plan_info *info,
		      const struct sparse *memory, size_t i, const uint64_t range[2],
		      uint64_t text_at)
{
	const size_t first = scene_initrd_size(s) > 0 ? 1 : 0;
	const bool initrd = i < first;
	const struct pvhload_plan_region *r =
		find_region(info, initrd ? PVHLOAD_REGION_INITRD : PVHLOAD_REGION_MODULE,
			    (uint32_t)i);
	const char *text = initrd ? "initrd" : s->modules[i - first].cmdline;

	return r && range[0] == r->gpa && range[1] == r->gpa + r->size &&
	       is_text(memory, text_at, text ? text : "");
}

static bool is_entry(const struct sparse *memory, uint64_t at, const struct pvhload_memmap_entry *e)
{
	return le(memory, at, 8) == e->gpa && le(memory, at + 8, 8) == e->size &&
	       le(memory, at + 16, 4) == e->type;
}

static bool check_info1(const struct scene *s, const struct pvhload_plan_info *info,
			const struct sparse *memory)
{
	const uint64_t at = info->multiboot_info_gpa, modules = le(memory, at + 24, 4);
	const uint64_t map = le(memory, at + 48, 4);
	bool good = le(memory, at, 4) == 0x24d && le(memory, at + 20, 4) == scene_files(s) &&
		    le(memory, at + 44, 4) == info->memmap->count * 24 &&
		    is_cmdline(s, memory, le(memory, at + 16, 4)) &&
		    is_text(memory, le(memory, at + 64, 4), "libpvhload");

	for (size_t i = 0; good && i < scene_files(s); i++) {
		const uint64_t m = modules + i * 16;
		const uint64_t range[] = { le(memory, m, 4), le(memory, m + 4, 4) };

		good = is_module(s, info, memory, i, range, le(memory, m + 8, 4));
	}
	for (size_t i = 0; good && i < info->memmap->count; i++)
		good = le(memory, map + i * 24, 4) == 20 &&
		       is_entry(memory, map + i * 24 + 4, &info->memmap->entries[i]);
	return good || complain(s, "the information of Multiboot 1 is not the plan's");
}

static bool is_memory_map(const struct pvhload_plan_info *info, const struct sparse *memory,
			  uint64_t at)
{
	bool good = le(memory, at + 4, 4) == 16 + info->memmap->count * 24 &&
		    le(memory, at + 8, 8) == 24;

	for (size_t i = 0; good && i < info->memmap->count; i++)
		good = is_entry(memory, at + 16 + i * 24, &info->memmap->entries[i]);
	return good;
}

/* One tag; which of them have been seen, modules counted. */
static bool is_tag(const struct scene *s, const struct pvhload_plan_info *info,
		   const struct sparse *memory, uint64_t at, size_t *modules)
{
	const uint64_t range[] = { le(memory, at + 8, 4), le(memory, at + 12, 4) };

	switch (le(memory, at, 4)) {
	case 1:
		return is_cmdline(s, memory, at + 8);
	case 2:
		return is_text(memory, at + 8, "libpvhload");
	case 3:
		return is_module(s, info, memory, (*modules)++, range, at + 16);
	case 4:
		return true;
	case 6:
		return is_memory_map(info, memory, at);
	case 21:
		return range[0] == info->kernel_gpa;
	default:
		return false;
	}
}

static bool check_info2(const struct scene *s, const struct pvhload_plan_info *info,
			const struct sparse *memory)
{
	const uint64_t at = info->multiboot_info_gpa, end = at + le(memory, at, 4) - 8;
	size_t modules = 0, tags = 0;
	uint64_t tag = at + 8;
	bool good = true;

	for (; good && tag < end; tags++) {
		good = is_tag(s, info, memory, tag, &modules);
		tag += (le(memory, tag + 4, 4) + 7) / 8 * 8;
	}
	good &= tag == end && le(memory, end, 8) == UINT64_C(8) << 32 &&
		modules == scene_files(s) &&
		tags == 4 + modules + (multiboot_of(s, info->protocol)->has_reloc ? 1 : 0);
	return good || complain(s, "the information of Multiboot 2 is not the plan's");
}

bool check_multiboot_guest(const struct scene *s, const struct pvhload_plan_info *info,
			   const struct sparse *memory)
{
	const struct pvhload_plan_region *initrd = find_region(info, PVHLOAD_REGION_INITRD, 0);

	if (initrd && !is_initrd(s, memory, initrd->gpa))
		return complain(s, "the initrd's bytes are not where the plan says");
	return info->protocol == PVHLOAD_PROTOCOL_MULTIBOOT1 ? check_info1(s, info, memory)
							     : check_info2(s, info, memory);
}
