/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
#include "bytes.h"

#include <stdlib.h>
#include <string.h>

void bytes_free(struct bytes *bytes)
{
	free(bytes->data);
	bytes->data = NULL;
}

struct bytes bytes_copy(const void *data, size_t size)
{
	struct bytes copy = { malloc(size ? size : 1), size };

	if (size)
		memcpy(copy.data, data, size);
	return copy;
}

struct bytes bytes_zero(size_t size)
{
	return (struct bytes){ calloc(1, size ? size : 1), size };
}

void poke(struct bytes *bytes, size_t offset, uint64_t value, size_t size)
{
	for (size_t i = 0; i < size; i++)
		bytes->data[offset + i] = (uint8_t)(value >> (8 * i));
}

void set_member(void *member, uint64_t value, size_t size)
{
	const uint32_t half = (uint32_t)value;

	if (size == sizeof(half))
		memcpy(member, &half, sizeof(half));
	else if (size == sizeof(value))
		memcpy(member, &value, sizeof(value));
}

uint64_t get_member(const void *member, size_t size)
{
	switch (size) {
	case 1:
		return *(const uint8_t *)member;
	case 2:
		return *(const uint16_t *)member;
	case 4:
		return *(const uint32_t *)member;
	default:
		return *(const uint64_t *)member;
	}
}

uint64_t peek(const uint8_t *at, size_t size)
{
	uint64_t value = 0;

	for (size_t i = 0; i < size; i++)
		value |= (uint64_t)at[i] << (8 * i);
	return value;
}

struct bytes bytes_join(const struct bytes *first, const struct bytes *second)
{
	struct bytes joined = bytes_zero(first->size + second->size);

	memcpy(joined.data, first->data, first->size);
	memcpy(joined.data + first->size, second->data, second->size);
	return joined;
}
