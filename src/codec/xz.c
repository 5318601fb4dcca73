/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * xz, with the filters it may have (the kernel build uses the one for x86), and its predecessor lzma,
 * by liblzma: the only user of it.
 *
 * Both decode through a dictionary whose size the stream declares; liblzma is held to a limit on it.
 */
#include <lzma.h>

#include "codec/codec.h"
#include "core/error.h"
#include "core/libc.h"

static enum pvhload_status judge(lzma_ret result, lzma_stream *z, const struct pvl_decoder *d,
				 struct pvhload_error *err)
{
	switch (result) {
	case LZMA_OK:
	case LZMA_BUF_ERROR: /* no progress: the caller checks for it */
	case LZMA_STREAM_END:
		return PVHLOAD_OK;
	case LZMA_MEM_ERROR:
		return pvl_fail_no_memory(err, lzma_memusage(z));
	case LZMA_MEMLIMIT_ERROR:
		return pvl_fail(err, PVHLOAD_E_LIMIT, PVL_AT(d->stream.offset + d->at),
				"its dictionary takes a decoder of %" PRIu64
				" bytes, more than the limit of %u (PVHLOAD_LZMA_MEMORY_MAX)",
				lzma_memusage(z), PVHLOAD_LZMA_MEMORY_MAX);
	case LZMA_UNSUPPORTED_CHECK:
		return pvl_stream_unsupported(d->stream, d->at,
					      "a checksum of a kind that liblzma does not know",
					      err);
	case LZMA_OPTIONS_ERROR:
		return pvl_stream_unsupported(d->stream, d->at,
					      "a filter or option that liblzma does not know", err);
	default:
		return pvl_stream_corrupt(d->stream, d->at, "bad data, or a wrong checksum", err);
	}
}

static enum pvhload_status read_lzma(struct pvl_decoder *d, uint8_t *dst, size_t room,
				     size_t *ret_made, struct pvhload_error *err)
{
	const struct pvl_span in = d->stream.bytes;
	lzma_stream *z = d->state;
	lzma_ret result;

	z->next_in = in.data + d->at;
	z->avail_in = in.size - (size_t)d->at;
	z->next_out = dst;
	z->avail_out = room;
	result = lzma_code(z, LZMA_RUN);
	d->at = in.size - z->avail_in;
	d->ended = result == LZMA_STREAM_END;
	*ret_made = room - z->avail_out;
	return judge(result, z, d, err);
}

static void close_lzma(struct pvl_decoder *d)
{
	lzma_end(d->state);
	free(d->state);
}

/* Keep @z if initialising its decoder, with the result @ready, succeeded. */
static enum pvhload_status keep(struct pvl_decoder *d, lzma_stream *z, lzma_ret ready,
				struct pvhload_error *err)
{
	d->state = z;
	if (ready == LZMA_OK)
		return PVHLOAD_OK;
	/* The options are valid, so this can only be lack of memory. */
	close_lzma(d);
	return pvl_fail_no_memory(err, PVL_DECODER_MEMORY);
}

static lzma_stream *new_stream(void)
{
	static const lzma_stream fresh = LZMA_STREAM_INIT;
	lzma_stream *z = malloc(sizeof(*z));

	if (z)
		*z = fresh;
	return z;
}

static enum pvhload_status open_lzma(struct pvl_decoder *d, struct pvhload_error *err)
{
	lzma_stream *z = new_stream();

	if (!z)
		return pvl_fail_no_memory(err, PVL_DECODER_MEMORY);
	return keep(d, z, lzma_alone_decoder(z, PVHLOAD_LZMA_MEMORY_MAX), err);
}

static enum pvhload_status open_xz(struct pvl_decoder *d, struct pvhload_error *err)
{
	lzma_stream *z = new_stream();

	if (!z)
		return pvl_fail_no_memory(err, PVL_DECODER_MEMORY);
	return keep(d, z,
		    lzma_stream_decoder(z, PVHLOAD_LZMA_MEMORY_MAX, LZMA_TELL_UNSUPPORTED_CHECK),
		    err);
}

const struct pvl_codec_ops pvl_lzma_ops = {
	.open = open_lzma,
	.read = read_lzma,
	.close = close_lzma,
};

const struct pvl_codec_ops pvl_xz_ops = {
	.open = open_xz,
	.read = read_lzma,
	.close = close_lzma,
};
