/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * What reading start info and reading a zero page share: the guest's memory, the error, and what is
 * left out of the view instead of ending the call.
 */
#ifndef PVL_READ_BACK_H
#define PVL_READ_BACK_H

#include <pvhload/read_back.h>

#include "memory/access.h"

/* What a view's problems point to: one piece, to be freed by the address of its list. */
struct pvl_problems {
	const struct pvhload_error *list[PVHLOAD_READ_PROBLEMS_MAX]; /* first */
	struct pvhload_error errors[PVHLOAD_READ_PROBLEMS_MAX];
	size_t count;
	size_t untold; /* of which there are only the numbers */
};

/* Not to be copied once it has begun: its memory points into it. */
struct pvl_read_back {
	struct pvl_ram ram;
	struct pvl_memory mem;
	struct pvhload_error err; /* of what failed last; the caller's is for the end */
	struct pvl_problems *problems;
	uint32_t flags;
	uint32_t incomplete; /* PVHLOAD_PART_* */
};

/* Check what the caller gave, @view being where its view goes.  To be ended in any case. */
enum pvhload_status pvl_read_back_begin(struct pvl_read_back *r, const struct pvhload_memory *mem,
					uint32_t flags, const void *view);

/*
 * The end of a part: @status, if it is no fault of the guest's or all has to be read; otherwise the
 * error is a problem of the view, and the rest can be read.
 */
enum pvhload_status pvl_read_back_part(struct pvl_read_back *r, uint32_t part,
				       enum pvhload_status status);

/* Returns @status and, on failure, fills @err; otherwise the problems are the view's to free. */
enum pvhload_status pvl_read_back_end(struct pvl_read_back *r, enum pvhload_status status,
				      struct pvhload_error *err);

#endif
