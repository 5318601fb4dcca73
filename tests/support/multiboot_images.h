/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* Multiboot headers made from a description, and kernels that have them. */
#ifndef SUPPORT_MULTIBOOT_IMAGES_H
#define SUPPORT_MULTIBOOT_IMAGES_H

#include "images.h"

/* A tag of a Multiboot 2 header; its size is 8 and the words, unless @size says otherwise. */
struct mb_tag {
	uint16_t type, flags;
	uint32_t words[8];
	size_t count;
	uint32_t size;
};

#define MB_OPTIONAL 1u
#define MB_TAGS_MAX 8

/* What both headers of a kernel have; without flags, or tags, there is none of that version. */
struct mb_spec {
	bool has1;
	uint32_t flags;
	uint32_t address[5]; /* header, load, load end, bss end, entry */
	size_t at1;          /* where it is in the file */
	bool has2;
	struct mb_tag tags[MB_TAGS_MAX];
	size_t tag_count;
	bool no_end;
	size_t at2;
};

/* Write the headers over what @bytes have there. */
void put_multiboot(struct bytes *bytes, const struct mb_spec *spec);

/*
 * An ELF32 file with these headers: 64 KiB from MB_ELF_OFFSET of the file on at 1 MiB, with 4 KiB of .bss, entered at
 * MB_ELF_ENTRY.  The headers are at the start of its bytes: put the offsets of @spec after MB_ELF_OFFSET.
 */
#define MB_ELF_GPA   0x100000u
#define MB_ELF_SIZE  0x10000u
#define MB_ELF_END   0x111000u
#define MB_ELF_ENTRY 0x100200u
#define MB_AT1       0x1000u
#define MB_AT2       0x1040u
struct bytes build_multiboot_elf(const struct mb_spec *spec);

/*
 * A file of MB_FLAT_SIZE bytes that is no ELF file, each its offset's low byte.  By flat_spec() MB_FLAT_SKIP bytes are
 * left out, the rest is loaded at 1 MiB up to 256 bytes before the end, and .bss ends at MB_FLAT_END.
 */
#define MB_FLAT_SIZE     0x3000u
#define MB_FLAT_SKIP     0x80u
#define MB_FLAT_AT       0x100u /* the header */
#define MB_FLAT_GPA      0x100000u
#define MB_FLAT_ENTRY    0x100200u
#define MB_FLAT_LOAD_END (MB_FLAT_GPA + MB_FLAT_SIZE - MB_FLAT_SKIP - 256)
#define MB_FLAT_END      0x105000u
struct mb_spec flat_spec(int version);
struct bytes build_multiboot_flat(const struct mb_spec *spec);

#endif
