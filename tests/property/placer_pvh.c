/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* PVH: start info and what it leads to. */
#include <string.h>

#include "placer.h"

#define FOUR_GIB (UINT64_C(1) << 32)
#define GIB      (UINT64_C(1) << 30)
#define PARTS    6u

struct part_rule {
	uint32_t kind;
	uint64_t size;
	uint64_t limit;
	uint64_t fixed;
	uint64_t usual;
};

static uint64_t module_cmdlines(const struct scene *s)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < s->config.module_count; i++)
		if (s->modules[i].cmdline)
			sum += strlen(s->modules[i].cmdline) + 1;
	return sum;
}

static void list_parts(const struct scene *s, struct part_rule parts[PARTS])
{
	const size_t files = s->config.module_count + (scene_initrd_size(s) > 0 ? 1 : 0);
	const uint64_t text = s->cmdline_length + 1;
	const struct scene_places *p = &s->places;
	/* what Linux maps early; the ABI asks for no more than 32 bits */
	const uint64_t tables = guest_is_linux(s) ? GIB : FOUR_GIB;

	parts[0] = (struct part_rule){ PVHLOAD_REGION_PVH_START_INFO, 56, FOUR_GIB,
				       p->start_info_gpa, 0x6000 };
	parts[1] = (struct part_rule){ PVHLOAD_REGION_PVH_MODLIST, files * 32, tables,
				       p->modlist_gpa, 0x6040 };
	parts[2] = (struct part_rule){ PVHLOAD_REGION_PVH_MEMMAP, s->map.count * 24, tables,
				       p->memmap_gpa, 0x7000 };
	parts[3] = (struct part_rule){ PVHLOAD_REGION_CMDLINE, text > 2048 ? text : 2048, FOUR_GIB,
				       p->cmdline_gpa, 0x20000 };
	parts[4] = (struct part_rule){ PVHLOAD_REGION_PVH_MODULE_CMDLINES, module_cmdlines(s),
				       FOUR_GIB, p->module_cmdlines_gpa, 0 };
	parts[5] = (struct part_rule){ PVHLOAD_REGION_X86_GDT, 32, FOUR_GIB, p->gdt_gpa, 0x500 };
}

static bool place_parts(struct outcome *o, struct part_rule parts[PARTS], bool fixed)
{
	for (size_t i = 0; i < PARTS; i++) {
		const struct want want = { parts[i].size, 1, 0, 0, parts[i].limit, 0 };
		const struct placed what = { .kind = parts[i].kind };

		if (parts[i].size == 0 || (parts[i].fixed != 0) != fixed)
			continue;
		if (parts[i].kind == PVHLOAD_REGION_PVH_MODULE_CMDLINES)
			parts[i].usual =
				(placed_gpa(o, PVHLOAD_REGION_CMDLINE) + parts[3].size + 7) / 8 * 8;
		if (!place_structure(o, what, want, parts[i].fixed, parts[i].usual))
			return false;
	}
	return true;
}

static uint64_t file_size(const struct scene *s, size_t i)
{
	const size_t first = scene_initrd_size(s) > 0 ? 1 : 0;

	return i < first ? scene_initrd_size(s) : s->module_sources[i - first].size;
}

/* Is the turn of file @i before that of @k? */
static bool is_before(const struct scene *s, const struct outcome *o, size_t i, size_t k)
{
	const size_t first = o->order.first_file;

	if (i + 1 == first || k + 1 == first)
		return i + 1 == first;
	if (o->order.by_size && file_size(s, i) != file_size(s, k))
		return file_size(s, i) > file_size(s, k);
	return i < k;
}

static void sort_files(const struct scene *s, const struct outcome *o, size_t *numbers,
		       size_t count)
{
	for (size_t i = 0; i < count; i++) {
		size_t at = i;

		for (; at > 0 && is_before(s, o, i, numbers[at - 1]); at--)
			numbers[at] = numbers[at - 1];
		numbers[at] = i;
	}
}

bool place_pvh_files(const struct scene *s, struct outcome *o, bool fixed)
{
	const size_t first = scene_initrd_size(s) > 0 ? 1 : 0;
	size_t numbers[SCENE_MODULES_MAX + 1];

	sort_files(s, o, numbers, scene_files(s));
	for (size_t k = 0; k < scene_files(s); k++) {
		const size_t i = numbers[k];
		const uint64_t at = i < first ? s->places.initrd_gpa : s->places.modules[i - first];
		const struct placed file = { .kind = i < first ? PVHLOAD_REGION_INITRD
							       : PVHLOAD_REGION_MODULE,
					     .index = (uint32_t)i,
					     .size = file_size(s, i) };
		const struct want want = { file.size, 4096, 0, 0, o->files_end, 4096 };

		if ((at != 0) == fixed &&
		    !(fixed ? place_at(o, file, &want, at) : place_file(o, file, o->files_end)))
			return false;
	}
	return true;
}

bool place_pvh(const struct scene *s, struct method method, struct outcome *o)
{
	const bool files_first = o->order.files_first;
	struct part_rule parts[PARTS];

	list_parts(s, parts);
	return place_parts(o, parts, true) && place_pvh_files(s, o, true) &&
	       (!files_first || place_pvh_files(s, o, false)) && place_kernel(s, method, o) &&
	       place_parts(o, parts, false) && (files_first || place_pvh_files(s, o, false));
}
