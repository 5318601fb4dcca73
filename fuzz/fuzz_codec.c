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

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct pvhload_error err = PVHLOAD_ERROR_INIT;
	struct bytes payload, file = { NULL, 0 };
	const struct pvl_codec *codec;
	enum pvhload_status status = PVHLOAD_E_FORMAT, other;
	struct pvl_stream stream;

	if (size < 2)
		return 0;
	stream = (struct pvl_stream){ { data + 2, size - 2 }, AT };
	payload.size = 1u + data[0] + 256u * data[1];
	payload.data = malloc(payload.size); /* exactly: one byte too far is seen */
	MUST(payload.data != NULL);
	codec = pvl_codec_find(stream.bytes);
	if (codec) {
		status = pvl_codec_decode(codec, stream, payload.data, payload.size, NULL, &err);
		check_status(status, stream.bytes.size, &err);
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
