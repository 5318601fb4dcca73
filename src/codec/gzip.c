/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* gzip, by zlib: the only user of zlib. */
#include <zlib.h>

#include "codec/codec.h"
#include "core/checked.h"
#include "core/error.h"
#include "core/libc.h"

#define GZIP_WINDOW_BITS (15 + 16) /* the largest window; gzip framing */

static enum pvhload_status open_gzip(struct pvl_decoder *d, struct pvhload_error *err)
{
	z_stream *z = calloc(1, sizeof(*z));

	if (!z || inflateInit2(z, GZIP_WINDOW_BITS) != Z_OK) {
		free(z);
		return pvl_fail_no_memory(err, PVL_DECODER_MEMORY);
	}
	d->state = z;
	return PVHLOAD_OK;
}

static enum pvhload_status read_gzip(struct pvl_decoder *d, uint8_t *dst, size_t room,
				     size_t *ret_made, struct pvhload_error *err)
{
	const struct pvl_span in = d->stream.bytes;
	z_stream *z = d->state;
	int result;

	/*
	 * zlib counts in unsigned int, so large buffers are passed in several calls.  It reads
	 * through next_in and does not write; its type says otherwise in old versions.
	 */
	z->next_in = (Bytef *)(uintptr_t)in.data + d->at;
	z->avail_in = (uInt)pvl_min_u64(in.size - d->at, UINT32_MAX);
	z->next_out = dst;
	z->avail_out = (uInt)pvl_min_u64(room, UINT32_MAX);
	result = inflate(z, Z_NO_FLUSH);
	d->at = (uint64_t)(z->next_in - in.data);
	d->ended = result == Z_STREAM_END;
	*ret_made = (size_t)(z->next_out - dst);
	if (result == Z_MEM_ERROR)
		return pvl_fail_no_memory(err, PVL_DECODER_MEMORY);
	if (result == Z_DATA_ERROR || result == Z_NEED_DICT)
		return pvl_stream_corrupt(d->stream, d->at, z->msg ? z->msg : "bad data", err);
	return PVHLOAD_OK;
}

static void close_gzip(struct pvl_decoder *d)
{
	inflateEnd(d->state);
	free(d->state);
}

const struct pvl_codec_ops pvl_gzip_ops = {
	.open = open_gzip,
	.read = read_gzip,
	.close = close_gzip,
};
