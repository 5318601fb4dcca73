/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * What decoders are written with: the stream, the output, the loop around a library that goes step by
 * step, and what is said of a stream that is wrong.
 */
#ifndef PVL_CODEC_STREAM_H
#define PVL_CODEC_STREAM_H

#include <pvhload/status.h>

#include "core/span.h"

/* A stream, and where it starts in its source, for messages. */
struct pvl_stream {
	struct pvl_span bytes;
	uint64_t offset;
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
};

/*
 * See to it that there is room for @want more bytes.  There may be less after PVHLOAD_OK: a fixed
 * output has what it has, and a growing one ends at its limit.
 */
enum pvhload_status pvl_output_room(struct pvl_output *output, size_t want,
				    struct pvhload_error *err);

/* One call into a library: from the stream's bytes at @at, into @room bytes at @out. */
struct pvl_step {
	struct pvl_stream stream;
	uint64_t at; /* moved behind what was taken */
	uint8_t *out;
	size_t room;
	size_t made;
	bool ended; /* the stream has; @at is behind it */
};

typedef enum pvhload_status pvl_step_fn(void *state, struct pvl_step *step,
					struct pvhload_error *err);

/* Go on until the stream that starts at *@at ends, and move *@at behind it. */
enum pvhload_status pvl_stream_run(pvl_step_fn *step, void *state, struct pvl_stream stream,
				   uint64_t *at, struct pvl_output *output,
				   struct pvhload_error *err);

/* What every decoder says of a stream that ends too early, goes on too long, or is damaged. */
enum pvhload_status pvl_stream_truncated(struct pvl_stream stream, struct pvhload_error *err);
enum pvhload_status pvl_stream_too_short(struct pvl_stream stream, uint64_t at,
					 const struct pvl_output *output,
					 struct pvhload_error *err);
enum pvhload_status pvl_stream_too_long(struct pvl_stream stream, uint64_t at,
					const struct pvl_output *output, struct pvhload_error *err);
enum pvhload_status pvl_stream_corrupt(struct pvl_stream stream, uint64_t at, const char *why,
				       struct pvhload_error *err);

/* ... and of one that asks for something its decoder does not do. */
enum pvhload_status pvl_stream_unsupported(struct pvl_stream stream, uint64_t at, const char *what,
					   struct pvhload_error *err);

#endif
