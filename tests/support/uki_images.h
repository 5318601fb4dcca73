/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * Unified kernel images and other PE files, made from a description.  Layouts are written out here by offset,
 * independently of the library's own tables.
 */
#ifndef SUPPORT_UKI_IMAGES_H
#define SUPPORT_UKI_IMAGES_H

#include "images.h"

/* 0 in any member but the name is what a build makes. */
struct uki_section {
	const char *name; /* of up to 8 characters */
	const void *bytes;
	size_t size;
	uint32_t virtual_size; /* size */
	uint32_t raw_size;     /* size, filled up to a multiple of UKI_ALIGN */
	uint32_t raw_offset;   /* after the section before it */
};

#define UKI_SECTIONS_MAX 100
#define UKI_ALIGN        0x200u
#define UKI_FILL         0xeeu      /* what fills sections up: nobody is to take it */
#define UKI_NO_SIZE      UINT32_MAX /* of a virtual or raw size: 0 */

struct uki_spec {
	struct uki_section sections[UKI_SECTIONS_MAX];
	size_t section_count;
	uint32_t pe_at;        /* 0x80 */
	uint16_t machine;      /* 0x8664 */
	uint16_t subsystem;    /* 10 */
	bool pe32;             /* the older optional header, for 32-bit machines */
	size_t signature_size; /* bytes after all else, and the directory's entry for them */
};

/* Add a section; text without its NUL. */
struct uki_section *add_section(struct uki_spec *spec, const char *name, const void *bytes,
				size_t size);
struct uki_section *add_text(struct uki_spec *spec, const char *name, const char *text);

struct bytes build_uki(const struct uki_spec *spec);

/* Where build_uki() puts things, for poking. */
size_t uki_optional_offset(const struct uki_spec *spec);
size_t uki_header_offset(const struct uki_spec *spec, size_t i);
size_t uki_section_offset(const struct uki_spec *spec, size_t i);
size_t uki_end(const struct uki_spec *spec); /* of its sections: a signature is there */

/* small_kernel() as a file. */
struct bytes small_kernel_file(void);

/* One with the program that firmware starts, a command line, @kernel, an initrd, and nothing else. */
#define UKI_CMDLINE "console=ttyS0 uki=1"
#define UKI_INITRD  "the initrd"
struct uki_spec small_uki(const struct bytes *kernel);

#endif
