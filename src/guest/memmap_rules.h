/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* Rules on the memory map that a Linux guest is told, whatever the boot protocol. */
#ifndef PVL_MEMMAP_RULES_H
#define PVL_MEMMAP_RULES_H

#include <pvhload/memmap.h>

#include "core/error.h"

/*
 * PVHLOAD_E_MEMMAP if Linux could not start with these entries: too few, more than @most, or no RAM
 * where it needs some.  @by names the
 * protocol, for the message.
 */
enum pvhload_status pvl_check_linux_memmap(const struct pvhload_memmap_entry *entries, size_t count,
					   unsigned int most, const char *by,
					   struct pvhload_error *err);

#endif
