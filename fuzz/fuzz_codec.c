/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* Any bytes as a stream: the first two say how much it declares, its magic which codec it is. */
#include <string.h>

#include "codec/codec.h"
#include "core/error.h"
#include "bytes.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct pvhload_error err = PVHLOAD_ERROR_INIT;
	struct pvl_stream stream = { { data, size }, 0x5000 };
	const struct pvl_codec *codec;
	enum pvhload_status status;
	struct bytes output;

	if (size < 2)
		return 0;
	output.size = 1u + data[0] + 256u * data[1];
	stream.bytes = (struct pvl_span){ data + 2, size - 2 };
	codec = pvl_codec_find(stream.bytes);
	if (!codec)
		return 0;
	output.data = malloc(output.size); /* exactly: one byte too far is seen */
	MUST(output.data != NULL);
	status = pvl_codec_decode(codec, stream, output.data, output.size, &err);
	MUST(status == PVHLOAD_OK || status == PVHLOAD_E_MALFORMED ||
	     status == PVHLOAD_E_UNSUPPORTED || status == PVHLOAD_E_NO_MEMORY);
	if (status == PVHLOAD_E_MALFORMED)
		MUST(err.offset >= stream.offset && err.offset <= stream.offset + size - 2);
	free(output.data);
	return 0;
}
