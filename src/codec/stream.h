/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * What decoders are written with: the stream, a decoder at work on it, the output, and what is said of a
 * stream that is wrong.
 */
#ifndef PVL_CODEC_STREAM_H
#define PVL_CODEC_STREAM_H

#include <pvhload/status.h>

#include "core/progress.h"
#include "core/span.h"

/* A stream, and where it starts in its source, for messages. */
struct pvl_stream {
	struct pvl_span bytes;
	uint64_t offset;
};

/* About what a small decoder takes to begin with, for messages. */
#define PVL_DECODER_MEMORY (1u << 16)

/* A decoder at work on one stream. */
struct pvl_decoder {
	struct pvl_stream stream;
	uint64_t at;  /* moved on as bytes of the stream are taken */
	void *state;  /* the codec's own */
	bool whole;   /* the first read() is given room for all there is to be: a payload */
	bool ended;   /* the stream has; @at is after it */
	bool no_room; /* what comes next does not fit into the room that read() was given */
};

/* What each codec's file does.  None of these is called again after it failed, but close(). */
struct pvl_codec_ops {
	/* Begin with the stream at @at.  What it keeps is for close(); nothing on failure. */
	enum pvhload_status (*open)(struct pvl_decoder *decoder, struct pvhload_error *err);
	/*
	 * Decode the next bytes, at most @room, to @dst, and say how many that were.  None, with @at where
	 * it was, and neither ended nor no_room: the stream is cut off there.
	 */
	enum pvhload_status (*read)(struct pvl_decoder *decoder, uint8_t *dst, size_t room,
				    size_t *ret_made, struct pvhload_error *err);
	void (*close)(struct pvl_decoder *decoder);
	/* Room that one block takes at most; 0 if read() stops and goes on anywhere. */
	size_t block_max;
	bool whole_at_once; /* read() has to be given all the room of a payload */
};

/*
 * Where decoded bytes go.  A payload declares its size: @data has exactly that room, and a stream that
 * holds more is stopped there.  A whole file does not say, so @data grows, to @most bytes at most.
 */
struct pvl_output {
	uint8_t *data;
	size_t size; /* room there is */
	size_t used; /* bytes decoded */
	bool grows;
	uint64_t most;
	const char *limit_name; /* what @most is, for the message */
	struct pvl_work work;   /* its done is @used */
};

/* Decode the stream that starts at *@at to the end of @output, and move *@at after it. */
enum pvhload_status pvl_stream_decode(const struct pvl_codec_ops *ops, struct pvl_stream stream,
				      uint64_t *at, struct pvl_output *output,
				      struct pvhload_error *err);

/* What every decoder says of a stream that ends too early, goes on too long, or is damaged. */
enum pvhload_status pvl_stream_truncated(struct pvl_stream stream, struct pvhload_error *err);
enum pvhload_status pvl_stream_too_short(struct pvl_stream stream, uint64_t at,
					 const struct pvl_output *output,
					 struct pvhload_error *err);
enum pvhload_status pvl_stream_corrupt(struct pvl_stream stream, uint64_t at, const char *why,
				       struct pvhload_error *err);

/* ... and of one that asks for something its decoder does not do. */
enum pvhload_status pvl_stream_unsupported(struct pvl_stream stream, uint64_t at, const char *what,
					   struct pvhload_error *err);

#endif
