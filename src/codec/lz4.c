/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * LZ4 in its legacy framing, by liblz4: the only user of it.
 *
 * ABI source: Linux, lib/decompress_unlz4.c.  The magic, then chunks of { u32 compressed size, data };
 * each decodes on its own to at most 8 MiB.  There is no end mark: the input ends, or a size is 0.
 * The magic may stand again between chunks.
 */
#include <lz4.h>

#include "codec/codec.h"
#include "core/checked.h"
#include "core/error.h"

#define LEGACY_MAGIC 0x184c2102u
#define CHUNK_MAX    (8u << 20)

/* Decode one chunk to the rest of the output. */
static enum pvhload_status decode_chunk(struct pvl_stream stream, uint64_t at,
					struct pvl_span chunk, struct pvl_output *output,
					struct pvhload_error *err)
{
	enum pvhload_status status;
	uint8_t none, *out;
	size_t room;
	int n;

	if (chunk.size > (size_t)LZ4_compressBound(CHUNK_MAX))
		return pvl_stream_corrupt(stream, at, "a chunk is larger than 8 MiB can give", err);
	status = pvl_output_room(output, CHUNK_MAX, err);
	if (status != PVHLOAD_OK)
		return status;
	/* With no room left, a chunk that decodes to nothing is still fine. */
	room = (size_t)pvl_min_u64(output->size - output->used, CHUNK_MAX);
	out = room ? output->data + output->used : &none;
	n = LZ4_decompress_safe((const char *)chunk.data, (char *)out, (int)chunk.size, (int)room);
	if (n >= 0) {
		output->used += (size_t)n;
		return PVHLOAD_OK;
	}
	/*
	 * liblz4 does not tell damage from too little room.  If the output ran out before the
	 * chunk's 8 MiB did, too little room is what a sound stream would die of.
	 */
	if (room < CHUNK_MAX &&
	    LZ4_decompress_safe_partial((const char *)chunk.data, (char *)out, (int)chunk.size,
					(int)room, (int)room) == (int)room)
		return pvl_stream_too_long(stream, at, output, err);
	return pvl_stream_corrupt(stream, at, "a chunk does not decode", err);
}

enum pvhload_status pvl_lz4_decode(struct pvl_stream stream, uint64_t *at,
				   struct pvl_output *output, struct pvhload_error *err)
{
	struct pvl_span chunk;

	*at += 4; /* the magic, which the caller has seen */
	while (*at < stream.bytes.size) {
		enum pvhload_status status;
		uint32_t size;

		if (!pvl_span_le32(stream.bytes, *at, &size))
			return pvl_stream_truncated(stream, err);
		if (size == 0)
			break;
		if (size == LEGACY_MAGIC) {
			*at += 4;
			continue;
		}
		if (!pvl_span_sub(stream.bytes, *at + 4, size, &chunk))
			return pvl_stream_truncated(stream, err);
		status = decode_chunk(stream, *at, chunk, output, err);
		if (status != PVHLOAD_OK)
			return status;
		*at += 4 + (uint64_t)size;
	}
	return PVHLOAD_OK;
}
