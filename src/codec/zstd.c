/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * Zstandard, by libzstd: the only user of it.
 *
 * One call into the whole output needs no window of its own, however large the frame's window is.
 * It does not say where it failed, so a failure is looked for again, by streaming.
 */
#include <stdlib.h>
#include <zstd.h>
#include <zstd_errors.h>

#include "codec/codec.h"
#include "core/checked.h"
#include "core/error.h"

#define WINDOW_LOG_MAX 27 /* 128 MiB: what the kernel build uses (zstd -22 --ultra) */
#define SCRATCH_SIZE   (1u << 17)
#define STEP_SIZE      (1u << 12)  /* how exact the offset of a failure is */
#define SEARCH_MAX     (32u << 20) /* a longer stream's failure is not looked for */

/*
 * Decode again, throwing the output away after @limit bytes of it, and return how many bytes of the
 * stream went in before the failure.  Falls back to 0, the start of the stream.
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

static enum pvhload_status failed(size_t result, struct pvl_stream stream, struct pvl_output output,
				  struct pvhload_error *err)
{
	const ZSTD_ErrorCode code = ZSTD_getErrorCode(result);

	if (code == ZSTD_error_memory_allocation)
		return pvl_fail_no_memory(err, 1u << 17);
	if (code == ZSTD_error_dstSize_tooSmall)
		return pvl_stream_too_long(stream, find_failure(stream, output.size), output, err);
	if (code == ZSTD_error_srcSize_wrong)
		return pvl_stream_truncated(stream, err);
	return pvl_stream_corrupt(stream, find_failure(stream, output.size),
				  ZSTD_getErrorString(code), err);
}

enum pvhload_status pvl_zstd_decode(struct pvl_stream stream, struct pvl_output output,
				    struct pvhload_error *err)
{
	size_t n = ZSTD_decompress(output.data, output.size, stream.bytes.data, stream.bytes.size);

	if (ZSTD_isError(n))
		return failed(n, stream, output, err);
	if (n != output.size)
		return pvl_stream_too_short(stream, stream.bytes.size, n, output, err);
	return PVHLOAD_OK;
}
