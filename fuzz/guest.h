/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* Any bytes as guest memory from 0 up, with something at 0x40 that is read back in both ways. */
#ifndef FUZZ_GUEST_H
#define FUZZ_GUEST_H

#include <pvhload/pvhload.h>

#include "fuzz.h"

#define GUEST_AT 0x40u

struct guest {
	struct pvhload_memory_slot slot;
	struct pvhload_memmap_entry entry;
	struct pvhload_memmap map;
	struct pvhload_memory memory;
};

/* Not to be copied; @size is not 0. */
void guest_init(struct guest *guest, const uint8_t *data, size_t size);

/* How a reading went. */
struct reading {
	enum pvhload_status status;
	struct pvhload_error err;
	const void *view; /* NULL on failure */
	const struct pvhload_error *const *problems;
	size_t problem_count;
	uint32_t incomplete;
};

/* What must hold of two readings of the same bytes, the second one with PVHLOAD_READ_PARTIAL. */
void guest_check(const struct reading *strict, const struct reading *partial);

#endif
