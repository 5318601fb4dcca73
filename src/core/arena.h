/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* Memory that is freed all at once: many small pieces by few calls of the heap. */
#ifndef PVL_CORE_ARENA_H
#define PVL_CORE_ARENA_H

#include "core/libc.h"

struct pvl_arena_block;

/* Empty if it is all zeros. */
struct pvl_arena {
	struct pvl_arena_block *last;
};

/* @count elements of @size bytes, neither 0, zeroed, as aligned as malloc()'s; NULL if there is no memory. */
void *pvl_arena_new(struct pvl_arena *arena, size_t count, size_t size);

/* Free all of them. */
void pvl_arena_free(struct pvl_arena *arena);

#endif
