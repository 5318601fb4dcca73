/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
#include "codec/stream.h"

#include "core/checked.h"
#include "core/error.h"
#include "core/libc.h"

#define FIRST_ROOM (64u << 10)

/*
 * Make room for @want more bytes.  There may be less after PVHLOAD_OK: a fixed output does not
 * grow, a growing one only up to its limit.
 */
static enum pvhload_status make_room(struct pvl_output *output, size_t want,
				     struct pvhload_error *err)
{
	uint64_t size;
	uint8_t *moved;

	if (!output->grows || output->size - output->used >= want || output->size >= output->most)
		return PVHLOAD_OK;
	size = pvl_max_u64(2 * (uint64_t)output->size, FIRST_ROOM);
	size = pvl_max_u64(size, (uint64_t)output->used + want);
	size = pvl_min_u64(size, output->most);
	moved = size <= SIZE_MAX ? realloc(output->data, (size_t)size) : NULL;
	if (!moved)
		return pvl_fail_no_memory(err, size);
	output->data = moved;
	output->size = (size_t)size;
	return PVHLOAD_OK;
}

/* Without it the output grows as any other does. */
void pvl_output_expect(struct pvl_output *output, const struct pvl_codec_ops *ops,
		       struct pvl_stream file)
{
	const uint64_t size = ops->expected_size ? ops->expected_size(file.bytes) : 0;

	if (size == 0 || size > output->most)
		return;
	output->data = pvl_new_output((size_t)size);
	output->expected = output->data != NULL;
	output->size = output->expected ? (size_t)size : 0;
}

static enum pvhload_status too_long(struct pvl_stream stream, uint64_t at,
				    const struct pvl_output *output, struct pvhload_error *err)
{
	if (output->grows)
		return pvl_fail(err, PVHLOAD_E_LIMIT, PVL_AT(stream.offset + at),
				"it decodes to more than %s, %" PRIu64
				" bytes (at offset 0x%" PRIx64 ")",
				output->limit_name, output->most, stream.offset + at);
	return pvl_fail(err, PVHLOAD_E_MALFORMED, PVL_AT(stream.offset + at),
			"the stream decodes to more than the %zu bytes it declares (at offset "
			"0x%" PRIx64 ")",
			output->size, stream.offset + at);
}

/* As many blocks as it takes to move them down. */
static uint64_t room_to_move_down(const struct pvl_codec_ops *ops, const struct pvl_output *output)
{
	const uint64_t blocks = (output->move_down->at - output->used) / ops->block_max + 1;

	return blocks * ops->block_max;
}

/* Once there is what it waits for. */
static void move_down(struct pvl_output *output)
{
	const struct pvl_move_down *m = output->move_down;

	if (!m || output->used < m->at)
		return;
	output->move_down = NULL;
	output->down = (size_t)m->call(m->user, output->used, output->reach);
}

/* Most bytes of one read(), so that progress is reported often enough. */
static size_t room_for_read(const struct pvl_codec_ops *ops, const struct pvl_decoder *decoder,
			    const struct pvl_output *output)
{
	size_t left = output->size - output->used;

	if (output->move_down)
		left = (size_t)pvl_min_u64(left, room_to_move_down(ops, output));
	if (ops->whole_at_once && decoder->whole)
		return left;
	return (size_t)pvl_min_u64(left, pvl_max_u64(ops->block_max, PVL_PROGRESS_STEP));
}

static enum pvhload_status read_next(const struct pvl_codec_ops *ops, struct pvl_decoder *decoder,
				     struct pvl_output *output, struct pvhload_error *err)
{
	const bool full = output->used == output->size;
	const uint64_t before = decoder->at;
	uint8_t spare = 0, *dst = full ? &spare : output->data + (output->used - output->down);
	size_t room = room_for_read(ops, decoder, output), made = 0;
	enum pvhload_status status;

	/*
	 * If the output is full, the stream may still be complete, with only its end mark to come:
	 * a read() of one more byte tells.  Decoders of blocks report no_room themselves.
	 */
	if (full && ops->block_max == 0)
		room = 1;
	if (output->move_down && !full)
		output->reach = (size_t)pvl_max_u64(output->reach, output->used + room);
	status = ops->read(decoder, dst, room, &made, err);
	if (!full)
		output->used += made; /* also before the fault in a bad stream */
	PVL_TRY(status);
	if (decoder->no_room || (full && made > 0))
		return too_long(decoder->stream, decoder->at, output, err);
	if (!decoder->ended && decoder->at == before && made == 0)
		return pvl_stream_truncated(decoder->stream, err);
	move_down(output);
	return pvl_work_advance(&output->work, made, err);
}

static enum pvhload_status read_all(const struct pvl_codec_ops *ops, struct pvl_decoder *decoder,
				    struct pvl_output *output, struct pvhload_error *err)
{
	while (!decoder->ended) {
		PVL_TRY(make_room(output, ops->block_max == 0 ? 1 : ops->block_max, err));
		PVL_TRY(read_next(ops, decoder, output, err));
	}
	return PVHLOAD_OK;
}

enum pvhload_status pvl_stream_decode(const struct pvl_codec_ops *ops, struct pvl_stream stream,
				      uint64_t *at, struct pvl_output *output,
				      struct pvhload_error *err)
{
	struct pvl_decoder decoder = { .stream = stream, .at = *at, .pool = output->pool };
	enum pvhload_status status;

	decoder.whole = !output->grows || (output->expected && output->used == 0);
	PVL_TRY(ops->open(&decoder, err));
	status = read_all(ops, &decoder, output, err);
	ops->close(&decoder);
	*at = decoder.at;
	return status;
}

/* As many bytes as it gives before it ends, fails or makes no progress. */
static size_t read_first(const struct pvl_codec_ops *ops, struct pvl_decoder *decoder, uint8_t *dst,
			 size_t size)
{
	size_t used = 0;

	while (used < size && !decoder->ended && !decoder->no_room) {
		const uint64_t before = decoder->at;
		size_t made = 0;

		if (ops->read(decoder, dst + used, size - used, &made, NULL) != PVHLOAD_OK ||
		    (made == 0 && decoder->at == before))
			break;
		used += made;
	}
	return used;
}

size_t pvl_stream_peek(const struct pvl_codec_ops *ops, struct pvl_stream stream, uint8_t *dst,
		       size_t size)
{
	struct pvl_decoder decoder = { .stream = stream };
	size_t used;

	if (ops->peek)
		return ops->peek(stream, dst, size);
	if (ops->block_max == 0)
		size = (size_t)pvl_min_u64(size, PVL_PEEK_ENOUGH);
	if (ops->open(&decoder, NULL) != PVHLOAD_OK)
		return 0;
	used = read_first(ops, &decoder, dst, size);
	ops->close(&decoder);
	return used;
}

enum pvhload_status pvl_stream_take(struct pvl_stream stream, uint64_t at, uint64_t size,
				    struct pvl_span *ret, struct pvhload_error *err)
{
	if (!pvl_span_has(stream.bytes, at, size))
		return pvl_stream_truncated(stream, err);
	if (stream.feed)
		return pvl_feed_take(stream.feed, stream.offset + at, (size_t)size,
				     stream.offset + stream.bytes.size, ret, err);
	(void)pvl_span_sub(stream.bytes, at, size, ret);
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

enum pvhload_status pvl_stream_too_short(struct pvl_stream stream, uint64_t at,
					 const struct pvl_output *output, struct pvhload_error *err)
{
	return pvl_fail(err, PVHLOAD_E_MALFORMED, PVL_AT(stream.offset + at),
			"the stream ends at offset 0x%" PRIx64
			" after %zu decoded bytes, but declares %zu",
			stream.offset + at, output->used, output->size);
}

enum pvhload_status pvl_stream_corrupt(struct pvl_stream stream, uint64_t at, const char *why,
				       struct pvhload_error *err)
{
	return pvl_fail(err, PVHLOAD_E_MALFORMED, PVL_AT(stream.offset + at),
			"corrupt at offset 0x%" PRIx64 ": %s", stream.offset + at, why);
}

enum pvhload_status pvl_stream_unsupported(struct pvl_stream stream, uint64_t at, const char *what,
					   struct pvhload_error *err)
{
	return pvl_fail(err, PVHLOAD_E_UNSUPPORTED, PVL_AT(stream.offset + at),
			"unsupported at offset 0x%" PRIx64 ": %s", stream.offset + at, what);
}
