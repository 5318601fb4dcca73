/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * Host memory that runs out at the n-th allocation.  For tests that are linked with --wrap for malloc, calloc and
 * realloc: the linker puts the functions of failing_memory.c in their place, in the library's objects as well.
 */
#ifndef SUPPORT_FAILING_MEMORY_H
#define SUPPORT_FAILING_MEMORY_H

#include <stddef.h>

/* Count allocations from here on, and fail the @n-th; 0: none fails.  Check allocates, too: ask it afterwards. */
void failing_memory_begin(size_t n);

/* Fail no more; how many there were. */
size_t failing_memory_end(void);

/* How many bytes the one that failed was to have. */
size_t failing_memory_asked(void);

#endif
