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
					struct pvl_span chunk, struct pvl_output output,
					size_t *out, struct pvhload_error *err)
{
	const size_t room = (size_t)pvl_min_u64(output.size - *out, CHUNK_MAX);
	uint8_t none;
	int n;

	if (chunk.size > (size_t)LZ4_compressBound(CHUNK_MAX))
		return pvl_stream_corrupt(stream, at, "a chunk is larger than 8 MiB can give", err);
	/* With no room left, a chunk that decodes to nothing is still fine. */
	n = LZ4_decompress_safe((const char *)chunk.data,
				(char *)(room ? output.data + *out : &none), (int)chunk.size,
				(int)room);
	if (n >= 0) {
		*out += (size_t)n;
		return PVHLOAD_OK;
	}
	/*
	 * liblz4 does not tell damage from too little room.  If the output ran out before the
	 * chunk's 8 MiB did, too little room is what a sound stream would die of.
	 */
	if (room < CHUNK_MAX &&
	    LZ4_decompress_safe_partial((const char *)chunk.data,
					(char *)(room ? output.data + *out : &none),
					(int)chunk.size, (int)room, (int)room) == (int)room)
		return pvl_stream_too_long(stream, at, output, err);
	return pvl_stream_corrupt(stream, at, "a chunk does not decode", err);
}

enum pvhload_status pvl_lz4_decode(struct pvl_stream stream, struct pvl_output output,
				   struct pvhload_error *err)
{
	uint64_t at = 4; /* behind the magic, which the caller has seen */
	struct pvl_span chunk;
	size_t out = 0;

	while (at < stream.bytes.size) {
		enum pvhload_status status;
		uint32_t size;

		if (!pvl_span_le32(stream.bytes, at, &size))
			return pvl_stream_truncated(stream, err);
		if (size == 0)
			break;
		if (size == LEGACY_MAGIC) {
			at += 4;
			continue;
		}
		if (!pvl_span_sub(stream.bytes, at + 4, size, &chunk))
			return pvl_stream_truncated(stream, err);
		status = decode_chunk(stream, at, chunk, output, &out, err);
		if (status != PVHLOAD_OK)
			return status;
		at += 4 + (uint64_t)size;
	}
	if (out != output.size)
		return pvl_stream_too_short(stream, at, out, output, err);
	return PVHLOAD_OK;
}
