/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * Shared by pvhload_pvh_check() and pvhload_linux_check(): the list of problems, and how broken
 * rules and wrong places are added to it.
 */
#ifndef PVL_GUEST_CHECK_H
#define PVL_GUEST_CHECK_H

#include <pvhload/read_back.h>

#include "core/error.h"
#include "layout/layout.h"

struct pvl_check {
	struct pvhload_check made; /* first: what the caller gets */
	const struct pvhload_error *list[PVHLOAD_CHECK_PROBLEMS_MAX];
	struct pvhload_error errors[PVHLOAD_CHECK_PROBLEMS_MAX];
	size_t untold; /* problems that were counted but not kept */
};

/* NULL if there is no host memory. */
struct pvl_check *pvl_check_new(struct pvhload_error *err);

/* Append a problem to the list. */
void pvl_check_append(struct pvl_check *check, const struct pvhload_error *problem);
void pvl_check_append_all(struct pvl_check *check, const struct pvhload_error *const *problems,
			  size_t count);

/*
 * Append the error in @found, if @status says that a rule is broken.  A failure of the host's, such
 * as no memory, is returned instead, with @err filled.
 */
enum pvhload_status pvl_check_rule(struct pvl_check *check, enum pvhload_status status,
				   const struct pvhload_error *found, struct pvhload_error *err);

/* Check the guest's map.  @without is the message for a guest without one. */
enum pvhload_status pvl_check_memmap(struct pvl_check *check, const struct pvhload_memmap *map,
				     const char *without, bool *ret_sound,
				     struct pvhload_error *err);

/* Check the places of all parts, and of the RSDP, for overlaps and against RAM. */
enum pvhload_status pvl_check_places(struct pvl_check *check, struct pvl_layout *layout,
				     uint64_t rsdp_gpa, struct pvhload_error *err);

#endif
