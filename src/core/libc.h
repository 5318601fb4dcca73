/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * All that the library wants of a C library: memory, strings, formatting, sorting.  No other file includes
 * these headers, so a freestanding build has to put its own in place of this one, and of libc.c:
 * docs/examples/firmware/core/libc.h lists what it declares.  What needs an operating system is in
 * the files that HOST of tests/check/layers.py names.
 */
#ifndef PVL_CORE_LIBC_H
#define PVL_CORE_LIBC_H

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * As malloc(), for what is written whole: touching it page by page would cost more than decoding does
 * with a fast codec, so large ones ask for huge pages.  Without them, nothing is lost.
 */
void *pvl_new_output(size_t size);

#endif
