/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* What libfdt does to a tree. */
#ifndef PVL_FDT_FDT_CHANGE_H
#define PVL_FDT_FDT_CHANGE_H

#include <stdbool.h>

#include <pvhload/status.h>

#include "core/range.h"

struct pvl_fdt_change {
	const char *bootargs;   /* NULL: left as it is */
	bool initrd;            /* set its properties, to 0 */
	const void *kaslr_seed; /* NULL: left as it is */
	const void *rng_seed;
	size_t rng_seed_size;
	const struct pvl_range *memory; /* NULL: left as it is */
	size_t memory_count;
	uint32_t address_cells, size_cells; /* 1 or 2; for memory alone */
};

/*
 * Change the tree at @from, which has been checked by all rules of fdt_tree.h, and pack it: the result is at @tree, of at
 * most @capacity bytes.  Both are at multiples of 8, and do not overlap: in one place, libfdt has no room to put blocks
 * into its order, and takes over what was in that room.  Where the tree is bad after all, PVHLOAD_E_MALFORMED.
 */
enum pvhload_status pvl_libfdt_change(const uint8_t *from, uint8_t *tree, size_t capacity,
				      const struct pvl_fdt_change *change, size_t *ret_size,
				      struct pvhload_error *err);

#endif
