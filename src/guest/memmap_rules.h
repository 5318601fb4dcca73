/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* Rules on the memory map that a Linux guest is told, whatever the boot protocol. */
#ifndef PVL_MEMMAP_RULES_H
#define PVL_MEMMAP_RULES_H

#include <pvhload/memmap.h>

#include "core/error.h"

/* PVHLOAD_E_MEMMAP if there are fewer than Linux takes in a zero page. */
enum pvhload_status pvl_check_linux_fewest(size_t count, struct pvhload_error *err);

/* PVHLOAD_E_MEMMAP if there are more than the @most that Linux takes by protocol @by. */
enum pvhload_status pvl_check_linux_entries(size_t count, unsigned int most, const char *by,
					    struct pvhload_error *err);

/* PVHLOAD_E_MEMMAP if the sound map has no RAM where Linux needs some below 1 MiB. */
enum pvhload_status pvl_check_linux_low_ram(const struct pvhload_memmap_entry *entries,
					    size_t count, struct pvhload_error *err);

#endif
