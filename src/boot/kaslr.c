/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * A kernel that decodes itself chooses its place at random among what its memory map calls RAM.  It keeps off its
 * own image, initrd, command line, zero page, setup_data and the first memmap= words, and knows of nothing else.
 * It reads the words in its own way, which is not that of guest/memory_effects.c.
 *
 * ABI source: Linux, arch/x86/boot/compressed/kaslr.c: mem_avoid_init(), handle_mem_options(), mem_avoid_memmap(),
 * parse_memmap(), choose_random_location().
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
	struct pvl_range ranges[AVOIDED_MAX + 2]; /* and all above a limit, or all */
	size_t count;
	size_t regions; /* of memmap=, the empty ones as well */
	uint64_t limit;
};

/* @last: nothing follows it in its list. */
static void avoid_memmap(const struct pvl_memory_word *word, bool last, struct avoided *ret)
{
	struct pvl_range *range = &ret->ranges[ret->count];

	/* A range at 0 is taken for a limit, and so is one with a '%'. */
	if (word->kind != PVL_MEMORY_TAKEN || word->start == 0) {
		if (word->kind != PVL_MEMORY_GIVEN && word->size > 0)
			ret->limit = word->size;
		return;
	}
	ret->count += pvl_range_make(word->start, word->size, range); /* not if it wraps */
	/* With a list that is too long it stays where it is. */
	if (++ret->regions == AVOIDED_MAX && !last)
		ret->ranges[ret->count++] = (struct pvl_range){ 0, UINT64_MAX };
}

/* Of several limits the last: the lowest counts since 5.9 only. */
static void list_avoided(const char *cmdline, struct avoided *ret)
{
	struct pvl_memory_words words;
	struct pvl_memory_word word;
	size_t ended = SIZE_MAX; /* the word of which it reads no more */

	*ret = (struct avoided){ .limit = UINT64_MAX };
	pvl_memory_words_begin(cmdline, &words);
	while (pvl_memory_words_next(&words, &word)) {
		if (word.is_mem && word.size == 0)
			break;
		if (word.is_mem)
			ret->limit = word.size;
		else if (word.kind == PVL_MEMORY_UNREADABLE || word.kind == PVL_MEMORY_EXACT)
			ended = word.word;
		else if (word.word != ended && ret->regions < AVOIDED_MAX)
			avoid_memmap(&word, !words.open, ret);
	}
	ret->ranges[ret->count++] = (struct pvl_range){ ret->limit, UINT64_MAX };
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

/* From @start on, which it does not keep off, where it does. */
static uint64_t open_until(const struct avoided *avoided, uint64_t start)
{
	uint64_t end = UINT64_MAX;

	for (size_t i = 0; i < avoided->count; i++)
		if (avoided->ranges[i].start > start)
			end = pvl_min_u64(end, avoided->ranges[i].start);
	return end;
}

static uint64_t lowest(const struct pvhload_image *image)
{
	return pvl_min_u64(image->info.preferred_address, LOWEST_MAX);
}

/* The first piece of @range that the kernel may go over; false if there is none. */
static bool find_open(const struct pvl_builder *b, const struct avoided *avoided,
		      struct pvl_range range, struct pvl_range *ret)
{
	const struct pvhload_memmap *map = b->config.memmap;

	range.start = pvl_max_u64(range.start, lowest(b->image));
	for (size_t i = 0; i < map->count; i++) {
		const struct pvl_range entry = pvl_memmap_range(&map->entries[i]);

		if (map->entries[i].type != PVHLOAD_MEMMAP_RAM || !pvl_range_overlap(range, entry))
			continue;
		ret->start = pvl_max_u64(range.start, entry.start);
		ret->end = pvl_min_u64(range.end, entry.end);
		ret->start = first_open(avoided, *ret);
		ret->end = pvl_min_u64(ret->end, open_until(avoided, ret->start));
		if (ret->start < ret->end)
			return true;
	}
	return false;
}

static enum pvhload_status check_range(const struct pvl_builder *b, const struct avoided *avoided,
				       const char *name, uint64_t gpa, uint64_t size,
				       struct pvhload_error *err)
{
	struct pvl_range range, open;

	if (!pvl_range_make(gpa, size, &range) || !find_open(b, avoided, range, &open))
		return PVHLOAD_OK;
	return pvl_fail(err, PVHLOAD_E_OVERLAP, PVL_GPA(gpa),
			"the kernel's own KASLR may put it over %s " PVL_RANGE_FMT
			", which its memory map calls RAM; it would not with nokaslr, or "
			"memmap=0x%" PRIx64 "$0x%" PRIx64,
			name, PVL_RANGE_ARG(range), size, gpa);
}

/* What Linux itself will not call RAM. */
static enum pvhload_status check_not_ram(const struct pvl_builder *b, const struct avoided *avoided,
					 const char *why, struct pvl_range range,
					 struct pvhload_error *err)
{
	struct pvl_range open;

	if (!find_open(b, avoided, range, &open))
		return PVHLOAD_OK;
	return pvl_fail(err, PVHLOAD_E_OVERLAP, PVL_GPA(open.start),
			"the kernel's own KASLR may put it over " PVL_RANGE_FMT
			", which is not RAM by %s, a word that it reads otherwise; it would "
			"not with nokaslr",
			PVL_RANGE_ARG(open), why);
}

static enum pvhload_status check_words(const struct pvl_builder *b, const struct avoided *avoided,
				       struct pvhload_error *err)
{
	const struct pvl_memory_effects *effects = &b->effects;
	struct pvl_range rest = { 0, 0 };

	for (size_t i = 0; i < effects->taken_count; i++)
		PVL_TRY(check_not_ram(b, avoided, effects->taken[i].name, effects->taken[i].range,
				      err));
	for (size_t i = 0; i <= effects->given_count && effects->exact; i++) {
		rest.end = i < effects->given_count ? effects->given[i].start : UINT64_MAX;
		PVL_TRY(check_not_ram(b, avoided, "memmap=exactmap", rest, err));
		if (i < effects->given_count)
			rest.start = effects->given[i].end;
	}
	return PVHLOAD_OK;
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
	PVL_TRY(check_words(b, &avoided, err));
	for (size_t i = 0; i < b->config.keep_free_count; i++) {
		struct pvhload_boot_keep_free r = PVHLOAD_BOOT_KEEP_FREE_INIT;

		/* One that cannot be read is refused when it is kept free. */
		if (!pvl_element(b->config.keep_free, i, &r, sizeof(r), PVL_V1_BOOT_KEEP_FREE))
			break;
		if (r.flags & PVHLOAD_BOOT_KEEP_FREE_UNTIL_ENTRY)
			continue; /* the kernel moves later than that */
		PVL_TRY(check_range(b, &avoided, r.name ? r.name : "reserved", r.gpa, r.size, err));
	}
	return b->config.rsdp_gpa == 0 ? PVHLOAD_OK
				       : check_range(b, &avoided, "the RSDP", b->config.rsdp_gpa,
						     PVHLOAD_RSDP_SIZE, err);
}
