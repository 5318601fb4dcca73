/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* What the files of pvhload_linux_read() share: one reads the page, the other the setup_data list. */
#ifndef PVL_LINUX_READ_H
#define PVL_LINUX_READ_H

#include <pvhload/linux.h>

#include "guest/read_back.h"
#include "x86/setup_header.h"

/* A view and what it points to. */
struct pvl_linux_view {
	struct pvhload_linux_view view; /* first: what the caller gets */
	uint8_t page[PVHLOAD_ZERO_PAGE_SIZE];
	struct pvhload_memmap memmap;
	char *cmdline; /* or NULL */
	struct pvhload_linux_node nodes[PVHLOAD_LINUX_SETUP_DATA_MAX];
	const struct pvhload_linux_node *list[PVHLOAD_LINUX_SETUP_DATA_MAX];
};

/* The setup_header in the page, of the version that the page gives. */
struct pvl_setup_header pvl_linux_page_header(const struct pvhload_linux_view *view);

/*
 * Follow the list from @gpa on, 0 for an empty one, and fill nodes, list and their count; the page's
 * own part of the view is there already.
 */
enum pvhload_status pvl_linux_read_nodes(struct pvl_read_back *r, uint64_t gpa,
					 struct pvl_linux_view *v);

#endif
