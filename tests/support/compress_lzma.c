/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
#include <lzma.h>
#include <stdlib.h>

#include "streams.h"

#define LEAST_DICTIONARY (64u << 10)

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

/* Memory of the encoder is by the dictionary: no larger than what it is for, as such powers of two as there are. */
static void choose_options(lzma_options_lzma *options, const struct bytes *raw)
{
	lzma_lzma_preset(options, 1);
	while (options->dict_size / 2 >= raw->size && options->dict_size > LEAST_DICTIONARY)
		options->dict_size /= 2;
}

/* The size in the header says unknown, and there is an end mark: the encoder does it so. */
struct bytes compress_lzma(const struct bytes *raw)
{
	lzma_stream z = LZMA_STREAM_INIT;
	lzma_options_lzma options;

	choose_options(&options, raw);
	return lzma_finish(lzma_alone_encoder(&z, &options), &z, raw);
}

struct bytes compress_xz(const struct bytes *raw)
{
	lzma_stream z = LZMA_STREAM_INIT;
	lzma_options_lzma options;
	lzma_filter filters[] = { { LZMA_FILTER_X86, NULL },
				  { LZMA_FILTER_LZMA2, &options },
				  { LZMA_VLI_UNKNOWN, NULL } };

	choose_options(&options, raw);
	return lzma_finish(lzma_stream_encoder(&z, filters, LZMA_CHECK_CRC32), &z, raw);
}
