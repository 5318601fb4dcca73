/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * Where a caller has put things: each in RAM and below its limit, no two over each other.  The
 * planner chooses places itself and has boot/space.h; this is for the writers that are told.
 */
#ifndef PVL_PROTOCOL_PLACES_H
#define PVL_PROTOCOL_PLACES_H

#include "memory/memmap.h"

/*
 * What is kept clear at the RSDP's address: its size from revision 2 on (ACPI specification, "Root
 * System Description Pointer"; a revision 0 structure has 20 bytes).
 */
#define PVL_RSDP_SIZE 36u

struct pvl_place {
	struct pvl_range range;
	char name[32];
};

struct pvl_places {
	const struct pvl_ram *ram;
	struct pvl_place *items;
	size_t count;
	size_t capacity;
};

/*
 * Note that @size bytes at @gpa are @name's: above 0, all of them RAM, ending at or below @limit.
 * PVHLOAD_E_RANGE otherwise.
 */
enum pvhload_status pvl_places_add(struct pvl_places *places, const char *name, uint64_t gpa,
				   uint64_t size, uint64_t limit, const char *limit_name,
				   struct pvhload_error *err);

/* The same for what may lie anywhere, RAM or not; what wraps cannot be overlapped and is let go. */
enum pvhload_status pvl_places_add_foreign(struct pvl_places *places, const char *name,
					   uint64_t gpa, uint64_t size, struct pvhload_error *err);

/* PVHLOAD_E_OVERLAP, with both names, if two of them share a byte.  Sorts them. */
enum pvhload_status pvl_places_check(struct pvl_places *places, struct pvhload_error *err);

void pvl_places_free(struct pvl_places *places);

#endif
