/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * LZ4 in its legacy framing, by liblz4; lz4_frame.c has the other one.
 *
 * ABI source: Linux, lib/decompress_unlz4.c.  The magic, then chunks of { u32 compressed size, data };
 * each decodes on its own to at most 8 MiB.  There is no end mark: the input ends, or a size is 0.
 * The magic may stand again between chunks.
 *
 * Linux's own encoder fills all chunks but the last, so the place of each in the output is known, and the caller's
 * threads may decode them side by side.  Wherever a stream is not so, or is bad, it is decoded in its order.
 */
#include <lz4.h>

#include "codec/codec.h"
#include "core/checked.h"
#include "core/error.h"

#define LEGACY_MAGIC 0x184c2102u
#define CHUNK_MAX    (8u << 20)
#define BATCH_MAX    8u /* chunks that are handed to a pool at once */
#define LENGTH_STEP  255u

/* Sequences for PVL_PEEK_ENOUGH bytes; the last may go on as long as a chunk does, a byte for each LENGTH_STEP. */
#define PEEK_STREAM (2 * PVL_PEEK_ENOUGH + CHUNK_MAX / LENGTH_STEP)

/* Chunks that follow each other, to be decoded side by side. */
struct batch {
	struct pvl_span chunk[BATCH_MAX];
	size_t count;
	uint64_t end; /* in the stream, after the last */
	uint8_t *dst;
	size_t room;
	int made[BATCH_MAX]; /* bytes of each; negative if it does not decode */
};

/* Decode one chunk, all of it. */
static enum pvhload_status decode_chunk(struct pvl_decoder *d, struct pvl_span chunk, uint8_t *dst,
					size_t room, size_t *ret_made, struct pvhload_error *err)
{
	const char *in = (const char *)chunk.data;
	const int most = (int)pvl_min_u64(room, CHUNK_MAX);
	int n;

	n = LZ4_decompress_safe(in, (char *)dst, (int)chunk.size, most);
	if (n >= 0) {
		*ret_made = (size_t)n;
		return PVHLOAD_OK;
	}
	/*
	 * liblz4 does not tell damage from too little room.  If the output ran out before the
	 * chunk's 8 MiB did, too little room is what a sound stream would die of.
	 */
	d->no_room =
		most < (int)CHUNK_MAX &&
		LZ4_decompress_safe_partial(in, (char *)dst, (int)chunk.size, most, most) == most;
	if (d->no_room)
		return PVHLOAD_OK;
	return pvl_stream_corrupt(d->stream, d->at, "a chunk does not decode", err);
}

static enum pvhload_status open_legacy(struct pvl_decoder *d, struct pvhload_error *err)
{
	(void)err;
	d->at += 4; /* the magic, which the caller has seen */
	return PVHLOAD_OK;
}

/* As many as there are, and may have room. */
static struct batch gather(const struct pvl_decoder *d, uint8_t *dst, size_t room)
{
	struct batch b = { .end = d->at, .dst = dst, .room = room };
	struct pvl_span *chunk = b.chunk;
	uint32_t size;

	while (b.count < BATCH_MAX && room > b.count * CHUNK_MAX &&
	       pvl_span_le32(d->stream.bytes, b.end, &size) && size > 0 &&
	       size <= (uint32_t)LZ4_compressBound(CHUNK_MAX) &&
	       pvl_span_sub(d->stream.bytes, b.end + 4, size, chunk)) {
		b.made[b.count++] = -1;
		b.end += 4 + (uint64_t)size;
		chunk++;
	}
	return b;
}

/* A task: on any thread, and it touches nothing that is another's. */
static void decode_placed(void *arg, size_t i)
{
	struct batch *b = arg;
	size_t at;

	if (i >= b->count)
		return; /* a mistake of the pool, which costs nothing to stop here */
	at = i * CHUNK_MAX;
	b->made[i] = LZ4_decompress_safe((const char *)b->chunk[i].data, (char *)b->dst + at,
					 (int)b->chunk[i].size,
					 (int)pvl_min_u64(b->room - at, CHUNK_MAX));
}

static bool all_in_place(const struct batch *b)
{
	for (size_t i = 0; i + 1 < b->count; i++)
		if (b->made[i] != (int)CHUNK_MAX)
			return false;
	return b->made[b->count - 1] >= 0;
}

/* Decode a batch of chunks; *@ret_made stays 0 if the next is to be decoded by itself. */
static enum pvhload_status read_batch(struct pvl_decoder *d, uint8_t *dst, size_t room,
				      size_t *ret_made, struct pvhload_error *err)
{
	struct batch b = gather(d, dst, room);

	if (b.count < 2)
		return PVHLOAD_OK;
	PVL_TRY(pvl_pool_call(d->pool, decode_placed, &b, b.count, err));
	if (!all_in_place(&b)) {
		d->pool = NULL;
		return PVHLOAD_OK;
	}
	d->at = b.end;
	*ret_made = (b.count - 1) * CHUNK_MAX + (size_t)b.made[b.count - 1];
	return PVHLOAD_OK;
}

/* 0 where the stream ends. */
static enum pvhload_status take_size(const struct pvl_decoder *d, uint32_t *ret,
				     struct pvhload_error *err)
{
	struct pvl_span bytes;

	*ret = 0;
	if (d->at >= d->stream.bytes.size)
		return PVHLOAD_OK;
	PVL_TRY(pvl_stream_take(d->stream, d->at, 4, &bytes, err));
	*ret = pvl_span_get32(bytes, 0);
	return PVHLOAD_OK;
}

/*
 * A size that is too large is told only of a chunk that is there, and then none of it is taken.  The size is taken with the
 * chunk: who has looked at the first begins there again.
 */
static enum pvhload_status take_chunk(const struct pvl_decoder *d, uint32_t size,
				      struct pvl_span *ret, struct pvhload_error *err)
{
	if (!pvl_span_has(d->stream.bytes, d->at + 4, size))
		return pvl_stream_truncated(d->stream, err);
	if (size > (uint32_t)LZ4_compressBound(CHUNK_MAX))
		return pvl_stream_corrupt(d->stream, d->at, "a chunk is larger than 8 MiB can give",
					  err);
	PVL_TRY(pvl_stream_take(d->stream, d->at, 4 + (uint64_t)size, ret, err));
	ret->data += 4;
	ret->size -= 4;
	return PVHLOAD_OK;
}

static enum pvhload_status read_chunk(struct pvl_decoder *d, uint8_t *dst, size_t room,
				      size_t *ret_made, struct pvhload_error *err)
{
	struct pvl_span chunk;
	uint32_t size;

	PVL_TRY(take_size(d, &size, err));
	if (size == 0) {
		d->ended = true;
		return PVHLOAD_OK;
	}
	if (size == LEGACY_MAGIC) {
		d->at += 4;
		return PVHLOAD_OK;
	}
	PVL_TRY(take_chunk(d, size, &chunk, err));
	PVL_TRY(decode_chunk(d, chunk, dst, room, ret_made, err));
	if (!d->no_room)
		d->at += 4 + (uint64_t)size;
	return PVHLOAD_OK;
}

static enum pvhload_status read_legacy(struct pvl_decoder *d, uint8_t *dst, size_t room,
				       size_t *ret_made, struct pvhload_error *err)
{
	if (d->whole && d->pool && !d->stream.feed)
		PVL_TRY(read_batch(d, dst, room, ret_made, err));
	return *ret_made > 0 ? PVHLOAD_OK : read_chunk(d, dst, room, ret_made, err);
}

static void close_legacy(struct pvl_decoder *d)
{
	(void)d;
}

/* Not the whole of the first chunk, which may have 8 MiB. */
static size_t peek_legacy(struct pvl_stream stream, uint8_t *dst, size_t room)
{
	const struct pvl_decoder d = { .stream = stream, .at = 4 };
	const int most = (int)pvl_min_u64(room, PVL_PEEK_ENOUGH);
	struct pvl_span chunk;
	uint32_t size;
	int n;

	if (take_size(&d, &size, NULL) != PVHLOAD_OK ||
	    take_chunk(&d, (uint32_t)pvl_min_u64(size, PEEK_STREAM), &chunk, NULL) != PVHLOAD_OK)
		return 0;
	n = LZ4_decompress_safe_partial((const char *)chunk.data, (char *)dst, (int)chunk.size,
					most, most);
	return n > 0 ? (size_t)n : 0;
}

const struct pvl_codec_ops pvl_lz4_ops = {
	.open = open_legacy,
	.read = read_legacy,
	.close = close_legacy,
	.peek = peek_legacy,
	.block_max = CHUNK_MAX,
	.feeds = true,
	.apart = true,
	.whole_at_once = true, /* for a batch; a chunk takes its own */
};
