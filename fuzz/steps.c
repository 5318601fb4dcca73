/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * No input makes the library take more steps than STEPS_MAX, and some for each of its bytes: it does not grow by the
 * square of them.
 */
#include "steps.h"

#include <inttypes.h>
#include <stdbool.h>

#include "fuzz.h"

#define STEPS_PER_BYTE 100u
#define INPUTS_MANY    1000u /* of which at least one must have reached the library */

int __real_LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int __wrap_LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint64_t most;

static void show_most(void)
{
	fprintf(stderr, "most steps of an input: %" PRIu64 "\n", most);
}

/* With FUZZ_STEPS in the environment, in the end. */
static void note(uint64_t steps)
{
	static bool noted;

	if (!noted && getenv("FUZZ_STEPS"))
		MUST(atexit(show_most) == 0);
	noted = true;
	most = steps > most ? steps : most;
}

/* Has the library been compiled so that it counts? */
static void check_that_it_counts(uint64_t steps)
{
	static uint64_t inputs, all_steps;

	inputs++;
	all_steps += steps;
	MUST(inputs < INPUTS_MANY || all_steps > 0);
}

int __wrap_LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	int result;

	steps_begin();
	result = __real_LLVMFuzzerTestOneInput(data, size);
	note(steps_done());
	MUST(steps_done() <= STEPS_MAX + STEPS_PER_BYTE * (uint64_t)size);
	check_that_it_counts(steps_done());
	return result;
}
