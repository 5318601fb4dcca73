/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* A file that was compressed as a whole: an ELF file or a bzImage as gzip, xz and others leave it. */
#include <inttypes.h>
#include <stdlib.h>

#include "codec/codec.h"
#include "core/error.h"
#include "image/image.h"

bool pvl_compressed_probe(struct pvl_span head)
{
	return pvl_codec_find_file(head) != NULL;
}

enum pvhload_status pvl_compressed_open(struct pvhload_image *image, const struct pvl_head *head,
					struct pvhload_error *err)
{
	const struct pvl_codec *codec =
		pvl_codec_find_file((struct pvl_span){ head->bytes, head->size });

	(void)err;
	image->info.format = PVHLOAD_FORMAT_COMPRESSED;
	image->part.codec = codec->id;
	image->part.size = image->source.length;
	pvl_image_set_part(image);
	return PVHLOAD_OK;
}

static enum pvhload_status check_sizes(const struct pvhload_image *image, uint64_t most,
				       const char *limit_name, struct pvhload_error *err)
{
	const char *codec = pvhload_codec_name(image->part.codec);

	if (image->part.size > image->decode_limit)
		return pvl_fail(err, PVHLOAD_E_LIMIT, PVL_AT(0),
				"%s file: it takes %" PRIu64
				" bytes, more than the limit of %" PRIu64 " (decode_limit)",
				codec, image->part.size, image->decode_limit);
	if (image->payload && image->payload->info.size > most)
		return pvl_fail(err, PVHLOAD_E_LIMIT, PVL_AT(0),
				"%s file: it decodes to %" PRIu64 " bytes, more than %s, %" PRIu64,
				codec, image->payload->info.size, limit_name, most);
	return PVHLOAD_OK;
}

enum pvhload_status pvl_compressed_decode(const struct pvhload_image *image, uint64_t most,
					  const char *limit_name, uint8_t **ret, size_t *ret_size,
					  struct pvhload_error *err)
{
	struct pvl_stream stream = { .offset = 0 };
	const struct pvl_codec *codec;
	enum pvhload_status status;
	uint8_t *owned = NULL;

	status = check_sizes(image, most, limit_name, err);
	if (status != PVHLOAD_OK || image->payload)
		return status;
	if (image->decode_limit <= most) {
		most = image->decode_limit;
		limit_name = "decode_limit";
	}
	status = pvl_image_bytes(image, 0, image->part.size, &stream.bytes, &owned, err);
	if (status == PVHLOAD_OK) {
		codec = pvl_codec_find_file(stream.bytes);
		status = codec && codec->id == image->part.codec
				 ? pvl_codec_unwrap(codec, stream, most, limit_name, ret, ret_size,
						    err)
				 : pvl_fail(err, PVHLOAD_E_SOURCE, PVL_AT(0),
					    "the file has changed since it was opened");
	}
	free(owned);
	return status;
}
