/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* The device tree of a plan: the caller's, with what the plan says in it. */
#ifndef PVL_BOOT_PLAN_FDT_H
#define PVL_BOOT_PLAN_FDT_H

#include "boot/plan.h"

/*
 * Make it, but for the initrd's place; take its command line for the plan's, and keep free what it reserves.
 * @cmdline_max is how many bytes of command line the kernel takes.
 */
enum pvhload_status pvl_make_fdt(struct pvl_builder *b, uint32_t cmdline_max,
				 struct pvhload_error *err);

/* Are all regions in memory that it has? */
enum pvhload_status pvl_check_fdt_memory(const struct pvl_builder *b, struct pvhload_error *err);

/* Complete it, and append its write; @initrd is empty if there is none. */
enum pvhload_status pvl_write_fdt(struct pvl_builder *b, uint64_t gpa, struct pvl_range initrd,
				  struct pvhload_error *err);

#endif
