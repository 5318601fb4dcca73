/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * Numbers out of a fuzz input, in order.  When the bytes are used up, all further ones are 0: so that is to stand for
 * the plain choice, and a short input is a plain scene.
 */
#ifndef FUZZ_FUZZ_INPUT_H
#define FUZZ_FUZZ_INPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "bytes.h"

struct input {
	const uint8_t *data;
	size_t size;
	size_t at;
};

static inline uint8_t input_byte(struct input *in)
{
	return in->at < in->size ? in->data[in->at++] : 0;
}

/* Of @count bytes, the lowest first. */
static inline uint64_t input_number(struct input *in, unsigned int count)
{
	uint64_t value = 0;

	for (unsigned int i = 0; i < count; i++)
		value |= (uint64_t)input_byte(in) << (8 * i);
	return value;
}

/* From 0 to @n - 1. */
static inline uint64_t input_below(struct input *in, uint64_t n)
{
	return input_number(in, n > 0x10000 ? 4 : n > 0x100 ? 2 : 1) % n;
}

/* Seldom: for all bytes but every @n-th, and for 0, it is false. */
static inline bool input_one_in(struct input *in, unsigned int n)
{
	return input_byte(in) % n == n - 1;
}

/*
 * Is this input one of those, one in @n, that are asked for what takes long?  By all of its bytes, so that an engine that
 * changes inputs which were asked does not only get more of them.  A replay asks all of them.
 */
#ifdef FUZZ_ALL_LONG
static inline bool input_is_chosen(const uint8_t *data, size_t size, unsigned int n)
{
	(void)data;
	(void)size;
	(void)n;
	return true;
}
#else
__attribute__((no_sanitize("address", "undefined"))) static inline bool
input_is_chosen(const uint8_t *data, size_t size, unsigned int n)
{
	uint64_t hash = size, word;
	size_t at = 0;

	for (; size - at >= sizeof(word); at += sizeof(word)) {
		memcpy(&word, data + at, sizeof(word));
		hash = (hash ^ word) * UINT64_C(0x9e3779b97f4a7c15);
	}
	for (; at < size; at++)
		hash = (hash ^ data[at]) * UINT64_C(0x9e3779b97f4a7c15);
	hash ^= hash >> 32;
	return hash % n == 0;
}
#endif

/* One of an array's elements, the first one for 0. */
#define input_of(in, array) ((array)[input_below((in), sizeof(array) / sizeof((array)[0]))])

/* What is left, all of it. */
static inline struct bytes input_rest(struct input *in)
{
	const size_t at = in->at;

	in->at = in->size;
	return bytes_copy(in->data + at, in->size - at);
}

/* Overwrite up to three numbers of a file, anywhere. */
static inline void input_damage(struct input *in, struct bytes *file)
{
	for (unsigned int left = input_byte(in) % 4; left > 0 && file->size >= 8; left--) {
		const size_t offset = (size_t)input_below(in, 0x10000) % (file->size - 7);
		const unsigned int size = 1u << input_byte(in) % 4;

		poke(file, offset, input_number(in, size), size);
	}
}

#endif
