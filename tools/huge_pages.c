/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
#include "huge_pages.h"

#include <stdint.h>
#include <sys/mman.h>

/* Older headers lack it. */
#if defined(__linux__) && !defined(MADV_COLLAPSE)
#define MADV_COLLAPSE 25
#endif

#define HUGE_FROM (2 * HUGE_PAGE) /* fewer bytes are not worth it */

static size_t to_huge_page(const void *at)
{
	return (HUGE_PAGE - (uintptr_t)at % HUGE_PAGE) % HUGE_PAGE;
}

void *huge_pages_place(size_t size)
{
	void *at;

	if (size < HUGE_FROM || size > SIZE_MAX - HUGE_PAGE)
		return NULL;
	at = mmap(NULL, size + HUGE_PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE,
		  -1, 0);
	if (at == MAP_FAILED)
		return NULL;
	(void)munmap(at, size + HUGE_PAGE);
	return (char *)at + to_huge_page(at);
}

/* There has to be something to collapse: a page that is read is made. */
void huge_pages_ask(void *at, size_t size)
{
#ifdef MADV_COLLAPSE
	const size_t skip = to_huge_page(at);
	const size_t whole = size < HUGE_FROM ? 0 : (size - skip) / HUGE_PAGE * HUGE_PAGE;
	char *start = (char *)at + skip;

	for (size_t i = 0; i < whole; i += HUGE_PAGE)
		(void)*(volatile char *)&start[i];
	if (whole > 0)
		(void)madvise(start, whole, MADV_COLLAPSE);
#else
	(void)at;
	(void)size;
#endif
}
