/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* Arrays that grow by one. */
#ifndef PVL_CORE_GROW_H
#define PVL_CORE_GROW_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Make sure that the array *@array of @element bytes each has room for one more than @count.  On
 * failure nothing has changed.
 */
bool pvl_grow(void **array, size_t *capacity, size_t count, size_t element);

#endif
