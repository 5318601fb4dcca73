/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
#include "heap_peak.h"

#include <stdbool.h>
#include <stddef.h>

#include "fuzz.h"

/* sanitizer/allocator_interface.h */
size_t __sanitizer_get_current_allocated_bytes(void);
int __sanitizer_install_malloc_and_free_hooks(void (*took)(const volatile void *at, size_t size),
					      void (*gave)(const volatile void *at));

static bool counts;
static size_t before, most;

static void took(const volatile void *at, size_t size)
{
	size_t now;

	(void)at;
	(void)size;
	if (!counts)
		return;
	now = __sanitizer_get_current_allocated_bytes();
	most = now > most ? now : most;
}

static void gave(const volatile void *at)
{
	(void)at;
}

/* And see that it counts. */
static void install(void)
{
	void *volatile block;

	MUST(__sanitizer_install_malloc_and_free_hooks(took, gave) != 0);
	counts = true;
	block = malloc(1);
	MUST(block && most > 0);
	free(block);
}

void heap_peak_begin(void)
{
	static bool installed;

	if (!installed)
		install();
	installed = true;
	before = __sanitizer_get_current_allocated_bytes();
	most = before;
	counts = true;
}

uint64_t heap_peak_done(void)
{
	counts = false;
	return most - before;
}
