/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* Decoders: one file each, one table. */
#ifndef PVL_CODEC_CODEC_H
#define PVL_CODEC_CODEC_H

#include <pvhload/codec.h>

#include "codec/stream.h"

/*
 * Decode the stream that starts at *@at of @stream to the end of @output, and move *@at behind it.
 * On failure the bytes of @output are undefined and the message names the offset.  A decoder that
 * has no end mark, or does not look for one, takes everything there is.
 */
typedef enum pvhload_status pvl_decode_fn(struct pvl_stream stream, uint64_t *at,
					  struct pvl_output *output, struct pvhload_error *err);

struct pvl_codec {
	uint32_t id; /* PVHLOAD_CODEC_* */
	const char *name;
	const char *magic;
	size_t magic_size;
	pvl_decode_fn *decode; /* NULL if this build leaves the codec out */
	bool file_only;        /* files come in this framing, payloads do not */
	bool skippable;        /* skippable frames may stand between streams */
};

/* Longest magic in the table. */
#define PVL_CODEC_MAGIC_MAX 9u

/* Streams that one file may be joined of: opening a decoder takes longer than an empty stream does. */
#define PVL_CODEC_STREAMS_MAX 65536u

/* The codec whose magic a payload, or a file, starts with; or NULL. */
const struct pvl_codec *pvl_codec_find(struct pvl_span head);
const struct pvl_codec *pvl_codec_find_file(struct pvl_span head);

/*
 * Decode a payload: @size bytes to @data, exactly.  What follows the end of a stream that has an end
 * mark is not looked at, as Linux does it.  Messages begin with the codec's name;
 * PVHLOAD_E_UNSUPPORTED if this build has no decoder.
 */
enum pvhload_status pvl_codec_decode(const struct pvl_codec *codec, struct pvl_stream stream,
				     uint8_t *data, size_t size, struct pvhload_error *err);

/*
 * Decode a whole file, to at most @most bytes: all of the streams it is joined of, and zeros behind
 * them, but nothing else.  *@ret is to be freed.
 */
enum pvhload_status pvl_codec_unwrap(const struct pvl_codec *codec, struct pvl_stream stream,
				     uint64_t most, const char *limit_name, uint8_t **ret,
				     size_t *ret_size, struct pvhload_error *err);

pvl_decode_fn pvl_gzip_decode, pvl_bzip2_decode, pvl_lzma_decode, pvl_xz_decode, pvl_lzo_decode,
	pvl_lz4_decode, pvl_lz4_frame_decode, pvl_zstd_decode;

#endif
