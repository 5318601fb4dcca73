/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* What the rest of the library asks of a memory map. */
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

/* As pvhload_memmap_validate(), for a map among other arguments: PVHLOAD_E_MEMMAP if it is unsound. */
enum pvhload_status pvl_memmap_check(const struct pvhload_memmap *map, struct pvhload_error *err);

/* The map's RAM: sorted, and entries that touch are one range. */
struct pvl_ram {
	struct pvl_range *ranges;
	size_t count;
};

/* Checks @map first; PVHLOAD_E_USAGE, _MEMMAP or _NO_MEMORY on failure. */
enum pvhload_status pvl_ram_init(const struct pvhload_memmap *map, struct pvl_ram *ret,
				 struct pvhload_error *err);
void pvl_ram_free(struct pvl_ram *ram);

/*
 * The same without host memory, for one range from @gpa on: just the RAM there up to the next gap, which
 * *@ret is made to point to.
 */
enum pvhload_status pvl_ram_init_at(const struct pvhload_memmap *map, uint64_t gpa,
				    struct pvl_range *piece, struct pvl_ram *ret,
				    struct pvhload_error *err);

/* True if every byte of @range is RAM. */
bool pvl_ram_contains(const struct pvl_ram *ram, struct pvl_range range);

/* The first address from @gpa on that is not RAM. */
uint64_t pvl_ram_until(const struct pvl_ram *ram, uint64_t gpa);

#endif
