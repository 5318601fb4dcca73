/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* Sums that say when they would wrap. */
#ifndef PVL_CORE_CHECKED_H
#define PVL_CORE_CHECKED_H

#include <stdbool.h>
#include <stdint.h>

static inline bool pvl_add_u64(uint64_t a, uint64_t b, uint64_t *ret)
{
	if (b > UINT64_MAX - a)
		return false;
	*ret = a + b;
	return true;
}

/* Up to a multiple of @align, a power of two; false if that would pass 2^64. */
static inline bool pvl_align_up(uint64_t value, uint64_t align, uint64_t *ret)
{
	uint64_t sum;

	if (!pvl_add_u64(value, align - 1, &sum))
		return false;
	*ret = sum & ~(align - 1);
	return true;
}

static inline uint64_t pvl_align_down(uint64_t value, uint64_t align)
{
	return value & ~(align - 1);
}

static inline uint64_t pvl_min_u64(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

static inline uint64_t pvl_max_u64(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

#endif
