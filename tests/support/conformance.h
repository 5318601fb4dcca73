/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * The guest that the tests of rust-vmm's linux-loader have, one region of RAM, 16 MiB from 0, and what
 * its configurators do: write structures and nothing else.
 */
#ifndef SUPPORT_CONFORMANCE_H
#define SUPPORT_CONFORMANCE_H

#include "fake_memory.h"

#define G16 0x1000000u

struct g16 {
	struct fake_memory fake;
	struct pvhload_memmap_entry region;
	struct pvhload_memmap ram;
	struct pvhload_memmap_entry entries[3];
	struct pvhload_memmap told; /* what a guest could boot with: a PC's, of as much RAM */
};

void g16_setup(struct g16 *g);
void g16_teardown(struct g16 *g);

/* Bytes of the caller's are written at @gpa, over what is there. */
void g16_put(struct g16 *g, uint64_t gpa, const void *bytes, size_t size);

/* The same, then taken: nothing else has been written. */
void g16_written(struct g16 *g, uint64_t gpa, const void *bytes, size_t size);

/* They are not all in RAM, and nothing is written. */
void g16_not_written(struct g16 *g, uint64_t gpa, const void *bytes, size_t size);

/*
 * pvhload_pvh_write() writes what these say, byte for byte, and nothing else; the command line must be
 * empty, and the modules without any.
 */
void g16_pvh_written(struct g16 *g, const struct pvhload_pvh_layout *layout,
		     const struct pvhload_pvh_params *params);

/* It refuses them, and nothing is written. */
struct pvhload_error g16_pvh_refused(struct g16 *g, const struct pvhload_pvh_layout *layout,
				     const struct pvhload_pvh_params *params,
				     enum pvhload_status status);

#endif
