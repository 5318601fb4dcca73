/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* Bytes that are written one after the other, little-endian. */
#ifndef TOOL_KVM_TABLE_BYTES_H
#define TOOL_KVM_TABLE_BYTES_H

#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Of @capacity, which is enough for all that the caller knows to come. */
struct bytes {
	uint8_t *at;
	size_t size;
	size_t capacity;
};

/* @value at @offset, @size bytes of it. */
static inline void bytes_set(struct bytes *b, size_t offset, unsigned int size, uint64_t value)
{
	assert(offset <= b->size && size <= b->size - offset);
	for (unsigned int i = 0; i < size; i++)
		b->at[offset + i] = (uint8_t)(value >> 8 * i);
}

static inline void bytes_number(struct bytes *b, unsigned int size, uint64_t value)
{
	assert(size <= b->capacity - b->size);
	b->size += size;
	bytes_set(b, b->size - size, size, value);
}

static inline void bytes_add(struct bytes *b, const void *what, size_t size)
{
	assert(size <= b->capacity - b->size);
	memcpy(b->at + b->size, what, size);
	b->size += size;
}

static inline void bytes_zeros(struct bytes *b, size_t size)
{
	assert(size <= b->capacity - b->size);
	memset(b->at + b->size, 0, size);
	b->size += size;
}

/* Up to a multiple of @alignment. */
static inline void bytes_align(struct bytes *b, size_t alignment)
{
	bytes_zeros(b, (alignment - b->size % alignment) % alignment);
}

#endif
