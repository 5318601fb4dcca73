/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* What is asked of a plan.  Each of these says what is wrong, on standard error, and returns false. */
#ifndef PROPERTY_PLAN_CHECKS_H
#define PROPERTY_PLAN_CHECKS_H

#include "placer.h"
#include "sparse.h"

__attribute__((format(printf, 2, 3))) bool complain(const struct scene *s, const char *format, ...);

/* What every plan promises, by itself: regions, limits, kernel and entry, the processor's state. */
bool check_plan(const struct scene *s, const struct pvhload_plan_info *info);

/* It says what the placer found. */
bool check_same(const struct scene *s, const struct pvhload_plan_info *info,
		const struct outcome *o);

/* Committed and read back, the guest is told what the scene says; *@skipped if that takes too much. */
bool check_guest(const struct scene *s, const struct pvhload_plan *plan, const struct outcome *o,
		 bool *skipped);

/* What of these is a flat Image's: limits of a region, the kernel and the processor's state; what the guest finds. */
void flat_limits_of(const struct scene *s, uint32_t kind, uint64_t *limit, uint64_t *align);
bool check_flat_plan(const struct scene *s, const struct pvhload_plan_info *info);
bool check_flat_guest(const struct scene *s, const struct pvhload_plan_info *info,
		      struct sparse *memory);

/* The same of Multiboot. */
bool check_multiboot_plan(const struct scene *s, const struct pvhload_plan_info *info);
bool check_multiboot_guest(const struct scene *s, const struct pvhload_plan_info *info,
			   const struct sparse *memory);

/* The initrds, joined, are in @memory at @gpa. */
bool is_initrd(const struct scene *s, const struct sparse *memory, uint64_t gpa);

/* A region of this kind, the first in the plan, or NULL. */
const struct pvhload_plan_region *find_region(const struct pvhload_plan_info *info, uint32_t kind,
					      uint32_t index);

#endif
