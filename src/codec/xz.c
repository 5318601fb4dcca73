/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * xz, with the filters it may have (the kernel build uses the one for x86), and its predecessor lzma,
 * by liblzma: the only user of it.
 *
 * Both decode through a dictionary whose size the stream declares; liblzma is held to a limit on it.
 */
#include <inttypes.h>
#include <lzma.h>

#include "codec/codec.h"
#include "core/error.h"

static enum pvhload_status judge(lzma_ret result, lzma_stream *z, const struct pvl_step *s,
				 struct pvhload_error *err)
{
	switch (result) {
	case LZMA_OK:
	case LZMA_BUF_ERROR: /* no progress: the caller sees that */
	case LZMA_STREAM_END:
		return PVHLOAD_OK;
	case LZMA_MEM_ERROR:
		return pvl_fail_no_memory(err, lzma_memusage(z));
	case LZMA_MEMLIMIT_ERROR:
		return pvl_fail(err, PVHLOAD_E_LIMIT, PVL_AT(s->stream.offset + s->at),
				"its dictionary takes a decoder of %" PRIu64
				" bytes, more than the limit of %u (PVHLOAD_LZMA_MEMORY_MAX)",
				lzma_memusage(z), PVHLOAD_LZMA_MEMORY_MAX);
	case LZMA_UNSUPPORTED_CHECK:
		return pvl_stream_unsupported(s->stream, s->at,
					      "a checksum of a kind that liblzma does not know",
					      err);
	case LZMA_OPTIONS_ERROR:
		return pvl_stream_unsupported(s->stream, s->at,
					      "a filter or option that liblzma does not know", err);
	default:
		return pvl_stream_corrupt(s->stream, s->at, "bad data, or a wrong checksum", err);
	}
}

static enum pvhload_status step(void *state, struct pvl_step *s, struct pvhload_error *err)
{
	const struct pvl_span in = s->stream.bytes;
	lzma_stream *z = state;
	lzma_ret result;

	z->next_in = in.data + s->at;
	z->avail_in = in.size - (size_t)s->at;
	z->next_out = s->out;
	z->avail_out = s->room;
	result = lzma_code(z, LZMA_RUN);
	s->at = in.size - z->avail_in;
	s->made = s->room - z->avail_out;
	s->ended = result == LZMA_STREAM_END;
	return judge(result, z, s, err);
}

/* @ready is what making the decoder came to. */
static enum pvhload_status decode(lzma_ret ready, lzma_stream *z, struct pvl_stream stream,
				  uint64_t *at, struct pvl_output *output,
				  struct pvhload_error *err)
{
	enum pvhload_status status;

	/* Its own options are sound, so memory is all that can be missing. */
	status = ready == LZMA_OK ? pvl_stream_run(step, z, stream, at, output, err)
				  : pvl_fail_no_memory(err, 1u << 16);
	lzma_end(z);
	return status;
}

enum pvhload_status pvl_lzma_decode(struct pvl_stream stream, uint64_t *at,
				    struct pvl_output *output, struct pvhload_error *err)
{
	lzma_stream z = LZMA_STREAM_INIT;

	return decode(lzma_alone_decoder(&z, PVHLOAD_LZMA_MEMORY_MAX), &z, stream, at, output, err);
}

enum pvhload_status pvl_xz_decode(struct pvl_stream stream, uint64_t *at, struct pvl_output *output,
				  struct pvhload_error *err)
{
	lzma_stream z = LZMA_STREAM_INIT;

	return decode(lzma_stream_decoder(&z, PVHLOAD_LZMA_MEMORY_MAX, LZMA_TELL_UNSUPPORTED_CHECK),
		      &z, stream, at, output, err);
}
