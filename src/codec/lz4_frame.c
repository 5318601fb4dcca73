/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* LZ4 in the framing that files have, by liblz4: the only user of this part of it. */
#include <lz4frame.h>
#include <string.h>

#include "codec/codec.h"
#include "core/checked.h"
#include "core/error.h"

#define STEP_SIZE (1u << 16) /* how exact the offset of a failure is */
#define MEMORY    (9u << 20) /* about what liblz4 takes for linked blocks of 4 MiB */

static enum pvhload_status step(void *state, struct pvl_step *s, struct pvhload_error *err)
{
	const struct pvl_span in = s->stream.bytes;
	size_t taken = (size_t)pvl_min_u64(in.size - s->at, STEP_SIZE);
	size_t made = s->room;
	const size_t result = LZ4F_decompress(state, s->out, &made, in.data + s->at, &taken, NULL);
	const char *why = LZ4F_getErrorName(result);

	if (LZ4F_isError(result)) {
		/* The numbers behind the names are not part of liblz4's stable interface. */
		if (strcmp(why, "ERROR_allocation_failed") == 0)
			return pvl_fail_no_memory(err, MEMORY);
		return pvl_stream_corrupt(s->stream, s->at, why, err);
	}
	s->at += taken;
	s->made = made;
	s->ended = result == 0;
	return PVHLOAD_OK;
}

enum pvhload_status pvl_lz4_frame_decode(struct pvl_stream stream, uint64_t *at,
					 struct pvl_output *output, struct pvhload_error *err)
{
	enum pvhload_status status;
	LZ4F_dctx *context;

	if (LZ4F_isError(LZ4F_createDecompressionContext(&context, LZ4F_VERSION)))
		return pvl_fail_no_memory(err, 1u << 10);
	status = pvl_stream_run(step, context, stream, at, output, err);
	(void)LZ4F_freeDecompressionContext(context);
	return status;
}
