/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * Numbers that look random and are the same for the same seed, everywhere (splitmix64).  No two are
 * drawn in one expression whose parts C does not order.
 */
#ifndef PROPERTY_RANDOM_H
#define PROPERTY_RANDOM_H

#include <stdbool.h>
#include <stdint.h>

struct random {
	uint64_t state;
};

static inline uint64_t random_next(struct random *r)
{
	uint64_t z = r->state += 0x9e3779b97f4a7c15u;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return z ^ z >> 31;
}

/* From 0 to @n - 1. */
static inline uint64_t random_below(struct random *r, uint64_t n)
{
	return random_next(r) % n;
}

static inline bool random_one_in(struct random *r, uint64_t n)
{
	return random_below(r, n) == 0;
}

/* Of any magnitude: from 2^@low to below 2^(@high + 1). */
static inline uint64_t random_size(struct random *r, unsigned int low, unsigned int high)
{
	const uint64_t bit = UINT64_C(1) << (low + random_below(r, high - low + 1));

	return bit + random_below(r, bit);
}

/* One of an array's numbers. */
#define random_of(r, array) ((array)[random_below((r), sizeof(array) / sizeof((array)[0]))])

#endif
