/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* bzip2, by libbz2: the only user of it. */
#include <bzlib.h>

#include "codec/codec.h"
#include "core/checked.h"
#include "core/error.h"
#include "core/libc.h"

#define MEMORY (4u << 20) /* about what libbz2 takes for blocks of 900k */

static enum pvhload_status open_bzip2(struct pvl_decoder *d, struct pvhload_error *err)
{
	bz_stream *b = calloc(1, sizeof(*b));

	if (!b || BZ2_bzDecompressInit(b, 0, 0) != BZ_OK) {
		free(b);
		return pvl_fail_no_memory(err, MEMORY);
	}
	d->state = b;
	return PVHLOAD_OK;
}

static enum pvhload_status judge(int result, const struct pvl_decoder *d, struct pvhload_error *err)
{
	if (result == BZ_OK || result == BZ_STREAM_END)
		return PVHLOAD_OK;
	if (result == BZ_MEM_ERROR)
		return pvl_fail_no_memory(err, MEMORY);
	if (result == BZ_DATA_ERROR_MAGIC)
		return pvl_stream_corrupt(d->stream, d->at, "not a bzip2 header", err);
	return pvl_stream_corrupt(d->stream, d->at, "bad data, or a wrong checksum", err);
}

static enum pvhload_status read_bzip2(struct pvl_decoder *d, uint8_t *dst, size_t room,
				      size_t *ret_made, struct pvhload_error *err)
{
	const struct pvl_span in = d->stream.bytes;
	bz_stream *b = d->state;
	int result;

	/* libbz2 counts in unsigned int, and its next_in is not const, but it does not write there. */
	b->next_in = (char *)(uintptr_t)in.data + d->at;
	b->avail_in = (unsigned int)pvl_min_u64(in.size - d->at, UINT32_MAX);
	b->next_out = (char *)dst;
	b->avail_out = (unsigned int)pvl_min_u64(room, UINT32_MAX);
	result = BZ2_bzDecompress(b);
	d->at = (uint64_t)(b->next_in - (const char *)in.data);
	d->ended = result == BZ_STREAM_END;
	*ret_made = (size_t)(b->next_out - (char *)dst);
	return judge(result, d, err);
}

static void close_bzip2(struct pvl_decoder *d)
{
	BZ2_bzDecompressEnd(d->state);
	free(d->state);
}

const struct pvl_codec_ops pvl_bzip2_ops = {
	.open = open_bzip2,
	.read = read_bzip2,
	.close = close_bzip2,
};
