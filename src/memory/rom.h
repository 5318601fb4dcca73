/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* What the VMM declares as ROM: the second kind of target, for a firmware alone. */
#ifndef PVL_MEMORY_ROM_H
#define PVL_MEMORY_ROM_H

#include <pvhload/range.h>
#include <pvhload/region.h>

#include "memory/memmap.h"

/* PVHLOAD_E_MEMMAP if one of them is empty, wraps, or overlaps RAM. */
enum pvhload_status pvl_roms_check(const struct pvhload_range *roms, size_t count,
				   const struct pvl_ram *ram, struct pvhload_error *err);

/* True if one of them, which have been checked, has all of @range. */
bool pvl_roms_contain(const struct pvhload_range *roms, size_t count, struct pvl_range range);

/* May a region of this kind, PVHLOAD_REGION_*, be in ROM? */
bool pvl_is_firmware(uint32_t kind);

#endif
