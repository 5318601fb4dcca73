/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* What mem= and memmap= do to Linux's memory map, once it runs. */
#ifndef PVL_GUEST_MEMORY_EFFECTS_H
#define PVL_GUEST_MEMORY_EFFECTS_H

#include "core/error.h"
#include "core/range.h"
#include "layout/part.h"

/* Not RAM any more. */
struct pvl_memory_taken {
	struct pvl_range range;   /* not empty; up to UINT64_MAX: all from its start on */
	char name[PVL_NAME_SIZE]; /* the word, for messages */
};

/*
 * After a memmap=exactmap all that was told, and every word before, counts no more.  Where words contradict each other,
 * what is taken counts: Linux goes by their order in part, and would at most have more RAM.
 */
struct pvl_memory_effects {
	struct pvl_memory_taken *taken; /* in the order of the words */
	size_t taken_count, taken_capacity;
	struct pvl_range *given; /* RAM; sorted, and none touches another */
	size_t given_count, given_capacity;
	bool exact;     /* nothing but what is given is RAM */
	size_t entries; /* that the words add to Linux's map */
};

/* PVHLOAD_E_CMDLINE for too many, PVHLOAD_E_NO_MEMORY; *@ret, which is empty before, is to be freed in any case. */
enum pvhload_status pvl_memory_effects_read(const char *cmdline, struct pvl_memory_effects *ret,
					    struct pvhload_error *err);
void pvl_memory_effects_free(struct pvl_memory_effects *effects);

#endif
