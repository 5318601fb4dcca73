/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* Where an ELF file's bytes are loaded, by its first bytes alone. */
#ifndef PVL_IMAGE_ELF_PEEK_H
#define PVL_IMAGE_ELF_PEEK_H

#include "core/span.h"
#include "memory/pieces.h"

struct pvl_elf_peek {
	uint64_t gpa;        /* of the lowest segment */
	uint64_t bytes_gpa;  /* of the lowest segment that has bytes, */
	uint64_t bytes_from; /* and where in the file they are */
	/* Where all that have bytes belong, if that one is @bytes_from after the start of RAM; none if they are too many. */
	struct pvl_pieces pieces;
};

/*
 * False if @head has no ELF header, or not all program headers; or if its segments' bytes overlap in the file, or are in
 * another order there than their addresses.  Nothing else is checked.
 */
bool pvl_elf_peek(struct pvl_span head, struct pvl_elf_peek *ret);

#endif
