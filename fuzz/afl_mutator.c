/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * The edits as a custom mutator of AFL++, which loads it by AFL_CUSTOM_MUTATOR_LIBRARY and changes bytes besides.  The target
 * is named by the environment, MUTATED.
 */
#include <stdlib.h>
#include <string.h>

#include "mutate.h"

struct state {
	const char *target;
	unsigned int seed;
	uint8_t *bytes;
	size_t room;
};

void *afl_custom_init(void *afl, unsigned int seed);
size_t afl_custom_fuzz(void *data, uint8_t *input, size_t size, uint8_t **ret, uint8_t *other,
		       size_t other_size, size_t max_size);
void afl_custom_deinit(void *data);

void *afl_custom_init(void *afl, unsigned int seed)
{
	struct state *state = calloc(1, sizeof(*state));

	(void)afl;
	if (!state)
		return NULL;
	state->seed = seed;
	state->target = getenv("MUTATED");
	if (!state->target)
		state->target = "image";
	return state;
}

/* 0 would end the fuzzer, so what cannot be edited stays as it is. */
size_t afl_custom_fuzz(void *data, uint8_t *input, size_t size, uint8_t **ret, uint8_t *other,
		       size_t other_size, size_t max_size)
{
	struct state *state = data;
	size_t made;

	(void)other;
	(void)other_size;
	*ret = input;
	if (size > max_size)
		return size;
	if (state->room < max_size) {
		free(state->bytes);
		state->bytes = malloc(max_size);
		state->room = state->bytes ? max_size : 0;
	}
	if (!state->bytes)
		return size;
	memcpy(state->bytes, input, size);
	made = mutate_input(state->target, state->bytes, size, max_size, state->seed++);
	*ret = state->bytes;
	return made > 0 ? made : size;
}

void afl_custom_deinit(void *data)
{
	struct state *state = data;

	free(state->bytes);
	free(state);
}
