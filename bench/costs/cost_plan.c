/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* Plans of as much as a plan may have. */
#include "costs.h"

#include <stdio.h>
#include <string.h>

#define MOST_ENTRIES PVHLOAD_PVH_MEMMAP_READ_MAX
#define RANGES       1024u /* of mem= and memmap= */
#define PAGE         4096u

static void prepare_modules(void)
{
	(void)cost_memory(PIECES_END);
	cost_prepare_plan(2);
	cost_prepare_modules(PVHLOAD_PVH_MODULES_MAX, 0, false);
}

static void prepare_modules_in_pieces(void)
{
	cost_prepare_plan(MOST_ENTRIES);
	cost_prepare_modules(PVHLOAD_PVH_MODULES_MAX, 0, true);
}

static void prepare_initrds(void)
{
	static struct pvhload_source initrds[PVHLOAD_BOOT_INITRDS_MAX];

	cost_prepare_plan(2);
	for (size_t i = 0; i < PVHLOAD_BOOT_INITRDS_MAX; i++)
		initrds[i] = pvhload_source_buffer("initrd", 6);
	cost_config.initrds = initrds;
	cost_config.initrd_count = PVHLOAD_BOOT_INITRDS_MAX;
}

static void prepare_memmap(void)
{
	cost_prepare_plan(PVHLOAD_PVH_MEMMAP_MAX);
}

/* The second page of each piece, in no order; two of them are outside the plan's map. */
static void prepare_keep_free(void)
{
	static struct pvhload_boot_keep_free kept[PVHLOAD_BOOT_KEEP_FREE_MAX];
	struct pvhload_memmap *map;

	prepare_initrds();
	map = cost_pieces(PVHLOAD_BOOT_KEEP_FREE_MAX + 2);
	for (size_t i = 0, n = 0; i < map->count; i++)
		if (map->entries[i].gpa >= PIECES_GPA)
			kept[n++] = (struct pvhload_boot_keep_free){
				.struct_size = sizeof(kept[0]),
				.gpa = map->entries[i].gpa + PAGE,
				.size = PAGE,
			};
	cost_config.memmap = cost_pieces(MOST_ENTRIES);
	cost_config.keep_free = kept;
	cost_config.keep_free_count = PVHLOAD_BOOT_KEEP_FREE_MAX;
}

/* A place for each module, and as many for modules that there are not; the last one first. */
static void prepare_places(void)
{
	static struct pvhload_boot_place places[PVHLOAD_BOOT_PLACES_MAX];

	prepare_modules();
	for (uint32_t i = 0; i < PVHLOAD_BOOT_PLACES_MAX; i++) {
		const uint32_t index = PVHLOAD_BOOT_PLACES_MAX - 1 - i;

		places[i] = (struct pvhload_boot_place){ sizeof(places[i]), PVHLOAD_REGION_MODULE,
							 index, 32 * MIB + index * UINT64_C(8192) };
	}
	cost_config.places = places;
	cost_config.place_count = PVHLOAD_BOOT_PLACES_MAX;
}

/* After @first, @count ranges of a page, each in a piece of its own; @sign: '$' takes, '@' gives. */
static void prepare_words(const char *first, size_t count, char sign)
{
	static struct pvhload_source kernel;
	static char text[PVHLOAD_CMDLINE_CAPACITY_MAX];
	size_t at;

	cost_prepare_plan(MOST_ENTRIES);
	kernel = cost_bzimage(sizeof(text) - 1);
	cost_config.kernel = &kernel;
	cost_config.cmdline = text;
	at = (size_t)snprintf(text, sizeof(text), "%s memmap=", first);
	for (size_t i = count; i > 0; i--)
		at += (size_t)snprintf(text + at, sizeof(text) - at, "4K%c0x%zx%s", sign,
				       (size_t)PIECES_GPA + i * PIECE_EVERY + PAGE,
				       i > 1 ? "," : "");
}

static void prepare_taken(void)
{
	prepare_words("quiet", RANGES, '$');
}

static void prepare_given(void)
{
	prepare_words("memmap=exactmap memmap=0x9fc00@0,127M@1M", RANGES - 2, '@');
}

const struct cost_case plan_costs[] = {
	{ "PVHLOAD_PVH_MODULES_MAX", "load: 4096 modules of a byte", prepare_modules, cost_load,
	  cost_drop_plan },
	{ "PVHLOAD_PVH_MODULES_MAX", "plan: 4096 of 36 KiB, 4096 entries",
	  prepare_modules_in_pieces, cost_make_plan, cost_drop_plan },
	{ "PVHLOAD_BOOT_INITRDS_MAX", "plan: 256 initrds", prepare_initrds, cost_make_plan,
	  cost_drop_plan },
	{ "PVHLOAD_PVH_MEMMAP_MAX", "plan: 127 entries", prepare_memmap, cost_make_plan,
	  cost_drop_plan },
	{ "PVHLOAD_BOOT_KEEP_FREE_MAX", "plan: 4096 ranges, 4096 entries", prepare_keep_free,
	  cost_make_plan, cost_drop_plan },
	{ "PVHLOAD_BOOT_PLACES_MAX", "plan: 8192 places, 4096 modules", prepare_places,
	  cost_make_plan, cost_drop_plan },
	{ "mem=, memmap=", "plan: 1024 ranges taken, 4096 entries", prepare_taken, cost_make_plan,
	  cost_drop_plan },
	{ "mem=, memmap=", "plan: 1024 ranges given, 4096 entries", prepare_given, cost_make_plan,
	  cost_drop_plan },
	{ 0 },
};
