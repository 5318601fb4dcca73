/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
#include "failing_memory.h"

#include <stdbool.h>

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *old, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *old, size_t size);

/* A compiler takes it that malloc() neither reads nor writes these. */
static volatile bool armed;
static volatile size_t allocations, fail_at, asked;

void failing_memory_begin(size_t n)
{
	allocations = 0;
	fail_at = n;
	asked = 0;
	armed = true;
}

size_t failing_memory_end(void)
{
	armed = false;
	return allocations;
}

size_t failing_memory_asked(void)
{
	return asked;
}

static bool fails(size_t size)
{
	if (!armed)
		return false;
	allocations = allocations + 1;
	if (allocations == fail_at)
		asked = size;
	return allocations == fail_at;
}

void *__wrap_malloc(size_t size)
{
	return fails(size) ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
	return fails(count * size) ? NULL : __real_calloc(count, size);
}

void *__wrap_realloc(void *old, size_t size)
{
	return fails(size) ? NULL : __real_realloc(old, size);
}
