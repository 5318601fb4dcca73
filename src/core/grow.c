/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
#include "core/grow.h"

#include <stdint.h>

#include "core/libc.h"

#define FIRST_CAPACITY 16u

bool pvl_grow(void **array, size_t *capacity, size_t count, size_t element)
{
	size_t larger;
	void *moved;

	if (count < *capacity)
		return true;
	larger = *capacity ? *capacity * 2 : FIRST_CAPACITY;
	if (larger <= count || larger > SIZE_MAX / element)
		return false;
	moved = realloc(*array, larger * element);
	if (!moved)
		return false;
	*array = moved;
	*capacity = larger;
	return true;
}
