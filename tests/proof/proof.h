/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * For the drivers of this folder, which Eva reads and nothing runs.  It is put before every file.
 *
 * Eva knows a variable by the range of its values, and not how two of them relate.  Where a check compares two, it has
 * to look at each value of one by itself: "split" makes a case of each.  That costs time and assumes nothing: all cases
 * together are all values.
 */
#ifndef PROOF_H
#define PROOF_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <__fc_builtin.h>

/* Eva does not parse the form with a type in brackets; no driver has threads. */
#undef _Atomic
#define _Atomic(type) type

/* A case of each value of @variable, if these are at most @most; Eva's own. */
/*@ assigns \nothing; */
void Frama_C_builtin_split(uint64_t variable, int most);

/* A case of each value up to @bound, and one of all above. */
#define SPLIT_UP_TO(variable, bound) \
	((variable) <= (bound) ? Frama_C_builtin_split((variable), 1000) : (void)0)

static inline uint64_t any_u64(void)
{
	return Frama_C_unsigned_long_long_interval(0, UINT64_MAX);
}

static inline bool any_bool(void)
{
	return Frama_C_interval(0, 1) == 1;
}

static inline void any_bytes(void *bytes, size_t size)
{
	if (size > 0)
		Frama_C_make_unknown(bytes, size);
}

#endif
