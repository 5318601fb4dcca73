/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* A boot by pvhload_boot_load(), held against the same by pvhload_boot_plan() and pvhload_plan_commit(). */
#ifndef SUPPORT_BOTH_WAYS_H
#define SUPPORT_BOTH_WAYS_H

#include "fake_memory.h"
#include "plan_fixture.h"

/* Two guests' RAM, of the same size. */
struct both_ways {
	struct fake_memory planned, loaded;
};

void both_setup(struct both_ways *both, uint64_t ram, unsigned int callbacks);
void both_teardown(struct both_ways *both);

/* Where in RAM the payload is decoded, or nowhere: size 0. */
extern const struct pvhload_range nowhere;

/*
 * All of RAM and of the plans is the same, with RAM that holds a pattern and with fresh RAM, but that what no region has of
 * @decoded is zeros.  Committed again, and read by regions, the plan is the same as well.
 */
void loads_the_same(struct both_ways *both, const struct pvhload_boot_config *config,
		    struct pvhload_range decoded);

/*
 * Both fail, with the same status and message.  If @decoded is somewhere, the message by pvhload_boot_load() ends with the
 * words that it has been cleared, which it has.  Nothing else is touched in memory that is all pattern.
 */
struct pvhload_error fails_the_same(struct both_ways *both,
				    const struct pvhload_boot_config *config,
				    struct pvhload_range decoded, enum pvhload_status status);

/* The same, whatever comes of it: for input that is damaged. */
void ends_the_same(struct both_ways *both, const struct pvhload_boot_config *config);

/* pvhload_boot_load() fails with @status; what it says of RAM that was cleared is cut off; *@ret_cleared is whether there was. */
struct pvhload_error load_fails(const struct pvhload_boot_config *config,
				const struct pvhload_memory *mem, enum pvhload_status status,
				bool *ret_cleared);

/*
 * The kernel that the tests of it use: three segments from MOVED_GPA on, of which the first is where it is decoded to,
 * the second goes down by less than it has, and the third, with .bss, up by less than it has; @unit bytes are in each.
 */
#define MOVED_GPA 0x200000u
#define MOVED_UP  0x10u
struct elf_spec moved_kernel(size_t unit);
/* All of its file, decoded in place. */
struct pvhload_range moved_range(const struct elf_spec *spec);

/*
 * The same, but that the segments follow each other in the guest, and in the file @gap is after the first and the second: so
 * the second and the third go down.
 */
struct elf_spec down_kernel(size_t unit, const uint8_t *gap, size_t gap_size);

/* One stream after the other, of @chunk bytes each: chunks, to LZ4. */
struct bytes compress_in_chunks(const struct bytes *raw, enum codec codec, size_t chunk);

#endif
