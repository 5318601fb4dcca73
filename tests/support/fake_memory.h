/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * Guest memory that watches: which callbacks ran, whether a byte outside memory or region was touched,
 * and a failure at the n-th call.
 */
#ifndef SUPPORT_FAKE_MEMORY_H
#define SUPPORT_FAKE_MEMORY_H

#include <stdbool.h>

#include <pvhload/pvhload.h>

#define FAKE_PATTERN 0xa5 /* what untouched memory holds */

enum fake_callbacks {
	FAKE_READ = 1,
	FAKE_ZERO = 2,
	FAKE_HOST_PTR = 4,
	FAKE_MAP_FILE = 8,
	FAKE_BEGIN_REGION = 16,
};

struct fake_memory {
	struct pvhload_memory memory;
	struct pvhload_memory_ops ops;
	uint8_t *bytes; /* guest-physical 0 and up */
	uint64_t size;
	uint64_t calls;   /* of write, read, zero, map_file and begin_region */
	uint64_t fail_at; /* the call, counted from 1, that fails; 0 for none */
	int fail_with;
	uint64_t host_ptrs;                /* windows handed out */
	uint64_t mapped;                   /* bytes that map_file took */
	bool declines;                     /* map_file declines */
	uint64_t regions;                  /* how many have begun */
	struct pvhload_plan_region region; /* the last of them: writes outside it stray */
	bool strayed;                      /* a callback got a range outside */
};

/* @size bytes from 0 on, all FAKE_PATTERN, with write and the callbacks named; no map. */
void fake_memory_init(struct fake_memory *fake, uint64_t size, unsigned int callbacks);
void fake_memory_free(struct fake_memory *fake);

/* True if no byte differs from the pattern. */
bool fake_memory_untouched(const struct fake_memory *fake);

/*
 * The memory holds these bytes, NULL for zeros, at @gpa; they become untouched, so that at the end
 * all of the memory must be.
 */
void fake_memory_take(struct fake_memory *fake, uint64_t gpa, const void *bytes, size_t size);

#endif
