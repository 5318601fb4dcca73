/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * Kernel images made from a description, so that a test shows what is wrong with the one it uses.
 * Layouts are written out here by offset, independently of the library's own tables.
 */
#ifndef SUPPORT_IMAGES_H
#define SUPPORT_IMAGES_H

#include <stdbool.h>

#include "streams.h"

/* Program header types. */
enum { PH_LOAD = 1, PH_DYNAMIC = 2, PH_INTERP = 3, PH_NOTE = 4 };
enum { SH_NOTE = 7 };
enum { MACHINE_386 = 3, MACHINE_X86_64 = 62, MACHINE_AARCH64 = 183 };
enum { TYPE_REL = 1, TYPE_EXEC = 2, TYPE_DYN = 3, TYPE_CORE = 4 };

/* A segment or section; its bytes are put into the file where there is room. */
struct part {
	uint32_t type;
	uint64_t paddr;
	const void *bytes;
	size_t file_size;
	uint64_t mem_size; /* segments; notes as GRUB makes them have 0 */
	uint64_t align;
};

#define PARTS_MAX 40

struct elf_spec {
	bool is32;
	uint16_t machine; /* 0: MACHINE_X86_64, or MACHINE_386 with is32 */
	uint16_t type;    /* 0: TYPE_EXEC */
	uint64_t entry;
	struct part segments[PARTS_MAX];
	size_t segment_count;
	struct part sections[PARTS_MAX]; /* after the null section */
	size_t section_count;
	const void *tail; /* after everything, relocation tables for instance */
	size_t tail_size;
};

struct bytes build_elf(const struct elf_spec *spec);

/* Where build_elf() puts things, for poking. */
size_t elf_phdr_offset(const struct elf_spec *spec, size_t i);
size_t elf_segment_offset(const struct elf_spec *spec, size_t i);

/* Append one note to @buffer, which has @used bytes; name without its NUL; returns the new size. */
size_t put_note(uint8_t *buffer, size_t used, const char *name, uint32_t type, const void *desc,
		size_t desc_size, size_t align);

/*
 * The small kernel that most tests use: two segments at 1 MiB and 2 MiB, the second with .bss, and a
 * PVH entry note of 8 bytes at 0x100010.
 */
#define SMALL_ENTRY   0x100010u
#define SMALL_LOW     0x100000u
#define SMALL_END     0x203000u
#define SMALL_SIGN    "Linux version 7" /* 16 bytes with the NUL, at the end of its data */
#define SMALL_SIGN_AT 0x10u
struct elf_spec small_kernel(void);

/* A setup header and what is after it. */
struct bzimage_spec {
	uint16_t version;    /* 0: 0x20f */
	uint8_t setup_sects; /* 0 in the file means 4 */
	const void *payload; /* as it stands in the file, without the size trailer */
	size_t payload_size;
	bool no_trailer;       /* gzip: the stream's own ISIZE is the trailer */
	uint32_t decoded_size; /* the trailer */
	const char *kernel_version;
	uint32_t cmdline_size; /* 0: 2047 */
	size_t tail_size;      /* bytes after the payload, as a signature is */
};

/* One whose payload, PROBE_SIZE bytes that begin like zstd, nobody decodes. */
#define PROBE_SIZE 2048
struct bzimage_spec undecoded_bzimage(void);

struct bytes build_bzimage(const struct bzimage_spec *spec);
size_t bzimage_payload_offset(const struct bzimage_spec *spec);

/* A bzImage whose payload is @raw, compressed. */
struct bytes build_compressed(const struct bytes *raw, enum codec codec);

#endif
