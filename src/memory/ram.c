/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* The RAM of a map, in the form that makes "is all of this RAM?" one lookup. */
#include <stdlib.h>

#include "core/checked.h"
#include "core/error.h"
#include "memory/memmap.h"

static int by_start(const void *a, const void *b)
{
	const struct pvl_range *x = a, *y = b;

	return (x->start > y->start) - (x->start < y->start);
}

static size_t join_touching(struct pvl_range *ranges, size_t count)
{
	size_t out = 0;

	for (size_t i = 0; i < count; i++) {
		if (out > 0 && ranges[out - 1].end == ranges[i].start)
			ranges[out - 1].end = ranges[i].end;
		else
			ranges[out++] = ranges[i];
	}
	return out;
}

enum pvhload_status pvl_ram_init(const struct pvhload_memmap *map, struct pvl_ram *ret,
				 struct pvhload_error *err)
{
	enum pvhload_status status = pvl_memmap_check(map, err);
	struct pvl_range *ranges;
	size_t count = 0;

	if (status != PVHLOAD_OK)
		return status;
	ranges = calloc(map->count, sizeof(*ranges));
	if (!ranges)
		return pvl_fail_no_memory(err, map->count * sizeof(*ranges));
	for (size_t i = 0; i < map->count; i++)
		if (map->entries[i].type == PVHLOAD_MEMMAP_RAM)
			ranges[count++] = pvl_memmap_range(&map->entries[i]);
	if (count > 1)
		qsort(ranges, count, sizeof(*ranges), by_start);
	ret->ranges = ranges;
	ret->count = join_touching(ranges, count);
	return PVHLOAD_OK;
}

/* How far RAM goes that begins at or before @end.  In a sorted map the second pass finds no more. */
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
				    struct pvl_range *piece, struct pvl_ram *ret,
				    struct pvhload_error *err)
{
	enum pvhload_status status = pvl_memmap_check(map, err);

	if (status != PVHLOAD_OK)
		return status;
	*piece = (struct pvl_range){ gpa, extend(map, gpa) };
	ret->ranges = piece;
	ret->count = piece->end > piece->start ? 1 : 0;
	return PVHLOAD_OK;
}

void pvl_ram_free(struct pvl_ram *ram)
{
	free(ram->ranges);
	ram->ranges = NULL;
	ram->count = 0;
}

/* The last range that starts at or below @gpa, or NULL. */
static const struct pvl_range *find(const struct pvl_ram *ram, uint64_t gpa)
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

bool pvl_ram_contains(const struct pvl_ram *ram, struct pvl_range range)
{
	const struct pvl_range *found = find(ram, range.start);

	return found && pvl_range_contains(*found, range);
}

uint64_t pvl_ram_until(const struct pvl_ram *ram, uint64_t gpa)
{
	const struct pvl_range *found = find(ram, gpa);

	return found ? pvl_max_u64(gpa, found->end) : gpa;
}
