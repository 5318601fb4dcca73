/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * Structs that begin with their own size.  The rules: the first version is the least; members are
 * only appended; what the caller's struct lacks is 0, the default; what it has beyond ours must be
 * 0, as we could not honour it.
 */
#ifndef PVL_CORE_SIZED_H
#define PVL_CORE_SIZED_H

#include <stdbool.h>
#include <stddef.h>

/* Larger than any of our structs: a larger size is uninitialised memory. */
#define PVL_SIZED_MAX 4096u

/*
 * Copy the caller's struct at @src to @dst, @own bytes, and set the copy's size to @own.  False if
 * @src is NULL or its size cannot be right.
 */
bool pvl_sized_in(void *dst, size_t own, const void *src, size_t v1);

/* The check alone, for a struct that is used where it is. */
bool pvl_sized_usable(const void *src, size_t own, size_t v1);

/*
 * pvl_sized_in() for element @i of an array of such structs, whose elements all have the size that
 * the first one declares; false also if this one declares another.
 */
bool pvl_element(const void *array, size_t i, void *dst, size_t own, size_t v1);

/* True if the caller's struct at @dst can be filled: it has at least @v1 bytes, and not too many. */
bool pvl_sized_out_usable(const void *dst, size_t v1);

/*
 * Copy our struct at @src, @own bytes, to the caller's, except its size; members that we lack are
 * not touched.
 */
void pvl_sized_out(void *dst, const void *src, size_t own);

#endif
