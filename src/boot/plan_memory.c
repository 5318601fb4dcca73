/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * The command line takes memory away from Linux: nothing is placed there, and after memmap=exactmap the kernel
 * only in the RAM that follows it.  A kernel elsewhere panics, as its own pages are not RAM.
 */
#include "boot/plan_memory.h"

#include "core/checked.h"
#include "core/error.h"
#include "core/grow.h"
#include "core/libc.h"
#include "guest/memory_words.h"

/* Ranges that one command line may take or give; more are refused. */
#define MEMORY_WORDS_MAX 1024u

/* Begin after the last memmap=exactmap, which undoes what is before it; false if there is none. */
static bool begin(const struct pvl_builder *b, struct pvl_memory_words *ret)
{
	struct pvl_memory_word word;
	struct pvl_memory_words all;
	bool exact = false;

	pvl_memory_words_begin(b->config.cmdline, &all);
	*ret = all;
	while (pvl_memory_words_next(&all, &word))
		if (word.effect == PVL_MEMORY_EXACT) {
			*ret = all;
			exact = true;
		}
	return exact;
}

static bool is_ram(const struct pvl_ram *ram, struct pvl_range range)
{
	for (size_t i = 0; i < ram->count; i++)
		if (pvl_range_overlap(ram->ranges[i], range))
			return true;
	return false;
}

static bool takes(const struct pvl_builder *b, const struct pvl_memory_word *word)
{
	return word->effect != PVL_MEMORY_GIVEN && is_ram(&b->layout.space.ram, word->range);
}

/* Append the RAM of @range to what the kernel may have. */
static enum pvhload_status give(struct pvl_builder *b, struct pvl_range range, size_t *capacity,
				struct pvhload_error *err)
{
	const struct pvl_ram *ram = &b->layout.space.ram;
	struct pvl_ram *left = &b->exact.ram;

	for (size_t i = 0; i < ram->count; i++) {
		if (!pvl_range_overlap(ram->ranges[i], range))
			continue;
		if (!pvl_grow((void **)&left->ranges, capacity, left->count, sizeof(*left->ranges)))
			return pvl_fail_no_memory(err, sizeof(*left->ranges));
		left->ranges[left->count++] =
			(struct pvl_range){ pvl_max_u64(ram->ranges[i].start, range.start),
					    pvl_min_u64(ram->ranges[i].end, range.end) };
	}
	return PVHLOAD_OK;
}

/* The same as a memory map, by which messages name what is not RAM. */
static enum pvhload_status list_left(struct pvl_builder *b, struct pvhload_error *err)
{
	struct pvl_ram *left = &b->exact.ram;
	struct pvhload_memmap *map = &b->exact.map;

	pvl_ranges_sort(left->ranges, left->count);
	left->count = pvl_ranges_join_touching(left->ranges, left->count);
	map->struct_size = sizeof(*map);
	map->entries = calloc(left->count + 1, sizeof(*map->entries)); /* never 0 bytes */
	if (!map->entries)
		return pvl_fail_no_memory(err, left->count * sizeof(*map->entries));
	map->count = map->capacity = left->count;
	for (size_t i = 0; i < left->count; i++)
		map->entries[i] =
			(struct pvhload_memmap_entry){ left->ranges[i].start,
						       left->ranges[i].end - left->ranges[i].start,
						       PVHLOAD_MEMMAP_RAM, 0 };
	return PVHLOAD_OK;
}

void pvl_free_exact(struct pvl_builder *b)
{
	pvl_ram_free(&b->exact.ram);
	free(b->exact.map.entries);
	b->exact.map.entries = NULL;
	b->exact.ram.count = 0;
}

enum pvhload_status pvl_take_memory_words(struct pvl_builder *b, struct pvhload_error *err)
{
	struct pvl_memory_words words;
	struct pvl_memory_word word;
	size_t count = 0, capacity = 0;

	pvl_free_exact(b);
	b->exact.counts = begin(b, &words);
	while (pvl_memory_words_next(&words, &word)) {
		if (count++ == MEMORY_WORDS_MAX)
			return pvl_fail(err, PVHLOAD_E_CMDLINE, PVL_ANYWHERE,
					"the command line has more than %u ranges in mem= and "
					"memmap=",
					MEMORY_WORDS_MAX);
		if (takes(b, &word))
			PVL_TRY(pvl_space_leave_unused(&b->layout.space, word.name, word.range,
						       err));
		else if (b->exact.counts && word.effect == PVL_MEMORY_GIVEN)
			PVL_TRY(give(b, word.range, &capacity, err));
	}
	return b->exact.counts ? list_left(b, err) : PVHLOAD_OK;
}

void pvl_note_memory_words(struct pvl_builder *b)
{
	struct pvl_memory_words words;
	struct pvl_memory_word word;

	(void)begin(b, &words);
	for (size_t i = 0; i < b->exact.ram.count && b->exact.counts; i++)
		pvl_plan_note(b, "%s " PVL_RANGE_FMT,
			      i == 0 ? "memmap=exactmap leaves the kernel" : "and",
			      PVL_RANGE_ARG(b->exact.ram.ranges[i]));
	while (pvl_memory_words_next(&words, &word))
		if (takes(b, &word) && word.effect == PVL_MEMORY_LIMIT)
			pvl_plan_note(b, "%s takes all from 0x%" PRIx64 " on away", word.name,
				      word.range.start);
		else if (takes(b, &word))
			pvl_plan_note(b, "%s takes " PVL_RANGE_FMT " away", word.name,
				      PVL_RANGE_ARG(word.range));
}
