/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* The RAM of an x86 PC: below the EBDA, from 1 MiB to the MMIO hole, and above it. */
#include "abi/sizes.h"
#include "core/checked.h"
#include "core/error.h"
#include "core/sized.h"
#include "memory/memmap.h"
#include "x86/limits.h"

#define ENTRIES_MAX 3u

static enum pvhload_status check_x86(const struct pvhload_memmap_x86 *x86,
				     struct pvhload_error *err)
{
	if (x86->ram_size == 0)
		return pvl_fail(err, PVHLOAD_E_USAGE, PVL_ANYWHERE,
				"ram_size is 0: the guest has no RAM");
	if (x86->ebda_start > PVL_X86_LOW_RAM_END)
		return pvl_fail(err, PVHLOAD_E_USAGE, PVL_GPA(x86->ebda_start),
				"ebda_start 0x%" PRIx64 " is above 0xa0000, where RAM ends",
				x86->ebda_start);
	if (x86->hole_start < PVL_X86_HIGH_RAM_GPA || x86->hole_end < x86->hole_start)
		return pvl_fail(err, PVHLOAD_E_USAGE, PVL_GPA(x86->hole_start),
				"the MMIO hole [0x%" PRIx64 ", 0x%" PRIx64
				") starts below 1 MiB or ends before it starts",
				x86->hole_start, x86->hole_end);
	if (x86->ram_size > x86->hole_start &&
	    x86->ram_size - x86->hole_start > UINT64_MAX - x86->hole_end)
		return pvl_fail(err, PVHLOAD_E_USAGE, PVL_GPA(x86->hole_end),
				"0x%" PRIx64 " bytes of RAM pass the end of the address space",
				x86->ram_size);
	return PVHLOAD_OK;
}

static void fill_defaults(struct pvhload_memmap_x86 *x86)
{
	if (x86->ebda_start == 0)
		x86->ebda_start = PVHLOAD_EBDA_START;
	if (x86->hole_start == 0)
		x86->hole_start = PVHLOAD_HOLE_START;
	if (x86->hole_end == 0)
		x86->hole_end = PVHLOAD_HOLE_END;
}

/* The entries of checked and completed @x86; there are no more than three. */
static size_t make_entries(const struct pvhload_memmap_x86 *x86,
			   struct pvhload_memmap_entry ret[ENTRIES_MAX])
{
	size_t count = 0;

	ret[count++] = (struct pvhload_memmap_entry){
		.size = pvl_min_u64(x86->ram_size, x86->ebda_start),
		.type = PVHLOAD_MEMMAP_RAM,
	};
	if (x86->ram_size > PVL_X86_HIGH_RAM_GPA && x86->hole_start > PVL_X86_HIGH_RAM_GPA)
		ret[count++] = (struct pvhload_memmap_entry){
			.gpa = PVL_X86_HIGH_RAM_GPA,
			.size = pvl_min_u64(x86->ram_size, x86->hole_start) - PVL_X86_HIGH_RAM_GPA,
			.type = PVHLOAD_MEMMAP_RAM,
		};
	if (x86->ram_size > x86->hole_start)
		ret[count++] = (struct pvhload_memmap_entry){
			.gpa = x86->hole_end,
			.size = x86->ram_size - x86->hole_start,
			.type = PVHLOAD_MEMMAP_RAM,
		};
	return count;
}

enum pvhload_status pvhload_memmap_init_x86(const struct pvhload_memmap_x86 *caller,
					    struct pvhload_memmap *map, struct pvhload_error *err)
{
	struct pvhload_memmap_entry made[ENTRIES_MAX];
	struct pvhload_memmap_x86 x86;
	size_t count;

	if (!pvl_error_usable(err))
		return PVHLOAD_E_USAGE;
	if (!pvl_sized_in(&x86, sizeof(x86), caller, PVL_V1_MEMMAP_X86) ||
	    !pvl_sized_usable(map, sizeof(*map), PVL_V1_MEMMAP) ||
	    (!map->entries && map->capacity > 0))
		return pvl_fail(
			err, PVHLOAD_E_USAGE, PVL_ANYWHERE,
			"the RAM description or the memory map is NULL or has a wrong size");
	fill_defaults(&x86);
	PVL_TRY(check_x86(&x86, err));
	count = make_entries(&x86, made);
	if (count > map->capacity)
		return pvl_fail(err, PVHLOAD_E_CAPACITY, PVL_ANYWHERE,
				"the memory map's array holds %zu entries, but %zu are needed",
				map->capacity, count);
	for (size_t i = 0; i < count; i++)
		map->entries[i] = made[i];
	map->count = count;
	return PVHLOAD_OK;
}
