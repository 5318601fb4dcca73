/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * Decoding the payload of a bzImage or an EFI zboot image.
 *
 * ABI source: Linux, arch/x86/boot/compressed/mkpiggy.c and Makefile: a size trailer of 4 bytes
 * follows every payload and is counted by payload_length; zboot's does not count it.  In gzip it is the end of the
 * stream itself; for other codecs it was appended, and the decoder must not see it.
 */
#include "codec/codec.h"
#include "core/checked.h"
#include "core/error.h"
#include "core/libc.h"
#include "image/format.h"
#include "image/payload.h"

enum pvhload_status pvl_payload_check_sizes(const struct pvhload_image *image,
					    struct pvhload_error *err)
{
	const struct pvhload_image_part *part = &image->part;
	const char *codec = pvhload_codec_name(part->codec);
	const uint64_t size = part->decoded_size;

	if (size == 0)
		return pvl_fail(err, PVHLOAD_E_MALFORMED, PVL_AT(image->trailer_offset),
				"%s payload: its trailer declares 0 bytes", codec);
	if (size > image->decode_limit || size > SIZE_MAX)
		return pvl_fail(err, PVHLOAD_E_LIMIT, PVL_AT(part->offset),
				"%s payload: it declares %" PRIu64
				" decoded bytes, more than the limit of %" PRIu64 " (decode_limit)",
				codec, size, image->decode_limit);
	if (part->size > image->decode_limit)
		return pvl_fail(err, PVHLOAD_E_LIMIT, PVL_AT(part->offset),
				"%s payload: it takes %" PRIu64
				" bytes, more than the limit of %" PRIu64 " (decode_limit)",
				codec, part->size, image->decode_limit);
	return PVHLOAD_OK;
}

static enum pvhload_status unknown_codec(const struct pvhload_image *image,
					 struct pvhload_error *err)
{
	uint8_t b[4] = { 0 };

	PVL_TRY(pvl_source_read(&image->source, image->part.offset, b, sizeof(b), err));
	return pvl_fail(err, PVHLOAD_E_UNSUPPORTED, PVL_AT(image->part.offset),
			"the payload's codec is unknown: it starts %02x %02x %02x %02x at offset "
			"0x%" PRIx64,
			b[0], b[1], b[2], b[3], image->part.offset);
}

/* Does the codec take its bytes one chunk after the other, with nobody there to decode several at once? */
static bool may_feed(uint32_t codec, const struct pvl_callbacks *callbacks)
{
	return pvl_codec_feeds(codec) && !(callbacks && callbacks->pool && callbacks->pool->run);
}

/* All of the bytes, or what they are read by. */
static enum pvhload_status get_bytes(const struct pvhload_image *image, uint64_t size,
				     const struct pvl_callbacks *callbacks, size_t spare,
				     struct pvl_payload *payload, struct pvhload_error *err)
{
	const struct pvl_source *source = &image->source;
	const uint64_t offset = image->part.offset;
	struct pvl_stream *stream = &payload->stream;

	payload->feed.source = source;
	if (!pvl_source_at_hand(source, offset, size, &payload->held)) {
		if (may_feed(image->part.codec, callbacks) && size <= SIZE_MAX) {
			*stream = (struct pvl_stream){ { NULL, (size_t)size },
						       offset,
						       &payload->feed };
			return PVHLOAD_OK;
		}
		PVL_TRY(pvl_source_copy(source, offset, size, spare, &payload->held, err));
	}
	*stream = (struct pvl_stream){ payload->held.bytes, offset, NULL };
	return PVHLOAD_OK;
}

static enum pvhload_status check_codec(const struct pvhload_image *image,
				       struct pvl_payload *payload, struct pvhload_error *err)
{
	const struct pvl_stream stream = payload->stream;
	const uint64_t size = pvl_min_u64(stream.bytes.size, PVL_CODEC_MAGIC_MAX);
	struct pvl_span head;

	PVL_TRY(pvl_stream_take(stream, 0, size, &head, err));
	payload->codec = pvl_codec_find(head);
	if (payload->codec && payload->codec->id == image->part.codec)
		return PVHLOAD_OK;
	return pvl_image_changed(err, stream.offset);
}

enum pvhload_status pvl_payload_open(const struct pvhload_image *image,
				     const struct pvl_callbacks *callbacks, bool peeks,
				     struct pvl_payload *ret, struct pvhload_error *err)
{
	const struct pvhload_image_part *part = &image->part;
	const uint64_t size = part->codec == PVHLOAD_CODEC_GZIP
				      ? part->size
				      : image->trailer_offset - part->offset;
	enum pvhload_status status;

	*ret = (struct pvl_payload){ .codec = NULL };
	PVL_TRY(get_bytes(image, size, callbacks, peeks ? pvl_codec_peek_room(part->codec) : 0, ret,
			  err));
	status = check_codec(image, ret, err);
	if (status != PVHLOAD_OK)
		pvl_payload_close(image, ret);
	return status;
}

void pvl_payload_close(const struct pvhload_image *image, struct pvl_payload *payload)
{
	pvl_feed_close(&payload->feed);
	pvl_source_drop(&image->source, &payload->held);
	free(payload->head);
	payload->head = NULL;
}

/* Zeros: after a copy, or on the heap. */
static uint8_t *room_for_peek(struct pvl_payload *payload, size_t size)
{
	const struct pvl_held *held = &payload->held;

	if (held->spare >= size)
		return memset(held->copy + held->bytes.size, 0, size);
	payload->head = calloc(1, size);
	return payload->head;
}

struct pvl_span pvl_payload_peek(struct pvl_payload *payload)
{
	const size_t room = pvl_codec_peek_room(payload->codec->id);
	uint8_t *dst = room_for_peek(payload, room);

	if (!dst)
		return (struct pvl_span){ NULL, 0 };
	return (struct pvl_span){ dst, pvl_codec_peek(payload->codec, payload->stream, dst, room) };
}

enum pvhload_status pvl_payload_decode_open(const struct pvhload_image *image,
					    struct pvl_payload *payload,
					    const struct pvl_callbacks *callbacks, uint8_t *out,
					    struct pvhload_error *err)
{
	const enum pvhload_status status =
		pvl_codec_decode(payload->codec, payload->stream, out,
				 (size_t)image->part.decoded_size, callbacks, err);

	pvl_payload_close(image, payload);
	return status;
}

enum pvhload_status pvl_bzimage_check(const struct pvhload_image *image, struct pvhload_error *err)
{
	if (image->part.codec == PVHLOAD_CODEC_UNKNOWN)
		return unknown_codec(image, err);
	return pvl_payload_check_sizes(image, err);
}

enum pvhload_status pvl_payload_decode_to(const struct pvhload_image *image,
					  const struct pvl_callbacks *callbacks, uint8_t *out,
					  struct pvhload_error *err)
{
	struct pvl_payload payload;

	PVL_TRY(pvl_payload_open(image, callbacks, false, &payload, err));
	return pvl_payload_decode_open(image, &payload, callbacks, out, err);
}

enum pvhload_status pvl_payload_decode_new(const struct pvhload_image *image,
					   struct pvl_payload *payload,
					   const struct pvl_callbacks *callbacks, uint8_t **ret,
					   struct pvhload_error *err)
{
	const size_t size = (size_t)image->part.decoded_size;
	uint8_t *out = pvl_new_output(size);
	enum pvhload_status status;

	if (!out)
		return pvl_fail_no_memory(err, size);
	status = pvl_payload_decode_open(image, payload, callbacks, out, err);
	if (status == PVHLOAD_OK)
		*ret = out;
	else
		free(out);
	return status;
}

enum pvhload_status pvl_payload_decode(const struct pvhload_image *image,
				       const struct pvl_callbacks *callbacks, uint8_t **ret,
				       size_t *ret_size, struct pvhload_error *err)
{
	struct pvl_payload payload;
	enum pvhload_status status;

	if (image->part.codec == PVHLOAD_CODEC_NONE)
		return PVHLOAD_OK;
	PVL_TRY(pvl_payload_open(image, callbacks, false, &payload, err));
	status = pvl_payload_decode_new(image, &payload, callbacks, ret, err);
	pvl_payload_close(image, &payload);
	if (status == PVHLOAD_OK)
		*ret_size = (size_t)image->part.decoded_size;
	return status;
}
