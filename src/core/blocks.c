/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
#include "core/blocks.h"

#include <stdalign.h>
#include <stdbool.h>
#include <stdint.h>

#include "core/error.h"
#include "core/libc.h"

#define ALIGN alignof(max_align_t)

struct job {
	struct pvl_blocks *blocks;
	enum pvhload_status (*call)(void *user, struct pvhload_error *err);
	void *user;
};

/* Blocks @i and up, each in one more frame: not inlined, or there would be a single large one. */
__attribute__((noinline)) static enum pvhload_status on_stack(const struct job *job, size_t i,
							      struct pvhload_error *err)
{
	alignas(max_align_t) uint8_t block[PVL_STACK_BLOCK];

	job->blocks->at[i] = block;
	return i + 1 < job->blocks->count ? on_stack(job, i + 1, err) : job->call(job->user, err);
}

static size_t rounded(size_t size)
{
	return (size + ALIGN - 1) / ALIGN * ALIGN;
}

/* The bytes of all blocks; SIZE_MAX if a size_t does not hold them. */
static size_t total(const struct pvl_blocks *blocks)
{
	size_t sum = 0;

	for (size_t i = 0; i < blocks->count; i++) {
		if (blocks->sizes[i] > SIZE_MAX / 2 - sum)
			return SIZE_MAX;
		sum += rounded(blocks->sizes[i]);
	}
	return sum;
}

static enum pvhload_status on_heap(const struct job *job, struct pvhload_error *err)
{
	const size_t size = total(job->blocks);
	uint8_t *all = size < SIZE_MAX ? malloc(size) : NULL, *next = all;
	enum pvhload_status status;

	if (!all)
		return pvl_fail_no_memory(err, size);
	for (size_t i = 0; i < job->blocks->count; i++) {
		job->blocks->at[i] = next;
		next += rounded(job->blocks->sizes[i]);
	}
	status = job->call(job->user, err);
	free(all);
	return status;
}

enum pvhload_status pvl_with_blocks(struct pvl_blocks *blocks,
				    enum pvhload_status (*call)(void *user,
								struct pvhload_error *err),
				    void *user, struct pvhload_error *err)
{
	const struct job job = { blocks, call, user };

	for (size_t i = 0; i < blocks->count; i++)
		if (blocks->sizes[i] > PVL_STACK_BLOCK)
			return on_heap(&job, err);
	return on_stack(&job, 0, err);
}
