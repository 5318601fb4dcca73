/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * gzip, by zlib: the only user of zlib.  Where the size of the whole output is known, libdeflate is tried first,
 * if this build has it.  What that refuses zlib decodes from the start, so that messages are zlib's.
 *
 * ABI source: RFC 1952, section 2.3: the trailer's last 4 bytes are the decoded size, modulo 2^32.
 */
#include <zlib.h>

#include "codec/codec.h"
#include "core/checked.h"
#include "core/error.h"
#include "core/libc.h"

#define GZIP_WINDOW_BITS (15 + 16) /* the largest window; gzip framing */
#define RATIO_MAX        1032u     /* 258 bytes by two bits */

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

#ifdef PVL_HAVE_DEFLATE
/* True if the stream was whole and gave @room bytes exactly. */
static bool read_at_once(struct pvl_decoder *d, uint8_t *dst, size_t room)
{
	size_t taken = 0;
	struct pvl_span rest;

	if (!pvl_span_sub(d->stream.bytes, d->at, d->stream.bytes.size - d->at, &rest) ||
	    !pvl_gzip_at_once(rest, &taken, dst, room))
		return false;
	d->at += taken;
	d->ended = true;
	return true;
}
#else
static bool read_at_once(struct pvl_decoder *d, uint8_t *dst, size_t room)
{
	(void)d;
	(void)dst;
	(void)room;
	return false;
}
#endif

static enum pvhload_status read_next(struct pvl_decoder *d, uint8_t *dst, size_t room,
				     size_t *ret_made, struct pvhload_error *err)
{
	const struct pvl_span in = d->stream.bytes;
	z_stream *z = d->state;
	int result;

	/*
	 * zlib counts in unsigned int, so large streams are passed in several calls.  It reads
	 * through next_in and does not write; its type says otherwise in old versions.
	 */
	z->next_in = (Bytef *)(uintptr_t)in.data + d->at;
	z->avail_in = (uInt)pvl_min_u64(in.size - d->at, UINT32_MAX);
	z->next_out = dst;
	z->avail_out = (uInt)pvl_min_u64(room, PVL_PROGRESS_STEP);
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

static enum pvhload_status read_gzip(struct pvl_decoder *d, uint8_t *dst, size_t room,
				     size_t *ret_made, struct pvhload_error *err)
{
	const z_stream *z = d->state;
	const bool first = z->total_in == 0;

	if (!d->whole || !first || !read_at_once(d, dst, room))
		return read_next(d, dst, room, ret_made, err);
	*ret_made = room;
	return PVHLOAD_OK;
}

/* Only the last of several streams, and there may be zeros after it: a guess. */
static uint64_t expected_size(struct pvl_span file)
{
	uint32_t size = 0;

	if (file.size < 4 || !pvl_span_le32(file, file.size - 4, &size) ||
	    size / RATIO_MAX > file.size)
		return 0;
	return size;
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
	.expected_size = expected_size,
	.whole_at_once = true,
};
