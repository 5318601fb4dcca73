/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * A flattened device tree whose header and blocks have been checked, and walking it item by item, within these blocks
 * and the limits of fdt.h.
 */
#ifndef PVL_FDT_FDT_TREE_H
#define PVL_FDT_FDT_TREE_H

#include <pvhload/fdt.h>

#include "core/error.h"
#include "core/span.h"

struct pvl_fdt_tree {
	struct pvl_span bytes;     /* all of it, as its header says */
	struct pvl_span rsvmap;    /* its memory reservation block, without the last entry */
	struct pvl_span structure; /* its other blocks */
	struct pvl_span strings;
	uint64_t gpa; /* where it is in a guest, for errors; PVHLOAD_NOWHERE: it is the caller's */
};

/*
 * Check the magic, version and size of the tree that begins with @bytes, of which there may be more: *@ret_size is how
 * many the tree has.
 */
enum pvhload_status pvl_fdt_check_header(struct pvl_span bytes, uint64_t gpa, uint32_t *ret_size,
					 struct pvhload_error *err);

/* Check the header and the blocks of the tree that is in @bytes, and fill *@ret. */
enum pvhload_status pvl_fdt_open(struct pvl_span bytes, uint64_t gpa, struct pvl_fdt_tree *ret,
				 struct pvhload_error *err);

/* Bytes that it takes without the free ones. */
uint64_t pvl_fdt_packed_size(const struct pvl_fdt_tree *tree);

/* Where @at, which points into the tree, is. */
struct pvl_where pvl_fdt_where(const struct pvl_fdt_tree *tree, const void *at);

/* What comes next in the structure block. */
enum pvl_fdt_kind { PVL_FDT_NODE, PVL_FDT_PROPERTY, PVL_FDT_NODE_END, PVL_FDT_END };

struct pvl_fdt_item {
	enum pvl_fdt_kind kind;
	uint32_t depth;   /* of the node that begins, ends or has the property; the root's is 1 */
	const char *name; /* of the node that begins, or of the property */
	struct pvl_span value; /* of the property */
};

/* Begin with its @tree set, and zeros. */
struct pvl_fdt_walk {
	const struct pvl_fdt_tree *tree;
	uint64_t at; /* in the structure block */
	uint32_t depth;
	bool had_root;
	bool had_child; /* the node has had one: it can have no more properties */
};

enum pvhload_status pvl_fdt_next(struct pvl_fdt_walk *walk, struct pvl_fdt_item *ret,
				 struct pvhload_error *err);

#endif
