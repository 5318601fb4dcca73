/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* Compressed streams, by the libraries' own encoders, in the framing that kernel builds use. */
#ifndef SUPPORT_STREAMS_H
#define SUPPORT_STREAMS_H

#include <stdbool.h>

#include "bytes.h"

/* The codecs of payloads; then the framing that only files have, which is LZ4's own. */
enum codec { GZIP, BZIP2, LZMA, XZ, LZO, LZ4, ZSTD, CODECS, LZ4_FRAME = CODECS, FRAMINGS };

struct codec_info {
	const char *name;
	uint32_t id;                                       /* PVHLOAD_CODEC_* */
	struct bytes (*compress)(const struct bytes *raw); /* NULL if this build leaves it out */
	bool checked; /* there is a checksum over what it decodes to */
	bool ends;    /* what follows the stream's end is not looked at */
};

extern const struct codec_info codecs[FRAMINGS];

/*
 * True if this build has no such codec, which is then said: the test, or this round of its loop, is
 * left out.  gzip is always there.
 */
#define skip_without(codec) skip_without_((codec), __func__)
bool skip_without_(enum codec codec, const char *function);

/* A container as lzop makes it, but for what the description says. */
struct lzop_spec {
	uint32_t flags;    /* of lzop; 1: a checksum of each block's decoded bytes */
	uint32_t version;  /* 0: 0x1030 */
	uint8_t method;    /* 0: 1 */
	uint32_t filter;   /* there if flags has 0x800 */
	size_t block_size; /* 0: 256 KiB */
	bool stored;       /* blocks are not compressed */
	const char *name;  /* NULL: "" */
};

struct bytes build_lzop(const struct bytes *raw, const struct lzop_spec *spec);

/* The encoders of codecs[], each in a file that is built where its library is. */
struct bytes compress_bzip2(const struct bytes *raw);
struct bytes compress_lz4(const struct bytes *raw);
struct bytes compress_lz4_frame(const struct bytes *raw);
struct bytes compress_lzma(const struct bytes *raw);
struct bytes compress_lzo(const struct bytes *raw);
struct bytes compress_xz(const struct bytes *raw);
struct bytes compress_zstd(const struct bytes *raw);

#endif
