/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * What an input takes from the heap at most, at once: the library, the libraries of codecs and the target itself, as the
 * address sanitizer counts it.
 */
#ifndef FUZZ_HEAP_PEAK_H
#define FUZZ_HEAP_PEAK_H

#include <stdint.h>

void heap_peak_begin(void);

/* Bytes, beyond what there was at heap_peak_begin(). */
uint64_t heap_peak_done(void);

#endif
