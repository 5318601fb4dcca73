/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * The limits: what the same bytes cost without a library.  pread() of a kernel's segments to where they belong, and a
 * codec's decoder called once, from the whole input in memory to the whole output in guest RAM.
 */
#include "bench.h"

#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <lz4.h>
#include <lzma.h>
#include <zlib.h>
#include <zstd.h>

#define LZ4_MAGIC     0x184c2102u
#define GZIP_WINDOW   (15 + 16)  /* zlib's word for a gzip header */
#define OUTPUT_OFFSET (16 * MIB) /* about where a kernel is */

int limit_pread(struct bench *b)
{
	const struct pvhload_image_elf *elf = b->reference.elf;

	for (size_t i = 0; i < elf->segment_count; i++) {
		const struct pvhload_image_segment *s = elf->segments[i];

		for (uint64_t done = 0; done < s->file_size;) {
			const ssize_t got = pread(b->reference.file.fd, b->ram.host + s->gpa + done,
						  s->file_size - done, (off_t)(s->offset + done));

			if (got <= 0)
				return -1;
			done += (uint64_t)got;
		}
	}
	return 0;
}

static uint32_t le32(const uint8_t *at)
{
	return at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

/* Linux's framing: chunks with their size, of 8 MiB of output each. */
static int lz4_one_shot(const uint8_t *in, size_t size, uint8_t *out, size_t room)
{
	const uint8_t *end = in + size;

	if (size < 4 || le32(in) != LZ4_MAGIC)
		return -1;
	for (in += 4; end - in > 4 && le32(in) > 0;) {
		const uint32_t chunk = le32(in);
		int made;

		if (chunk > (size_t)(end - in) - 4)
			break; /* the size trailer of a bzImage */
		made = LZ4_decompress_safe((const char *)in + 4, (char *)out, (int)chunk,
					   (int)room);
		if (made < 0)
			return -1;
		in += 4 + chunk;
		out += made;
		room -= (size_t)made;
	}
	return room == 0 ? 0 : -1;
}

/* One frame: what follows it, such as a size trailer, is not the decoder's to see. */
static int zstd_one_shot(const uint8_t *in, size_t size, uint8_t *out, size_t room)
{
	const size_t frame = ZSTD_findFrameCompressedSize(in, size);

	return !ZSTD_isError(frame) && ZSTD_decompress(out, room, in, frame) == room ? 0 : -1;
}

static int gzip_one_shot(const uint8_t *in, size_t size, uint8_t *out, size_t room)
{
	z_stream z = { .next_in = (z_const Bytef *)(uintptr_t)in,
		       .avail_in = (uInt)size,
		       .next_out = out,
		       .avail_out = (uInt)room };
	int status;

	if (inflateInit2(&z, GZIP_WINDOW) != Z_OK)
		return -1;
	status = inflate(&z, Z_FINISH);
	inflateEnd(&z);
	return status == Z_STREAM_END && z.avail_out == 0 ? 0 : -1;
}

static int lzma_one_shot(const uint8_t *in, size_t size, uint8_t *out, size_t room)
{
	lzma_stream stream = LZMA_STREAM_INIT;
	lzma_ret status = lzma_auto_decoder(&stream, UINT64_MAX, 0);

	stream.next_in = in;
	stream.avail_in = size;
	stream.next_out = out;
	stream.avail_out = room;
	if (status == LZMA_OK)
		status = lzma_code(&stream, LZMA_FINISH);
	lzma_end(&stream);
	return status == LZMA_STREAM_END && stream.avail_out == 0 ? 0 : -1;
}

/* Of @file, all of the input. */
static int one_shot(const struct bench *b, const uint8_t *file)
{
	const struct pvhload_image_part *part = b->payload;
	const uint8_t *in = file + (part ? part->offset : 0);
	const size_t size = part ? part->size : b->input.size;
	const size_t room = b->reference.file.size;
	uint8_t *out = b->ram.host + OUTPUT_OFFSET;

	switch (part ? part->codec : PVHLOAD_CODEC_NONE) {
	case PVHLOAD_CODEC_LZ4:
		return lz4_one_shot(in, size, out, room);
	case PVHLOAD_CODEC_ZSTD:
		return zstd_one_shot(in, size, out, room);
	case PVHLOAD_CODEC_GZIP:
		return gzip_one_shot(in, size, out, room);
	case PVHLOAD_CODEC_XZ:
	case PVHLOAD_CODEC_LZMA:
		return lzma_one_shot(in, size, out, room);
	default:
		return -1;
	}
}

int limit_one_shot(struct bench *b)
{
	return one_shot(b, b->input.bytes);
}

/* Linux maps what is around a fault as well. */
int limit_mapped(struct bench *b)
{
	const size_t around = 64 << 10, size = b->input.size;
	void *map = mmap(NULL, size, PROT_READ, MAP_PRIVATE, b->input.fd, 0);
	const volatile uint8_t *at = map;
	int failed;

	if (map == MAP_FAILED)
		return -1;
	for (size_t i = 0; i < size; i += around)
		(void)at[i];
	failed = one_shot(b, map);
	munmap(map, size);
	return failed;
}

int limit_check_one_shot(const struct bench *b)
{
	const struct input *file = &b->reference.file;

	return memcmp(b->ram.host + OUTPUT_OFFSET, file->bytes, file->size) == 0 ? 0 : -1;
}
