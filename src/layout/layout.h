/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * The engine that gives everything in a guest its place.  A protocol fills the list of parts; the layout
 * places them and the kernel, by one strategy after the other until one leaves room for all.
 */
#ifndef PVL_LAYOUT_LAYOUT_H
#define PVL_LAYOUT_LAYOUT_H

#include "layout/space.h"

/* Where to look for a place of the kernel. */
enum pvl_kernel_goes { PVL_KERNEL_OWN, PVL_KERNEL_LOW, PVL_KERNEL_HIGH };

/* A strategy: the order of placing, and where to look for the kernel. */
struct pvl_strategy {
	bool by_size;     /* the largest file first; otherwise in the list's order */
	bool files_first; /* files before the kernel; otherwise last */
	enum pvl_kernel_goes kernel;
};

struct pvl_layout {
	struct pvl_space space;
	struct pvl_part
		*parts; /* structures, then files: this is the order in which they are placed */
	size_t count;
	size_t capacity;

	/*
	 * Claim the kernel's place.  Sets *@ret_movable on success, to whether it could be elsewhere.  NULL:
	 * there is no kernel to place.
	 */
	enum pvhload_status (*place_kernel)(void *kernel, struct pvl_space *space,
					    enum pvl_kernel_goes goes, bool *ret_movable,
					    struct pvhload_error *err);
	void *kernel;

	/* Numbers of the parts that are files, in the strategy's order; in the block of parts. */
	size_t *files;
	size_t file_count;
	bool kernel_placed; /* by the strategy tried last */
	bool kernel_movable;
};

/* Room for @count parts, none yet; pvl_layout_free() in any case. */
enum pvhload_status pvl_layout_init(struct pvl_layout *layout, size_t count,
				    struct pvhload_error *err);
void pvl_layout_free(struct pvl_layout *layout);

/*
 * Append @part, for which there is room, and give its number.  One of size 0 takes its number and no
 * place, unless it has a prepare() that gives it a size.
 */
size_t pvl_layout_append(struct pvl_layout *layout, const struct pvl_part *part);

/*
 * Place everything.  The claims in layout->space are kept free; afterwards it has those of all parts
 * that have a kind as well, sorted by address, and each part has its gpa.  On failure @err says which part has no place.
 */
enum pvhload_status pvl_layout_place(struct pvl_layout *layout, struct pvhload_error *err);

/*
 * Place the structures that have a fixed place, or those that have none.  For a guest where the caller has chosen every
 * place: pvl_layout_place() would keep a way back.
 */
enum pvhload_status pvl_layout_place_structures(struct pvl_layout *layout, bool fixed,
						struct pvhload_error *err);

/*
 * Claim the place of part number @i, which has a fixed one; one of size 0 has none.  For checking a
 * guest: if a part fails, the others can still be placed.
 */
enum pvhload_status pvl_layout_claim_fixed(struct pvl_layout *layout, size_t i,
					   struct pvhload_error *err);

/* True for failures that do not depend on the method or strategy, such as no host memory. */
static inline bool pvl_is_final(int32_t status)
{
	return status == PVHLOAD_E_USAGE || status == PVHLOAD_E_NO_MEMORY ||
	       status == PVHLOAD_E_SOURCE || status == PVHLOAD_E_CANCELLED ||
	       status == PVHLOAD_E_CALLBACK;
}

#endif
