/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * The guest's RAM and who has claimed what of it.  Claims never overlap and never leave RAM, so a
 * plan made of them does neither.
 */
#ifndef PVL_BOOT_SPACE_H
#define PVL_BOOT_SPACE_H

#include "memory/memmap.h"

#define PVL_NAME_SIZE 48u

struct pvl_claim {
	struct pvl_range range;
	uint64_t size; /* bytes in use; the rest of the range pads it to whole pages */
	uint32_t kind; /* PVHLOAD_REGION_*; 0: no part of the plan, but nothing else may be there */
	uint32_t index;
	char name[PVL_NAME_SIZE];
};

struct pvl_space {
	const struct pvhload_memmap *memmap; /* validated and sorted, for messages */
	struct pvl_ram ram;
	struct pvl_claim *claims; /* sorted by address */
	size_t count;
	size_t capacity;
};

/* What to place: @size bytes, of which only @limit bounds the end. */
struct pvl_wish {
	const char *name;
	uint32_t kind;
	uint32_t index;
	uint64_t size;  /* not 0 */
	uint64_t align; /* power of two */
	uint64_t phase; /* a search: what the address leaves when divided by @align */
	uint64_t min;   /* lowest start */
	uint64_t limit; /* highest end */
	const char *limit_name;
	bool whole_pages; /* claim up to the end of the last page */
};

enum pvhload_status pvl_space_init(struct pvl_space *space, const struct pvhload_memmap *memmap,
				   struct pvhload_error *err);
void pvl_space_free(struct pvl_space *space);

/*
 * Is @range RAM that nobody claims?  The message calls it @name, and names what is there instead:
 * PVHLOAD_E_RANGE for something that is not RAM, PVHLOAD_E_OVERLAP for another claim.
 */
enum pvhload_status pvl_space_check(const struct pvl_space *space, const char *name,
				    struct pvl_range range, struct pvhload_error *err);

/* Keep a range clear that is no part of the plan: it may lie anywhere, but not twice. */
enum pvhload_status pvl_space_reserve(struct pvl_space *space, const char *name, uint64_t gpa,
				      uint64_t size, struct pvhload_error *err);

/* True if one claim has all of @range. */
bool pvl_space_is_claimed(const struct pvl_space *space, struct pvl_range range);

/* Claim @wish at exactly @gpa: fails as pvl_space_check(), or with PVHLOAD_E_RANGE past its limit. */
enum pvhload_status pvl_space_take(struct pvl_space *space, const struct pvl_wish *wish,
				   uint64_t gpa, struct pvhload_error *err);

/* Claim @wish as low, or as high, as it fits; PVHLOAD_E_NO_ROOM says how much room there was. */
enum pvhload_status pvl_space_take_lowest(struct pvl_space *space, const struct pvl_wish *wish,
					  uint64_t *ret_gpa, struct pvhload_error *err);
enum pvhload_status pvl_space_take_highest(struct pvl_space *space, const struct pvl_wish *wish,
					   uint64_t *ret_gpa, struct pvhload_error *err);

/* Where pvl_space_take_lowest(), or pvl_space_take_highest(), would put it. */
enum pvhload_status pvl_space_find(const struct pvl_space *space, const struct pvl_wish *wish,
				   bool highest, uint64_t *ret_gpa, struct pvhload_error *err);

/*
 * Claim a low structure at @fixed, or, if that is 0, at @usual, or, if that is taken or no RAM, as low
 * as it fits.  *@gpa is where.
 */
enum pvhload_status pvl_space_take_usual(struct pvl_space *space, const struct pvl_wish *wish,
					 uint64_t fixed, uint64_t usual, uint64_t *gpa,
					 struct pvhload_error *err);

/* Take back the claim that has @gpa; there is one. */
void pvl_space_release(struct pvl_space *space, uint64_t gpa);

#endif
