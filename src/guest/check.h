/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * What judging start info and judging a zero page share: the list of problems, and how rules and places
 * get into it.
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
	size_t untold; /* of which there are only the numbers */
};

/* NULL if there is no host memory. */
struct pvl_check *pvl_check_new(struct pvhload_error *err);

/* One more problem. */
void pvl_check_append(struct pvl_check *check, const struct pvhload_error *problem);
void pvl_check_append_all(struct pvl_check *check, const struct pvhload_error *const *problems,
			  size_t count);

/*
 * The outcome of a rule, with its error in @found: a failure is one more problem, unless it is the
 * host's, which is returned with @err filled.
 */
enum pvhload_status pvl_check_rule(struct pvl_check *check, enum pvhload_status status,
				   const struct pvhload_error *found, struct pvhload_error *err);

/* Is the guest's map sound?  What the guest does without any is said by @without. */
enum pvhload_status pvl_check_memmap(struct pvl_check *check, const struct pvhload_memmap *map,
				     const char *without, bool *ret_sound,
				     struct pvhload_error *err);

/* Hold all parts, which have their places, and the RSDP against each other and RAM. */
enum pvhload_status pvl_check_places(struct pvl_check *check, struct pvl_layout *layout,
				     uint64_t rsdp_gpa, struct pvhload_error *err);

#endif
