/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
#ifndef SUPPORT_BYTES_H
#define SUPPORT_BYTES_H

#include <stddef.h>
#include <stdint.h>

/* Bytes of exactly their size on the heap, so that one too far is seen. */
struct bytes {
	uint8_t *data;
	size_t size;
};

void bytes_free(struct bytes *bytes);
struct bytes bytes_copy(const void *data, size_t size);
struct bytes bytes_zero(size_t size);
struct bytes bytes_join(const struct bytes *first, const struct bytes *second);

void poke(struct bytes *bytes, size_t offset, uint64_t value, size_t size);

/* Store a member of 4 or 8 bytes of a struct, of none for 0, in this machine's byte order. */
void set_member(void *member, uint64_t value, size_t size);
/* What a member of 1, 2, 4 or 8 bytes has, in this machine's byte order. */
uint64_t get_member(const void *member, size_t size);
uint64_t peek(const uint8_t *at, size_t size);

#endif
