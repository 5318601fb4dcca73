/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * Steps of the library, in a build with -Dfuzz-steps=true: each basic block of its own that is executed is one.  What
 * libraries do is not counted.
 */
#ifndef FUZZ_STEPS_H
#define FUZZ_STEPS_H

#include <stdint.h>

void steps_begin(void);

/* Since steps_begin(). */
uint64_t steps_done(void);

#endif
