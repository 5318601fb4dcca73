/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
#include "streams.h"

#include <bzlib.h>
#include <lz4.h>
#include <lz4frame.h>
#include <lz4hc.h>
#include <lzma.h>
#include <lzo/lzo1x.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>
#include <zstd.h>

#include <pvhload/codec.h>

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

static struct bytes compress_bzip2(const struct bytes *raw)
{
	unsigned int size = (unsigned int)(raw->size + raw->size / 64 + 1024);
	struct bytes out = bytes_zero(size);

	BZ2_bzBuffToBuffCompress((char *)out.data, &size, (char *)raw->data,
				 (unsigned int)raw->size, 9, 0, 0);
	out.size = size;
	return out;
}

static struct bytes lzma_finish(lzma_ret ready, lzma_stream *z, const struct bytes *raw)
{
	struct bytes out = bytes_zero(raw->size + raw->size / 8 + 4096);

	z->next_in = raw->data;
	z->avail_in = raw->size;
	z->next_out = out.data;
	z->avail_out = out.size;
	if (ready != LZMA_OK || lzma_code(z, LZMA_FINISH) != LZMA_STREAM_END)
		abort();
	out.size = z->total_out;
	lzma_end(z);
	return out;
}

/* The size in the header says unknown, and there is an end mark: the encoder does it so. */
static struct bytes compress_lzma(const struct bytes *raw)
{
	lzma_stream z = LZMA_STREAM_INIT;
	lzma_options_lzma options;

	lzma_lzma_preset(&options, 1);
	return lzma_finish(lzma_alone_encoder(&z, &options), &z, raw);
}

static struct bytes compress_xz(const struct bytes *raw)
{
	lzma_stream z = LZMA_STREAM_INIT;
	lzma_options_lzma options;
	lzma_filter filters[] = { { LZMA_FILTER_X86, NULL },
				  { LZMA_FILTER_LZMA2, &options },
				  { LZMA_VLI_UNKNOWN, NULL } };

	lzma_lzma_preset(&options, 1);
	return lzma_finish(lzma_stream_encoder(&z, filters, LZMA_CHECK_CRC32), &z, raw);
}

/* Append @value in @size bytes, the highest first. */
static void append(struct bytes *out, uint32_t value, size_t size)
{
	for (size_t i = size; i-- > 0;)
		out->data[out->size++] = (uint8_t)(value >> (8 * i));
}

static void append_bytes(struct bytes *out, const void *data, size_t size)
{
	memcpy(out->data + out->size, data, size);
	out->size += size;
}

static void append_header(struct bytes *out, const struct lzop_spec *spec)
{
	const uint32_t version = spec->version ? spec->version : 0x1030;
	const char *name = spec->name ? spec->name : "";
	size_t start;

	append_bytes(out, "\x89LZO\0\r\n\x1a\n", 9);
	start = out->size;
	append(out, version, 2);
	append(out, 0x20a0, 2); /* library */
	append(out, 0x940, 2);  /* version needed */
	append(out, spec->method ? spec->method : 1, 1);
	if (version >= 0x940)
		append(out, 9, 1); /* level */
	append(out, spec->flags, 4);
	if (spec->flags & 0x800)
		append(out, spec->filter, 4);
	append(out, 0100644, 4); /* mode */
	append(out, 0x5f000000, 4);
	if (version >= 0x940)
		append(out, 0, 4);
	append(out, (uint32_t)strlen(name), 1);
	append_bytes(out, name, strlen(name));
	append(out,
	       spec->flags & 0x1000 ? lzo_crc32(0, out->data + start, out->size - start)
				    : lzo_adler32(1, out->data + start, out->size - start),
	       4);
}

static void append_block(struct bytes *out, const uint8_t *data, size_t size,
			 const struct lzop_spec *spec)
{
	struct bytes packed = bytes_zero(size + size / 16 + 67);
	void *work = malloc(LZO1X_1_MEM_COMPRESS);
	lzo_uint n = 0;

	lzo1x_1_compress(data, size, packed.data, &n, work);
	append(out, (uint32_t)size, 4);
	if (spec->stored || n >= size) {
		memcpy(packed.data, data, size);
		n = size;
	}
	append(out, (uint32_t)n, 4);
	if (spec->flags & 0x1)
		append(out, lzo_adler32(1, data, size), 4);
	if (spec->flags & 0x100)
		append(out, lzo_crc32(0, data, size), 4);
	if (n < size && spec->flags & 0x2)
		append(out, lzo_adler32(1, packed.data, n), 4);
	if (n < size && spec->flags & 0x200)
		append(out, lzo_crc32(0, packed.data, n), 4);
	append_bytes(out, packed.data, n);
	free(work);
	bytes_free(&packed);
}

struct bytes build_lzop(const struct bytes *raw, const struct lzop_spec *spec)
{
	const size_t step = spec->block_size ? spec->block_size : 256u << 10;
	struct bytes out = bytes_zero(1024 + raw->size + (raw->size / step + 1) * 32);

	out.size = 0;
	append_header(&out, spec);
	for (size_t at = 0; at < raw->size; at += step)
		append_block(&out, raw->data + at, raw->size - at < step ? raw->size - at : step,
			     spec);
	append(&out, 0, 4);
	return out;
}

static struct bytes compress_lzo(const struct bytes *raw)
{
	const struct lzop_spec spec = { .flags = 0x1 };

	return build_lzop(raw, &spec);
}

/* The legacy frame: magic, then chunks of at most 8 MiB. */
static struct bytes compress_lz4(const struct bytes *raw)
{
	const size_t chunk = 8u << 20;
	const size_t chunks = (raw->size + chunk - 1) / chunk;
	struct bytes out = bytes_zero(4 + chunks * (4 + (size_t)LZ4_compressBound((int)chunk)));
	size_t at = 4;

	poke(&out, 0, 0x184c2102, 4);
	for (size_t done = 0; done < raw->size; done += chunk) {
		const size_t n = raw->size - done < chunk ? raw->size - done : chunk;
		const int size =
			LZ4_compress_HC((const char *)raw->data + done, (char *)out.data + at + 4,
					(int)n, LZ4_compressBound((int)n), 9);

		poke(&out, at, (uint64_t)size, 4);
		at += 4 + (size_t)size;
	}
	out.size = at;
	return out;
}

struct bytes compress_lz4_frame(const struct bytes *raw)
{
	LZ4F_preferences_t preferences = { .frameInfo = { .contentChecksumFlag =
								  LZ4F_contentChecksumEnabled } };
	struct bytes out = bytes_zero(LZ4F_compressFrameBound(raw->size, &preferences));

	out.size = LZ4F_compressFrame(out.data, out.size, raw->data, raw->size, &preferences);
	return out;
}

/* As the kernel build does: no content size in the frame, a checksum behind it. */
static struct bytes compress_zstd(const struct bytes *raw)
{
	ZSTD_CCtx *context = ZSTD_createCCtx();
	struct bytes out = bytes_zero(ZSTD_compressBound(raw->size));

	ZSTD_CCtx_setParameter(context, ZSTD_c_contentSizeFlag, 0);
	ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1);
	out.size = ZSTD_compress2(context, out.data, out.size, raw->data, raw->size);
	ZSTD_freeCCtx(context);
	return out;
}

const struct codec_info codecs[CODECS] = {
	[GZIP] = { "gzip", PVHLOAD_CODEC_GZIP, compress_gzip, true, true },
	[BZIP2] = { "bzip2", PVHLOAD_CODEC_BZIP2, compress_bzip2, true, true },
	[LZMA] = { "lzma", PVHLOAD_CODEC_LZMA, compress_lzma, false, true },
	[XZ] = { "xz", PVHLOAD_CODEC_XZ, compress_xz, true, true },
	[LZO] = { "lzo", PVHLOAD_CODEC_LZO, compress_lzo, true, true },
	[LZ4] = { "lz4", PVHLOAD_CODEC_LZ4, compress_lz4, false, false },
	[ZSTD] = { "zstd", PVHLOAD_CODEC_ZSTD, compress_zstd, true, false },
};
