/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* Kernel images of all kinds, opened once, and what each was made of: nothing here is read from them. */
#ifndef PROPERTY_POOL_H
#define PROPERTY_POOL_H

#include <inttypes.h>

#include <pvhload/pvhload.h>

#include "images.h"
#include "random.h"

#define SEGMENTS_MAX 4u

struct model_segment {
	uint64_t gpa;
	uint64_t file_size;
	uint64_t mem_size;
};

struct model_elf {
	bool is32;
	struct model_segment segments[SEGMENTS_MAX];
	size_t count;
	uint64_t low; /* of all segments */
	uint64_t end;
	uint64_t entry;
	bool has_pvh;
	uint64_t pvh_entry;
	bool has_reloc;
	uint64_t reloc_align;
	uint64_t reloc_min;
	uint64_t reloc_end;
	bool has_sign; /* of Linux: */
	bool has_text; /* its version text, among the bytes of the first segment */
};

enum model_payload { PAYLOAD_NONE, PAYLOAD_ELF, PAYLOAD_OF_NO_CODEC };

struct model_bzimage {
	uint32_t version;
	bool relocatable;
	uint64_t alignment;
	uint64_t min_alignment;
	uint64_t preferred;
	uint64_t init_size;
	uint64_t code32_start;
	uint32_t xloadflags;
	uint64_t cmdline_max;
	uint64_t initrd_end; /* one past the highest byte of an initrd */
	uint64_t code_size;
	uint64_t payload_decoded;
	enum model_payload payload;
};

/* A flat Image, as it is when it is unpacked. */
struct model_flat {
	bool is_arm64; /* else riscv64 */
	uint64_t text_offset;
	uint64_t image_size;
	uint64_t flags;
	struct bytes bytes;
};

/* A Multiboot header of one version. */
struct model_multiboot {
	bool has;
	bool usable; /* the guest can be entered by it */
	uint64_t entry;
	bool has_reloc;
	uint64_t align, min, end;
};

struct model_image {
	bool is_elf; /* of those with a Multiboot header; else all of it is by address fields */
	bool has_multiboot;
	struct model_multiboot multiboot[2]; /* of version 1 and 2 */
	bool is_bzimage;
	bool is_flat; /* not bzImage or ELF, which follow */
	struct model_flat flat;
	struct model_bzimage bzimage;
	struct model_elf elf; /* the image, or what is inside */
	struct bytes bytes;
	struct pvhload_image *image;
};

/* True if @gpa is among the file's bytes. */
bool model_has_code_at(const struct model_elf *elf, uint64_t gpa);

/* A kernel that says it needs less than what it decodes has no entry. */
bool model_has_room(const struct model_bzimage *bz);

/* Bytes that a bzImage needs from its run-time start on. */
uint64_t model_window(const struct model_bzimage *bz);

/* Open what is at @image->bytes. */
void model_open(struct model_image *image);

/* A random ELF file. */
struct bytes pool_elf(struct model_elf *elf, struct random *r, bool is32);

#define POOL_SIZE 256u
void pool_make(struct model_image pool[POOL_SIZE], struct random *r);
void multiboot_pool_make(struct model_image pool[POOL_SIZE], struct random *r);
void pool_free(struct model_image pool[POOL_SIZE]);

#endif
