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
#include "guest/memmap_rules.h"
#include "x86/limits.h"

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

/* RAM where Linux wants some below 1 MiB. */
struct low_ram {
	struct pvhload_memmap_entry *entries;
	size_t count, capacity;
};

static enum pvhload_status append_low(struct low_ram *low, struct pvl_range range,
				      struct pvhload_error *err)
{
	range.end = pvl_min_u64(range.end, PVL_X86_LOW_RAM_END);
	if (range.start >= range.end)
		return PVHLOAD_OK;
	if (!pvl_grow((void **)&low->entries, &low->capacity, low->count, sizeof(*low->entries)))
		return pvl_fail_no_memory(err, sizeof(*low->entries));
	low->entries[low->count++] =
		(struct pvhload_memmap_entry){ range.start, range.end - range.start,
					       PVHLOAD_MEMMAP_RAM, 0 };
	return PVHLOAD_OK;
}

/* True if something was cut out of it. */
static enum pvhload_status cut_low(struct low_ram *low, struct pvl_range range, bool *ret_cut,
				   struct pvhload_error *err)
{
	const size_t count = low->count;

	*ret_cut = false;
	for (size_t i = 0; i < count; i++) {
		const struct pvl_range entry = pvl_memmap_range(&low->entries[i]);
		const uint64_t end = pvl_min_u64(entry.end, pvl_max_u64(range.start, entry.start));

		if (!pvl_range_overlap(entry, range))
			continue;
		*ret_cut = true;
		low->entries[i].size = end - entry.start; /* may be 0 */
		PVL_TRY(append_low(low, (struct pvl_range){ range.end, entry.end }, err));
	}
	return PVHLOAD_OK;
}

/* The message names the first word by which some of it is lost. */
static enum pvhload_status check_low(const struct pvl_builder *b, struct low_ram *low,
				     struct pvhload_error *err)
{
	const struct pvl_ram *ram = b->effects.exact ? &b->exact.ram : &b->layout.space.ram;
	const char *name = b->effects.exact ? "memmap=exactmap" : NULL;
	size_t count = b->effects.exact;

	for (size_t i = 0; i < ram->count; i++)
		PVL_TRY(append_low(low, ram->ranges[i], err));
	for (size_t i = 0; i < b->effects.taken_count; i++) {
		const struct pvl_memory_taken *taken = &b->effects.taken[i];
		bool cut;

		PVL_TRY(cut_low(low, taken->range, &cut, err));
		name = cut && !name ? taken->name : name;
		count += cut;
	}
	if (!name) /* so it is the map's own matter */
		return PVHLOAD_OK;
	return pvl_fail_in(err, pvl_check_linux_low_ram(low->entries, low->count, err),
			   "with what %s%s leaves of RAM", name, count > 1 ? " and others" : "");
}

enum pvhload_status pvl_check_memory_left(const struct pvl_builder *b, struct pvhload_error *err)
{
	struct low_ram low = { NULL, 0, 0 };
	enum pvhload_status status;

	if (!b->effects.exact && b->effects.taken_count == 0)
		return PVHLOAD_OK;
	if (b->effects.exact)
		PVL_TRY(pvl_fail_in(err, pvl_check_linux_fewest(b->effects.entries, err),
				    "after memmap=exactmap"));
	status = check_low(b, &low, err);
	free(low.entries);
	return status;
}

enum pvhload_status pvl_take_memory_words(struct pvl_builder *b, struct pvhload_error *err)
{
	const struct pvl_memory_effects *effects = &b->effects;
	size_t capacity = 0;

	pvl_free_exact(b);
	for (size_t i = 0; i < effects->taken_count; i++)
		if (pvl_ram_overlaps(&b->layout.space.ram, effects->taken[i].range))
			PVL_TRY(pvl_space_leave_unused(&b->layout.space, effects->taken[i].name,
						       effects->taken[i].range, err));
	for (size_t i = 0; i < effects->given_count && effects->exact; i++)
		PVL_TRY(give(b, effects->given[i], &capacity, err));
	return effects->exact ? list_left(b, err) : PVHLOAD_OK;
}

void pvl_note_memory_words(struct pvl_builder *b)
{
	const struct pvl_ram *left = &b->exact.ram;

	for (size_t i = 0; i < left->count; i++)
		pvl_plan_note(b, "%s " PVL_RANGE_FMT,
			      i == 0 ? "memmap=exactmap leaves the kernel" : "and",
			      PVL_RANGE_ARG(left->ranges[i]));
	for (size_t i = 0; i < b->effects.taken_count; i++) {
		const struct pvl_memory_taken *taken = &b->effects.taken[i];

		if (!pvl_ram_overlaps(&b->plan->space.ram, taken->range))
			continue;
		if (taken->range.end == UINT64_MAX)
			pvl_plan_note(b, "%s takes all from 0x%" PRIx64 " on away", taken->name,
				      taken->range.start);
		else
			pvl_plan_note(b, "%s takes " PVL_RANGE_FMT " away", taken->name,
				      PVL_RANGE_ARG(taken->range));
	}
}
