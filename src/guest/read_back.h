/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * Shared by pvhload_pvh_read() and pvhload_linux_read(): the guest's memory, the error, and the
 * problems of a partial view.
 */
#ifndef PVL_READ_BACK_H
#define PVL_READ_BACK_H

#include <pvhload/read_back.h>

#include "memory/access.h"

/* What a view's problems point to: one allocation, freed by the address of its list. */
struct pvl_problems {
	const struct pvhload_error *list[PVHLOAD_READ_PROBLEMS_MAX]; /* first */
	struct pvhload_error errors[PVHLOAD_READ_PROBLEMS_MAX];
	size_t count;
	size_t untold; /* problems that were counted but not kept */
};

/* Not to be copied once it has begun: its memory points into it. */
struct pvl_read_back {
	struct pvl_ram ram;
	struct pvl_memory mem;
	struct pvhload_error err; /* of the last failure; copied to the caller's at the end */
	struct pvl_problems *problems;
	uint32_t flags;
	uint32_t incomplete; /* PVHLOAD_PART_* */
};

/* Check the arguments; @view is where the caller wants the view.  Call pvl_read_back_end() in any case. */
enum pvhload_status pvl_read_back_begin(struct pvl_read_back *r, const struct pvhload_memory *mem,
					uint32_t flags, const void *view);

/*
 * Called when a part has been read, with its @status.  With PVHLOAD_READ_PARTIAL, a fault of the
 * guest's becomes a problem of the view, and PVHLOAD_OK is returned; anything else is returned as
 * it is.
 */
enum pvhload_status pvl_read_back_part(struct pvl_read_back *r, uint32_t part,
				       enum pvhload_status status);

/* Returns @status and, on failure, fills @err; otherwise the problems are the view's to free. */
enum pvhload_status pvl_read_back_end(struct pvl_read_back *r, enum pvhload_status status,
				      struct pvhload_error *err);

#endif
