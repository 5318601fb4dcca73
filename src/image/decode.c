/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * From an image to the one inside it: from a compressed file to its ELF file or bzImage, from a
 * bzImage to its ELF file.  Nothing else is inside anything, so two steps are the most there are.
 */
#include <stdlib.h>

#include "core/error.h"
#include "image/image.h"
#include "image/open.h"

/* The source of what is inside: what was decoded, or a part of ours. */
static struct pvhload_source inner_source(const struct pvhload_image *image, const uint8_t *decoded,
					  size_t size)
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

/* What may be inside what. */
static enum pvhload_status check_inner(const struct pvhload_image *image,
				       const struct pvhload_image *inner, struct pvhload_error *err)
{
	if (inner->info.format == PVHLOAD_FORMAT_COMPRESSED)
		return pvl_fail(err, PVHLOAD_E_FORMAT, PVL_ANYWHERE,
				"another compressed file, by %s: it is compressed twice",
				pvhload_codec_name(inner->part.codec));
	if (inner->info.format == PVHLOAD_FORMAT_BZIMAGE &&
	    image->info.format == PVHLOAD_FORMAT_BZIMAGE)
		return pvl_fail(err, PVHLOAD_E_FORMAT, PVL_ANYWHERE, "another bzImage");
	return PVHLOAD_OK;
}

static enum pvhload_status open_inner(const struct pvhload_image *image,
				      const struct pvhload_source *source,
				      struct pvhload_image **ret, struct pvhload_error *err)
{
	struct pvhload_image *inner = NULL;
	enum pvhload_status status = pvl_image_new(source, image->decode_limit, &inner, err);

	if (status == PVHLOAD_OK)
		status = check_inner(image, inner, err);
	if (status == PVHLOAD_OK) {
		*ret = inner;
		return PVHLOAD_OK;
	}
	pvhload_image_close(inner);
	if (err)
		err->offset = PVHLOAD_NOWHERE; /* it was one in the decoded bytes */
	if (image->info.format == PVHLOAD_FORMAT_COMPRESSED)
		return pvl_fail_in(err, status, "inside the %s file",
				   pvhload_codec_name(image->part.codec));
	return pvl_fail_in(err, status, "inside the payload");
}

enum pvhload_status pvl_image_decode(struct pvhload_image *image, uint64_t most,
				     const char *limit_name, struct pvhload_error *err)
{
	const bool file = image->info.format == PVHLOAD_FORMAT_COMPRESSED;
	struct pvhload_source source;
	enum pvhload_status status;
	uint8_t *decoded = NULL;
	size_t size = 0;

	if (!pvl_image_payload_part(&image->info))
		return PVHLOAD_OK;
	/* Also of what has been decoded: the answer does not depend on who did it when. */
	status = file ? pvl_compressed_decode(image, most, limit_name, &decoded, &size, err)
		      : pvl_bzimage_decode(image, most, limit_name, &decoded, &size, err);
	if (status != PVHLOAD_OK || image->payload)
		return status;

	source = inner_source(image, decoded, size);
	status = open_inner(image, &source, &image->payload, err);
	if (status != PVHLOAD_OK) {
		free(decoded);
		return status;
	}
	image->payload->decoded = decoded;
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

enum pvhload_status pvl_image_unwrap(struct pvhload_image *image, uint64_t most,
				     const char *limit_name, struct pvhload_image **ret,
				     struct pvhload_error *err)
{
	if (image->info.format == PVHLOAD_FORMAT_COMPRESSED) {
		enum pvhload_status status = pvl_image_decode(image, most, limit_name, err);

		if (status != PVHLOAD_OK)
			return status;
		image = image->payload;
	}
	*ret = image;
	return PVHLOAD_OK;
}

const struct pvhload_image *pvl_image_kernel(const struct pvhload_image *image)
{
	while (image->payload)
		image = image->payload;
	return image;
}
