/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* The payload of a bzImage, decoded to guest memory while the plan is made: pvhload_boot_load(). */
#ifndef PVL_BOOT_IN_PLACE_H
#define PVL_BOOT_IN_PLACE_H

#include "boot/plan.h"
#include "layout/decoded.h"

struct pvl_in_place {
	struct pvl_memory memory; /* the caller's */
	struct pvl_ram ram;       /* of its own map, if it has one */
	bool has_map;
	bool tried;
	struct pvl_used used;     /* RAM that has been decoded to; its host is NULL if none has */
	struct pvl_pieces pieces; /* where in it the decoded file is */
	struct pvl_pieces wanted; /* where its parts belong, as the look says */
	struct pvhload_image *kernel; /* what is there, or NULL: it is not, or not any more */
	struct pvl_decoded decoded; /* the same once the plan is made, which has the kernel then */
};

/* PVHLOAD_E_USAGE, _MEMMAP or _NO_MEMORY if the caller's memory cannot be used; then there is nothing to end. */
enum pvhload_status pvl_in_place_begin(struct pvl_in_place *in_place,
				       const struct pvhload_memory *mem, struct pvhload_error *err);

/*
 * Decode the payload of b->image to guest memory, if that can be done, and nobody has decoded it.  Where only the place is
 * missing, it is decoded to host memory, as its bytes have been read; otherwise nothing is done: PVHLOAD_OK.  A failure
 * is that of decoding, and the RAM has been cleared.
 */
enum pvhload_status pvl_decode_in_place(struct pvl_builder *b, struct pvhload_error *err);

/* What b->image was decoded to, as far as it was; else itself. */
const struct pvhload_image *pvl_known_kernel(const struct pvl_builder *b);

/*
 * The plan is made: if it is of the kernel that was decoded in place, what it reads later is decoded anew; otherwise that
 * RAM is cleared.
 */
enum pvhload_status pvl_in_place_keep(struct pvl_builder *b, struct pvhload_error *err);

/* What the plan's commit finds in guest memory, or NULL. */
const struct pvl_decoded *pvl_in_place_decoded(const struct pvl_in_place *in_place);

/* After a failure, clear the RAM that was used, and say so.  Returns @status. */
enum pvhload_status pvl_in_place_end(struct pvl_in_place *in_place, enum pvhload_status status,
				     struct pvhload_error *err);

#endif
