/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* The memory map as a list of entries: adding, reserving, sorting and checking them. */
#include "memory/memmap.h"

#include "abi/sizes.h"
#include "core/checked.h"
#include "core/error.h"
#include "core/libc.h"
#include "core/sized.h"

/* Ranges that are sorted on the stack to look for overlaps in a map that is not sorted. */
#define CHUNK 128u

const char *pvl_memmap_type_name(uint32_t type)
{
	static const char *const names[] = { "type 0",   "RAM",      "reserved", "ACPI",
					     "ACPI NVS", "unusable", "disabled", "persistent" };

	return type < sizeof(names) / sizeof(names[0]) ? names[type] : "other";
}

struct pvl_range pvl_memmap_range(const struct pvhload_memmap_entry *entry)
{
	return (struct pvl_range){ entry->gpa, entry->gpa + entry->size };
}

static bool usable(const struct pvhload_memmap *map)
{
	return pvl_sized_usable(map, sizeof(*map), PVL_V1_MEMMAP) && map->count <= map->capacity &&
	       (map->entries || map->capacity == 0);
}

static enum pvhload_status check_usable(const struct pvhload_memmap *map, struct pvhload_error *err)
{
	if (!pvl_error_usable(err))
		return PVHLOAD_E_USAGE;
	if (usable(map))
		return PVHLOAD_OK;
	if (pvl_sized_usable(map, sizeof(*map), PVL_V1_MEMMAP) && map->count > map->capacity)
		return pvl_fail(err, PVHLOAD_E_USAGE, PVL_ANYWHERE,
				"the memory map counts %zu entries, but its array holds %zu",
				map->count, map->capacity);
	return pvl_fail(err, PVHLOAD_E_USAGE, PVL_ANYWHERE,
			"the memory map is NULL, has a wrong size, or has no array");
}

static enum pvhload_status check_entry(const struct pvhload_memmap_entry *e,
				       struct pvhload_error *err)
{
	if (e->size == 0)
		return pvl_fail(err, PVHLOAD_E_MEMMAP, PVL_GPA(e->gpa),
				"memory map entry at 0x%" PRIx64 " has size 0", e->gpa);
	if (e->size > UINT64_MAX - e->gpa)
		return pvl_fail(err, PVHLOAD_E_MEMMAP, PVL_GPA(e->gpa),
				"memory map entry at 0x%" PRIx64 ", size 0x%" PRIx64
				", passes the end of the address space",
				e->gpa, e->size);
	if (e->type == 0)
		return pvl_fail(err, PVHLOAD_E_MEMMAP, PVL_GPA(e->gpa),
				"memory map entry at 0x%" PRIx64 " has type 0, which is not a type",
				e->gpa);
	if (e->reserved != 0)
		return pvl_fail(err, PVHLOAD_E_MEMMAP, PVL_GPA(e->gpa),
				"memory map entry at 0x%" PRIx64 ": its reserved member is not 0",
				e->gpa);
	return PVHLOAD_OK;
}

static enum pvhload_status fail_overlap(const struct pvhload_memmap_entry *a,
					const struct pvhload_memmap_entry *b,
					struct pvhload_error *err)
{
	return pvl_fail(err, PVHLOAD_E_OVERLAP, PVL_GPA(pvl_max_u64(a->gpa, b->gpa)),
			"memory map entries overlap: %s " PVL_RANGE_FMT " and %s " PVL_RANGE_FMT,
			pvl_memmap_type_name(a->type), PVL_RANGE_ARG(pvl_memmap_range(a)),
			pvl_memmap_type_name(b->type), PVL_RANGE_ARG(pvl_memmap_range(b)));
}

void pvl_memmap_sort(struct pvhload_memmap_entry *entries, size_t count)
{
	pvl_sort_by_start(entries, count, sizeof(*entries));
}

static bool is_sorted(const struct pvhload_memmap *map)
{
	for (size_t i = 1; i < map->count; i++)
		if (map->entries[i].gpa < map->entries[i - 1].gpa)
			return false;
	return true;
}

/* How many of the first entries are known to be sound, sorted and disjoint. */
static size_t count_checked(const struct pvhload_memmap *map)
{
	return map->checked <= map->count ? map->checked : 0;
}

/* Of a sorted map, an entry that overlaps another overlaps its neighbour. */
static enum pvhload_status check_neighbours(const struct pvhload_memmap *map,
					    struct pvhload_error *err)
{
	for (size_t i = 1; i < map->count; i++)
		if (pvl_range_overlap(pvl_memmap_range(&map->entries[i - 1]),
				      pvl_memmap_range(&map->entries[i])))
			return fail_overlap(&map->entries[i - 1], &map->entries[i], err);
	return PVHLOAD_OK;
}

/* The first two, of those from @first on, that overlap; there are such. */
static enum pvhload_status fail_first(const struct pvhload_memmap *map, size_t first,
				      struct pvhload_error *err)
{
	for (size_t i = first; i < map->count; i++)
		for (size_t k = i + 1; k < map->count; k++)
			if (pvl_range_overlap(pvl_memmap_range(&map->entries[i]),
					      pvl_memmap_range(&map->entries[k])))
				return fail_overlap(&map->entries[i], &map->entries[k], err);
	return PVHLOAD_OK;
}

/* Some entries' ranges, sorted. */
struct chunk {
	struct pvl_range ranges[CHUNK];
	size_t count;
};

/* Those from @first on; false if two overlap. */
static bool fill_chunk(const struct pvhload_memmap *map, size_t first, struct chunk *chunk)
{
	chunk->count = (size_t)pvl_min_u64(CHUNK, map->count - first);
	for (size_t i = 0; i < chunk->count; i++)
		chunk->ranges[i] = pvl_memmap_range(&map->entries[first + i]);
	pvl_ranges_sort(chunk->ranges, chunk->count);
	for (size_t i = 1; i < chunk->count; i++)
		if (chunk->ranges[i].start < chunk->ranges[i - 1].end)
			return false;
	return true;
}

static bool overlaps_chunk(const struct chunk *chunk, struct pvl_range range)
{
	size_t low = 0, high = chunk->count;

	while (low < high) {
		const size_t middle = low + (high - low) / 2;

		if (chunk->ranges[middle].end <= range.start)
			low = middle + 1;
		else
			high = middle;
	}
	return low < chunk->count && chunk->ranges[low].start < range.end;
}

/* Of a map in any order, without host memory: each chunk is held against all that follows it. */
static enum pvhload_status check_chunks(const struct pvhload_memmap *map, struct pvhload_error *err)
{
	struct chunk chunk;

	for (size_t first = 0; first < map->count; first += chunk.count) {
		if (!fill_chunk(map, first, &chunk))
			return fail_first(map, first, err);
		for (size_t i = first + chunk.count; i < map->count; i++)
			if (overlaps_chunk(&chunk, pvl_memmap_range(&map->entries[i])))
				return fail_first(map, first, err);
	}
	return PVHLOAD_OK;
}

static enum pvhload_status check_entries(const struct pvhload_memmap *map,
					 struct pvhload_error *err)
{
	for (size_t i = 0; i < map->count; i++)
		PVL_TRY(check_entry(&map->entries[i], err));
	return is_sorted(map) ? check_neighbours(map, err) : check_chunks(map, err);
}

enum pvhload_status pvhload_memmap_validate(const struct pvhload_memmap *map,
					    struct pvhload_error *err)
{
	PVL_TRY(check_usable(map, err));
	if (map->count == 0)
		return pvl_fail(err, PVHLOAD_E_MEMMAP, PVL_ANYWHERE, "the memory map is empty");
	return check_entries(map, err);
}

enum pvhload_status pvl_memmap_check(const struct pvhload_memmap *map, struct pvhload_error *err)
{
	enum pvhload_status status = pvhload_memmap_validate(map, err);

	if (status != PVHLOAD_E_OVERLAP)
		return status;
	if (err)
		err->status = PVHLOAD_E_MEMMAP;
	return PVHLOAD_E_MEMMAP;
}

enum pvhload_status pvhload_memmap_normalize(struct pvhload_memmap *map, struct pvhload_error *err)
{
	size_t out = 0;

	PVL_TRY(check_usable(map, err));
	PVL_TRY(check_entries(map, err));
	pvl_memmap_sort(map->entries, map->count);
	for (size_t i = 0; i < map->count; i++) {
		struct pvhload_memmap_entry *last = out ? &map->entries[out - 1] : NULL;
		const struct pvhload_memmap_entry *e = &map->entries[i];

		if (last && last->type == e->type && last->gpa + last->size == e->gpa)
			last->size += e->size;
		else
			map->entries[out++] = *e;
	}
	map->count = map->checked = out;
	return PVHLOAD_OK;
}

/* The first of @count sorted entries that ends above @gpa, or @count. */
static size_t first_above(const struct pvhload_memmap *map, size_t count, uint64_t gpa)
{
	size_t low = 0, high = count;

	while (low < high) {
		const size_t middle = low + (high - low) / 2;

		if (pvl_memmap_range(&map->entries[middle]).end <= gpa)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

enum pvhload_status pvhload_memmap_add(struct pvhload_memmap *map, uint64_t addr, uint64_t size,
				       uint32_t type, struct pvhload_error *err)
{
	const struct pvhload_memmap_entry entry = { addr, size, type, 0 };
	size_t checked, above;

	PVL_TRY(check_usable(map, err));
	PVL_TRY(check_entry(&entry, err));
	checked = count_checked(map);
	above = first_above(map, checked, addr);
	for (size_t i = above; i<map->count; i = i + 1> checked ? i + 1 : checked)
		if (pvl_range_overlap(pvl_memmap_range(&map->entries[i]), pvl_memmap_range(&entry)))
			return fail_overlap(&map->entries[i], &entry, err);
	if (map->count == map->capacity)
		return pvl_fail(err, PVHLOAD_E_CAPACITY, PVL_GPA(addr),
				"the memory map's array is full: it holds %zu entries",
				map->capacity);
	map->checked = checked + (above == map->count ? 1 : 0); /* all checked, and below it */
	map->entries[map->count++] = entry;
	return PVHLOAD_OK;
}

/* What a reservation replaces, entries @first up to the one before @end, and by what. */
struct cut {
	size_t first, end;
	struct pvhload_memmap_entry
		with[3]; /* RAM that is left below, the reservation, RAM above */
	size_t count;
};

/* Of a map in order; in one that is not, what is made of it may be wrong, but is inside the array. */
static struct cut make_cut(const struct pvhload_memmap *map,
			   const struct pvhload_memmap_entry *entry)
{
	const struct pvl_range range = pvl_memmap_range(entry);
	const struct pvhload_memmap_entry *e = map->entries;
	struct cut cut = { .first = first_above(map, map->count, range.start) };

	for (cut.end = cut.first; cut.end < map->count && e[cut.end].gpa < range.end;)
		cut.end++;
	if (cut.first < cut.end && e[cut.first].gpa < range.start)
		cut.with[cut.count++] = (struct pvhload_memmap_entry){
			e[cut.first].gpa, range.start - e[cut.first].gpa, e[cut.first].type, 0
		};
	cut.with[cut.count++] = *entry;
	if (cut.first < cut.end && pvl_memmap_range(&e[cut.end - 1]).end > range.end)
		cut.with[cut.count++] = (struct pvhload_memmap_entry){
			range.end, pvl_memmap_range(&e[cut.end - 1]).end - range.end,
			e[cut.end - 1].type, 0
		};
	return cut;
}

static enum pvhload_status check_cut(const struct pvhload_memmap *map, const struct cut *cut,
				     const struct pvhload_memmap_entry *entry,
				     struct pvhload_error *err)
{
	const size_t needed = map->count - (cut->end - cut->first) + cut->count;

	for (size_t i = cut->first; i < cut->end; i++)
		if (map->entries[i].type != PVHLOAD_MEMMAP_RAM)
			return fail_overlap(&map->entries[i], entry, err);
	if (needed > map->capacity)
		return pvl_fail(err, PVHLOAD_E_CAPACITY, PVL_GPA(entry->gpa),
				"the memory map's array holds %zu entries, but %zu are needed",
				map->capacity, needed);
	return PVHLOAD_OK;
}

static void do_cut(struct pvhload_memmap *map, const struct cut *cut)
{
	struct pvhload_memmap_entry *at = &map->entries[cut->first];

	memmove(at + cut->count, &map->entries[cut->end], (map->count - cut->end) * sizeof(*at));
	memcpy(at, cut->with, cut->count * sizeof(*at));
	map->count = map->checked = map->count - (cut->end - cut->first) + cut->count;
}

/* check_cut() of a map that is not in order: what it would be when sorted. */
static enum pvhload_status check_unsorted(const struct pvhload_memmap *map,
					  const struct pvhload_memmap_entry *entry,
					  struct pvhload_error *err)
{
	const struct pvl_range range = pvl_memmap_range(entry);
	size_t needed = map->count + 1;

	for (size_t i = 0; i < map->count; i++) {
		const struct pvl_range r = pvl_memmap_range(&map->entries[i]);

		if (!pvl_range_overlap(r, range))
			continue;
		if (map->entries[i].type != PVHLOAD_MEMMAP_RAM)
			return fail_overlap(&map->entries[i], entry, err);
		needed = needed - 1 + (r.start < range.start) + (r.end > range.end);
	}
	if (needed > map->capacity)
		return pvl_fail(err, PVHLOAD_E_CAPACITY, PVL_GPA(entry->gpa),
				"the memory map's array holds %zu entries, but %zu are needed",
				map->capacity, needed);
	return PVHLOAD_OK;
}

/* Check the map, and sort it, unless @entry cannot be reserved then. */
static enum pvhload_status put_in_order(struct pvhload_memmap *map,
					const struct pvhload_memmap_entry *entry,
					struct pvhload_error *err)
{
	if (count_checked(map) == map->count)
		return PVHLOAD_OK;
	PVL_TRY(check_entries(map, err));
	if (is_sorted(map))
		return PVHLOAD_OK;
	PVL_TRY(check_unsorted(map, entry, err));
	pvl_memmap_sort(map->entries, map->count);
	return PVHLOAD_OK;
}

enum pvhload_status pvhload_memmap_reserve(struct pvhload_memmap *map, uint64_t addr, uint64_t size,
					   uint32_t type, struct pvhload_error *err)
{
	const struct pvhload_memmap_entry entry = { addr, size, type, 0 };
	struct cut cut;

	PVL_TRY(check_usable(map, err));
	if (type == PVHLOAD_MEMMAP_RAM)
		return pvl_fail(err, PVHLOAD_E_USAGE, PVL_GPA(addr),
				"0x%" PRIx64 " bytes at 0x%" PRIx64
				" cannot be reserved as type RAM: RAM is what is free",
				size, addr);
	PVL_TRY(check_entry(&entry, err));
	PVL_TRY(put_in_order(map, &entry, err));
	cut = make_cut(map, &entry);
	PVL_TRY(check_cut(map, &cut, &entry, err));
	do_cut(map, &cut);
	return PVHLOAD_OK;
}

uint64_t pvhload_memmap_ram_size(const struct pvhload_memmap *map)
{
	uint64_t sum = 0;

	if (!usable(map))
		return 0;
	for (size_t i = 0; i < map->count; i++)
		if (map->entries[i].type == PVHLOAD_MEMMAP_RAM)
			sum += map->entries[i].size;
	return sum;
}
