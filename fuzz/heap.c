/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
#include "heap.h"

#include <malloc.h>
#include <stdint.h>
#include <string.h>

#define FILLED (64u << 10) /* of a large allocation */

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *old, size_t size);
void __real_free(void *at);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *old, size_t size);
void __wrap_free(void *at);

/* A compiler takes it that malloc() neither reads nor writes these. */
static volatile bool armed, failed;
static volatile size_t count, fail_at;
static volatile int64_t live, peak;
static uint8_t filling;

void heap_begin(size_t n)
{
	count = 0;
	fail_at = n;
	live = 0;
	peak = 0;
	filling += 0x35;
	failed = false;
	armed = true;
}

size_t heap_end(void)
{
	armed = false;
	return (size_t)peak;
}

bool heap_failed(void)
{
	return failed;
}

static bool fails(void)
{
	if (!armed)
		return false;
	count = count + 1;
	failed = failed || count == fail_at;
	return count == fail_at;
}

static void *took(void *at)
{
	if (armed && at) {
		live = live + (int64_t)malloc_usable_size(at);
		peak = live > peak ? live : peak;
	}
	return at;
}

static void gave(void *at)
{
	if (armed && at)
		live = live - (int64_t)malloc_usable_size(at);
}

/* What nobody has written is different each time. */
static void *fill(void *at, size_t size)
{
	if (armed && at)
		memset(at, filling, size < FILLED ? size : FILLED);
	return at;
}

void *__wrap_malloc(size_t size)
{
	return fails() ? NULL : fill(took(__real_malloc(size)), size);
}

void *__wrap_calloc(size_t n, size_t size)
{
	return fails() ? NULL : took(__real_calloc(n, size));
}

/* While it moves, both are there. */
void *__wrap_realloc(void *old, size_t size)
{
	const int64_t before = armed && old ? (int64_t)malloc_usable_size(old) : 0;
	void *at;

	if (fails())
		return NULL;
	at = took(__real_realloc(old, size));
	if (at)
		live = live - before;
	return at;
}

void __wrap_free(void *at)
{
	gave(at);
	__real_free(at);
}
