/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* gzip, by zlib: the only user of zlib. */
#include <string.h>
#include <zlib.h>

#include "codec/codec.h"
#include "core/checked.h"
#include "core/error.h"

#define GZIP_WINDOW_BITS (15 + 16) /* the largest window; gzip framing */

/* zlib counts in unsigned int: hand both buffers on in pieces. */
static void feed(z_stream *z, struct pvl_stream stream, struct pvl_output output, uint64_t in,
		 uint64_t out)
{
	/* zlib reads through next_in and does not write; its type says otherwise in old versions. */
	z->next_in = (Bytef *)(uintptr_t)stream.bytes.data + in;
	z->avail_in = (uInt)pvl_min_u64(stream.bytes.size - in, UINT32_MAX);
	z->next_out = output.data + out;
	z->avail_out = (uInt)pvl_min_u64(output.size - out, UINT32_MAX);
}

static enum pvhload_status finish(int result, const z_stream *z, struct pvl_stream stream,
				  struct pvl_output output, uint64_t in, uint64_t out,
				  struct pvhload_error *err)
{
	if (result == Z_STREAM_END && out == output.size)
		return PVHLOAD_OK;
	if (result == Z_STREAM_END)
		return pvl_stream_too_short(stream, in, out, output, err);
	if (result == Z_MEM_ERROR)
		return pvl_fail_no_memory(err, 1u << 16);
	if (result == Z_DATA_ERROR || result == Z_NEED_DICT)
		return pvl_stream_corrupt(stream, in, z->msg ? z->msg : "bad data", err);
	if (in == stream.bytes.size)
		return pvl_stream_truncated(stream, err);
	return pvl_stream_too_long(stream, in, output, err);
}

enum pvhload_status pvl_gzip_decode(struct pvl_stream stream, struct pvl_output output,
				    struct pvhload_error *err)
{
	enum pvhload_status status;
	uint64_t in = 0, out = 0;
	z_stream z;
	int result;

	memset(&z, 0, sizeof(z));
	if (inflateInit2(&z, GZIP_WINDOW_BITS) != Z_OK)
		return pvl_fail_no_memory(err, 1u << 16);
	do {
		feed(&z, stream, output, in, out);
		result = inflate(&z, Z_NO_FLUSH);
		in = (uint64_t)(z.next_in - stream.bytes.data);
		out = (uint64_t)(z.next_out - output.data);
		/* Z_OK is progress; without any, the next call ends with Z_BUF_ERROR. */
	} while (result == Z_OK);
	status = finish(result, &z, stream, output, in, out, err);
	inflateEnd(&z);
	return status;
}
