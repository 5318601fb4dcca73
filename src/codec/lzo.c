/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * LZO in the container of the program lzop, by liblzo2: the only user of it.  liblzo2 is under the
 * GPL, so this file is left out unless asked for.
 *
 * ABI source: Linux, lib/decompress_unlzo.c, and what lzop writes.  Big-endian.  After the magic:
 * u16 version, u16 library version, u16 version needed, u8 method, u8 level from 0x0940 on, u32 flags,
 * u32 filter if flagged, u32 mode, u32 time, u32 its high half from 0x0940 on, u8 length of a name,
 * the name, u32 checksum of all that.  Then blocks: u32 size, 0 ends; u32 size compressed, the same if
 * it is stored; a u32 for each checksum flagged, those of compressed bytes only if it is not stored;
 * the bytes.
 */
#include <lzo/lzo1x.h>

#include "codec/codec.h"
#include "core/error.h"
#include "core/libc.h"

#define MAGIC_SIZE   9u
#define VERSION_LONG 0x0940u
#define BLOCK_MAX    (256u << 10) /* the kernel's limit, and what lzop makes */
#define METHOD_MAX   3u           /* LZO1X-1, LZO1X-1(15), LZO1X-999 */

#define FLAG_ADLER32        0x001u
#define FLAG_ADLER32_STREAM 0x002u /* of the compressed bytes */
#define FLAG_EXTRA          0x040u
#define FLAG_CRC32          0x100u
#define FLAG_CRC32_STREAM   0x200u
#define FLAG_MULTIPART      0x400u
#define FLAG_FILTER         0x800u
#define FLAG_HEADER_CRC32   0x1000u

struct header {
	uint32_t version, method, flags, filter;
};

struct block {
	uint32_t size, stored;
	uint32_t adler32, crc32;               /* of the decoded bytes */
	uint32_t adler32_stream, crc32_stream; /* of those in the stream */
	struct pvl_span bytes;
};

struct state {
	uint32_t flags;
	struct block next; /* its size is 0 if its head has not been read yet */
};

/* The next @size bytes, at most 4, as a number. */
static enum pvhload_status take_be(struct pvl_decoder *r, uint32_t size, uint32_t *ret,
				   struct pvhload_error *err)
{
	struct pvl_span bytes;

	PVL_TRY(pvl_stream_take(r->stream, r->at, size, &bytes, err));
	*ret = 0;
	for (uint32_t i = 0; i < size; i++)
		*ret = *ret << 8 | bytes.data[i];
	r->at += size;
	return PVHLOAD_OK;
}

static enum pvhload_status take_if(bool there, struct pvl_decoder *r, uint32_t *ret,
				   struct pvhload_error *err)
{
	return there ? take_be(r, 4, ret, err) : PVHLOAD_OK;
}

static enum pvhload_status take_name(struct pvl_decoder *r, struct pvhload_error *err)
{
	uint32_t size;

	PVL_TRY(take_be(r, 1, &size, err));
	if (size > r->stream.bytes.size - r->at)
		return pvl_stream_truncated(r->stream, err);
	r->at += size;
	return PVHLOAD_OK;
}

static enum pvhload_status take_header(struct pvl_decoder *r, struct header *h,
				       struct pvhload_error *err)
{
	uint32_t skip;

	PVL_TRY(take_be(r, 2, &h->version, err));
	PVL_TRY(take_be(r, 4, &skip, err));
	PVL_TRY(take_be(r, 1, &h->method, err));
	if (h->version >= VERSION_LONG)
		PVL_TRY(take_be(r, 1, &skip, err));
	PVL_TRY(take_be(r, 4, &h->flags, err));
	PVL_TRY(take_if(h->flags & FLAG_FILTER, r, &h->filter, err));
	PVL_TRY(take_be(r, 4, &skip, err));
	PVL_TRY(take_be(r, 4, &skip, err));
	PVL_TRY(take_if(h->version >= VERSION_LONG, r, &skip, err));
	return take_name(r, err);
}

static enum pvhload_status read_header(struct pvl_decoder *r, struct header *h,
				       struct pvhload_error *err)
{
	const uint64_t start = r->at + MAGIC_SIZE;
	uint32_t sum = 0, right;
	struct pvl_span bytes;

	r->at = start;
	PVL_TRY(take_header(r, h, err));
	PVL_TRY(pvl_stream_take(r->stream, start, r->at - start, &bytes, err));
	right = h->flags & FLAG_HEADER_CRC32 ? lzo_crc32(0, bytes.data, bytes.size)
					     : lzo_adler32(1, bytes.data, bytes.size);
	PVL_TRY(take_be(r, 4, &sum, err));
	if (sum != right)
		return pvl_stream_corrupt(r->stream, start, "the header's checksum is wrong", err);
	if (h->method < 1 || h->method > METHOD_MAX)
		return pvl_stream_unsupported(r->stream, start, "a method that is not LZO1X", err);
	if (h->filter != 0 || h->flags & (FLAG_EXTRA | FLAG_MULTIPART))
		return pvl_stream_unsupported(r->stream, start,
					      "a filter, an extra field or several parts", err);
	return PVHLOAD_OK;
}

/* A block, its size not 0; or only its size, 0, at the end.  Its bytes are there until more is taken. */
static enum pvhload_status read_block(struct pvl_decoder *r, uint32_t flags, struct block *b,
				      struct pvhload_error *err)
{
	const uint64_t start = r->at;
	bool packed;

	PVL_TRY(take_be(r, 4, &b->size, err));
	if (b->size == 0)
		return PVHLOAD_OK;
	PVL_TRY(take_be(r, 4, &b->stored, err));
	if (b->size > BLOCK_MAX || b->stored > b->size || b->stored == 0)
		return pvl_stream_corrupt(r->stream, start,
					  "a block of more than 256 KiB, or of less than it takes",
					  err);
	packed = b->stored < b->size;
	PVL_TRY(take_if(flags & FLAG_ADLER32, r, &b->adler32, err));
	PVL_TRY(take_if(flags & FLAG_CRC32, r, &b->crc32, err));
	PVL_TRY(take_if(packed && flags & FLAG_ADLER32_STREAM, r, &b->adler32_stream, err));
	PVL_TRY(take_if(packed && flags & FLAG_CRC32_STREAM, r, &b->crc32_stream, err));
	PVL_TRY(pvl_stream_take(r->stream, r->at, b->stored, &b->bytes, err));
	if (packed && ((flags & FLAG_ADLER32_STREAM &&
			lzo_adler32(1, b->bytes.data, b->bytes.size) != b->adler32_stream) ||
		       (flags & FLAG_CRC32_STREAM &&
			lzo_crc32(0, b->bytes.data, b->bytes.size) != b->crc32_stream)))
		return pvl_stream_corrupt(r->stream, start,
					  "a compressed block's checksum is wrong", err);
	return PVHLOAD_OK;
}

/* Decode a block to @out, which has room for it. */
static enum pvhload_status decode_block(const struct pvl_decoder *r, uint32_t flags,
					const struct block *b, uint8_t *out,
					struct pvhload_error *err)
{
	lzo_uint size = b->size;

	if (b->stored == b->size)
		memcpy(out, b->bytes.data, b->size);
	else if (lzo1x_decompress_safe(b->bytes.data, b->stored, out, &size, NULL) != LZO_E_OK ||
		 size != b->size)
		return pvl_stream_corrupt(r->stream, r->at, "a block does not decode", err);
	if ((flags & FLAG_ADLER32 && lzo_adler32(1, out, size) != b->adler32) ||
	    (flags & FLAG_CRC32 && lzo_crc32(0, out, size) != b->crc32))
		return pvl_stream_corrupt(r->stream, r->at, "a block's checksum is wrong", err);
	return PVHLOAD_OK;
}

static enum pvhload_status open_lzo(struct pvl_decoder *d, struct pvhload_error *err)
{
	struct header h = { 0, 0, 0, 0 };
	struct state *state;

	if (lzo_init() != LZO_E_OK)
		return pvl_stream_unsupported(d->stream, d->at,
					      "liblzo2 was built for another machine", err);
	PVL_TRY(read_header(d, &h, err));
	state = calloc(1, sizeof(*state));
	if (!state)
		return pvl_fail_no_memory(err, sizeof(*state));
	state->flags = h.flags;
	d->state = state;
	return PVHLOAD_OK;
}

static enum pvhload_status read_lzo(struct pvl_decoder *d, uint8_t *dst, size_t room,
				    size_t *ret_made, struct pvhload_error *err)
{
	struct state *state = d->state;
	struct block *b = &state->next;

	if (b->size == 0)
		PVL_TRY(read_block(d, state->flags, b, err));
	d->ended = b->size == 0;
	d->no_room = b->size > room;
	if (d->ended || d->no_room)
		return PVHLOAD_OK;
	PVL_TRY(decode_block(d, state->flags, b, dst, err));
	d->at += b->stored;
	*ret_made = b->size;
	b->size = 0;
	return PVHLOAD_OK;
}

static void close_lzo(struct pvl_decoder *d)
{
	free(d->state);
}

const struct pvl_codec_ops pvl_lzo_ops = {
	.open = open_lzo,
	.read = read_lzo,
	.close = close_lzo,
	.block_max = BLOCK_MAX,
	.feeds = true,
	.apart = true,
};
