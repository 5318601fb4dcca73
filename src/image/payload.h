/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* The payload of a bzImage or an EFI zboot image, step by step, for who has room for it: format.h has it in one. */
#ifndef PVL_IMAGE_PAYLOAD_H
#define PVL_IMAGE_PAYLOAD_H

#include "codec/codec.h"
#include "image/image.h"

/* Its compressed bytes.  Where it is, it stays: the stream may have the feed. */
struct pvl_payload {
	const struct pvl_codec *codec;
	struct pvl_stream stream;
	struct pvl_held held; /* what the stream views */
	struct pvl_feed feed; /* or what it is read by */
	uint8_t *head;        /* what it was peeked to, if that is neither's */
};

/*
 * PVHLOAD_E_SOURCE if they cannot be read, or are not what they were; on failure there is nothing to close.  Bytes that are
 * not at hand are read whole, unless the codec takes them as it goes on; @callbacks, which may be NULL, are those of
 * decoding: threads that share the work need all of them.  With @peeks a copy has the room that pvl_payload_peek() takes.
 */
enum pvhload_status pvl_payload_open(const struct pvhload_image *image,
				     const struct pvl_callbacks *callbacks, bool peeks,
				     struct pvl_payload *ret, struct pvhload_error *err);
void pvl_payload_close(const struct pvhload_image *image, struct pvl_payload *payload);

/* The first bytes that it decodes to, as pvl_stream_peek() has them, until it is closed; none if there is no memory. */
struct pvl_span pvl_payload_peek(struct pvl_payload *payload);

/* Decode it to @out, part.decoded_size bytes, and close it. */
enum pvhload_status pvl_payload_decode_open(const struct pvhload_image *image,
					    struct pvl_payload *payload,
					    const struct pvl_callbacks *callbacks, uint8_t *out,
					    struct pvhload_error *err);

/* The same to the heap, *@ret, to be freed; without memory for that, it is not closed, and *@ret is untouched. */
enum pvhload_status pvl_payload_decode_new(const struct pvhload_image *image,
					   struct pvl_payload *payload,
					   const struct pvl_callbacks *callbacks, uint8_t **ret,
					   struct pvhload_error *err);

/* As pvl_image_decode(), of @open, which is that of @image; decode.c. */
enum pvhload_status pvl_image_decode_open(struct pvhload_image *image, struct pvl_payload *open,
					  const struct pvl_callbacks *callbacks,
					  struct pvhload_error *err);

/*
 * From now on @kernel, which was opened from the decoded payload of @image, reads from what @image's source decodes to
 * once more, at the first read; that stays in memory as long as @kernel, which holds a reference to @image.  @progress
 * must live as long; it is told of the decoding if the image has none; anew.c.
 */
enum pvhload_status pvl_payload_decode_anew(struct pvhload_image *kernel,
					    struct pvhload_image *image,
					    const struct pvhload_progress *progress,
					    struct pvhload_error *err);

#endif
