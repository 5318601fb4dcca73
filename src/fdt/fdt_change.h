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
 * Change the tree at @tree, which has been checked by all rules of fdt_tree.h and is at a multiple of 8, and pack it.  It
 * may grow up to @capacity.  Where it is bad after all, PVHLOAD_E_MALFORMED.
 */
enum pvhload_status pvl_libfdt_change(uint8_t *tree, size_t capacity,
				      const struct pvl_fdt_change *change, size_t *ret_size,
				      struct pvhload_error *err);

#endif
