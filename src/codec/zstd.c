/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * Zstandard, by libzstd: the only user of it.
 *
 * A payload is decoded by one call into the whole output, which needs no window, however large the
 * frame's is.  That call does not say where it failed, so after a failure the stream is decoded
 * again, step by step.  A file, whose size is not known, is streamed, with a window of limited
 * size.
 */
#include <zstd.h>
#include <zstd_errors.h>

#include "codec/codec.h"
#include "core/checked.h"
#include "core/error.h"
#include "core/libc.h"

#define WINDOW_LOG_MAX 27 /* PVHLOAD_ZSTD_WINDOW_MAX */
#define SCRATCH_SIZE   (1u << 17)
#define STEP_SIZE      (1u << 12)                         /* how exact the offset of a failure is */
#define FILE_STEP_SIZE (1u << 16)                         /* the same, where speed matters */
#define CONTEXT_SIZE   (1u << 17)                         /* least memory of a libzstd context */
#define PEEK_STREAM    ((uint64_t)2 * ZSTD_BLOCKSIZE_MAX) /* has the first block and all headers */
#define SEARCH_MAX     (32u << 20) /* in a longer stream the offset of a failure is not searched */

/*
 * Decode again, without keeping the output, up to @limit bytes of it, and return how many bytes of
 * the stream were consumed before the failure.  Falls back to 0, the start of the stream.
 */
static uint64_t find_failure(struct pvl_stream stream, uint64_t limit)
{
	ZSTD_DCtx *context = ZSTD_createDCtx();
	uint8_t *scratch = malloc(SCRATCH_SIZE);
	ZSTD_inBuffer in = { stream.bytes.data, 0, 0 };
	uint64_t made = 0, at = 0;

	if (!context || !scratch || stream.bytes.size > SEARCH_MAX ||
	    ZSTD_isError(ZSTD_DCtx_setParameter(context, ZSTD_d_windowLogMax, WINDOW_LOG_MAX)))
		goto out;
	while (made <= limit) {
		ZSTD_outBuffer out = { scratch, SCRATCH_SIZE, 0 };
		const size_t before = in.pos;

		in.size = (size_t)pvl_min_u64(stream.bytes.size, in.pos + STEP_SIZE);
		at = in.pos;
		if (ZSTD_isError(ZSTD_decompressStream(context, &out, &in)))
			break;
		made += out.pos;
		at = in.pos;
		if (in.pos == before && out.pos == 0)
			break;
	}
out:
	free(scratch);
	ZSTD_freeDCtx(context);
	return at;
}

static enum pvhload_status failed(size_t result, struct pvl_stream stream, uint64_t at,
				  struct pvhload_error *err)
{
	const ZSTD_ErrorCode code = ZSTD_getErrorCode(result);

	if (code == ZSTD_error_memory_allocation)
		return pvl_fail_no_memory(err, CONTEXT_SIZE);
	if (code == ZSTD_error_frameParameter_windowTooLarge)
		return pvl_fail(err, PVHLOAD_E_LIMIT, PVL_AT(stream.offset + at),
				"its window is larger than the limit of %u bytes "
				"(PVHLOAD_ZSTD_WINDOW_MAX)",
				PVHLOAD_ZSTD_WINDOW_MAX);
	return pvl_stream_corrupt(stream, at, ZSTD_getErrorString(code), err);
}

/* All frames of a payload, into all of its room. */
static enum pvhload_status read_payload(struct pvl_decoder *d, uint8_t *dst, size_t room,
					size_t *ret_made, struct pvhload_error *err)
{
	const size_t n = ZSTD_decompress(dst, room, d->stream.bytes.data, d->stream.bytes.size);
	const ZSTD_ErrorCode code = ZSTD_getErrorCode(n);

	if (code == ZSTD_error_srcSize_wrong)
		return pvl_stream_truncated(d->stream, err);
	if (code != ZSTD_error_no_error)
		d->at = find_failure(d->stream, room);
	d->no_room = code == ZSTD_error_dstSize_tooSmall;
	if (d->no_room)
		return PVHLOAD_OK;
	if (code != ZSTD_error_no_error)
		return failed(n, d->stream, d->at, err);
	*ret_made = n;
	d->at = d->stream.bytes.size;
	d->ended = true;
	return PVHLOAD_OK;
}

static enum pvhload_status read_file(struct pvl_decoder *d, uint8_t *dst, size_t room,
				     size_t *ret_made, struct pvhload_error *err)
{
	const struct pvl_span bytes = d->stream.bytes;
	ZSTD_inBuffer in = { bytes.data, (size_t)pvl_min_u64(bytes.size, d->at + FILE_STEP_SIZE),
			     (size_t)d->at };
	ZSTD_outBuffer out = { dst, room, 0 };
	const size_t result = ZSTD_decompressStream(d->state, &out, &in);

	if (ZSTD_isError(result))
		return failed(result, d->stream, d->at, err);
	d->at = in.pos;
	d->ended = result == 0;
	*ret_made = out.pos;
	return PVHLOAD_OK;
}

static enum pvhload_status open_zstd(struct pvl_decoder *d, struct pvhload_error *err)
{
	ZSTD_DCtx *context;

	if (d->whole)
		return PVHLOAD_OK;
	context = ZSTD_createDCtx();
	if (!context ||
	    ZSTD_isError(ZSTD_DCtx_setParameter(context, ZSTD_d_windowLogMax, WINDOW_LOG_MAX))) {
		ZSTD_freeDCtx(context);
		return pvl_fail_no_memory(err, CONTEXT_SIZE);
	}
	d->state = context;
	return PVHLOAD_OK;
}

static enum pvhload_status read_zstd(struct pvl_decoder *d, uint8_t *dst, size_t room,
				     size_t *ret_made, struct pvhload_error *err)
{
	return d->whole ? read_payload(d, dst, room, ret_made, err)
			: read_file(d, dst, room, ret_made, err);
}

/*
 * The first block.  Decoding into little room by the one call fails, with what fits decoded: of a stream, libzstd would
 * want memory for its whole window.
 */
static size_t peek_zstd(struct pvl_stream stream, uint8_t *dst, size_t room)
{
	const size_t most = (size_t)pvl_min_u64(room, ZSTD_BLOCKSIZE_MAX);

	(void)ZSTD_decompress(dst, most, stream.bytes.data,
			      (size_t)pvl_min_u64(stream.bytes.size, PEEK_STREAM));
	return most;
}

static void close_zstd(struct pvl_decoder *d)
{
	ZSTD_freeDCtx(d->state);
}

const struct pvl_codec_ops pvl_zstd_ops = {
	.open = open_zstd,
	.read = read_zstd,
	.close = close_zstd,
	.peek = peek_zstd,
	.peek_room = ZSTD_BLOCKSIZE_MAX,
	.whole_at_once = true,
};
