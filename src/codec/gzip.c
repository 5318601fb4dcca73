/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* gzip, by zlib: the only user of zlib. */
#include <string.h>
#include <zlib.h>

#include "codec/codec.h"
#include "core/checked.h"
#include "core/error.h"

#define GZIP_WINDOW_BITS (15 + 16) /* the largest window; gzip framing */

static enum pvhload_status step(void *state, struct pvl_step *s, struct pvhload_error *err)
{
	const struct pvl_span in = s->stream.bytes;
	z_stream *z = state;
	int result;

	/*
	 * zlib counts in unsigned int, so large buffers go in pieces.  It reads through next_in and
	 * does not write; its type says otherwise in old versions.
	 */
	z->next_in = (Bytef *)(uintptr_t)in.data + s->at;
	z->avail_in = (uInt)pvl_min_u64(in.size - s->at, UINT32_MAX);
	z->next_out = s->out;
	z->avail_out = (uInt)pvl_min_u64(s->room, UINT32_MAX);
	result = inflate(z, Z_NO_FLUSH);
	s->at = (uint64_t)(z->next_in - in.data);
	s->made = (size_t)(z->next_out - s->out);
	s->ended = result == Z_STREAM_END;
	if (result == Z_MEM_ERROR)
		return pvl_fail_no_memory(err, 1u << 16);
	if (result == Z_DATA_ERROR || result == Z_NEED_DICT)
		return pvl_stream_corrupt(s->stream, s->at, z->msg ? z->msg : "bad data", err);
	return PVHLOAD_OK;
}

enum pvhload_status pvl_gzip_decode(struct pvl_stream stream, uint64_t *at,
				    struct pvl_output *output, struct pvhload_error *err)
{
	enum pvhload_status status;
	z_stream z;

	memset(&z, 0, sizeof(z));
	if (inflateInit2(&z, GZIP_WINDOW_BITS) != Z_OK)
		return pvl_fail_no_memory(err, 1u << 16);
	status = pvl_stream_run(step, &z, stream, at, output, err);
	inflateEnd(&z);
	return status;
}
