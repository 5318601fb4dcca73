/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * Free memory as a list of ranges from which what is taken is cut out.  This is not how the planner does
 * it, which keeps RAM and a list of claims: an error in one is none in the other.
 */
#ifndef PROPERTY_FREE_SPACE_H
#define PROPERTY_FREE_SPACE_H

#include <pvhload/pvhload.h>
#include <stdbool.h>

#define FREE_MAX 2048u

struct free_range {
	uint64_t start;
	uint64_t end;
};

/* By address; no two touch. */
struct free_space {
	struct free_range ranges[FREE_MAX];
	size_t count;
};

/* The RAM of a map, whose entries do not overlap. */
void free_space_init(struct free_space *space, const struct pvhload_memmap *map);

/* True if all of it is free. */
bool free_space_has(const struct free_space *space, uint64_t start, uint64_t end);

/* Nothing of it is free any more; it need not have been. */
void free_space_cut(struct free_space *space, uint64_t start, uint64_t end);

/* All of it is free now; none of it was. */
void free_space_give(struct free_space *space, uint64_t start, uint64_t end);

/* What is looked for: @size bytes from @min on, ending at or below @limit. */
struct want {
	uint64_t size;
	uint64_t align; /* of the address less @phase */
	uint64_t phase;
	uint64_t min;
	uint64_t limit;
	uint64_t
		page; /* of this many bytes: the rest of the last one has to be free as well; 0: not */
};

/* The lowest place, or the highest; false if there is none. */
bool free_space_lowest(const struct free_space *space, const struct want *want, uint64_t *gpa);
bool free_space_highest(const struct free_space *space, const struct want *want, uint64_t *gpa);

/* Is @gpa such a place? */
bool free_space_fits(const struct free_space *space, const struct want *want, uint64_t gpa);

/* Where the bytes at @gpa end, with the rest of the last page if that is wanted; 0 if that wraps. */
uint64_t want_end(const struct want *want, uint64_t gpa);

#endif
