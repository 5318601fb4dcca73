/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* The RAM of a map, sorted and joined, so that one lookup tells whether a range is all RAM. */
#include "core/checked.h"
#include "core/error.h"
#include "core/libc.h"
#include "memory/memmap.h"

void pvl_ram_init_in(const struct pvhload_memmap *map, struct pvl_range *ranges,
		     struct pvl_ram *ret)
{
	size_t count = 0;

	for (size_t i = 0; i < map->count; i++)
		if (map->entries[i].type == PVHLOAD_MEMMAP_RAM)
			ranges[count++] = pvl_memmap_range(&map->entries[i]);
	pvl_ranges_sort(ranges, count);
	ret->ranges = ranges;
	ret->count = pvl_ranges_join_touching(ranges, count);
}

enum pvhload_status pvl_ram_init(const struct pvhload_memmap *map, struct pvl_ram *ret,
				 struct pvhload_error *err)
{
	struct pvl_range *ranges;

	PVL_TRY(pvl_memmap_check(map, err));
	ranges = calloc(map->count, sizeof(*ranges));
	if (!ranges)
		return pvl_fail_no_memory(err, map->count * sizeof(*ranges));
	pvl_ram_init_in(map, ranges, ret);
	return PVHLOAD_OK;
}

/* The end of the RAM around @end, which may be several entries.  A sorted map takes two passes. */
static uint64_t extend(const struct pvhload_memmap *map, uint64_t end)
{
	bool more = true;

	while (more) {
		more = false;
		for (size_t i = 0; i < map->count; i++) {
			const struct pvl_range r = pvl_memmap_range(&map->entries[i]);

			if (map->entries[i].type == PVHLOAD_MEMMAP_RAM && r.start <= end &&
			    end < r.end) {
				end = r.end;
				more = true;
			}
		}
	}
	return end;
}

enum pvhload_status pvl_ram_init_at(const struct pvhload_memmap *map, uint64_t gpa,
				    struct pvl_range *range, struct pvl_ram *ret,
				    struct pvhload_error *err)
{
	PVL_TRY(pvl_memmap_check(map, err));
	*range = (struct pvl_range){ gpa, extend(map, gpa) };
	ret->ranges = range;
	ret->count = range->end > range->start ? 1 : 0;
	return PVHLOAD_OK;
}

void pvl_ram_free(struct pvl_ram *ram)
{
	free(ram->ranges);
	ram->ranges = NULL;
	ram->count = 0;
}

/* The last range that starts at or below @gpa, or NULL. */
static const struct pvl_range *last_at_or_below(const struct pvl_ram *ram, uint64_t gpa)
{
	size_t low = 0, high = ram->count;

	while (low < high) {
		const size_t middle = low + (high - low) / 2;

		if (ram->ranges[middle].start <= gpa)
			low = middle + 1;
		else
			high = middle;
	}
	return low > 0 ? &ram->ranges[low - 1] : NULL;
}

bool pvl_ram_overlaps(const struct pvl_ram *ram, struct pvl_range range)
{
	const struct pvl_range *last = range.end > 0 ? last_at_or_below(ram, range.end - 1) : NULL;

	return last && pvl_range_overlap(*last, range);
}

bool pvl_ram_contains(const struct pvl_ram *ram, struct pvl_range range)
{
	const struct pvl_range *found = last_at_or_below(ram, range.start);

	return found && pvl_range_contains(*found, range);
}

uint64_t pvl_ram_until(const struct pvl_ram *ram, uint64_t gpa)
{
	const struct pvl_range *found = last_at_or_below(ram, gpa);

	return found ? pvl_max_u64(gpa, found->end) : gpa;
}
