/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * Guest memory of any map that judges each access: not empty, all of it RAM, or ROM while a firmware is written, and in
 * the region that has begun.  Once the plan is known, it compares what was touched with that.
 *
 * Banks of the map lie next to each other in one block of host memory, which is zero where nothing was written.
 */
#ifndef FUZZ_SHADOW_MEMORY_H
#define FUZZ_SHADOW_MEMORY_H

#include <pvhload/pvhload.h>
#include <stdbool.h>

#include "fuzz.h"

#define SHADOW_SIZE      (96u << 20) /* of all banks */
#define SHADOW_BANKS_MAX 24u
#define SHADOW_DIRTY_MAX 1024u
#define SHADOW_STALE     0xa5 /* what memory has of another guest */

struct shadow_bank {
	struct pvhload_range range;
	size_t at; /* its first byte in the block */
	bool rom;
};

/* Bytes of the block that may not be 0. */
struct shadow_dirty {
	size_t at, size;
};

/* What goes wrong: 0 in each member is a memory that works. */
struct shadow_faults {
	uint64_t fail_at;   /* the call, from 1 on, that fails; 0: none */
	uint64_t no_ptr;    /* bit n: the n-th host_ptr, modulo 64, is NULL */
	uint64_t change_at; /* the read, from 1 on, before which bytes change; 0: none */
	bool declines;      /* map_file */
};

struct shadow {
	struct pvhload_memory memory;
	struct pvhload_memory_ops ops;
	struct shadow_bank banks[SHADOW_BANKS_MAX]; /* by address */
	size_t bank_count;
	uint8_t *block;
	struct shadow_dirty dirty[SHADOW_DIRTY_MAX];
	size_t dirty_count;
	size_t primed; /* how many of them are of shadow_make_stale() */
	struct shadow_faults faults;
	uint64_t calls, host_ptrs, reads;
	struct pvhload_plan_region region; /* that has begun; of size 0: none */
	struct pvhload_range window; /* of the one host_ptr before the first region; or size 0 */
	bool failed;                 /* a callback did as faults say */
};

/* Callbacks of the memory besides write and read. */
enum { SHADOW_ZERO = 1, SHADOW_HOST_PTR = 2, SHADOW_MAP_FILE = 4, SHADOW_BEGIN = 8 };

/* Memory of this map and these ROMs, all zero; what the last use left is gone.  False: it is more than SHADOW_SIZE. */
bool shadow_use(struct shadow *s, const struct pvhload_memmap *map,
		const struct pvhload_range *roms, size_t rom_count, unsigned int callbacks);

/* The @size bytes at @gpa, or NULL if they are not all in banks that touch each other. */
uint8_t *shadow_at(const struct shadow *s, uint64_t gpa, uint64_t size);

/* Memory of another guest: in the plan's regions and 4 KiB to each side. */
void shadow_make_stale(struct shadow *s, const struct pvhload_plan_info *info);

/* Nothing begins any more: what follows is read back. */
void shadow_settle(struct shadow *s);

/* It has the callback zero from here on: to write many zeros takes long. */
void shadow_make_zeroing(struct shadow *s);

/* What is in no region is as it was, but that @cleared, of size 0 or more, is zeros. */
void shadow_check_outside(const struct shadow *s, const struct pvhload_plan_info *info,
			  struct pvhload_range cleared);

/* What was stale and is in no region is zeros now, but what the VMM keeps. */
void shadow_check_zeroed(const struct shadow *s, const struct pvhload_plan_info *info,
			 const struct pvhload_range *kept, size_t kept_count);

/* All of a range is zeros. */
void shadow_check_zeros(const struct shadow *s, struct pvhload_range range);

/* In the plan's regions both have the same bytes, but for zeros in @b's window where @a has another guest's. */
void shadow_compare(const struct shadow *a, const struct shadow *b,
		    const struct pvhload_plan_info *info);

/* Nothing was touched, but that @cleared is zeros. */
void shadow_check_untouched(const struct shadow *s, struct pvhload_range cleared);

#endif
