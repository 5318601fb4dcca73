/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * The payload of a bzImage whose boot protocol has no payload_offset: gzip's magic in the protected-mode
 * code, and known for the payload by a stream that decodes whole.
 *
 * ABI source: RFC 1952, section 2.3: magic, method and flags; zlib holds the decoded bytes against the
 * trailer's CRC32 and ISIZE.  Linux, Documentation/arch/x86/boot.rst: protocol 2.08 introduced
 * payload_offset.  That kernels before it have no other codec is in no document: it is how they are built.
 */
#include "abi/sizes.h"
#include "codec/codec.h"
#include "core/checked.h"
#include "core/error.h"
#include "core/libc.h"
#include "core/sized.h"
#include "image/image.h"
#include "x86/setup_header.h"

#define FLAGS_AT       3u
#define FLAGS_RESERVED 0xe0u

static const char magic[] = "\x1f\x8b\x08"; /* method 8 is deflate, the only one there is */
#define MAGIC_SIZE (sizeof(magic) - 1)

struct search {
	const struct pvhload_image *image;
	struct pvl_span code;    /* what is searched */
	unsigned int candidates; /* that have been decoded */
	uint64_t to_take;        /* bytes that all candidates together may still take */
	uint64_t to_decode;      /* ... and decode to */
	struct pvl_output output;
};

/* Move *@at to the next header of a gzip stream, if there is one. */
static bool next_candidate(struct pvl_span code, size_t *at)
{
	struct pvl_span rest;
	const uint8_t *found;
	uint8_t flags;

	while (pvl_span_sub(code, *at, code.size - *at, &rest)) {
		found = memmem(rest.data, rest.size, magic, MAGIC_SIZE);
		if (!found)
			break;
		*at += (size_t)(found - rest.data);
		if (pvl_span_u8(code, *at + FLAGS_AT, &flags) && !(flags & FLAGS_RESERVED))
			return true;
		(*at)++;
	}
	return false;
}

static enum pvhload_status limit(const struct search *s, const char *what, uint64_t most,
				 const char *name, struct pvhload_error *err)
{
	return pvl_fail(err, PVHLOAD_E_LIMIT, PVL_AT(s->image->bzimage.code_offset),
			"the search for the payload is given up: %s %" PRIu64
			" (%s; places looked at that begin like a gzip stream: %u)",
			what, most, name, s->candidates);
}

static enum pvhload_status nothing(const struct search *s, struct pvhload_error *err)
{
	const uint32_t version = s->image->bzimage.boot_protocol;

	if (s->image->bzimage.code_size > s->code.size)
		return limit(s, "the code has more bytes than", s->code.size,
			     "PVHLOAD_PAYLOAD_SEARCH_MAX", err);
	return pvl_fail(
		err, PVHLOAD_E_NOT_FOUND, PVL_AT(s->image->bzimage.code_offset),
		"boot protocol %u.%02u does not say where the payload is, and no gzip stream in "
		"its code decodes (places that begin like one: %u)",
		version >> 8, version & 0xff, s->candidates);
}

/* Decode what is at @at; *@ret_taken is what was read of it, also if it fails. */
static enum pvhload_status decode_at(struct search *s, size_t at, uint64_t *ret_taken,
				     struct pvhload_error *err)
{
	const uint64_t size = pvl_min_u64(s->code.size - at, s->to_take);
	struct pvl_stream stream = { .offset = s->image->bzimage.code_offset + at };
	enum pvhload_status status;

	(void)pvl_span_sub(s->code, at, size, &stream.bytes);
	s->output.used = 0;
	s->output.most = pvl_min_u64(s->to_decode, SIZE_MAX);
	s->candidates++;
	*ret_taken = 0;
	status = pvl_stream_decode(&pvl_gzip_ops, stream, ret_taken, &s->output, err);
	s->to_take -= *ret_taken;
	s->to_decode -= s->output.used;
	return status;
}

static void drop_output(struct search *s)
{
	free(s->output.data);
	s->output.data = NULL;
	s->output.size = 0;
}

/* Decode one after the other; the first that is whole, and not empty, is at *@ret and in s->output. */
static enum pvhload_status search(struct search *s, struct pvhload_image_payload_place *ret,
				  struct pvhload_error *err)
{
	struct pvhload_error own = PVHLOAD_ERROR_INIT;

	PVL_TRY(pvl_work_begin(&s->output.work, err));
	for (size_t at = 0; next_candidate(s->code, &at); at++) {
		enum pvhload_status status;

		if (s->candidates == PVHLOAD_PAYLOAD_CANDIDATES_MAX)
			return limit(s, "there are more places than",
				     PVHLOAD_PAYLOAD_CANDIDATES_MAX,
				     "PVHLOAD_PAYLOAD_CANDIDATES_MAX", err);
		ret->offset = s->image->bzimage.code_offset + at;
		status = decode_at(s, at, &ret->size, &own);
		ret->decoded_size = s->output.used;
		if (status == PVHLOAD_OK && ret->decoded_size > 0)
			return pvl_work_end(&s->output.work, err);
		if (status == PVHLOAD_E_LIMIT || s->to_take == 0)
			return limit(s, "what is decoded takes or gives more bytes than",
				     s->image->decode_limit, "decode_limit", err);
		if (status != PVHLOAD_OK && status != PVHLOAD_E_MALFORMED)
			return pvl_fail_as(err, status, &own);
		drop_output(s);
	}
	return nothing(s, err);
}

static enum pvhload_status check_protocol(const struct pvhload_image *image,
					  struct pvhload_error *err)
{
	const uint32_t version = image->bzimage.boot_protocol;

	if (!image->info.bzimage)
		return pvl_fail(err, PVHLOAD_E_NOT_FOUND, PVL_ANYWHERE,
				"there is no payload to search for: the image is not a bzImage");
	if (version >= PVL_PROTOCOL_2_08)
		return pvl_fail(
			err, PVHLOAD_E_NOT_FOUND, PVL_ANYWHERE,
			"there is no payload to search for: boot protocol %u.%02u says where "
			"it is, or that there is none",
			version >> 8, version & 0xff);
	return PVHLOAD_OK;
}

static enum pvhload_status search_image(struct search *s, struct pvhload_image_payload_place *ret,
					struct pvhload_error *err)
{
	const struct pvhload_image_bzimage *bzimage = &s->image->bzimage;
	const uint64_t size = pvl_min_u64(bzimage->code_size, PVHLOAD_PAYLOAD_SEARCH_MAX);
	enum pvhload_status status;
	struct pvl_held held;

	PVL_TRY(pvl_source_hold(&s->image->source, bzimage->code_offset, size, &held, err));
	s->code = held.bytes;
	status = search(s, ret, err);
	pvl_source_drop(&s->image->source, &held);
	return status;
}

/* Give the caller what was found, if its buffer, where it has one, has room. */
static enum pvhload_status give(const struct pvhload_image_payload_place *found,
				const uint8_t *decoded, struct pvhload_image_payload_place *place,
				void *bytes, size_t capacity, struct pvhload_error *err)
{
	if (bytes && found->decoded_size > capacity)
		return pvl_fail(err, PVHLOAD_E_CAPACITY, PVL_AT(found->offset),
				"the payload decodes to %" PRIu64 " bytes; there is room for %zu",
				found->decoded_size, capacity);
	if (bytes)
		memcpy(bytes, decoded, (size_t)found->decoded_size);
	pvl_sized_out(place, found, sizeof(*found));
	return PVHLOAD_OK;
}

static enum pvhload_status search_and_give(struct search *s,
					   struct pvhload_image_payload_place *place, void *bytes,
					   size_t capacity, struct pvhload_error *err)
{
	struct pvhload_image_payload_place found = PVHLOAD_IMAGE_PAYLOAD_PLACE_INIT;

	found.codec = PVHLOAD_CODEC_GZIP;
	PVL_TRY(search_image(s, &found, err));
	return give(&found, s->output.data, place, bytes, capacity, err);
}

enum pvhload_status pvhload_image_search_payload(const struct pvhload_image *image,
						 struct pvhload_image_payload_place *place,
						 void *bytes, size_t capacity,
						 struct pvhload_error *err)
{
	struct search s = { .image = image };
	enum pvhload_status status;

	if (!pvl_error_usable(err))
		return PVHLOAD_E_USAGE;
	if (!image || !pvl_sized_out_usable(place, PVL_V1_PAYLOAD_PLACE) ||
	    (!bytes && capacity > 0))
		return pvl_fail(err, PVHLOAD_E_USAGE, PVL_ANYWHERE,
				"a pointer is NULL, or the place has a wrong size");
	PVL_TRY(check_protocol(image, err));
	s.to_take = s.to_decode = image->decode_limit;
	s.output.grows = true;
	s.output.limit_name = "decode_limit";
	s.output.work.phase = PVHLOAD_PROGRESS_DECODE;
	if (image->progress.callback)
		s.output.work.progress = &image->progress;
	status = search_and_give(&s, place, bytes, capacity, err);
	free(s.output.data);
	return status;
}
