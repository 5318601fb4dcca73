/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
#include "free_space.h"

#include <stdlib.h>
#include <string.h>

static void insert(struct free_space *space, size_t at, struct free_range range)
{
	if (space->count == FREE_MAX)
		abort();
	memmove(&space->ranges[at + 1], &space->ranges[at],
		(space->count - at) * sizeof(space->ranges[0]));
	space->ranges[at] = range;
	space->count++;
}

static void erase(struct free_space *space, size_t at)
{
	memmove(&space->ranges[at], &space->ranges[at + 1],
		(space->count - at - 1) * sizeof(space->ranges[0]));
	space->count--;
}

void free_space_give(struct free_space *space, uint64_t start, uint64_t end)
{
	struct free_range *const r = space->ranges;
	size_t at = 0;

	while (at < space->count && r[at].start < start)
		at++;
	insert(space, at, (struct free_range){ start, end });
	if (at + 1 < space->count && r[at].end == r[at + 1].start) {
		r[at].end = r[at + 1].end;
		erase(space, at + 1);
	}
	if (at > 0 && r[at - 1].end == r[at].start) {
		r[at - 1].end = r[at].end;
		erase(space, at);
	}
}

void free_space_init(struct free_space *space, const struct pvhload_memmap *map)
{
	space->count = 0;
	for (size_t i = 0; i < map->count; i++)
		if (map->entries[i].type == PVHLOAD_MEMMAP_RAM)
			free_space_give(space, map->entries[i].gpa,
					map->entries[i].gpa + map->entries[i].size);
}

bool free_space_has(const struct free_space *space, uint64_t start, uint64_t end)
{
	for (size_t i = 0; i < space->count; i++)
		if (space->ranges[i].start <= start && end <= space->ranges[i].end)
			return start <= end;
	return false;
}

void free_space_cut(struct free_space *space, uint64_t start, uint64_t end)
{
	for (size_t i = 0; i < space->count;) {
		const struct free_range r = space->ranges[i];

		if (end <= r.start || r.end <= start) {
			i++;
			continue;
		}
		erase(space, i);
		if (end < r.end)
			insert(space, i, (struct free_range){ end, r.end });
		if (r.start < start) {
			insert(space, i, (struct free_range){ r.start, start });
			i++;
		}
	}
}

uint64_t want_end(const struct want *want, uint64_t gpa)
{
	if (want->size > UINT64_MAX - gpa)
		return 0;
	if (want->page == 0)
		return gpa + want->size;
	if (gpa + want->size > UINT64_MAX - want->page)
		return 0;
	return (gpa + want->size + want->page - 1) / want->page * want->page;
}

bool free_space_fits(const struct free_space *space, const struct want *want, uint64_t gpa)
{
	const uint64_t end = want_end(want, gpa);

	return end != 0 && gpa >= want->min && (gpa - want->phase) % want->align == 0 &&
	       gpa + want->size <= want->limit && free_space_has(space, gpa, end);
}

bool free_space_lowest(const struct free_space *space, const struct want *want, uint64_t *gpa)
{
	for (size_t i = 0; i < space->count; i++) {
		const struct free_range r = space->ranges[i];
		uint64_t at = r.start > want->min ? r.start : want->min;
		const uint64_t over = (at - want->phase) % want->align;

		if (over != 0 && want->align - over > UINT64_MAX - at)
			continue;
		at += over != 0 ? want->align - over : 0;
		if (at >= r.start && free_space_fits(space, want, at)) {
			*gpa = at;
			return true;
		}
	}
	return false;
}

bool free_space_highest(const struct free_space *space, const struct want *want, uint64_t *gpa)
{
	for (size_t i = space->count; i-- > 0;) {
		const struct free_range r = space->ranges[i];
		uint64_t end = want->page != 0 ? r.end - r.end % want->page : r.end, over;

		end = end < want->limit ? end : want->limit;
		if (end < want->size)
			continue;
		*gpa = end - want->size;
		over = (*gpa - want->phase) % want->align;
		if (over > *gpa)
			continue;
		*gpa -= over;
		if (free_space_fits(space, want, *gpa))
			return true;
	}
	return false;
}
