/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* The memory map as a list of entries: adding, reserving, sorting and checking them. */
#include "memory/memmap.h"

#include "abi/sizes.h"
#include "core/checked.h"
#include "core/error.h"
#include "core/sized.h"

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

/* Do two of the valid entries overlap?  Quadratic, but linear for a sorted map. */
static enum pvhload_status check_overlaps(const struct pvhload_memmap *map,
					  struct pvhload_error *err)
{
	const bool sorted = is_sorted(map);

	for (size_t i = 0; i < map->count; i++) {
		const size_t end = sorted ? (size_t)pvl_min_u64(i + 2, map->count) : map->count;

		for (size_t k = i + 1; k < end; k++)
			if (pvl_range_overlap(pvl_memmap_range(&map->entries[i]),
					      pvl_memmap_range(&map->entries[k])))
				return fail_overlap(&map->entries[i], &map->entries[k], err);
	}
	return PVHLOAD_OK;
}

static enum pvhload_status check_entries(const struct pvhload_memmap *map,
					 struct pvhload_error *err)
{
	for (size_t i = 0; i < map->count; i++)
		PVL_TRY(check_entry(&map->entries[i], err));
	return check_overlaps(map, err);
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
	map->count = out;
	return PVHLOAD_OK;
}

enum pvhload_status pvhload_memmap_add(struct pvhload_memmap *map, uint64_t addr, uint64_t size,
				       uint32_t type, struct pvhload_error *err)
{
	const struct pvhload_memmap_entry entry = { addr, size, type, 0 };

	PVL_TRY(check_usable(map, err));
	PVL_TRY(check_entry(&entry, err));
	for (size_t i = 0; i < map->count; i++)
		if (pvl_range_overlap(pvl_memmap_range(&map->entries[i]), pvl_memmap_range(&entry)))
			return fail_overlap(&map->entries[i], &entry, err);
	if (map->count == map->capacity)
		return pvl_fail(err, PVHLOAD_E_CAPACITY, PVL_GPA(addr),
				"the memory map's array is full: it holds %zu entries",
				map->capacity);
	map->entries[map->count++] = entry;
	return PVHLOAD_OK;
}

/* What remains of the RAM entry @e below and above @cut: 0, 1 or 2 entries. */
static size_t remainders(const struct pvhload_memmap_entry *e, struct pvl_range cut,
			 struct pvhload_memmap_entry ret[2])
{
	const struct pvl_range r = pvl_memmap_range(e);
	size_t n = 0;

	if (r.start < cut.start)
		ret[n++] =
			(struct pvhload_memmap_entry){ r.start, cut.start - r.start, e->type, 0 };
	if (r.end > cut.end)
		ret[n++] = (struct pvhload_memmap_entry){ cut.end, r.end - cut.end, e->type, 0 };
	return n;
}

/* How many entries the map has once @cut is taken from its RAM and added as an entry. */
static enum pvhload_status count_after_cut(const struct pvhload_memmap *map,
					   const struct pvhload_memmap_entry *cut, size_t *ret,
					   struct pvhload_error *err)
{
	const struct pvl_range range = pvl_memmap_range(cut);
	struct pvhload_memmap_entry rest[2];
	size_t count = 1;

	for (size_t i = 0; i < map->count; i++) {
		const struct pvhload_memmap_entry *e = &map->entries[i];

		if (!pvl_range_overlap(pvl_memmap_range(e), range))
			count++;
		else if (e->type == PVHLOAD_MEMMAP_RAM)
			count += remainders(e, range, rest);
		else
			return fail_overlap(e, cut, err);
	}
	*ret = count;
	return PVHLOAD_OK;
}

/*
 * Take @cut from the map's RAM and add it as an entry; there is room.  An entry that is cut is
 * replaced by what is left of it, or by the last entry.  At most one of them leaves two remainders, as
 * only one can reach beyond both ends of @cut; the second is added at the end.
 */
static void cut_ram(struct pvhload_memmap *map, const struct pvhload_memmap_entry *cut)
{
	const struct pvl_range range = pvl_memmap_range(cut);
	struct pvhload_memmap_entry rest[2];
	size_t i = 0, end = map->count;

	while (i < end) {
		struct pvhload_memmap_entry *e = &map->entries[i];
		size_t left;

		if (!pvl_range_overlap(pvl_memmap_range(e), range)) {
			i++;
			continue;
		}
		left = remainders(e, range, rest);
		if (left == 0) {
			*e = map->entries[--end];
			continue;
		}
		*e = rest[0];
		i++;
		if (left == 2)
			map->entries[end++] = rest[1];
	}
	map->entries[end++] = *cut;
	map->count = end;
}

enum pvhload_status pvhload_memmap_reserve(struct pvhload_memmap *map, uint64_t addr, uint64_t size,
					   uint32_t type, struct pvhload_error *err)
{
	const struct pvhload_memmap_entry cut = { addr, size, type, 0 };
	size_t needed = 0;

	PVL_TRY(check_usable(map, err));
	if (type == PVHLOAD_MEMMAP_RAM)
		return pvl_fail(err, PVHLOAD_E_USAGE, PVL_GPA(addr),
				"0x%" PRIx64 " bytes at 0x%" PRIx64
				" cannot be reserved as type RAM: RAM is what is free",
				size, addr);
	PVL_TRY(check_entry(&cut, err));
	PVL_TRY(check_entries(map, err));
	PVL_TRY(count_after_cut(map, &cut, &needed, err));
	if (needed > map->capacity)
		return pvl_fail(err, PVHLOAD_E_CAPACITY, PVL_GPA(addr),
				"the memory map's array holds %zu entries, but %zu are needed",
				map->capacity, needed);
	cut_ram(map, &cut);
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
