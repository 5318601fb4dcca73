/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * A kernel that decodes itself chooses its place at random among what its memory map calls RAM.  It keeps off its
 * own image, initrd, command line, zero page, setup_data and the first memmap= words, and knows of nothing else.
 *
 * ABI source: Linux, arch/x86/boot/compressed/kaslr.c: mem_avoid_init(), mem_avoid_memmap(),
 * choose_random_location().
 */
#include <pvhload/abi/start_info.h>

#include "abi/sizes.h"
#include "boot/plan_memory.h"
#include "core/checked.h"
#include "core/error.h"
#include "core/libc.h"
#include "core/sized.h"
#include "guest/cmdline_rules.h"
#include "guest/memory_words.h"

/* MAX_MEMMAP_REGIONS: what further words take is not kept off. */
#define AVOIDED_MAX 4u

/* It moves no lower than this, or than where it would be without KASLR. */
#define LOWEST_MAX 0x20000000u

/* What it keeps off. */
struct avoided {
	struct pvl_range ranges[AVOIDED_MAX + 1]; /* and all above a mem= */
	size_t count;
};

static void list_avoided(const char *cmdline, struct avoided *ret)
{
	struct pvl_range limit = { UINT64_MAX, UINT64_MAX };
	struct pvl_memory_words words;
	struct pvl_memory_word word;
	size_t after_exact = SIZE_MAX; /* in a list, it reads nothing after exactmap */

	ret->count = 0;
	pvl_memory_words_begin(cmdline, &words);
	while (pvl_memory_words_next(&words, &word)) {
		if (word.start == after_exact)
			continue;
		if (word.effect == PVL_MEMORY_EXACT)
			after_exact = word.start;
		else if (word.effect == PVL_MEMORY_LIMIT)
			limit = word.range;
		/* A range at 0 is taken for a limit. */
		else if (word.effect == PVL_MEMORY_TAKEN && word.range.start != 0 &&
			 ret->count < AVOIDED_MAX)
			ret->ranges[ret->count++] = word.range;
	}
	ret->ranges[ret->count++] = limit;
}

/* The first address from range.start on that it does not keep off; range.end if it keeps off all. */
static uint64_t first_open(const struct avoided *avoided, struct pvl_range range)
{
	uint64_t at = range.start, before;

	do {
		before = at;
		for (size_t i = 0; i < avoided->count; i++)
			if (avoided->ranges[i].start <= at && at < avoided->ranges[i].end)
				at = avoided->ranges[i].end;
	} while (at != before);
	return pvl_min_u64(at, range.end);
}

static uint64_t lowest(const struct pvhload_image *image)
{
	return pvl_min_u64(image->info.preferred_address, LOWEST_MAX);
}

/* May the kernel go over some of @range? */
static bool is_open(const struct pvl_builder *b, const struct avoided *avoided,
		    struct pvl_range range)
{
	const struct pvhload_memmap *map = b->config.memmap;

	range.start = pvl_max_u64(range.start, lowest(b->image));
	for (size_t i = 0; i < map->count; i++) {
		const struct pvl_range entry = pvl_memmap_range(&map->entries[i]);
		const struct pvl_range both = { pvl_max_u64(range.start, entry.start),
						pvl_min_u64(range.end, entry.end) };

		if (map->entries[i].type == PVHLOAD_MEMMAP_RAM && both.start < both.end &&
		    first_open(avoided, both) < both.end)
			return true;
	}
	return false;
}

static enum pvhload_status check_range(const struct pvl_builder *b, const struct avoided *avoided,
				       const char *name, uint64_t gpa, uint64_t size,
				       struct pvhload_error *err)
{
	struct pvl_range range;

	if (!pvl_range_make(gpa, size, &range) || !is_open(b, avoided, range))
		return PVHLOAD_OK;
	return pvl_fail(err, PVHLOAD_E_OVERLAP, PVL_GPA(gpa),
			"the kernel's own KASLR may put it over %s " PVL_RANGE_FMT
			", which its memory map calls RAM; it would not with nokaslr, or "
			"memmap=0x%" PRIx64 "$0x%" PRIx64,
			name, PVL_RANGE_ARG(range), size, gpa);
}

/* Is it a Linux that may have KASLR?  That needs a relocatable kernel, and a payload to move. */
static bool may_move_itself(const struct pvl_builder *b)
{
	const struct pvhload_image_info *info = &b->image->info;

	return b->is_linux && info->bzimage && info->relocatable && pvl_image_payload_part(info) &&
	       !pvl_cmdline_has_option(b->config.cmdline, "nokaslr");
}

enum pvhload_status pvl_check_own_kaslr(const struct pvl_builder *b, struct pvhload_error *err)
{
	struct avoided avoided;

	if (!may_move_itself(b))
		return PVHLOAD_OK;
	list_avoided(b->config.cmdline, &avoided);
	for (size_t i = 0; i < b->config.keep_free_count; i++) {
		struct pvhload_boot_keep_free r = PVHLOAD_BOOT_KEEP_FREE_INIT;

		/* One that cannot be read is refused when it is kept free. */
		if (!pvl_element(b->config.keep_free, i, &r, sizeof(r), PVL_V1_BOOT_KEEP_FREE))
			break;
		PVL_TRY(check_range(b, &avoided, r.name ? r.name : "reserved", r.gpa, r.size, err));
	}
	return b->config.rsdp_gpa == 0 ? PVHLOAD_OK
				       : check_range(b, &avoided, "the RSDP", b->config.rsdp_gpa,
						     PVHLOAD_RSDP_SIZE, err);
}
