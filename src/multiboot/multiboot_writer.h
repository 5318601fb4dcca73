/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* Filling the block that has the information. */
#ifndef PVL_MULTIBOOT_MULTIBOOT_WRITER_H
#define PVL_MULTIBOOT_MULTIBOOT_WRITER_H

#include "multiboot/multiboot_info.h"

/* Bytes that are filled one after the other, or counted if there is no room for them. */
struct pvl_multiboot_writer {
	uint8_t *start; /* NULL: count */
	uint64_t at;
};

/* Go on by @size bytes of zeros, up to a multiple of 8; where they begin, or scratch of no use. */
uint64_t pvl_multiboot_append(struct pvl_multiboot_writer *w, uint64_t size);
void pvl_multiboot_put32(const struct pvl_multiboot_writer *w, uint64_t at, uint32_t value);
void pvl_multiboot_put64(const struct pvl_multiboot_writer *w, uint64_t at, uint64_t value);
void pvl_multiboot_put(const struct pvl_multiboot_writer *w, uint64_t at, const void *bytes,
		       size_t size);

/* The kernel's name and the command line, and the bytes of both, the NUL included. */
uint64_t pvl_multiboot_cmdline_size(const struct pvl_multiboot_input *input);
void pvl_multiboot_put_cmdline(const struct pvl_multiboot_writer *w, uint64_t at,
			       const struct pvl_multiboot_input *input);

#endif
