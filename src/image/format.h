/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* The table of image formats: a row for each, with its operations. */
#ifndef PVL_IMAGE_FORMAT_H
#define PVL_IMAGE_FORMAT_H

#include "image/image.h"

/* Nesting: a payload must have a lower level than its image. */
enum pvl_level {
	PVL_LEVEL_PROGRAM,    /* an ELF file */
	PVL_LEVEL_BOOT_IMAGE, /* a kernel with code that decodes it */
	PVL_LEVEL_WRAPPER,    /* nothing but a compressed file */
};

/* The size trailer after the payload of a bzImage: the decoded size.  payload_length counts these bytes. */
#define PVL_PAYLOAD_TRAILER_SIZE 4u

struct pvl_format {
	uint32_t id; /* PVHLOAD_FORMAT_* */
	const char *name;
	enum pvl_level level;
	bool (*probe)(struct pvl_span head);
	/* Fill @image from its source.  On failure, what was allocated is freed with @image. */
	enum pvhload_status (*open)(struct pvhload_image *image, const struct pvl_head *head,
				    struct pvhload_error *err);
	/* This and the next two only for formats with a payload.  Check the declared sizes. */
	enum pvhload_status (*check)(const struct pvhload_image *image, struct pvhload_error *err);
	/*
	 * Decode it to *@ret, *@ret_size bytes, to be freed; *@ret is untouched if nothing is compressed.
	 * @progress may be NULL.
	 */
	enum pvhload_status (*decode)(const struct pvhload_image *image,
				      const struct pvhload_progress *progress, uint8_t **ret,
				      size_t *ret_size, struct pvhload_error *err);
	const char *context; /* prefix of messages about the payload; %s is the codec */
};

/* The format of a file that begins with @head, or NULL. */
const struct pvl_format *pvl_format_find(struct pvl_span head);

/* What a file that is of no format here looks like, and what to do, for the message; looks_like.c. */
void pvl_format_say(const struct pvl_source *source, struct pvl_span head, char *text, size_t size);

bool pvl_elf_probe(struct pvl_span head);
bool pvl_elf32_probe(struct pvl_span head);
enum pvhload_status pvl_elf_open(struct pvhload_image *image, const struct pvl_head *head,
				 struct pvhload_error *err);

bool pvl_bzimage_probe(struct pvl_span head);
enum pvhload_status pvl_bzimage_open(struct pvhload_image *image, const struct pvl_head *head,
				     struct pvhload_error *err);
enum pvhload_status pvl_bzimage_check(const struct pvhload_image *image, struct pvhload_error *err);
enum pvhload_status pvl_bzimage_decode(const struct pvhload_image *image,
				       const struct pvhload_progress *progress, uint8_t **ret,
				       size_t *ret_size, struct pvhload_error *err);

bool pvl_compressed_probe(struct pvl_span head);
enum pvhload_status pvl_compressed_open(struct pvhload_image *image, const struct pvl_head *head,
					struct pvhload_error *err);
enum pvhload_status pvl_compressed_check(const struct pvhload_image *image,
					 struct pvhload_error *err);
enum pvhload_status pvl_compressed_decode(const struct pvhload_image *image,
					  const struct pvhload_progress *progress, uint8_t **ret,
					  size_t *ret_size, struct pvhload_error *err);

#endif
