/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * What decoders share: the stream, a decoder's state, the output, and messages about bad streams.
 */
#ifndef PVL_CODEC_STREAM_H
#define PVL_CODEC_STREAM_H

#include <pvhload/status.h>

#include "codec/feed.h"
#include "core/callbacks.h"
#include "core/progress.h"
#include "core/span.h"

/* A stream, and where it starts in its source, for messages. */
struct pvl_stream {
	struct pvl_span bytes; /* NULL with a feed: pvl_stream_take() alone has them then */
	uint64_t offset;
	struct pvl_feed *feed; /* NULL: none */
};

/*
 * @size bytes at @at, until the next call.  PVHLOAD_E_MALFORMED if the stream ends before, with the message of
 * pvl_stream_truncated(); as pvl_feed_take(), if there is a feed.
 */
enum pvhload_status pvl_stream_take(struct pvl_stream stream, uint64_t at, uint64_t size,
				    struct pvl_span *ret, struct pvhload_error *err);

/* Host memory that a small decoder needs at first, approximately; for messages. */
#define PVL_DECODER_MEMORY (1u << 16)

/* A decoder at work on one stream. */
struct pvl_decoder {
	struct pvl_stream stream;
	uint64_t at;                     /* moved on as bytes of the stream are taken */
	void *state;                     /* of the codec */
	const struct pvhload_pool *pool; /* for read() with room for the whole output; NULL: none */
	bool whole; /* the first read() has room for the whole output, of a payload, or as expected */
	bool ended;   /* the stream has ended; @at is after it */
	bool no_room; /* the next block does not fit the room that read() had */
};

/* The operations of a codec.  After a failure only close() is called. */
struct pvl_codec_ops {
	/*
	 * Start decoding the stream at @at.  On success close() frees what it allocated; on failure
	 * nothing is left.
	 */
	enum pvhload_status (*open)(struct pvl_decoder *decoder, struct pvhload_error *err);
	/*
	 * Decode the next bytes, at most @room, to @dst, and return how many.  If there are none,
	 * @at has not moved, and neither ended nor no_room is set, the stream is truncated.
	 */
	enum pvhload_status (*read)(struct pvl_decoder *decoder, uint8_t *dst, size_t room,
				    size_t *ret_made, struct pvhload_error *err);
	void (*close)(struct pvl_decoder *decoder);
	/* The size that a file may decode to, which need not be true; 0: not known.  NULL if it never is. */
	uint64_t (*expected_size)(struct pvl_span file);
	/*
	 * NULL: open() and read() do.  Decode the first bytes of the stream, at most @room, and return how many may be
	 * right: a guess, by which nothing is decided that is not checked later.  @dst is zeros before.
	 */
	size_t (*peek)(struct pvl_stream stream, uint8_t *dst, size_t room);
	size_t peek_room; /* that peek() needs, if that is more than PVL_PEEK_ENOUGH */
	/* Largest output of one block; 0 if read() can stop at any byte. */
	size_t block_max;
	bool feeds; /* read() and peek() have bytes by pvl_stream_take() alone: there may be a feed */
	bool apart; /* read() needs no byte that it made before, and has one block, or as many as there are, with a pool */
	bool whole_at_once; /* read() is to have room for the whole output at once, if its size is known */
};

/*
 * Where decoded bytes go.  Of a payload the size is known: @data has exactly that room, and
 * decoding stops there.  Of a whole file it is not, so @data grows, up to @most bytes.
 */
struct pvl_output {
	uint8_t *data;
	size_t size; /* room there is */
	size_t used; /* bytes decoded, also of a stream that turns out to be bad */
	bool grows;
	bool expected; /* it grows, but the room there is at first may be all that it takes */
	uint64_t most;
	const char *limit_name;                /* what @most is, for the message */
	struct pvl_work work;                  /* its done is @used */
	const struct pvl_move_down *move_down; /* of a payload, until it was called; NULL: none */
	size_t reach; /* where the room ended that was given to read(), until then */
	size_t down;  /* the next byte goes so much lower than @data + @used, since */
	const struct pvhload_pool *pool; /* the caller's, or NULL */
};

/* Give @output, which grows, the room that its codec expects the file to take, within its limit. */
void pvl_output_expect(struct pvl_output *output, const struct pvl_codec_ops *ops,
		       struct pvl_stream file);

/* Decode the stream that starts at *@at to the end of @output, and move *@at after it. */
enum pvhload_status pvl_stream_decode(const struct pvl_codec_ops *ops, struct pvl_stream stream,
				      uint64_t *at, struct pvl_output *output,
				      struct pvhload_error *err);

/* Bytes that are looked at; where a block is decoded to have them, there are more. */
#define PVL_PEEK_ENOUGH (1u << 12)

/*
 * The first bytes that @stream decodes to, at most @size, and how many there are.  @dst is zeros before.  Not to be relied
 * on: the stream may turn out to be damaged, also in what was returned.
 */
size_t pvl_stream_peek(const struct pvl_codec_ops *ops, struct pvl_stream stream, uint8_t *dst,
		       size_t size);

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
