/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* What a load address means for a bzImage that unpacks itself. */
#ifndef PVL_IMAGE_BZIMAGE_PLACE_H
#define PVL_IMAGE_BZIMAGE_PLACE_H

#include <pvhload/image.h>

#include "core/range.h"

struct pvl_bzimage_extent {
	struct pvl_range image;  /* the bytes as loaded */
	struct pvl_range window; /* run-time start, and what the kernel needs from there */
};

/*
 * Bytes that the kernel needs from its run-time start on.  Where it does not say, a generous guess, for
 * who has to keep something clear.
 */
uint64_t pvl_bzimage_window_size(const struct pvhload_image_info *info);

/* True if its init_size, which it goes by, is less than what it says it unpacks to. */
bool pvl_bzimage_lacks_room(const struct pvhload_image_info *info);

/*
 * The ranges that belong to the load address @load, when the kernel takes @alignment for its
 * kernel_alignment and needs @window bytes to run.  PVHLOAD_E_RANGE if the address is none for this
 * image: not the one it must have, no multiple of its least alignment, or too near the end of the address
 * space.
 */
enum pvhload_status pvl_bzimage_extent(const struct pvhload_image_info *info, uint64_t load,
				       uint64_t alignment, uint64_t window,
				       struct pvl_bzimage_extent *ret, struct pvhload_error *err);

/* kernel_alignment for @load: as it is, or, if only that divides the address, the least. */
uint64_t pvl_bzimage_alignment(const struct pvhload_image_info *info, uint64_t load);

#endif
