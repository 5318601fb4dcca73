/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * No input makes the library take more steps than STEPS_MAX, nor more memory at once than PEAK_MAX_MIB, and of both some
 * for each of its bytes.
 */
#include <inttypes.h>
#include <stdbool.h>

#include "fuzz.h"
#include "heap_peak.h"
#include "steps.h"

#define STEPS_PER_BYTE 100u
#define PEAK_PER_BYTE  16u   /* what is read of a list is larger than its entries */
#define INPUTS_MANY    1000u /* of which at least one must have reached the library */

int __real_LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int __wrap_LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint64_t most_steps, highest_peak;

static void show_most(void)
{
	fprintf(stderr, "most of an input: %" PRIu64 " steps, %" PRIu64 " bytes of the heap\n",
		most_steps, highest_peak);
}

/* With FUZZ_LIMITS in the environment, in the end. */
static void note(uint64_t steps, uint64_t peak)
{
	static bool noted;

	if (!noted && getenv("FUZZ_LIMITS"))
		MUST(atexit(show_most) == 0);
	noted = true;
	most_steps = steps > most_steps ? steps : most_steps;
	highest_peak = peak > highest_peak ? peak : highest_peak;
}

/* Has the library been compiled so that it counts? */
static void check_that_it_counts(void)
{
	static uint64_t inputs;

	inputs++;
	MUST(inputs < INPUTS_MANY || most_steps > 0);
}

/* A target whose limit is 0 takes none at all. */
static uint64_t most_heap(size_t size)
{
	return PEAK_MAX_MIB == 0 ? 0
				 : ((uint64_t)PEAK_MAX_MIB << 20) + PEAK_PER_BYTE * (uint64_t)size;
}

int __wrap_LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint64_t peak;
	int result;

	heap_peak_begin();
	steps_begin();
	result = __real_LLVMFuzzerTestOneInput(data, size);
	peak = heap_peak_done();
	note(steps_done(), peak);
	MUST(steps_done() <= STEPS_MAX + STEPS_PER_BYTE * (uint64_t)size);
	MUST(peak <= most_heap(size));
	check_that_it_counts();
	return result;
}
