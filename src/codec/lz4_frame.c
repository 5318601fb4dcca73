/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* LZ4 in the framing that files have, by liblz4: the only user of this part of it. */
#include <lz4frame.h>

#include "codec/codec.h"
#include "core/checked.h"
#include "core/error.h"
#include "core/libc.h"

#define STEP_SIZE (1u << 16) /* how exact the offset of a failure is */
#define MEMORY    (9u << 20) /* about what liblz4 takes for linked blocks of 4 MiB */

static enum pvhload_status open_frame(struct pvl_decoder *d, struct pvhload_error *err)
{
	LZ4F_dctx *context;

	if (LZ4F_isError(LZ4F_createDecompressionContext(&context, LZ4F_VERSION)))
		return pvl_fail_no_memory(err, 1u << 10);
	d->state = context;
	return PVHLOAD_OK;
}

static enum pvhload_status read_frame(struct pvl_decoder *d, uint8_t *dst, size_t room,
				      size_t *ret_made, struct pvhload_error *err)
{
	const struct pvl_span in = d->stream.bytes;
	size_t taken = (size_t)pvl_min_u64(in.size - d->at, STEP_SIZE);
	size_t made = room;
	const size_t result = LZ4F_decompress(d->state, dst, &made, in.data + d->at, &taken, NULL);
	const char *why = LZ4F_getErrorName(result);

	if (LZ4F_isError(result)) {
		/* The numbers after the names are not part of liblz4's stable interface. */
		if (strcmp(why, "ERROR_allocation_failed") == 0)
			return pvl_fail_no_memory(err, MEMORY);
		return pvl_stream_corrupt(d->stream, d->at, why, err);
	}
	d->at += taken;
	d->ended = result == 0;
	*ret_made = made;
	return PVHLOAD_OK;
}

static void close_frame(struct pvl_decoder *d)
{
	(void)LZ4F_freeDecompressionContext(d->state);
}

const struct pvl_codec_ops pvl_lz4_frame_ops = {
	.open = open_frame,
	.read = read_frame,
	.close = close_frame,
};
