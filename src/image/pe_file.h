/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* A PE file's headers and sections, wherever in the file they are. */
#ifndef PVL_IMAGE_PE_FILE_H
#define PVL_IMAGE_PE_FILE_H

#include "abi/pe_layout.h"
#include "source/source.h"

struct pvl_pe_file {
	uint64_t sections_at; /* where their table is */
	uint16_t section_count;
	uint16_t machine;
	uint16_t subsystem; /* 0 if the optional header ends before it */
	uint64_t certificates_offset, certificates_size; /* in the file; both 0 without any */
};

/* A section's bytes in the file, without the zeros that fill it up. */
struct pvl_pe_section {
	uint8_t name[PVL_PE_NAME_SIZE]; /* padded by NULs, and not ended by one if it fills it */
	uint64_t offset, size;
};

/*
 * Read the headers of a file that begins with "MZ".  *@ret_found is false if that is all that it has of a PE file, and
 * then nothing else is set.  The whole table of sections is in the file.
 */
enum pvhload_status pvl_pe_file_open(const struct pvl_source *source, struct pvl_pe_file *ret,
				     bool *ret_found, struct pvhload_error *err);

/* Section @i, all of whose bytes are in the file. */
enum pvhload_status pvl_pe_file_section(const struct pvl_source *source,
					const struct pvl_pe_file *pe, uint16_t i,
					struct pvl_pe_section *ret, struct pvhload_error *err);

bool pvl_pe_is_called(const struct pvl_pe_section *section, const char *name);

#endif
