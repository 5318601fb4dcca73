/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* UKIs opened, and what their parts have to be. */
#ifndef SUPPORT_UKI_FIXTURE_H
#define SUPPORT_UKI_FIXTURE_H

#include "open_image.h"
#include "uki_images.h"

/* Build and open; both are the second's to free. */
struct pvhload_image *open_uki(const struct uki_spec *spec, struct bytes *bytes);
void close_uki(struct pvhload_image *image, struct bytes *bytes);

/* What profile 0 has, or NULL. */
const struct pvhload_image_part *part_of(const struct pvhload_image *image, uint32_t kind);

/* The part is there, and has these bytes, by its numbers and as a source. */
void expect_part(const struct pvhload_image *image, const struct pvhload_image_part *part,
		 uint32_t kind, uint32_t profile, const void *bytes, size_t size);

/* The same of the part that profile @asked has; it is of @profile. */
void expect_text(const struct pvhload_image *image, uint32_t kind, uint32_t asked, uint32_t profile,
		 const char *text);

#endif
