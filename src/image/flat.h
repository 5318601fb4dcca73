/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* What the formats of flat Images share. */
#ifndef PVL_IMAGE_FLAT_H
#define PVL_IMAGE_FLAT_H

#include "abi/flat_layout.h"
#include "image/format.h"

/* The header's bytes. */
enum pvhload_status pvl_flat_read_header(const struct pvhload_image *image,
					 const struct pvl_head *head, struct pvl_span *ret,
					 struct pvhload_error *err);

/* Fail if @flags has some that are not among @known: they may be rules of placement. */
enum pvhload_status pvl_flat_check_flags(const struct pvhload_image *image, uint64_t flags,
					 uint64_t known, struct pvhload_error *err);

/* Fail if it does not say how many bytes it needs. */
enum pvhload_status pvl_flat_need_size(const struct pvhload_image *image,
				       struct pvhload_error *err);

/* Fail if its bytes, from text_offset on, cannot be below @end. */
enum pvhload_status pvl_flat_check_size(const struct pvhload_image *image, uint64_t end,
					struct pvhload_error *err);

/*
 * If it is an EFI program as well: check that it is for @machine, and that the file has all the bytes that the
 * sections have in it.
 */
enum pvhload_status pvl_flat_check_pe(const struct pvhload_image *image,
				      const struct pvl_head *head, uint16_t machine,
				      struct pvhload_error *err);

/* Put what image->flat has into the info. */
void pvl_flat_describe(struct pvhload_image *image, uint32_t arch, uint64_t alignment);

#endif
