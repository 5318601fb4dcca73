/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* ABI source of the magics: Linux, Documentation/arch/x86/boot.rst and lib/decompress.c. */
#include "codec/codec.h"

#include <inttypes.h>
#include <string.h>

#include "core/error.h"

#ifdef PVL_HAVE_ZSTD
#define ZSTD_DECODE pvl_zstd_decode
#else
#define ZSTD_DECODE NULL
#endif
#ifdef PVL_HAVE_LZ4
#define LZ4_DECODE pvl_lz4_decode
#else
#define LZ4_DECODE NULL
#endif

static const struct pvl_codec codecs[] = {
	{ PVHLOAD_CODEC_GZIP, "gzip", "\x1f\x8b", 2, pvl_gzip_decode },
	{ PVHLOAD_CODEC_BZIP2, "bzip2", "BZh", 3, NULL },
	{ PVHLOAD_CODEC_LZMA, "lzma", "\x5d\x00\x00", 3, NULL },
	{ PVHLOAD_CODEC_XZ, "xz", "\xfd\x37zXZ\x00", 6, NULL },
	{ PVHLOAD_CODEC_LZO, "lzo", "\x89LZO\x00\r\n\x1a\n", 9, NULL },
	{ PVHLOAD_CODEC_LZ4, "lz4", "\x02\x21\x4c\x18", 4, LZ4_DECODE },
	{ PVHLOAD_CODEC_ZSTD, "zstd", "\x28\xb5\x2f\xfd", 4, ZSTD_DECODE },
};

const struct pvl_codec *pvl_codec_find(struct pvl_span head)
{
	for (size_t i = 0; i < sizeof(codecs) / sizeof(codecs[0]); i++)
		if (head.size >= codecs[i].magic_size &&
		    memcmp(head.data, codecs[i].magic, codecs[i].magic_size) == 0)
			return &codecs[i];
	return NULL;
}

const char *pvhload_codec_name(uint32_t codec)
{
	if (codec == PVHLOAD_CODEC_NONE)
		return "none";
	for (size_t i = 0; i < sizeof(codecs) / sizeof(codecs[0]); i++)
		if (codecs[i].id == codec)
			return codecs[i].name;
	return "unknown";
}

enum pvhload_status pvl_codec_decode(const struct pvl_codec *codec, struct pvl_stream stream,
				     struct pvl_output output, struct pvhload_error *err)
{
	enum pvhload_status status;

	if (!codec->decode)
		return pvl_fail(err, PVHLOAD_E_UNSUPPORTED, PVL_AT(stream.offset),
				"%s payload: this build of the library has no %s decoder",
				codec->name, codec->name);
	status = codec->decode(stream, output, err);
	if (status != PVHLOAD_OK)
		return pvl_fail_in(err, status, "%s payload", codec->name);
	return PVHLOAD_OK;
}

enum pvhload_status pvl_stream_truncated(struct pvl_stream stream, struct pvhload_error *err)
{
	const uint64_t end = stream.offset + stream.bytes.size;

	return pvl_fail(err, PVHLOAD_E_MALFORMED, PVL_AT(end),
			"truncated: the stream still goes on at offset 0x%" PRIx64
			", where it ends",
			end);
}

enum pvhload_status pvl_stream_too_short(struct pvl_stream stream, uint64_t at, uint64_t decoded,
					 struct pvl_output output, struct pvhload_error *err)
{
	return pvl_fail(err, PVHLOAD_E_MALFORMED, PVL_AT(stream.offset + at),
			"the stream ends at offset 0x%" PRIx64 " after %" PRIu64
			" decoded bytes, but declares %zu",
			stream.offset + at, decoded, output.size);
}

enum pvhload_status pvl_stream_too_long(struct pvl_stream stream, uint64_t at,
					struct pvl_output output, struct pvhload_error *err)
{
	return pvl_fail(err, PVHLOAD_E_MALFORMED, PVL_AT(stream.offset + at),
			"the stream decodes to more than the %zu bytes it declares (at offset "
			"0x%" PRIx64 ")",
			output.size, stream.offset + at);
}

enum pvhload_status pvl_stream_corrupt(struct pvl_stream stream, uint64_t at, const char *why,
				       struct pvhload_error *err)
{
	return pvl_fail(err, PVHLOAD_E_MALFORMED, PVL_AT(stream.offset + at),
			"corrupt at offset 0x%" PRIx64 ": %s", stream.offset + at, why);
}
