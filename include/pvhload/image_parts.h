/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/**
 * @file
 * The parts of an image, of a unified kernel image (UKI) above all: finding one, and its bytes.
 *
 * All parts are in pvhload_image_info::parts.  pvhload_boot_plan() uses a UKI's kernel, initrd and command line by itself.
 *
 * @par Ownership and threads
 * Nothing is kept or changed; calls may run in parallel on one image.
 *
 * @since 0.3
 */
#ifndef PVHLOAD_IMAGE_PARTS_H
#define PVHLOAD_IMAGE_PARTS_H

#include <pvhload/image.h>
#include <pvhload/image_info.h>
#include <pvhload/macros.h>
#include <pvhload/source.h>

PVHLOAD_BEGIN_DECLS

/**
 * The part of this kind that a profile has: the first of its own, or else the first of the base.
 *
 * @param[in] image    The image.
 * @param[in] kind     PVHLOAD_IMAGE_PART_*.
 * @param[in] profile  Of a UKI, from 0 on; 0 for other images; PVHLOAD_UKI_BASE for what is in the base alone.
 * @return             The part; NULL if there is none, no such profile, or if @p image is NULL.
 *
 * @par Ownership and threads
 * Belongs to @p image; valid until pvhload_image_close().
 *
 * @par ABI source
 * UAPI Group, Unified Kernel Image (multi-profile UKIs).
 */
PVHLOAD_API const struct pvhload_image_part *
pvhload_image_find_part(const struct pvhload_image *image, uint32_t kind, uint32_t profile);

/**
 * The bytes of a part as a source: a window of the image's own, compressed if the part is.
 *
 * It can be a file of a plan, or be opened as an image.  Who takes a source duplicates its descriptor, as always: then
 * @p image may be closed.
 *
 * @param[in] image  The image.
 * @param[in] part   One of its parts.
 * @return           The source; one of no kind, which every call refuses, if a pointer is NULL or the part is not
 *                   inside the image.
 *
 * @par Ownership and threads
 * The descriptor in it is the image's, and open until pvhload_image_close(); a buffer or reader is what the image was
 * opened from, or what has been decoded of another.
 */
PVHLOAD_API struct pvhload_source pvhload_image_part_source(const struct pvhload_image *image,
							    const struct pvhload_image_part *part);

PVHLOAD_END_DECLS

#endif
