/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * Ranges of addresses from which others are taken: what is free.  They are sorted, in blocks of at most
 * PVL_GAPS_PER_BLOCK, so that taking one moves no more than a block, and each block knows how large a gap it may have,
 * so that a search passes over blocks of small ones.
 */
#ifndef PVL_LAYOUT_GAPS_H
#define PVL_LAYOUT_GAPS_H

#include "core/range.h"

#define PVL_GAPS_PER_BLOCK 64u

struct pvl_gap_block {
	size_t count;
	uint64_t most; /* no gap here has more bytes in whole pages; at worst too much */
	struct pvl_range gaps[PVL_GAPS_PER_BLOCK]; /* sorted, disjoint; some may be empty */
};

struct pvl_gaps {
	struct pvl_gap_block *blocks; /* none is without a gap */
	size_t count;
	size_t capacity;
	uint64_t page_size;
};

/* Where a gap is: count, 0 after the last one. */
struct pvl_gap_at {
	size_t block;
	size_t index;
};

/*
 * All of @ranges, which are sorted and disjoint; false if there is no host memory.  What @gaps had before is dropped:
 * zeros, or gaps that were initialised.
 */
bool pvl_gaps_init(struct pvl_gaps *gaps, const struct pvl_range *ranges, size_t count,
		   uint64_t page_size);
void pvl_gaps_free(struct pvl_gaps *gaps);

/* Make sure that the next pvl_gaps_take() has the memory that it may need. */
bool pvl_gaps_make_room(struct pvl_gaps *gaps);

/* Take what is there of @range, after pvl_gaps_make_room(). */
void pvl_gaps_take(struct pvl_gaps *gaps, struct pvl_range range);

/* The first block, or gap, that ends above @gpa. */
size_t pvl_gaps_block_above(const struct pvl_gaps *gaps, uint64_t gpa);
struct pvl_gap_at pvl_gaps_above(const struct pvl_gaps *gaps, uint64_t gpa);

/* True if all of @range, which is not empty, is in one gap. */
bool pvl_gaps_contain(const struct pvl_gaps *gaps, struct pvl_range range);

/* The lowest that is free of @range, up to the end of its gap; false if nothing is. */
bool pvl_gaps_next(const struct pvl_gaps *gaps, struct pvl_range range, struct pvl_range *ret);

/* Bytes of @gap in whole pages. */
uint64_t pvl_gap_pages(struct pvl_range gap, uint64_t page_size);

#endif
