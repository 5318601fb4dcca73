/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* Fields of a setup_header, each only where the protocol has it and the header reaches that far. */
#ifndef PVL_X86_SETUP_HEADER_H
#define PVL_X86_SETUP_HEADER_H

#include <pvhload/abi/setup_header.h>

#include "core/span.h"

/* The jump that the header begins with, and that says by how far it goes where the header ends. */
#define PVL_JUMP_SHORT 0xebu

/* Bytes in which syssize counts. */
#define PVL_SETUP_PARAGRAPH 16u

struct pvl_setup_header {
	struct pvl_span bytes; /* to the header's end */
	uint32_t base;         /* offset of the first of them in the file or zero page */
	uint16_t version;
};

/*
 * One past the last byte of the header, as its jump has it, which is never past the room for it; 0 if the
 * jump does not say, or says that not even loadflags are part of it.  The bytes may end before; the version
 * does not matter.
 */
uint32_t pvl_setup_end(const struct pvl_setup_header *h);

/* A field of @size bytes that exists since protocol @since; 0 if this header does not have it. */
uint64_t pvl_setup_field(const struct pvl_setup_header *h, uint32_t offset, size_t size,
			 uint16_t since);

/* cmdline_size and initrd_addr_max, or what holds for protocols that do not have them. */
uint32_t pvl_setup_cmdline_max(const struct pvl_setup_header *h);
uint64_t pvl_setup_initrd_max(const struct pvl_setup_header *h);

#endif
