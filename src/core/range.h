/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* Half-open ranges of guest-physical addresses. */
#ifndef PVL_CORE_RANGE_H
#define PVL_CORE_RANGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/libc.h"

/* [start, end), start <= end. */
struct pvl_range {
	uint64_t start;
	uint64_t end;
};

/* False if the range would wrap.  No range ends at 2^64, so every end is a number. */
static inline bool pvl_range_make(uint64_t start, uint64_t size, struct pvl_range *ret)
{
	if (size > UINT64_MAX - start)
		return false;
	ret->start = start;
	ret->end = start + size;
	return true;
}

static inline bool pvl_range_overlap(struct pvl_range a, struct pvl_range b)
{
	return a.start < b.end && b.start < a.end;
}

static inline bool pvl_range_contains(struct pvl_range outer, struct pvl_range inner)
{
	return outer.start <= inner.start && inner.end <= outer.end;
}

/* Sort structs of @size bytes by their first member: a uint64_t, or a range and so its start. */
void pvl_sort_by_start(void *items, size_t count, size_t size);

void pvl_ranges_sort(struct pvl_range *ranges, size_t count);

/* Join sorted ranges that touch or overlap, in place, and return how many there are then. */
size_t pvl_ranges_join_touching(struct pvl_range *ranges, size_t count);

/* What 32-bit code can reach. */
#define PVL_4GIB      0x100000000u
#define PVL_4GIB_NAME "4 GiB"

/* For messages: pvl_fail(..., "segment " PVL_RANGE_FMT, PVL_RANGE_ARG(r)). */
#define PVL_RANGE_FMT    "[0x%" PRIx64 ", 0x%" PRIx64 ")"
#define PVL_RANGE_ARG(r) (r).start, (r).end

#endif
