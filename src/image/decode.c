/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * From an image to its payload: from a compressed file to its ELF file or bzImage, from a bzImage
 * to its ELF file.  There are two levels at most.
 *
 * The payload, or the failure, is published by one atomic exchange: threads that decode one image
 * at once each do the work, the first result stays, and the others are freed.
 */
#include "core/checked.h"
#include "core/error.h"
#include "core/libc.h"
#include "image/format.h"
#include "image/image.h"
#include "image/open.h"

/*
 * A failure that another attempt would repeat, unless its limit is less than @most: with less, it may fail
 * for the limit before it comes to that.  Freed with the image.
 */
struct pvl_decode_failure {
	uint64_t most;
	struct pvhload_error err;
};

/*
 * The source of the payload: what was decoded, or, if it is not compressed, a window of the image's
 * source.
 */
static struct pvhload_source payload_source(const struct pvhload_image *image,
					    const uint8_t *decoded, size_t size)
{
	struct pvhload_source source = image->source.from;

	if (image->part.codec != PVHLOAD_CODEC_NONE)
		return pvhload_source_buffer(decoded, size);
	if (source.kind == PVHLOAD_SOURCE_BUFFER)
		source.data = (const uint8_t *)source.data + image->part.offset;
	else
		source.offset += image->part.offset;
	source.size = image->part.size;
	return source;
}

static enum pvhload_status check_level(const struct pvhload_image *image,
				       const struct pvhload_image *payload,
				       struct pvhload_error *err)
{
	if (payload->format->level < image->format->level)
		return PVHLOAD_OK;
	if (payload->format->level == PVL_LEVEL_WRAPPER)
		return pvl_fail(err, PVHLOAD_E_FORMAT, PVL_ANYWHERE,
				"another compressed file, by %s: it is compressed twice",
				pvhload_codec_name(payload->part.codec));
	return pvl_fail(err, PVHLOAD_E_FORMAT, PVL_ANYWHERE, "another bzImage");
}

static enum pvhload_status open_payload(const struct pvhload_image *image,
					const struct pvhload_source *source,
					struct pvhload_image **ret, struct pvhload_error *err)
{
	struct pvhload_image *payload = NULL;
	enum pvhload_status status =
		pvl_image_new(source, image->decode_limit, &image->progress, &payload, err);

	if (status == PVHLOAD_OK)
		status = check_level(image, payload, err);
	if (status == PVHLOAD_OK) {
		*ret = payload;
		return PVHLOAD_OK;
	}
	pvl_image_unref(payload);
	if (err)
		err->offset = PVHLOAD_NOWHERE; /* it was an offset in the decoded bytes */
	return pvl_fail_in(err, status, image->format->context,
			   pvhload_codec_name(image->part.codec));
}

/* A file that declares no size does not decode within @most bytes, nor within fewer. */
static void note_too_little(struct pvhload_image *image, uint64_t most)
{
	uint64_t known = image->too_little;

	while (image->part.decoded_size == 0 && known < most &&
	       !atomic_compare_exchange_weak(&image->too_little, &known, most))
		;
}

/* That it will not, without trying again. */
static enum pvhload_status fail_too_little(const struct pvhload_image *image,
					   const struct pvl_decode_terms *terms, uint64_t most,
					   struct pvhload_error *err)
{
	return pvl_fail(err, PVHLOAD_E_LIMIT, PVL_AT(image->part.offset),
			"%s file: it does not decode within %s, %" PRIu64 " bytes",
			pvhload_codec_name(image->part.codec),
			most < image->decode_limit ? terms->limit_name : "decode_limit", most);
}

static enum pvhload_status decode(struct pvhload_image *image, const struct pvl_decode_terms *terms,
				  uint64_t most, struct pvhload_image **ret,
				  struct pvhload_error *err)
{
	struct pvhload_source source;
	enum pvhload_status status;
	uint8_t *decoded = NULL;
	size_t size = 0;

	status = image->format->decode(image, terms, &decoded, &size, err);
	if (status == PVHLOAD_E_LIMIT)
		note_too_little(image, most);
	PVL_TRY(status);
	source = payload_source(image, decoded, size);
	status = open_payload(image, &source, ret, err);
	if (status == PVHLOAD_OK)
		(*ret)->decoded = decoded;
	else
		free(decoded);
	return status;
}

/*
 * The limit of decoding.  If the image declares its decoded size, that has been checked against the
 * caller's limit already, which then does not matter any more.
 */
static uint64_t effective_limit(const struct pvhload_image *image,
				const struct pvl_decode_terms *terms)
{
	if (image->part.decoded_size != 0)
		return image->decode_limit;
	return pvl_min_u64(image->decode_limit, terms->most);
}

/* A bad payload stays bad, and finding that out can take a second, so keep the failure. */
static void remember(struct pvhload_image *image, uint64_t most, const struct pvhload_error *err)
{
	struct pvl_decode_failure *failure, *none = NULL;

	if (err->status == PVHLOAD_E_NO_MEMORY || err->status == PVHLOAD_E_SOURCE ||
	    err->status == PVHLOAD_E_CANCELLED ||
	    (most <= image->too_little && most < image->decode_limit))
		return;
	failure = malloc(sizeof(*failure));
	if (!failure)
		return;
	failure->most = most;
	failure->err = *err;
	if (!atomic_compare_exchange_strong(&image->failure, &none, failure))
		free(failure);
}

/* The image keeps @payload, unless another thread's is there already. */
static void publish(struct pvhload_image *image, struct pvhload_image *payload)
{
	struct pvhload_image *none = NULL;

	if (!atomic_compare_exchange_strong(&image->payload, &none, payload))
		pvl_image_unref(payload);
}

enum pvhload_status pvl_image_decode(struct pvhload_image *image, struct pvl_decode_terms terms,
				     struct pvhload_error *err)
{
	struct pvhload_error own = PVHLOAD_ERROR_INIT;
	const struct pvl_decode_failure *failure;
	struct pvhload_image *payload = NULL;
	enum pvhload_status status;
	uint64_t most;

	if (image->progress.callback)
		terms.progress = &image->progress;
	if (!pvl_image_payload_part(&image->info))
		return PVHLOAD_OK;
	/* Also if it is decoded already, so that the answer does not depend on what was called before. */
	PVL_TRY(image->format->check(image, &terms, err));
	if (image->payload)
		return PVHLOAD_OK;
	most = effective_limit(image, &terms);
	failure = image->failure;
	if (failure && most >= failure->most)
		return pvl_fail_as(err, (enum pvhload_status)failure->err.status, &failure->err);
	if (most <= image->too_little)
		return fail_too_little(image, &terms, most, err);
	status = decode(image, &terms, most, &payload, &own);
	if (status == PVHLOAD_OK)
		publish(image, payload);
	else
		remember(image, most, &own);
	return pvl_fail_as(err, status, &own);
}

enum pvhload_status pvhload_image_decode(struct pvhload_image *image, struct pvhload_error *err)
{
	if (!pvl_error_usable(err))
		return PVHLOAD_E_USAGE;
	if (!image)
		return pvl_fail(err, PVHLOAD_E_USAGE, PVL_ANYWHERE, "the image is NULL");
	return pvl_image_decode(image, PVL_DECODE_ALL, err);
}

void pvhload_image_drop_payload(struct pvhload_image *image)
{
	if (image)
		pvl_image_unref(atomic_exchange(&image->payload, NULL));
}

enum pvhload_status pvl_image_decode_file(struct pvhload_image *image,
					  struct pvl_decode_terms terms, struct pvhload_image **ret,
					  struct pvhload_error *err)
{
	if (image->format->level == PVL_LEVEL_WRAPPER) {
		PVL_TRY(pvl_image_decode(image, terms, err));
		image = image->payload;
	}
	*ret = image;
	return PVHLOAD_OK;
}

struct pvhload_image *pvhload_image_payload(struct pvhload_image *image)
{
	return image ? image->payload : NULL;
}

const struct pvhload_image *pvl_image_kernel(const struct pvhload_image *image)
{
	const struct pvhload_image *payload;

	while ((payload = image->payload) != NULL)
		image = payload;
	return image;
}
