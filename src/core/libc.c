/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
#include "core/libc.h"

#include <sys/mman.h>

#define HUGE_PAGE (2u << 20)
#define HUGE_FROM (2 * (size_t)HUGE_PAGE)

void *pvl_new_output(size_t size)
{
	void *out = NULL;

	if (size < HUGE_FROM)
		return malloc(size);
	if (posix_memalign(&out, HUGE_PAGE, size) != 0)
		return NULL;
#ifdef MADV_HUGEPAGE
	(void)madvise(out, size, MADV_HUGEPAGE);
#endif
	return out;
}
