/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * Any bytes as a stream, decoded both ways: as a payload, and as a whole file.  The first two bytes
 * say how much it declares, which is the limit of the file as well; the magic says which codec it is.
 */
#include <string.h>

#include "bytes.h"
#include "codec/codec.h"
#include "core/error.h"
#include "fuzz.h"

#define AT 0x5000u

static void check_status(enum pvhload_status status, size_t size, const struct pvhload_error *err)
{
	MUST(status == PVHLOAD_OK || status == PVHLOAD_E_MALFORMED ||
	     status == PVHLOAD_E_UNSUPPORTED || status == PVHLOAD_E_LIMIT ||
	     status == PVHLOAD_E_NO_MEMORY);
	if (status != PVHLOAD_OK && status != PVHLOAD_E_NO_MEMORY)
		MUST(err->offset >= AT && err->offset <= AT + size);
}

static int64_t read_stream(void *user, uint64_t offset, void *dst, size_t len)
{
	const struct pvl_stream *stream = user;

	MUST(offset >= AT && len <= stream->bytes.size - (offset - AT));
	memcpy(dst, stream->bytes.data + (offset - AT), len);
	return (int64_t)len;
}

/* Read as it is decoded, it comes to the same. */
static void decode_fed(const struct pvl_codec *codec, struct pvl_stream whole,
		       const struct bytes *payload, enum pvhload_status status)
{
	const struct pvhload_source from =
		pvhload_source_reader(read_stream, &whole, AT + whole.bytes.size);
	struct pvl_stream stream = { { NULL, whole.bytes.size }, AT, NULL };
	struct bytes back = { calloc(1, payload->size), payload->size };
	struct pvl_source source;
	struct pvl_feed feed = { .source = &source };

	MUST(back.data != NULL);
	MUST(pvl_source_open(&from, &source, NULL) == PVHLOAD_OK);
	stream.feed = &feed;
	MUST(pvl_codec_decode(codec, stream, back.data, back.size, NULL, NULL) == status);
	MUST(status != PVHLOAD_OK || memcmp(back.data, payload->data, back.size) == 0);
	pvl_feed_close(&feed);
	free(back.data);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct pvhload_error err = PVHLOAD_ERROR_INIT;
	struct bytes payload, file = { NULL, 0 };
	const struct pvl_codec *codec;
	enum pvhload_status status = PVHLOAD_E_FORMAT, other;
	struct pvl_stream stream;

	if (size < 2)
		return 0;
	stream = (struct pvl_stream){ { data + 2, size - 2 }, AT, NULL };
	payload.size = 1u + data[0] + 256u * data[1];
	payload.data = malloc(payload.size); /* exactly: one byte too far is seen */
	MUST(payload.data != NULL);
	MUST(pvhload_codec_name(data[0])[0] != '\0');
	codec = pvl_codec_find(stream.bytes);
	if (codec) {
		MUST(strcmp(pvhload_codec_name(codec->id), codec->name) == 0);
		status = pvl_codec_decode(codec, stream, payload.data, payload.size, NULL, &err);
		check_status(status, stream.bytes.size, &err);
		if (codec->ops && codec->ops->feeds)
			decode_fed(codec, stream, &payload, status);
	}
	codec = pvl_codec_find_file(stream.bytes);
	if (codec) {
		other = pvl_codec_decode_file(codec, stream, payload.size, "the limit", NULL,
					      &file.data, &file.size, &err);
		check_status(other, stream.bytes.size, &err);
		MUST((other == PVHLOAD_OK) || file.data == NULL);
		MUST(file.size <= payload.size);
		/* If both are right, they are the same, up to where a payload ends. */
		if (status == PVHLOAD_OK && other == PVHLOAD_OK) {
			MUST(file.size == payload.size);
			MUST(memcmp(file.data, payload.data, file.size) == 0);
		}
	}
	free(file.data);
	free(payload.data);
	return 0;
}
