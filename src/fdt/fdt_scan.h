/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* What a kernel is told by a tree: /chosen, the banks of memory, the reservations. */
#ifndef PVL_FDT_FDT_SCAN_H
#define PVL_FDT_FDT_SCAN_H

#include <stdbool.h>

#include "core/range.h"
#include "fdt/fdt_tree.h"
#include "guest/read_back.h"
#include "layout/part.h"

struct pvl_fdt_reserved {
	struct pvl_range range;
	char name[PVL_NAME_SIZE]; /* the node's, or "/memreserve/ N" */
	bool is_node;             /* not an entry of the block */
	bool no_map;
};

/* Spans point into the tree; one without data is of a property that is not there. */
struct pvl_fdt_facts {
	const char *bootargs; /* in the tree, NUL-terminated; NULL if there are none */
	struct pvl_span initrd_start, initrd_end; /* 4 or 8 bytes each */
	struct pvl_range initrd;
	bool has_initrd;
	struct pvl_span kaslr_seed, rng_seed;
	uint32_t address_cells, size_cells; /* of the root node; 0: it does not say */
	struct pvl_range *banks;            /* of memory, in the tree's order */
	size_t bank_count, bank_capacity;
	struct pvl_fdt_reserved *reserved; /* those of the block, then those of nodes */
	size_t reserved_count, reserved_capacity;
};

/*
 * Walk the whole @tree, and fill *@ret, which begins as zeros and is to be freed in any case.  If @told is not NULL,
 * faults of the guest are told there, as pvl_read_back_part() does it, and @err is its error.
 */
enum pvhload_status pvl_fdt_scan(const struct pvl_fdt_tree *tree, struct pvl_read_back *told,
				 struct pvl_fdt_facts *ret, struct pvhload_error *err);
void pvl_fdt_facts_free(struct pvl_fdt_facts *facts);

/* Append a reservation. */
enum pvhload_status pvl_fdt_append_reserved(struct pvl_fdt_facts *facts,
					    struct pvl_fdt_reserved item,
					    struct pvhload_error *err);

#endif
