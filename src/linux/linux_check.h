/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* What the files of pvhload_linux_check() share. */
#ifndef PVL_LINUX_CHECK_H
#define PVL_LINUX_CHECK_H

#include "guest/check.h"
#include "linux/linux.h"
#include "linux/linux_read.h"

/* True if the header was made for an ELF file: no kernel has set anything in it. */
bool pvl_linux_is_made(const struct pvhload_linux_view *view);

/* Errors in the page at which Linux is known to stop, and which the library never writes. */
enum pvhload_status pvl_linux_check_page(struct pvl_check *check,
					 const struct pvhload_linux_view *view,
					 struct pvhload_error *err);

/*
 * Overlaps of what the page at @gpa points to, with each other and with the kernel where it is
 * loaded or decodes itself.
 */
enum pvhload_status pvl_linux_check_overlaps(struct pvl_check *check,
					     const struct pvhload_linux_view *view,
					     const struct pvhload_memory *mem, uint64_t gpa,
					     struct pvhload_error *err);

#endif
