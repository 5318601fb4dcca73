/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* An opened image, as the format parsers fill it and the planner reads it. */
#ifndef PVL_IMAGE_IMAGE_H
#define PVL_IMAGE_IMAGE_H

#include <stdatomic.h>

#include <pvhload/image.h>

#include "source/source.h"

struct pvl_format;
struct pvl_decode_failure;

/* All but the two atomic pointers at its end stays as it was opened, so any thread may read it. */
struct pvhload_image {
	atomic_uint references; /* the caller's, the outer image's, those of plans */
	const struct pvl_format *format;
	struct pvl_source source;
	struct pvhload_image_info info;
	uint64_t decode_limit;
	struct pvhload_progress
		progress; /* who is told of decoding; nobody if its callback is NULL */

	/* What info points to, where the image is of that format. */
	struct pvhload_image_elf elf;
	struct pvhload_image_pvh pvh;
	struct pvhload_image_pvh_reloc pvh_reloc;
	struct pvhload_image_bzimage bzimage;
	struct pvhload_image_part part;
	const struct pvhload_image_part *part_list[1];

	struct pvhload_image_segment *segments;            /* ours to free */
	const struct pvhload_image_segment **segment_list; /* elf.segments, ours to free */
	const char *pvh_problem; /* why a Xen entry note does not count, or NULL */
	uint64_t elf_end;        /* ELF: where its own tables end; 0 unknown */
	uint64_t version_offset; /* bzImage: of the version text; 0 if it has none */
	/* bzImage: from PVHLOAD_SETUP_HEADER_OFFSET on, as in the file. */
	uint8_t setup_header[PVHLOAD_SETUP_HEADER_ROOM];
	size_t setup_header_size; /* 0 without one */

	uint8_t *decoded; /* of a payload: the bytes that source views, ours to free */

	_Atomic(struct pvhload_image *) payload;      /* NULL until it is decoded */
	_Atomic(struct pvl_decode_failure *) failure; /* NULL until decoding has failed for good */
};

/*
 * Keep @image, or no longer: it is freed with the last reference.  A payload does not need the image it
 * came from.  Any thread may call these.
 */
struct pvhload_image *pvl_image_ref(struct pvhload_image *image);
void pvl_image_unref(struct pvhload_image *image);

/* The first bytes of the source, read once for all that looks there. */
#define PVL_HEAD_SIZE 2048u
struct pvl_head {
	uint8_t bytes[PVL_HEAD_SIZE];
	size_t size;
};

/* Read @len bytes from @offset, from @head if they are there.  The range is inside the source. */
enum pvhload_status pvl_image_fetch(const struct pvhload_image *image, const struct pvl_head *head,
				    uint64_t offset, void *dst, uint64_t len,
				    struct pvhload_error *err);

/* The same bytes where they already are, or read into *@ret_owned, which is to be freed. */
enum pvhload_status pvl_image_bytes(const struct pvhload_image *image, uint64_t offset,
				    uint64_t len, struct pvl_span *ret, uint8_t **ret_owned,
				    struct pvhload_error *err);

/* Fail because the bytes at @offset are not what they were when the image was opened. */
enum pvhload_status pvl_image_changed(struct pvhload_error *err, uint64_t offset);

/* Say that image->part is one. */
void pvl_image_set_part(struct pvhload_image *image);

/* The part that pvhload_image_decode() decodes; NULL if there is none. */
static inline const struct pvhload_image_part *
pvl_image_payload_part(const struct pvhload_image_info *info)
{
	return info->part_count > 0 ? info->parts[0] : NULL;
}

/* True if a bzImage's init_size, which it goes by, is less than what it says its payload decodes to. */
bool pvl_bzimage_lacks_room(const struct pvhload_image_info *info);

/* True if @entry is among the bytes that a segment takes from the file: code, if anything is. */
bool pvl_image_has_code_at(const struct pvhload_image *image, uint64_t entry);

/*
 * What the caller of a decoding sets beside the image's own limit and progress: the output stops at
 * @most bytes, which is called @limit_name in messages; whom to tell if the image has nobody, or NULL.
 */
struct pvl_decode_terms {
	uint64_t most;
	const char *limit_name;
	const struct pvhload_progress *progress;
};

/* No limit but the image's own, and nobody else to tell. */
#define PVL_DECODE_ALL ((struct pvl_decode_terms){ .most = UINT64_MAX, .limit_name = "" })

/* Decode the payload, if there is one and it has not been. */
enum pvhload_status pvl_image_decode(struct pvhload_image *image, struct pvl_decode_terms terms,
				     struct pvhload_error *err);

/*
 * What a compressed file holds, decoded if it has not been; any other image is given as it is.  The
 * payload of a bzImage is left alone.
 */
enum pvhload_status pvl_image_decode_file(struct pvhload_image *image,
					  struct pvl_decode_terms terms, struct pvhload_image **ret,
					  struct pvhload_error *err);

/* The image whose segments are loaded: the last payload that was decoded, or @image itself. */
const struct pvhload_image *pvl_image_kernel(const struct pvhload_image *image);

#endif
