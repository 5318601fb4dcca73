/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* Multiboot headers: found in the first bytes of a file, read, and what follows from them. */
#ifndef PVL_IMAGE_MULTIBOOT_H
#define PVL_IMAGE_MULTIBOOT_H

#include "abi/multiboot_layout.h"
#include "image/image.h"

/* A header being read: @bytes are the first of the file. */
struct pvl_multiboot_reader {
	const struct pvhload_image *image;
	struct pvl_span bytes;
	uint64_t offset; /* of the header */
	struct pvl_multiboot *result;
	bool has_entry; /* version 2: it has the tag for it */
};

/* Where the first header of that version is; false if there is none.  A magic without a checksum is none. */
bool pvl_multiboot1_find(struct pvl_span bytes, uint64_t *ret);
bool pvl_multiboot2_find(struct pvl_span bytes, uint64_t *ret);

/* Fill @r->result; what is wrong is its problem. */
void pvl_multiboot1_read(struct pvl_multiboot_reader *r);
void pvl_multiboot2_read(struct pvl_multiboot_reader *r);

/* Set the problem; false, for the caller to return. */
bool pvl_multiboot_fail(struct pvl_multiboot_reader *r, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/*
 * What is loaded, and where it is entered: by the address fields, if there are any, else as an ELF file.  False
 * with a problem.
 */
bool pvl_multiboot_load(struct pvl_multiboot_reader *r);

/*
 * Find and read the headers of both versions, for image->multiboot and the info.  What an ELF file loads is known
 * by then.
 */
enum pvhload_status pvl_multiboot_look(struct pvhload_image *image, const struct pvl_head *head,
				       struct pvhload_error *err);

#endif
