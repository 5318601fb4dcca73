/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
#include "core/arena.h"

#include <stdalign.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Bytes of a block, its head included; a piece that is larger has one of its own.  Where a sanitizer looks after the
 * bounds of what malloc() returns, every piece has.
 */
#if defined(__SANITIZE_ADDRESS__)
#define BLOCK_SIZE 0u
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define BLOCK_SIZE 0u
#endif
#endif
#ifndef BLOCK_SIZE
#define BLOCK_SIZE 2048u
#endif

#define ALIGN alignof(max_align_t)

struct pvl_arena_block {
	struct pvl_arena_block *before;
	size_t used, size; /* of its bytes */
	alignas(max_align_t) uint8_t bytes[];
};

/* A block for a piece of @size bytes, which it has not given away yet. */
static struct pvl_arena_block *new_block(struct pvl_arena *arena, size_t size)
{
	const size_t head = offsetof(struct pvl_arena_block, bytes);
	size_t whole = BLOCK_SIZE;
	struct pvl_arena_block *block;

	if (size > SIZE_MAX - head)
		return NULL;
	if (size + head > whole)
		whole = size + head;
	block = calloc(1, whole);
	if (!block)
		return NULL;
	block->size = whole - head;
	block->before = arena->last;
	arena->last = block;
	return block;
}

void *pvl_arena_new(struct pvl_arena *arena, size_t count, size_t size)
{
	struct pvl_arena_block *block = arena->last;
	uint8_t *piece;
	size_t bytes;

	if (count > (SIZE_MAX - (ALIGN - 1)) / size)
		return NULL;
	bytes = (count * size + (ALIGN - 1)) & ~(ALIGN - 1);
	if (!block || block->size - block->used < bytes)
		block = new_block(arena, bytes);
	if (!block)
		return NULL;
	piece = block->bytes + block->used;
	block->used += bytes;
	return piece;
}

void pvl_arena_free(struct pvl_arena *arena)
{
	struct pvl_arena_block *block = arena->last;

	while (block) {
		struct pvl_arena_block *before = block->before;

		free(block);
		block = before;
	}
	arena->last = NULL;
}
