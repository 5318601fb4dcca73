/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* The table of image formats: a row for each, with its operations. */
#ifndef PVL_IMAGE_FORMAT_H
#define PVL_IMAGE_FORMAT_H

#include "image/image.h"

/* Which formats may be in which: bits. */
#define PVL_KIND_ELF        0x1u
#define PVL_KIND_BZIMAGE    0x2u
#define PVL_KIND_FLAT       0x4u /* code as it runs, after a header; for another machine than x86 */
#define PVL_KIND_ZBOOT      0x8u
#define PVL_KIND_COMPRESSED 0x10u
#define PVL_KIND_UKI        0x20u
#define PVL_KIND_FIRMWARE   0x80u
/* What is decoded on the way to a kernel; a bzImage, which may decode itself, is not. */
#define PVL_KIND_CONTAINERS (PVL_KIND_ZBOOT | PVL_KIND_COMPRESSED | PVL_KIND_UKI)
#define PVL_KIND_MULTIBOOT \
	0x40u /* by address fields; a Multiboot kernel that is an ELF file is that */

/* The size trailer after the payload of a bzImage, or zboot: the decoded size.  A bzImage's payload_length counts it. */
#define PVL_PAYLOAD_TRAILER_SIZE 4u

struct pvl_format {
	uint32_t id; /* PVHLOAD_FORMAT_* */
	const char *name;
	const char *label;    /* in messages: "an arm64 Image" */
	uint32_t kind, holds; /* PVL_KIND_*, and those of payloads that it may have */
	bool (*probe)(struct pvl_span head);
	/* NULL: nothing else is wanted at first.  Where the payload starts, of which @head says so; it is not checked. */
	bool (*payload_at)(struct pvl_span head, uint64_t *ret);
	/*
	 * Instead of probe(): look further than the first bytes.  Only where no probe says yes; what it finds is kept
	 * in @image.
	 */
	enum pvhload_status (*search)(struct pvhload_image *image, const struct pvl_head *head,
				      bool *ret, struct pvhload_error *err);
	/* Fill @image from its source.  On failure, what was allocated is freed with @image. */
	enum pvhload_status (*open)(struct pvhload_image *image, const struct pvl_head *head,
				    struct pvhload_error *err);
	/* This and the next two only for formats with a payload.  Check the declared sizes. */
	enum pvhload_status (*check)(const struct pvhload_image *image, struct pvhload_error *err);
	/*
	 * Decode it to *@ret, *@ret_size bytes, to be freed; *@ret is untouched if nothing is compressed.
	 * @callbacks may be NULL.
	 */
	enum pvhload_status (*decode)(const struct pvhload_image *image,
				      const struct pvl_callbacks *callbacks, uint8_t **ret,
				      size_t *ret_size, struct pvhload_error *err);
	const char *context; /* prefix of messages about the payload; %s is the codec */
};

/* Where the payload starts by the format that @head is of; false if that does not say. */
bool pvl_format_payload_at(struct pvl_span head, uint64_t *ret);

/* Set @image->format, to NULL if it is of none. */
enum pvhload_status pvl_format_find(struct pvhload_image *image, const struct pvl_head *head,
				    struct pvhload_error *err);

/* By PVHLOAD_FORMAT_*, or NULL. */
const struct pvl_format *pvl_format_by_id(uint32_t id);

/* Fail because it is no kernel image: what it looks like, and what to do. */
enum pvhload_status pvl_image_no_format(const struct pvhload_image *image, struct pvl_span head,
					struct pvhload_error *err);

/* The same for a message; looks_like.c. */
void pvl_format_say(const struct pvl_source *source, struct pvl_span head, char *text, size_t size);

bool pvl_elf_probe(struct pvl_span head);
bool pvl_elf32_probe(struct pvl_span head);
enum pvhload_status pvl_elf_open(struct pvhload_image *image, const struct pvl_head *head,
				 struct pvhload_error *err);

bool pvl_bzimage_probe(struct pvl_span head);
/* @head is that of a bzImage. */
bool pvl_bzimage_payload_at(struct pvl_span head, uint64_t *ret);
enum pvhload_status pvl_bzimage_open(struct pvhload_image *image, const struct pvl_head *head,
				     struct pvhload_error *err);
enum pvhload_status pvl_bzimage_check(const struct pvhload_image *image, struct pvhload_error *err);

bool pvl_arm64_probe(struct pvl_span head);
enum pvhload_status pvl_arm64_open(struct pvhload_image *image, const struct pvl_head *head,
				   struct pvhload_error *err);
bool pvl_riscv64_probe(struct pvl_span head);
enum pvhload_status pvl_riscv64_open(struct pvhload_image *image, const struct pvl_head *head,
				     struct pvhload_error *err);
bool pvl_loongarch64_probe(struct pvl_span head);
enum pvhload_status pvl_loongarch64_open(struct pvhload_image *image, const struct pvl_head *head,
					 struct pvhload_error *err);

bool pvl_zboot_probe(struct pvl_span head);
enum pvhload_status pvl_zboot_open(struct pvhload_image *image, const struct pvl_head *head,
				   struct pvhload_error *err);
enum pvhload_status pvl_zboot_check(const struct pvhload_image *image, struct pvhload_error *err);

enum pvhload_status pvl_uki_search(struct pvhload_image *image, const struct pvl_head *head,
				   bool *ret, struct pvhload_error *err);
enum pvhload_status pvl_uki_open(struct pvhload_image *image, const struct pvl_head *head,
				 struct pvhload_error *err);
enum pvhload_status pvl_uki_check(const struct pvhload_image *image, struct pvhload_error *err);

/* Of a bzImage or zboot, whose payload has a size trailer: payload.c. */
enum pvhload_status pvl_payload_check_sizes(const struct pvhload_image *image,
					    struct pvhload_error *err);
/* Decode it to @out, part.decoded_size bytes. */
enum pvhload_status pvl_payload_decode_to(const struct pvhload_image *image,
					  const struct pvl_callbacks *callbacks, uint8_t *out,
					  struct pvhload_error *err);
enum pvhload_status pvl_payload_decode(const struct pvhload_image *image,
				       const struct pvl_callbacks *callbacks, uint8_t **ret,
				       size_t *ret_size, struct pvhload_error *err);

bool pvl_firmware_probe(struct pvl_span head);
/* Where it would be and jump to, if @source is a raw firmware; an error if it cannot be one. */
enum pvhload_status pvl_firmware_read(const struct pvl_source *source,
				      struct pvhload_image_firmware *ret,
				      struct pvhload_error *err);
enum pvhload_status pvl_firmware_open(struct pvhload_image *image, const struct pvl_head *head,
				      struct pvhload_error *err);

bool pvl_compressed_probe(struct pvl_span head);
enum pvhload_status pvl_compressed_open(struct pvhload_image *image, const struct pvl_head *head,
					struct pvhload_error *err);
enum pvhload_status pvl_compressed_check(const struct pvhload_image *image,
					 struct pvhload_error *err);
enum pvhload_status pvl_compressed_decode(const struct pvhload_image *image,
					  const struct pvl_callbacks *callbacks, uint8_t **ret,
					  size_t *ret_size, struct pvhload_error *err);

enum pvhload_status pvl_multiboot_search(struct pvhload_image *image, const struct pvl_head *head,
					 bool *ret, struct pvhload_error *err);
enum pvhload_status pvl_multiboot_open(struct pvhload_image *image, const struct pvl_head *head,
				       struct pvhload_error *err);

#endif
