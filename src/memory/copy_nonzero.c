/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
#include "memory/copy_nonzero.h"

#include <pvhload/guest_memory.h>

#include "core/libc.h"

#define PAGE PVHLOAD_MAP_FILE_ALIGN

/* Each byte is the one before it. */
bool pvl_is_zero(const uint8_t *bytes, size_t size)
{
	return size == 0 || (bytes[0] == 0 && memcmp(bytes, bytes + 1, size - 1) == 0);
}

void pvl_copy_nonzero(uint8_t *dst, const uint8_t *src, size_t size)
{
	size_t at = 0, run = 0; /* where the bytes begin that are still to be copied */

	while (at < size) {
		const size_t to_page = PAGE - (size_t)((uintptr_t)(dst + at) % PAGE);
		const size_t n = to_page < size - at ? to_page : size - at;

		if (pvl_is_zero(src + at, n)) {
			memcpy(dst + run, src + run, at - run);
			run = at + n;
		}
		at += n;
	}
	memcpy(dst + run, src + run, at - run);
}
