/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* What libFuzzer calls to change an input of target MUTATED: half of the time an edit that knows the format. */
#include "mutate.h"

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned int seed);
/* The engine's; engines that do not call the above have none. */
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max_size) __attribute__((weak));

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned int seed)
{
	const size_t made =
		seed % 2 == 0 ? mutate_input(MUTATED, data, size, max_size, seed / 2) : 0;

	if (made > 0)
		return made;
	return LLVMFuzzerMutate ? LLVMFuzzerMutate(data, size, max_size) : size;
}
