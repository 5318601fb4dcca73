/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
#include <zstd.h>

#include "streams.h"

/* As the kernel build does: no content size in the frame, a checksum after it. */
struct bytes compress_zstd(const struct bytes *raw)
{
	ZSTD_CCtx *context = ZSTD_createCCtx();
	struct bytes out = bytes_zero(ZSTD_compressBound(raw->size));

	ZSTD_CCtx_setParameter(context, ZSTD_c_contentSizeFlag, 0);
	ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1);
	out.size = ZSTD_compress2(context, out.data, out.size, raw->data, raw->size);
	ZSTD_freeCCtx(context);
	return out;
}
