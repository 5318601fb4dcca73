/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* Inside of a scan: the node whose properties are being read, and judging it when they have been. */
#ifndef PVL_FDT_FDT_NODES_H
#define PVL_FDT_FDT_NODES_H

#include "fdt/fdt_scan.h"

/* The properties that say something, wherever they do. */
enum pvl_fdt_known {
	PVL_FDT_ADDRESS_CELLS,
	PVL_FDT_SIZE_CELLS,
	PVL_FDT_DEVICE_TYPE,
	PVL_FDT_REG,
	PVL_FDT_USABLE_MEMORY,
	PVL_FDT_STATUS,
	PVL_FDT_NO_MAP,
	PVL_FDT_BOOTARGS,
	PVL_FDT_INITRD_START,
	PVL_FDT_INITRD_END,
	PVL_FDT_KASLR_SEED,
	PVL_FDT_RNG_SEED,
	PVL_FDT_KNOWN_COUNT
};

extern const char *const pvl_fdt_known_names[PVL_FDT_KNOWN_COUNT];

/* What a node is for. */
enum pvl_fdt_place {
	PVL_FDT_ELSEWHERE,
	PVL_FDT_ROOT,
	PVL_FDT_CHOSEN,
	PVL_FDT_RESERVED_MEMORY,
	PVL_FDT_RESERVATION,
	PVL_FDT_CHILD_OF_ROOT,
	PVL_FDT_PLACE_COUNT
};

struct pvl_fdt_cells {
	uint32_t address, size;
};

struct pvl_fdt_scan {
	const struct pvl_fdt_tree *tree;
	struct pvl_read_back *told;
	struct pvl_fdt_facts *facts;
	struct pvhload_error *err;
	/* The node whose properties are being read. */
	const char *name;
	enum pvl_fdt_place place;
	struct pvl_span known[PVL_FDT_KNOWN_COUNT];
	bool unjudged;
	/* What has been read. */
	enum pvl_fdt_place top; /* the child of the root that this is in */
	bool had[PVL_FDT_PLACE_COUNT];
	struct pvl_fdt_cells root_cells, reserved_cells;
	size_t memory_nodes;
};

/* A fault in @part of the tree: it ends the scan, or is told. */
enum pvhload_status pvl_fdt_judged(struct pvl_fdt_scan *scan, uint32_t part,
				   enum pvhload_status status);

/* Judge the node whose properties have been read, unless it has been. */
enum pvhload_status pvl_fdt_judge_node(struct pvl_fdt_scan *scan);

#endif
