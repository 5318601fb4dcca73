/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * The guest's RAM, what is ROM, and the claims on it.  Claims never overlap and never leave RAM, but for a firmware's,
 * which are in ROM, so neither do the regions of a plan.
 */
#ifndef PVL_LAYOUT_SPACE_H
#define PVL_LAYOUT_SPACE_H

#include "core/arch.h"
#include "layout/gaps.h"
#include "layout/part.h"
#include "memory/memmap.h"

struct pvl_claim {
	struct pvl_range range;
	uint64_t size; /* bytes in use; the rest of the range is padding to whole pages */
	uint32_t kind; /* PVHLOAD_REGION_*; 0: not of the plan, but kept free */
	uint32_t index;
	uint32_t reason; /* PVHLOAD_PLACED_* */
	bool unused;     /* of kind 0: RAM that nobody has, and where nothing is placed */
	size_t number;   /* how many claims there were before it */
	char name[PVL_NAME_SIZE];
};

struct pvl_space {
	const struct pvl_arch *arch;
	const struct pvhload_memmap *memmap; /* validated and sorted, for messages */
	struct pvl_ram ram;
	const struct pvhload_range *roms; /* checked; NULL without any */
	size_t rom_count;
	struct pvl_claim *claims; /* in any order; sorted by address after pvl_space_sort() */
	size_t count;
	size_t capacity;
	size_t saved_count; /* by pvl_space_save(): the numbers below it */

	/*
	 * What no claim has, until pvl_space_close(): of RAM, and of all addresses once that is needed.  Without gaps,
	 * each claim is looked at.
	 */
	bool gapless;
	struct pvl_gaps free;
	struct pvl_gaps unclaimed;
};

enum pvhload_status pvl_space_init(struct pvl_space *space, const struct pvl_arch *arch,
				   const struct pvhload_memmap *memmap, struct pvhload_error *err);
void pvl_space_free(struct pvl_space *space);

/*
 * For a function that has memory of its own: @ranges for @memmap's entries, which have been checked, and @claims for
 * all there will be, @capacity.  Nothing is searched for or taken back, and nothing is to be freed.
 */
void pvl_space_init_in(struct pvl_space *space, const struct pvl_arch *arch,
		       const struct pvhload_memmap *memmap, struct pvl_range *ranges,
		       struct pvl_claim *claims, size_t capacity);

/* Copy a name of the caller's, cut if it is too long. */
void pvl_part_set_name(struct pvl_part *part, const char *name);

/*
 * Check that @range is RAM without claims.  The message calls it @name, and names what is there
 * instead: PVHLOAD_E_RANGE for something that is not RAM, PVHLOAD_E_OVERLAP for another claim.
 */
enum pvhload_status pvl_space_check(const struct pvl_space *space, const char *name,
				    struct pvl_range range, struct pvhload_error *err);

/* The same for @part, which may be for ROM. */
enum pvhload_status pvl_space_check_part(const struct pvl_space *space, const struct pvl_part *part,
					 struct pvl_range range, struct pvhload_error *err);

/* Keep a range free.  It may be anywhere, also outside RAM, but must not overlap another claim. */
enum pvhload_status pvl_space_keep_free(struct pvl_space *space, const char *name, uint64_t gpa,
					uint64_t size, struct pvhload_error *err);

/* Place nothing in what has no claim yet of @range, which stays unused; nothing of it is an error. */
enum pvhload_status pvl_space_leave_unused(struct pvl_space *space, const char *name,
					   struct pvl_range range, struct pvhload_error *err);

/* Keep free what has no claim yet of @range, which may be anywhere; nothing of it is an error. */
enum pvhload_status pvl_space_keep_rest(struct pvl_space *space, const char *name,
					struct pvl_range range, struct pvhload_error *err);

/* True if one claim has all of @range. */
bool pvl_space_is_claimed(const struct pvl_space *space, struct pvl_range range);

/*
 * Claim @part at exactly @gpa, for PVHLOAD_PLACED_* @reason: fails as pvl_space_check(), or with
 * PVHLOAD_E_RANGE past its limit or off its alignment.
 */
enum pvhload_status pvl_space_claim(struct pvl_space *space, const struct pvl_part *part,
				    uint64_t gpa, uint32_t reason, struct pvhload_error *err);

/* The lowest, or highest, place for @part; PVHLOAD_E_NO_ROOM says how much room there was. */
enum pvhload_status pvl_space_find(const struct pvl_space *space, const struct pvl_part *part,
				   bool highest, uint64_t *ret_gpa, struct pvhload_error *err);

/* Take back the claim that has @gpa; there is one. */
enum pvhload_status pvl_space_release(struct pvl_space *space, uint64_t gpa,
				      struct pvhload_error *err);

/* Take back all claims. */
enum pvhload_status pvl_space_clear(struct pvl_space *space, struct pvhload_error *err);

/* Remember the claims as they are, none of which is released; go back to them. */
void pvl_space_save(struct pvl_space *space);
enum pvhload_status pvl_space_restore(struct pvl_space *space, struct pvhload_error *err);

/* From now on, what is RAM is @ram, of which @memmap is for messages; both are the caller's.  The claims stay. */
enum pvhload_status pvl_space_set_ram(struct pvl_space *space, const struct pvhload_memmap *memmap,
				      const struct pvl_ram *ram, struct pvhload_error *err);

/* Sort the claims by address. */
void pvl_space_sort(struct pvl_space *space);

/* Nothing more is claimed: sort the claims, and free what is needed for placing alone. */
void pvl_space_close(struct pvl_space *space);

/* The claim that has @gpa, or NULL. */
const struct pvl_claim *pvl_space_claim_of(const struct pvl_space *space, uint64_t gpa);

#endif
