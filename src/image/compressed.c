/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* A file that was compressed as a whole: an ELF file or a bzImage as gzip, xz and others leave it. */
#include "codec/codec.h"
#include "core/error.h"
#include "core/libc.h"
#include "image/format.h"

bool pvl_compressed_probe(struct pvl_span head)
{
	return pvl_codec_find_file(head) != NULL;
}

enum pvhload_status pvl_compressed_open(struct pvhload_image *image, const struct pvl_head *head,
					struct pvhload_error *err)
{
	(void)err;
	image->part.codec = pvl_codec_find_file((struct pvl_span){ head->bytes, head->size })->id;
	image->part.size = image->source.length;
	pvl_image_set_part(image);
	return PVHLOAD_OK;
}

enum pvhload_status pvl_compressed_check(const struct pvhload_image *image,
					 struct pvhload_error *err)
{
	if (image->part.size > image->decode_limit)
		return pvl_fail(err, PVHLOAD_E_LIMIT, PVL_AT(0),
				"%s file: it takes %" PRIu64
				" bytes, more than the limit of %" PRIu64 " (decode_limit)",
				pvhload_codec_name(image->part.codec), image->part.size,
				image->decode_limit);
	return PVHLOAD_OK;
}

static enum pvhload_status decode_stream(const struct pvhload_image *image,
					 const struct pvl_callbacks *callbacks,
					 struct pvl_stream stream, uint8_t **ret, size_t *ret_size,
					 struct pvhload_error *err)
{
	const struct pvl_codec *codec = pvl_codec_find_file(stream.bytes);

	if (!codec || codec->id != image->part.codec)
		return pvl_image_changed(err, 0);
	return pvl_codec_decode_file(codec, stream, image->decode_limit, "decode_limit", callbacks,
				     ret, ret_size, err);
}

enum pvhload_status pvl_compressed_decode(const struct pvhload_image *image,
					  const struct pvl_callbacks *callbacks, uint8_t **ret,
					  size_t *ret_size, struct pvhload_error *err)
{
	struct pvl_stream stream = { .offset = 0 };
	enum pvhload_status status;
	struct pvl_held held;

	PVL_TRY(pvl_source_hold(&image->source, 0, image->part.size, &held, err));
	stream.bytes = held.bytes;
	status = decode_stream(image, callbacks, stream, ret, ret_size, err);
	pvl_source_drop(&image->source, &held);
	return status;
}
