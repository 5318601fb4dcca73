/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* Memory maps, as the rest of the library uses them. */
#ifndef PVL_MEMORY_MEMMAP_H
#define PVL_MEMORY_MEMMAP_H

#include <pvhload/memmap.h>

#include "core/range.h"

/* "RAM", "reserved", ..., for messages. */
const char *pvl_memmap_type_name(uint32_t type);

/* The range of an entry that has been validated. */
struct pvl_range pvl_memmap_range(const struct pvhload_memmap_entry *entry);

/* By address, in place. */
void pvl_memmap_sort(struct pvhload_memmap_entry *entries, size_t count);

/* pvhload_memmap_validate() for functions with other arguments: every failure is PVHLOAD_E_MEMMAP. */
enum pvhload_status pvl_memmap_check(const struct pvhload_memmap *map, struct pvhload_error *err);

/* The RAM of a map as sorted ranges; entries that touch are joined. */
struct pvl_ram {
	struct pvl_range *ranges;
	size_t count;
};

/* Checks @map first; PVHLOAD_E_USAGE, _MEMMAP or _NO_MEMORY on failure. */
enum pvhload_status pvl_ram_init(const struct pvhload_memmap *map, struct pvl_ram *ret,
				 struct pvhload_error *err);
void pvl_ram_free(struct pvl_ram *ram);

/* The same of a map that has been checked, in @ranges: room for map->count, not to be freed. */
void pvl_ram_init_in(const struct pvhload_memmap *map, struct pvl_range *ranges,
		     struct pvl_ram *ret);

/*
 * The same without host memory, for an access at @gpa: *@ret has one range, *@range, which is the
 * RAM from @gpa up to the next gap.
 */
enum pvhload_status pvl_ram_init_at(const struct pvhload_memmap *map, uint64_t gpa,
				    struct pvl_range *range, struct pvl_ram *ret,
				    struct pvhload_error *err);

/* True if a byte of @range is RAM. */
bool pvl_ram_overlaps(const struct pvl_ram *ram, struct pvl_range range);

/* True if every byte of @range is RAM. */
bool pvl_ram_contains(const struct pvl_ram *ram, struct pvl_range range);

/* The first address from @gpa on that is not RAM. */
uint64_t pvl_ram_until(const struct pvl_ram *ram, uint64_t gpa);

#endif
