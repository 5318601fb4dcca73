/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
#include "heap_calls.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifdef __has_feature
#define HAS_FEATURE(name) __has_feature(name)
#else
#define HAS_FEATURE(name) 0
#endif

#if defined(__GLIBC__) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__) && \
	!HAS_FEATURE(address_sanitizer) && !HAS_FEATURE(memory_sanitizer) &&                 \
	!HAS_FEATURE(thread_sanitizer)

#include <execinfo.h>
#include <malloc.h>
#include <stdint.h>

#define LISTED 32
#define FRAMES 8
/* Frames of this file's own. */
#define OWN_FRAMES 2

/* glibc's own, under the names that it has for this. */
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *old, size_t size);
void *__libc_memalign(size_t align, size_t size);
void __libc_free(void *block);

struct take {
	const char *name;
	size_t size;
	void *frames[FRAMES];
	int frame_count;
};

/* A compiler takes it that malloc() neither reads nor writes these. */
static volatile bool counting;
static volatile size_t takes, frees, bytes, fail_at;
static volatile long blocks, live, peak;
static struct take listed[LISTED];

/* Out of line, so that OWN_FRAMES holds.  False if this one is to fail. */
__attribute__((noinline)) static bool count_take(const char *name, size_t size)
{
	const size_t i = __atomic_fetch_add(&takes, 1, __ATOMIC_RELAXED);

	__atomic_fetch_add(&bytes, size, __ATOMIC_RELAXED);
	if (i < LISTED) {
		listed[i].name = name;
		listed[i].size = size;
		listed[i].frame_count = backtrace(listed[i].frames, FRAMES);
	}
	return i + 1 != fail_at;
}

static void note_live(long size)
{
	const long now = __atomic_add_fetch(&live, size, __ATOMIC_RELAXED);
	long most = peak;

	while (now > most && !__atomic_compare_exchange_n(&peak, &most, now, false,
							  __ATOMIC_RELAXED, __ATOMIC_RELAXED))
		;
}

/* One more block that is in use, if it is one. */
static void *taken(void *block)
{
	if (counting && block) {
		__atomic_fetch_add(&blocks, 1, __ATOMIC_RELAXED);
		note_live((long)malloc_usable_size(block));
	}
	return block;
}

void *malloc(size_t size)
{
	if (counting && !count_take("malloc", size))
		return NULL;
	return taken(__libc_malloc(size));
}

void *calloc(size_t count, size_t size)
{
	if (counting && !count_take("calloc", count * size))
		return NULL;
	return taken(__libc_calloc(count, size));
}

/* While it moves, both are there. */
static void *moved(void *old, size_t size)
{
	const uintptr_t was = (uintptr_t)old;
	const long before = (long)malloc_usable_size(old);
	void *block = __libc_realloc(old, size);

	if (counting && block) {
		const long now = (long)malloc_usable_size(block);

		note_live((uintptr_t)block == was ? now - before : now);
		note_live((uintptr_t)block == was ? 0 : -before);
	}
	return block;
}

void *realloc(void *old, size_t size)
{
	if (counting && !count_take("realloc", size))
		return NULL;
	return old ? moved(old, size) : taken(__libc_realloc(old, size));
}

int posix_memalign(void **ret, size_t align, size_t size)
{
	void *block = NULL;

	if (!counting || count_take("posix_memalign", size))
		block = taken(__libc_memalign(align, size));
	if (!block)
		return ENOMEM;
	*ret = block;
	return 0;
}

void *aligned_alloc(size_t align, size_t size)
{
	if (counting && !count_take("aligned_alloc", size))
		return NULL;
	return taken(__libc_memalign(align, size));
}

void free(void *block)
{
	if (counting && block) {
		__atomic_fetch_add(&frees, 1, __ATOMIC_RELAXED);
		__atomic_fetch_sub(&blocks, 1, __ATOMIC_RELAXED);
		note_live(-(long)malloc_usable_size(block));
	}
	__libc_free(block);
}

void heap_calls_begin(void)
{
	void *frame;

	(void)backtrace(&frame, 1); /* allocates, the first time */
	takes = frees = bytes = fail_at = 0;
	blocks = live = peak = 0;
	counting = true;
}

void heap_calls_fail(size_t n)
{
	fail_at = n;
}

struct heap_calls heap_calls_end(void)
{
	counting = false;
	return (struct heap_calls){ takes, frees, bytes, blocks, (size_t)peak };
}

void heap_calls_list(void)
{
	for (size_t i = 0; i < takes && i < LISTED; i++) {
		const struct take *take = &listed[i];

		fprintf(stderr, "%s of %zu bytes\n", take->name, take->size);
		fflush(stderr);
		if (take->frame_count > OWN_FRAMES)
			backtrace_symbols_fd(take->frames + OWN_FRAMES,
					     take->frame_count - OWN_FRAMES, fileno(stderr));
	}
}

#else

void heap_calls_begin(void)
{
}

void heap_calls_fail(size_t n)
{
	(void)n;
}

struct heap_calls heap_calls_end(void)
{
	return (struct heap_calls){ 0, 0, 0, 0, 0 };
}

void heap_calls_list(void)
{
}

#endif

/* A call of ours, and one of a library's.  Under valgrind, the functions above are replaced. */
bool heap_calls_seen(void)
{
	void *(*volatile take)(size_t) = malloc;
	char *(*volatile copy)(const char *) = strdup;
	void (*volatile give)(void *) = free;
	struct heap_calls seen;

	heap_calls_begin();
	give(take(1));
	give(copy("text"));
	seen = heap_calls_end();
	return seen.takes == 2 && seen.frees == 2 && seen.peak > 0;
}
