/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
#include <lzma.h>
#include <stdlib.h>

#include "streams.h"

static struct bytes lzma_finish(lzma_ret ready, lzma_stream *z, const struct bytes *raw)
{
	struct bytes out = bytes_zero(raw->size + raw->size / 8 + 4096);

	z->next_in = raw->data;
	z->avail_in = raw->size;
	z->next_out = out.data;
	z->avail_out = out.size;
	if (ready != LZMA_OK || lzma_code(z, LZMA_FINISH) != LZMA_STREAM_END)
		abort();
	out.size = (size_t)z->total_out;
	lzma_end(z);
	return out;
}

/* The size in the header says unknown, and there is an end mark: the encoder does it so. */
struct bytes compress_lzma(const struct bytes *raw)
{
	lzma_stream z = LZMA_STREAM_INIT;
	lzma_options_lzma options;

	lzma_lzma_preset(&options, 1);
	return lzma_finish(lzma_alone_encoder(&z, &options), &z, raw);
}

struct bytes compress_xz(const struct bytes *raw)
{
	lzma_stream z = LZMA_STREAM_INIT;
	lzma_options_lzma options;
	lzma_filter filters[] = { { LZMA_FILTER_X86, NULL },
				  { LZMA_FILTER_LZMA2, &options },
				  { LZMA_VLI_UNKNOWN, NULL } };

	lzma_lzma_preset(&options, 1);
	return lzma_finish(lzma_stream_encoder(&z, filters, LZMA_CHECK_CRC32), &z, raw);
}
