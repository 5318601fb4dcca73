/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * Decoders: one file each, one table.  A decoder gets the whole stream and writes straight into the
 * whole output; the output's size is what the payload declares, so a stream that holds more is
 * stopped at that size and never grows anything.
 */
#ifndef PVL_CODEC_CODEC_H
#define PVL_CODEC_CODEC_H

#include <pvhload/codec.h>
#include <pvhload/status.h>

#include "core/span.h"

/* A stream, and where it starts in its source, for messages. */
struct pvl_stream {
	struct pvl_span bytes;
	uint64_t offset;
};

struct pvl_output {
	uint8_t *data;
	size_t size;
};

/*
 * Decode all of @stream and fill @output exactly.  On failure the content of @output is undefined
 * and the message names the offset.
 */
typedef enum pvhload_status pvl_decode_fn(struct pvl_stream stream, struct pvl_output output,
					  struct pvhload_error *err);

struct pvl_codec {
	uint32_t id; /* PVHLOAD_CODEC_* */
	const char *name;
	const char *magic;
	size_t magic_size;
	pvl_decode_fn *decode; /* NULL if this build leaves the codec out */
};

/* Longest magic in the table. */
#define PVL_CODEC_MAGIC_MAX 9u

/* The codec whose magic @head starts with, or NULL. */
const struct pvl_codec *pvl_codec_find(struct pvl_span head);

/* pvl_codec::decode, with the codec's name before the message; PVHLOAD_E_UNSUPPORTED if NULL. */
enum pvhload_status pvl_codec_decode(const struct pvl_codec *codec, struct pvl_stream stream,
				     struct pvl_output output, struct pvhload_error *err);

pvl_decode_fn pvl_gzip_decode, pvl_lz4_decode, pvl_zstd_decode;

/* What every decoder says of a stream that ends too early, goes on too long, or is damaged. */
enum pvhload_status pvl_stream_truncated(struct pvl_stream stream, struct pvhload_error *err);
enum pvhload_status pvl_stream_too_short(struct pvl_stream stream, uint64_t at, uint64_t decoded,
					 struct pvl_output output, struct pvhload_error *err);
enum pvhload_status pvl_stream_too_long(struct pvl_stream stream, uint64_t at,
					struct pvl_output output, struct pvhload_error *err);
enum pvhload_status pvl_stream_corrupt(struct pvl_stream stream, uint64_t at, const char *why,
				       struct pvhload_error *err);

#endif
