/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* Making an image of a source, whatever its format. */
#ifndef PVL_IMAGE_OPEN_H
#define PVL_IMAGE_OPEN_H

#include "image/image.h"

/* As pvhload_image_open(), with the options already resolved: @format is 0 mostly; what @callbacks points to is copied. */
enum pvhload_status pvl_image_new(const struct pvhload_source *source, uint32_t format,
				  uint64_t decode_limit, const struct pvl_callbacks *callbacks,
				  struct pvhload_image **ret, struct pvhload_error *err);

#endif
