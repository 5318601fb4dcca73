/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* The parts of images, for the formats. */
#ifndef PVL_IMAGE_IMAGE_PARTS_H
#define PVL_IMAGE_IMAGE_PARTS_H

#include <pvhload/image_parts.h>

#include "image/image.h"

struct pvl_pe_section;

/* The kind of the part that a UKI's section of this name is, PVHLOAD_IMAGE_PART_*; 0 if it is none. */
uint32_t pvl_section_kind(const struct pvl_pe_section *section);

/* The bytes of @part as a window of the image's source; nothing is copied or duplicated. */
struct pvhload_source pvl_image_window(const struct pvhload_image *image,
				       const struct pvhload_image_part *part);

#endif
