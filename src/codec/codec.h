/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* Decoders: one file each, one table. */
#ifndef PVL_CODEC_CODEC_H
#define PVL_CODEC_CODEC_H

#include <pvhload/codec.h>

#include "codec/stream.h"

struct pvl_codec {
	uint32_t id; /* PVHLOAD_CODEC_* */
	const char *name;
	const char *magic;
	size_t magic_size;
	const struct pvl_codec_ops *ops; /* NULL if this build leaves the codec out */
	bool file_only;                  /* files come in this framing, payloads do not */
	bool skippable;                  /* skippable frames may stand between streams */
};

/* Longest magic in the table. */
#define PVL_CODEC_MAGIC_MAX 9u

/*
 * Most streams in one file.  Without a limit, a file of many empty streams would take long, as
 * opening a decoder does.
 */
#define PVL_CODEC_STREAMS_MAX 65536u

/* The codec whose magic a payload, or a file, starts with; or NULL. */
const struct pvl_codec *pvl_codec_find(struct pvl_span head);
const struct pvl_codec *pvl_codec_find_file(struct pvl_span head);

/* Can a payload of this codec, PVHLOAD_CODEC_*, be decoded with a feed? */
bool pvl_codec_feeds(uint32_t id);

/*
 * Decode a payload: @size bytes to @data, exactly.  Bytes after the end mark of a stream are
 * ignored, as by Linux.  Messages begin with the codec's name; PVHLOAD_E_UNSUPPORTED if this build
 * has no decoder.  @callbacks may be NULL.
 */
enum pvhload_status pvl_codec_decode(const struct pvl_codec *codec, struct pvl_stream stream,
				     uint8_t *data, size_t size,
				     const struct pvl_callbacks *callbacks,
				     struct pvhload_error *err);

/* Room for the first bytes of a payload of this codec, PVHLOAD_CODEC_*, and for what has to be decoded with them. */
size_t pvl_codec_peek_room(uint32_t id);

/* The first bytes of a payload, as pvl_stream_peek() has them. */
size_t pvl_codec_peek(const struct pvl_codec *codec, struct pvl_stream stream, uint8_t *dst,
		      size_t size);

/*
 * Decode a whole file, to at most @most bytes: one stream after the other, then zeros, but nothing
 * else.  *@ret is to be freed.
 */
enum pvhload_status pvl_codec_decode_file(const struct pvl_codec *codec, struct pvl_stream stream,
					  uint64_t most, const char *limit_name,
					  const struct pvl_callbacks *callbacks, uint8_t **ret,
					  size_t *ret_size, struct pvhload_error *err);

/*
 * Decode the gzip stream that @in starts with to @size bytes at @dst, exactly; *@ret_taken is its length.  False
 * if it is not whole and sound, or gives more or less, or only zlib can tell: @dst is undefined then.
 */
bool pvl_gzip_at_once(struct pvl_span in, size_t *ret_taken, uint8_t *dst, size_t size);

extern const struct pvl_codec_ops pvl_gzip_ops, pvl_bzip2_ops, pvl_lzma_ops, pvl_xz_ops,
	pvl_lzo_ops, pvl_lz4_ops, pvl_lz4_frame_ops, pvl_zstd_ops;

#endif
