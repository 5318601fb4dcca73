/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
#include "memory/rom.h"

#include "core/error.h"

static enum pvhload_status check_rom(const struct pvhload_range *rom, size_t i,
				     const struct pvl_ram *ram, struct pvhload_error *err)
{
	struct pvl_range range;

	if (rom->size == 0 || !pvl_range_make(rom->gpa, rom->size, &range))
		return pvl_fail(err, PVHLOAD_E_MEMMAP, PVL_GPA(rom->gpa),
				"ROM %zu, 0x%" PRIx64 " bytes at 0x%" PRIx64
				", is empty or passes the end of the address space",
				i, rom->size, rom->gpa);
	if (pvl_ram_overlaps(ram, range))
		return pvl_fail(err, PVHLOAD_E_MEMMAP, PVL_GPA(rom->gpa),
				"ROM %zu, " PVL_RANGE_FMT
				", overlaps RAM of the memory map: it is one or the other",
				i, PVL_RANGE_ARG(range));
	return PVHLOAD_OK;
}

enum pvhload_status pvl_roms_check(const struct pvhload_range *roms, size_t count,
				   const struct pvl_ram *ram, struct pvhload_error *err)
{
	for (size_t i = 0; i < count; i++)
		PVL_TRY(check_rom(&roms[i], i, ram, err));
	return PVHLOAD_OK;
}

bool pvl_roms_contain(const struct pvhload_range *roms, size_t count, struct pvl_range range)
{
	for (size_t i = 0; i < count; i++)
		if (pvl_range_contains(
			    (struct pvl_range){ roms[i].gpa, roms[i].gpa + roms[i].size }, range))
			return true;
	return false;
}

bool pvl_is_firmware(uint32_t kind)
{
	return kind == PVHLOAD_REGION_FIRMWARE || kind == PVHLOAD_REGION_FIRMWARE_ALIAS;
}
