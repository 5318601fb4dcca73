/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * Counts the calls of the heap, by whoever makes them: the library, and the libraries that it calls.  For tests that
 * have heap_calls.c among their own sources: it defines malloc(), free() and the like for the whole process.
 */
#ifndef SUPPORT_HEAP_CALLS_H
#define SUPPORT_HEAP_CALLS_H

#include <stdbool.h>
#include <stddef.h>

struct heap_calls {
	size_t takes; /* malloc(), calloc(), realloc(), posix_memalign(), aligned_alloc() */
	size_t frees; /* free() of a block */
	size_t bytes; /* that were taken, in all */
	long blocks;  /* that were taken and not given back */
	size_t peak;  /* most bytes of them at once; of one that realloc() moves, both places */
};

/* False where calls are not seen: with a sanitizer, under valgrind, and with a C library other than glibc. */
bool heap_calls_seen(void);

/* Count from here on.  One count at a time, of all threads. */
void heap_calls_begin(void);

/* After that: the @n-th take, counted from 1, finds no memory. */
void heap_calls_fail(size_t n);

/* Count no more; how many there were.  Check allocates, too: ask it afterwards. */
struct heap_calls heap_calls_end(void);

/*
 * List the first 32 takes of the last count on standard error: what was called, for how many bytes, and from where, as
 * file(+OFFSET), which addr2line -fipe FILE OFFSET turns into a line.
 */
void heap_calls_list(void);

#endif
