/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* bzip2, by libbz2: the only user of it. */
#include <bzlib.h>
#include <string.h>

#include "codec/codec.h"
#include "core/checked.h"
#include "core/error.h"

#define MEMORY (4u << 20) /* about what libbz2 takes for blocks of 900k */

static enum pvhload_status step(void *state, struct pvl_step *s, struct pvhload_error *err)
{
	const struct pvl_span in = s->stream.bytes;
	bz_stream *b = state;
	int result;

	/* libbz2 counts in unsigned int, and its next_in is not const, but it does not write there. */
	b->next_in = (char *)(uintptr_t)in.data + s->at;
	b->avail_in = (unsigned int)pvl_min_u64(in.size - s->at, UINT32_MAX);
	b->next_out = (char *)s->out;
	b->avail_out = (unsigned int)pvl_min_u64(s->room, UINT32_MAX);
	result = BZ2_bzDecompress(b);
	s->at = (uint64_t)(b->next_in - (const char *)in.data);
	s->made = (size_t)(b->next_out - (char *)s->out);
	s->ended = result == BZ_STREAM_END;
	if (result == BZ_MEM_ERROR)
		return pvl_fail_no_memory(err, MEMORY);
	if (result == BZ_DATA_ERROR_MAGIC)
		return pvl_stream_corrupt(s->stream, s->at, "not a bzip2 header", err);
	if (result != BZ_OK && result != BZ_STREAM_END)
		return pvl_stream_corrupt(s->stream, s->at, "bad data, or a wrong checksum", err);
	return PVHLOAD_OK;
}

enum pvhload_status pvl_bzip2_decode(struct pvl_stream stream, uint64_t *at,
				     struct pvl_output *output, struct pvhload_error *err)
{
	enum pvhload_status status;
	bz_stream b;

	memset(&b, 0, sizeof(b));
	if (BZ2_bzDecompressInit(&b, 0, 0) != BZ_OK)
		return pvl_fail_no_memory(err, MEMORY);
	status = pvl_stream_run(step, &b, stream, at, output, err);
	BZ2_bzDecompressEnd(&b);
	return status;
}
