/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * Reading and writing a range of guest memory that lies in slots.  Shared by the stock backends:
 * each has functions that find and move the bytes of one slot.
 */
#ifndef PVL_MEMORY_SLOT_WALK_H
#define PVL_MEMORY_SLOT_WALK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <pvhload/region.h>

/* Bytes of one slot that are moved at once. */
struct pvl_slot_part {
	uint8_t *host;   /* RAM in memory: its address */
	uint64_t offset; /* RAM in a file: its offset */
	uint64_t size;
	uint32_t flags; /* PVHLOAD_RAM_SLOT_* of its slot */
};

/* The functions of a backend.  @table is the caller's table of slots, already checked. */
struct pvl_slot_ops {
	/* The part from @gpa to the end of slot @i; false if the slot does not hold @gpa. */
	bool (*part)(const void *table, size_t i, uint64_t gpa, struct pvl_slot_part *ret);

	/* Move all of a part; each returns what the callback it serves is to return. */
	int (*write)(const void *table, const struct pvl_slot_part *part, const uint8_t *src);
	int (*read)(const void *table, const struct pvl_slot_part *part, uint8_t *dst);
	int (*zero)(const void *table, const struct pvl_slot_part *part);
};

struct pvl_slot_table {
	const struct pvl_slot_ops *ops;
	const void *table;
	size_t count; /* slots in it */
};

/* False if a slot has a flag that this version does not know, or a reserved member that is not 0. */
bool pvl_slot_flags_usable(uint32_t flags, const uint32_t reserved[3]);

/* The part from @gpa to the end of its slot; false if @gpa lies in no slot. */
bool pvl_slots_part(const struct pvl_slot_table *t, uint64_t gpa, struct pvl_slot_part *ret);

/*
 * Each checks the whole range before the first byte moves: PVHLOAD_MEMORY_NO_SLOT if some of it lies
 * in no slot, PVHLOAD_MEMORY_ROM if the call would write to ROM.
 */
int pvl_slots_write(const struct pvl_slot_table *t, uint64_t gpa, const void *src, uint64_t len);
int pvl_slots_read(const struct pvl_slot_table *t, uint64_t gpa, void *dst, uint64_t len);
int pvl_slots_zero(const struct pvl_slot_table *t, uint64_t gpa, uint64_t len);

/* PVHLOAD_MEMORY_ROM if @region, which is no firmware's, has a byte in a slot for that. */
int pvl_slots_begin(const struct pvl_slot_table *t, const struct pvhload_plan_region *region);

#endif
