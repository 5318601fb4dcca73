/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
#include "streams.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#include <pvhload/codec.h>

#ifdef PVL_HAVE_BZIP2
#define BZIP2_COMPRESS compress_bzip2
#else
#define BZIP2_COMPRESS NULL
#endif
#ifdef PVL_HAVE_LZMA
#define LZMA_COMPRESS compress_lzma
#define XZ_COMPRESS   compress_xz
#else
#define LZMA_COMPRESS NULL
#define XZ_COMPRESS   NULL
#endif
#ifdef PVL_HAVE_LZO
#define LZO_COMPRESS compress_lzo
#else
#define LZO_COMPRESS NULL
#endif
#ifdef PVL_HAVE_LZ4
#define LZ4_COMPRESS       compress_lz4
#define LZ4_FRAME_COMPRESS compress_lz4_frame
#else
#define LZ4_COMPRESS       NULL
#define LZ4_FRAME_COMPRESS NULL
#endif
#ifdef PVL_HAVE_ZSTD
#define ZSTD_COMPRESS compress_zstd
#else
#define ZSTD_COMPRESS NULL
#endif

static struct bytes compress_gzip(const struct bytes *raw)
{
	z_stream z = { 0 };
	struct bytes out;

	deflateInit2(&z, 9, Z_DEFLATED, 15 + 16, 9, Z_DEFAULT_STRATEGY);
	out = bytes_zero(deflateBound(&z, raw->size));
	z.next_in = raw->data;
	z.avail_in = (uInt)raw->size;
	z.next_out = out.data;
	z.avail_out = (uInt)out.size;
	deflate(&z, Z_FINISH);
	out.size = z.total_out;
	deflateEnd(&z);
	return out;
}

const struct codec_info codecs[FRAMINGS] = {
	[GZIP] = { "gzip", PVHLOAD_CODEC_GZIP, compress_gzip, true, true },
	[BZIP2] = { "bzip2", PVHLOAD_CODEC_BZIP2, BZIP2_COMPRESS, true, true },
	[LZMA] = { "lzma", PVHLOAD_CODEC_LZMA, LZMA_COMPRESS, false, true },
	[XZ] = { "xz", PVHLOAD_CODEC_XZ, XZ_COMPRESS, true, true },
	[LZO] = { "lzo", PVHLOAD_CODEC_LZO, LZO_COMPRESS, true, true },
	[LZ4] = { "lz4", PVHLOAD_CODEC_LZ4, LZ4_COMPRESS, false, false },
	[ZSTD] = { "zstd", PVHLOAD_CODEC_ZSTD, ZSTD_COMPRESS, true, false },
	[LZ4_FRAME] = { "lz4", PVHLOAD_CODEC_LZ4, LZ4_FRAME_COMPRESS, true, false },
};

/* Straight to the descriptor, as the test may be a child whose standard output nobody flushes. */
bool skip_without_(enum codec codec, const char *function)
{
	char line[128];
	int n;

	if (codecs[codec].compress)
		return false;
	n = snprintf(line, sizeof(line), "# SKIP %s: this build has no %s\n", function,
		     codecs[codec].name);
	if (write(STDOUT_FILENO, line, (size_t)n) != n)
		abort();
	return true;
}
