/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* The RAM of an x86 PC: below the EBDA, from 1 MiB to the MMIO hole, and above it. */
#include <pvhload/guest_memory.h>

#include "abi/sizes.h"
#include "core/checked.h"
#include "core/error.h"
#include "core/sized.h"
#include "memory/memmap.h"
#include "memory/slot_walk.h"
#include "x86/limits.h"

#define ENTRIES_MAX 3u

static enum pvhload_status check_hole(const struct pvhload_memmap_x86 *x86,
				      struct pvhload_error *err)
{
	uint64_t end;

	if (x86->hole_gpa < PVL_X86_HIGH_RAM_GPA)
		return pvl_fail(err, PVHLOAD_E_USAGE, PVL_GPA(x86->hole_gpa),
				"the MMIO hole starts at 0x%" PRIx64 ", below 1 MiB",
				x86->hole_gpa);
	if (x86->hole_size == 0)
		return pvl_fail(err, PVHLOAD_E_USAGE, PVL_GPA(x86->hole_gpa),
				"the MMIO hole starts at 0x%" PRIx64
				", and has no size: by default it ends at 4 GiB",
				x86->hole_gpa);
	if (!pvl_add_u64(x86->hole_gpa, x86->hole_size, &end) ||
	    (x86->ram_size > x86->hole_gpa &&
	     !pvl_add_u64(end, x86->ram_size - x86->hole_gpa, &end)))
		return pvl_fail(err, PVHLOAD_E_USAGE, PVL_GPA(x86->hole_gpa),
				"0x%" PRIx64 " bytes of RAM pass the end of the address space",
				x86->ram_size);
	return PVHLOAD_OK;
}

static enum pvhload_status check_x86(const struct pvhload_memmap_x86 *x86,
				     struct pvhload_error *err)
{
	if (x86->ram_size == 0)
		return pvl_fail(err, PVHLOAD_E_USAGE, PVL_ANYWHERE,
				"ram_size is 0: the guest has no RAM");
	if (x86->ebda_gpa > PVL_X86_LOW_RAM_END)
		return pvl_fail(err, PVHLOAD_E_USAGE, PVL_GPA(x86->ebda_gpa),
				"ebda_gpa 0x%" PRIx64 " is above 0xa0000, where RAM ends",
				x86->ebda_gpa);
	return check_hole(x86, err);
}

static void fill_defaults(struct pvhload_memmap_x86 *x86)
{
	if (x86->ebda_gpa == 0)
		x86->ebda_gpa = PVHLOAD_X86_EBDA_GPA;
	if (x86->hole_gpa == 0)
		x86->hole_gpa = PVHLOAD_X86_HOLE_GPA;
	if (x86->hole_size == 0 && x86->hole_gpa < PVL_4GIB)
		x86->hole_size = PVL_4GIB - x86->hole_gpa;
}

/* Copy @caller's description and check it. */
static enum pvhload_status open_x86(const struct pvhload_memmap_x86 *caller,
				    struct pvhload_memmap_x86 *ret, struct pvhload_error *err)
{
	if (!pvl_sized_in(ret, sizeof(*ret), caller, PVL_V1_MEMMAP_X86))
		return pvl_fail(err, PVHLOAD_E_USAGE, PVL_ANYWHERE,
				"the RAM description is NULL or has a wrong size");
	fill_defaults(ret);
	return check_x86(ret, err);
}

static uint64_t hole_end(const struct pvhload_memmap_x86 *x86)
{
	return x86->hole_gpa + x86->hole_size;
}

/* The entries of checked and completed @x86; there are no more than three. */
static size_t make_entries(const struct pvhload_memmap_x86 *x86,
			   struct pvhload_memmap_entry ret[ENTRIES_MAX])
{
	size_t count = 0;

	ret[count++] = (struct pvhload_memmap_entry){
		.size = pvl_min_u64(x86->ram_size, x86->ebda_gpa),
		.type = PVHLOAD_MEMMAP_RAM,
	};
	if (x86->ram_size > PVL_X86_HIGH_RAM_GPA && x86->hole_gpa > PVL_X86_HIGH_RAM_GPA)
		ret[count++] = (struct pvhload_memmap_entry){
			.gpa = PVL_X86_HIGH_RAM_GPA,
			.size = pvl_min_u64(x86->ram_size, x86->hole_gpa) - PVL_X86_HIGH_RAM_GPA,
			.type = PVHLOAD_MEMMAP_RAM,
		};
	if (x86->ram_size > x86->hole_gpa)
		ret[count++] = (struct pvhload_memmap_entry){
			.gpa = hole_end(x86),
			.size = x86->ram_size - x86->hole_gpa,
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
	if (!pvl_sized_usable(map, sizeof(*map), PVL_V1_MEMMAP) ||
	    (!map->entries && map->capacity > 0))
		return pvl_fail(err, PVHLOAD_E_USAGE, PVL_ANYWHERE,
				"the memory map is NULL or has a wrong size");
	PVL_TRY(open_x86(caller, &x86, err));
	count = make_entries(&x86, made);
	if (count > map->capacity)
		return pvl_fail(err, PVHLOAD_E_CAPACITY, PVL_ANYWHERE,
				"the memory map's array holds %zu entries, but %zu are needed",
				map->capacity, count);
	for (size_t i = 0; i < count; i++)
		map->entries[i] = made[i];
	map->count = map->checked = count;
	return PVHLOAD_OK;
}

enum pvhload_status pvhload_memmap_x86_slots(const struct pvhload_memmap_x86 *caller, void *host,
					     uint32_t flags, struct pvhload_ram_slot *slots,
					     size_t capacity, size_t *ret_count,
					     struct pvhload_error *err)
{
	struct pvhload_memmap_x86 x86;
	uint64_t below;

	if (!pvl_error_usable(err))
		return PVHLOAD_E_USAGE;
	if (!slots || !ret_count)
		return pvl_fail(err, PVHLOAD_E_USAGE, PVL_ANYWHERE,
				"the slots or their count is NULL");
	if (!pvl_slot_flags_usable(flags, (const uint32_t[3]){ 0 }))
		return pvl_fail(err, PVHLOAD_E_USAGE, PVL_ANYWHERE,
				"an unknown flag for the slots: 0x%" PRIx32, flags);
	PVL_TRY(open_x86(caller, &x86, err));
	below = pvl_min_u64(x86.ram_size, x86.hole_gpa);
	if (capacity < (x86.ram_size > below ? 2u : 1u))
		return pvl_fail(err, PVHLOAD_E_CAPACITY, PVL_ANYWHERE,
				"there is room for %zu slots; %u are needed", capacity,
				x86.ram_size > below ? 2u : 1u);
	slots[0] = (struct pvhload_ram_slot){ .size = below, .host = host, .flags = flags };
	if (x86.ram_size > below)
		slots[1] = (struct pvhload_ram_slot){ .gpa = hole_end(&x86),
						      .size = x86.ram_size - below,
						      .host = host ? (uint8_t *)host + below : NULL,
						      .flags = flags };
	*ret_count = x86.ram_size > below ? 2 : 1;
	return PVHLOAD_OK;
}
