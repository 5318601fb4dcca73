/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* Zeroing secrets. */
#ifndef PVL_CORE_WIPE_H
#define PVL_CORE_WIPE_H

#include "core/libc.h"

/* Zero @size bytes.  The compiler must keep it, though nothing reads them any more: it cannot see what the asm reads. */
static inline void pvl_wipe(void *bytes, size_t size)
{
	memset(bytes, 0, size);
	__asm__ volatile("" : : "r"(bytes) : "memory");
}

/* The same, and free them; @bytes may be NULL. */
static inline void pvl_wipe_and_free(void *bytes, size_t size)
{
	if (!bytes)
		return;
	pvl_wipe(bytes, size);
	free(bytes);
}

#endif
