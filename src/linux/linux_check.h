/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* The parts of judging a zero page in guest memory. */
#ifndef PVL_LINUX_CHECK_H
#define PVL_LINUX_CHECK_H

#include "guest/check.h"
#include "linux/linux.h"

/* The header in the page that was read, for pvl_setup_field(). */
struct pvl_setup_header pvl_linux_page_header(const struct pvhload_linux_view *view);

/* A header without any value of a kernel's is one that was made for an ELF file. */
bool pvl_linux_is_made(const struct pvhload_linux_view *view);

/* What Linux is known to stop at in the page itself: no rules of writing, as it is never written so. */
enum pvhload_status pvl_linux_check_page(struct pvl_check *check,
					 const struct pvhload_linux_view *view,
					 struct pvhload_error *err);

/*
 * What the page at @gpa leads to lies over other such things, or where the kernel is loaded or decodes
 * itself.
 */
enum pvhload_status pvl_linux_check_overlaps(struct pvl_check *check,
					     const struct pvhload_linux_view *view,
					     const struct pvhload_memory *mem, uint64_t gpa,
					     struct pvhload_error *err);

#endif
