/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * What the library takes from the heap, and an allocation that fails.  What nobody has written there differs from call to
 * call, so that two results are not the same if it gets into them.  For targets that are linked with --wrap for
 * malloc, calloc, realloc and free; what codecs' libraries take is not counted.
 */
#ifndef FUZZ_HEAP_H
#define FUZZ_HEAP_H

#include <stdbool.h>
#include <stddef.h>

/* Count from here on; the @fail_at-th allocation fails, 0: none. */
void heap_begin(size_t fail_at);

/* Count no more.  The most bytes that there were at once, beyond those of before. */
size_t heap_end(void);

/* Has an allocation failed since heap_begin()? */
bool heap_failed(void);

#endif
