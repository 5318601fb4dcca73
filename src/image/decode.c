/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * From a bzImage to the ELF file inside it.
 *
 * ABI source: Linux, arch/x86/boot/compressed/mkpiggy.c and Makefile: behind every payload stands
 * what it decodes to, 4 bytes that payload_length counts.  gzip has that number as part of its own
 * stream; for every other codec it was appended and is not the decoder's.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "codec/codec.h"
#include "core/error.h"
#include "image/image.h"
#include "image/open.h"

#define SIZE_TRAILER 4u
#define HUGE_PAGE    (2u << 20)
#define HUGE_FROM    (2 * (size_t)HUGE_PAGE)

/* All of the compressed bytes: where they already are, or in *@ret_owned, which is to be freed. */
static enum pvhload_status load_stream(const struct pvhload_image *image, struct pvl_stream *ret,
				       uint8_t **ret_owned, struct pvhload_error *err)
{
	const struct pvhload_image_info *info = &image->info;
	const bool own_trailer = info->payload_codec == PVHLOAD_CODEC_GZIP;
	const uint64_t size = info->payload_size - (own_trailer ? 0 : SIZE_TRAILER);
	enum pvhload_status status;

	ret->offset = info->payload_offset;
	if (pvl_source_view(&image->source, info->payload_offset, size, &ret->bytes))
		return PVHLOAD_OK;
	*ret_owned = malloc((size_t)size);
	if (!*ret_owned)
		return pvl_fail_no_memory(err, size);
	status = pvl_source_read(&image->source, info->payload_offset, *ret_owned, size, err);
	ret->bytes = (struct pvl_span){ *ret_owned, (size_t)size };
	return status;
}

static enum pvhload_status check_sizes(const struct pvhload_image *image, uint64_t most,
				       const char *most_is, struct pvhload_error *err)
{
	const struct pvhload_image_info *info = &image->info;
	const char *codec = pvhload_codec_name(info->payload_codec);
	const uint64_t size = info->payload_decoded_size;

	if (size == 0)
		return pvl_fail(err, PVHLOAD_E_MALFORMED,
				PVL_AT(info->payload_offset + info->payload_size - SIZE_TRAILER),
				"%s payload: its trailer declares 0 bytes", codec);
	if (size > image->decode_limit || size > SIZE_MAX)
		return pvl_fail(err, PVHLOAD_E_LIMIT, PVL_AT(info->payload_offset),
				"%s payload: it declares %" PRIu64
				" decoded bytes, more than the limit of %" PRIu64,
				codec, size, image->decode_limit);
	if (size > most)
		return pvl_fail(err, PVHLOAD_E_LIMIT, PVL_AT(info->payload_offset),
				"%s payload: it declares %" PRIu64
				" decoded bytes, more than %s, %" PRIu64,
				codec, size, most_is, most);
	if (info->payload_size > image->decode_limit)
		return pvl_fail(err, PVHLOAD_E_LIMIT, PVL_AT(info->payload_offset),
				"%s payload: it takes %" PRIu64
				" bytes, more than the limit of %" PRIu64,
				codec, info->payload_size, image->decode_limit);
	return PVHLOAD_OK;
}

static enum pvhload_status unknown_codec(const struct pvhload_image *image,
					 struct pvhload_error *err)
{
	uint8_t b[4] = { 0 };
	enum pvhload_status status =
		pvl_source_read(&image->source, image->info.payload_offset, b, sizeof(b), err);

	if (status != PVHLOAD_OK)
		return status;
	return pvl_fail(err, PVHLOAD_E_UNSUPPORTED, PVL_AT(image->info.payload_offset),
			"the payload's codec is unknown: it starts %02x %02x %02x %02x at offset "
			"0x%" PRIx64,
			b[0], b[1], b[2], b[3], image->info.payload_offset);
}

/*
 * Room for the output.  Touching it page by page would cost more than decoding does with a fast
 * codec, so large ones ask for huge pages; where there are none, nothing is lost.
 */
static uint8_t *new_output(size_t size)
{
	void *out = NULL;

	if (size < HUGE_FROM)
		return malloc(size);
	if (posix_memalign(&out, HUGE_PAGE, size) != 0)
		return NULL;
#ifdef MADV_HUGEPAGE
	(void)madvise(out, size, MADV_HUGEPAGE);
#endif
	return out;
}

/* Decode to *@ret, info.payload_decoded_size bytes, to be freed. */
static enum pvhload_status decode(const struct pvhload_image *image, uint8_t **ret,
				  struct pvhload_error *err)
{
	const size_t size = (size_t)image->info.payload_decoded_size;
	uint8_t magic[PVL_CODEC_MAGIC_MAX], *owned = NULL, *out = NULL;
	const struct pvl_codec *codec;
	struct pvl_stream stream;
	enum pvhload_status status;

	status = pvl_source_read(&image->source, image->info.payload_offset, magic, sizeof(magic),
				 err);
	if (status != PVHLOAD_OK)
		return status;
	codec = pvl_codec_find((struct pvl_span){ magic, sizeof(magic) });
	if (!codec) /* the file has changed since it was opened */
		return unknown_codec(image, err);

	status = load_stream(image, &stream, &owned, err);
	if (status == PVHLOAD_OK) {
		out = new_output(size);
		status = out ? pvl_codec_decode(codec, stream, out, size, err)
			     : pvl_fail_no_memory(err, size);
	}
	free(owned);
	if (status != PVHLOAD_OK) {
		free(out);
		return status;
	}
	*ret = out;
	return PVHLOAD_OK;
}

/* The source of the payload's bytes: a part of ours, or what was decoded. */
static struct pvhload_source payload_source(const struct pvhload_image *image,
					    const uint8_t *decoded)
{
	struct pvhload_source source = image->source.from;

	if (decoded)
		return pvhload_source_buffer(decoded, (size_t)image->info.payload_decoded_size);
	if (source.kind == PVHLOAD_SOURCE_BUFFER)
		source.data = (const uint8_t *)source.data + image->info.payload_offset;
	else
		source.offset += image->info.payload_offset;
	source.length = image->info.payload_size;
	return source;
}

enum pvhload_status pvl_image_decode(struct pvhload_image *image, uint64_t most,
				     const char *most_is, struct pvhload_error *err)
{
	struct pvhload_image *payload;
	struct pvhload_source source;
	enum pvhload_status status;
	uint8_t *decoded = NULL;

	if (image->info.payload_offset == 0)
		return PVHLOAD_OK;
	if (image->info.payload_codec == PVHLOAD_CODEC_UNKNOWN)
		return unknown_codec(image, err);
	/* Also of what has been decoded: the answer does not depend on who did it when. */
	status = check_sizes(image, most, most_is, err);
	if (status != PVHLOAD_OK || image->payload)
		return status;
	if (status == PVHLOAD_OK && image->info.payload_codec != PVHLOAD_CODEC_NONE)
		status = decode(image, &decoded, err);
	if (status != PVHLOAD_OK)
		return status;

	source = payload_source(image, decoded);
	status = pvl_image_new(&source, image->decode_limit, &payload, err);
	if (status == PVHLOAD_OK && payload->info.format == PVHLOAD_FORMAT_BZIMAGE) {
		pvhload_image_close(payload);
		status = pvl_fail(err, PVHLOAD_E_FORMAT, PVL_ANYWHERE, "another bzImage");
	}
	if (status != PVHLOAD_OK) {
		free(decoded);
		if (err)
			err->offset = PVHLOAD_NOWHERE; /* it was one in the decoded bytes */
		return pvl_fail_in(err, status, "inside the payload");
	}
	payload->decoded = decoded;
	image->payload = payload;
	return PVHLOAD_OK;
}

enum pvhload_status pvhload_image_decode(struct pvhload_image *image, struct pvhload_error *err)
{
	if (!pvl_error_usable(err))
		return PVHLOAD_E_USAGE;
	if (!image)
		return pvl_fail(err, PVHLOAD_E_USAGE, PVL_ANYWHERE, "the image is NULL");
	return pvl_image_decode(image, UINT64_MAX, "", err);
}

const struct pvhload_image *pvl_image_kernel(const struct pvhload_image *image)
{
	return image->payload ? image->payload : image;
}
