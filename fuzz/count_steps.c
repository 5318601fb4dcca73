/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
#include "steps.h"

/* What the compiler calls in each basic block, in the place of the engine's, which does nothing. */
void __wrap___sanitizer_cov_trace_pc(void);

/* Volatile, since compilers do not know yet where they are going to put these calls. */
static volatile uint64_t steps;

void __wrap___sanitizer_cov_trace_pc(void)
{
	steps = steps + 1;
}

void steps_begin(void)
{
	steps = 0;
}

uint64_t steps_done(void)
{
	return steps;
}
