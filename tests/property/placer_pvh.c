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
	const size_t files = s->config.module_count + (s->config.initrd_count > 0 ? 1 : 0);
	const uint64_t text = s->cmdline_length + 1;
	const struct pvhload_boot_places *p = &s->places;

	parts[0] = (struct part_rule){ PVHLOAD_REGION_START_INFO, 56, FOUR_GIB, p->start_info_gpa,
				       0x6000 };
	parts[1] = (struct part_rule){ PVHLOAD_REGION_MODLIST, files * 32, GIB, p->modlist_gpa,
				       0x6040 };
	parts[2] = (struct part_rule){ PVHLOAD_REGION_MEMMAP, s->map.count * 24, GIB, p->memmap_gpa,
				       0x7000 };
	parts[3] = (struct part_rule){ PVHLOAD_REGION_CMDLINE, text > 2048 ? text : 2048, FOUR_GIB,
				       p->cmdline_gpa, 0x20000 };
	parts[4] = (struct part_rule){ PVHLOAD_REGION_MODULE_CMDLINES, module_cmdlines(s), FOUR_GIB,
				       p->module_cmdlines_gpa, 0 };
	parts[5] = (struct part_rule){ PVHLOAD_REGION_GDT, 32, FOUR_GIB, p->gdt_gpa, 0x500 };
}

static bool place_parts(struct outcome *o, struct part_rule parts[PARTS], bool fixed)
{
	for (size_t i = 0; i < PARTS; i++) {
		const struct want want = { parts[i].size, 1, 0, 0, parts[i].limit, false };
		const struct placed what = { .kind = parts[i].kind };

		if (parts[i].size == 0 || (parts[i].fixed != 0) != fixed)
			continue;
		if (parts[i].kind == PVHLOAD_REGION_MODULE_CMDLINES)
			parts[i].usual =
				(placed_gpa(o, PVHLOAD_REGION_CMDLINE) + parts[3].size + 7) / 8 * 8;
		if (!place_structure(o, what, want, parts[i].fixed, parts[i].usual))
			return false;
	}
	return true;
}

static bool place_initrd(const struct scene *s, struct outcome *o)
{
	const struct placed initrd = { .kind = PVHLOAD_REGION_INITRD,
				       .size = scene_initrd_size(s) };
	const struct want want = { initrd.size, 4096, 0, 0, FOUR_GIB, true };

	if (s->config.initrd_count == 0)
		return true;
	return s->places.initrd_gpa != 0 ? place_at(o, initrd, &want, s->places.initrd_gpa)
					 : place_file(o, initrd, FOUR_GIB);
}

bool place_pvh(const struct scene *s, struct way way, struct outcome *o)
{
	const bool initrd_first = s->places.initrd_gpa != 0;
	const uint32_t first = s->config.initrd_count > 0 ? 1 : 0;
	struct part_rule parts[PARTS];

	list_parts(s, parts);
	if (!place_parts(o, parts, true) || (initrd_first && !place_initrd(s, o)) ||
	    !place_elf(s, way, o) || !place_parts(o, parts, false) ||
	    (!initrd_first && !place_initrd(s, o)))
		return false;
	for (size_t i = 0; i < s->config.module_count; i++) {
		const struct placed module = { .kind = PVHLOAD_REGION_MODULE,
					       .index = first + (uint32_t)i,
					       .size = s->module_sources[i].length };

		if (!place_file(o, module, FOUR_GIB))
			return false;
	}
	return true;
}
