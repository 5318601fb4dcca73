/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* The relocation tables after the ELF file of a kernel's payload, one entry after the other. */
#ifndef PVL_KERNEL_RELOCS_H
#define PVL_KERNEL_RELOCS_H

#include "image/image.h"

enum pvl_reloc_kind {
	PVL_RELOC_64,
	PVL_RELOC_32_INVERSE, /* the displacement is subtracted */
	PVL_RELOC_32,
	PVL_RELOC_KINDS,
};

struct pvl_reloc {
	enum pvl_reloc_kind kind;
	uint64_t address; /* of the field, as the kernel is linked: virtual */
};

#define PVL_RELOC_TABLES_MAX 3u

/* Reads the words of the image in chunks, and knows the current table. */
struct pvl_reloc_reader {
	uint8_t *chunk;
	uint64_t offset;    /* in the image, after the chunk */
	size_t size, at;    /* of the chunk */
	unsigned int table; /* how many tables have begun */
	uint32_t last;      /* last last entry of this table: they ascend */
};

struct pvl_relocs {
	const struct pvhload_image *image; /* must stay open */
	uint64_t offset, size;             /* of all tables in the image */
	uint64_t counts[PVL_RELOC_KINDS];
	const enum pvl_reloc_kind *kinds; /* of the tables, in the order of the file */
	unsigned int tables;
	struct pvl_reloc_reader reader;
};

/*
 * Find the tables and check all of them.  PVHLOAD_E_NOT_FOUND if no valid tables follow the ELF
 * file, PVHLOAD_E_LIMIT above PVHLOAD_RELOCATIONS_MAX.  After success, call pvl_relocs_close().
 */
enum pvhload_status pvl_relocs_open(const struct pvhload_image *image, struct pvl_relocs *ret,
				    struct pvhload_error *err);

/* The next entry; *@ret_more is false, and *@ret untouched, after the last. */
enum pvhload_status pvl_relocs_next(struct pvl_relocs *relocs, struct pvl_reloc *ret,
				    bool *ret_more, struct pvhload_error *err);

void pvl_relocs_close(struct pvl_relocs *relocs);

#endif
