/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* Without the LZO library all blocks are stored; zlib has the same checksums. */
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "streams.h"

#ifdef PVL_HAVE_LZO
#include <lzo/lzo1x.h>

/* Compress @size bytes to @packed, which has room for more; how many it took. */
static size_t compress_block(const uint8_t *data, size_t size, uint8_t *packed)
{
	void *work = malloc(LZO1X_1_MEM_COMPRESS);
	lzo_uint n = 0;

	lzo1x_1_compress(data, size, packed, &n, work);
	free(work);
	return n;
}
#else
static size_t compress_block(const uint8_t *data, size_t size, uint8_t *packed)
{
	(void)data;
	(void)packed;
	return size;
}
#endif

/* Append @value in @size bytes, the highest first. */
static void append(struct bytes *out, uint64_t value, size_t size)
{
	for (size_t i = size; i-- > 0;)
		out->data[out->size++] = (uint8_t)(value >> (8 * i));
}

static void append_bytes(struct bytes *out, const void *data, size_t size)
{
	memcpy(out->data + out->size, data, size);
	out->size += size;
}

static void append_header(struct bytes *out, const struct lzop_spec *spec)
{
	const uint32_t version = spec->version ? spec->version : 0x1030;
	const char *name = spec->name ? spec->name : "";
	size_t start;
	uInt size;

	append_bytes(out, "\x89LZO\0\r\n\x1a\n", 9);
	start = out->size;
	append(out, version, 2);
	append(out, 0x20a0, 2); /* library */
	append(out, 0x940, 2);  /* version needed */
	append(out, spec->method ? spec->method : 1, 1);
	if (version >= 0x940)
		append(out, 9, 1); /* level */
	append(out, spec->flags, 4);
	if (spec->flags & 0x800)
		append(out, spec->filter, 4);
	append(out, 0100644, 4); /* mode */
	append(out, 0x5f000000, 4);
	if (version >= 0x940)
		append(out, 0, 4);
	append(out, strlen(name), 1);
	append_bytes(out, name, strlen(name));
	size = (uInt)(out->size - start);
	append(out,
	       spec->flags & 0x1000 ? crc32(0, out->data + start, size)
				    : adler32(1, out->data + start, size),
	       4);
}

static void append_block(struct bytes *out, const uint8_t *data, size_t size,
			 const struct lzop_spec *spec)
{
	struct bytes packed = bytes_zero(size + size / 16 + 67);
	size_t n = spec->stored ? size : compress_block(data, size, packed.data);

	if (n >= size) {
		memcpy(packed.data, data, size);
		n = size;
	}
	append(out, size, 4);
	append(out, n, 4);
	if (spec->flags & 0x1)
		append(out, adler32(1, data, (uInt)size), 4);
	if (spec->flags & 0x100)
		append(out, crc32(0, data, (uInt)size), 4);
	if (n < size && spec->flags & 0x2)
		append(out, adler32(1, packed.data, (uInt)n), 4);
	if (n < size && spec->flags & 0x200)
		append(out, crc32(0, packed.data, (uInt)n), 4);
	append_bytes(out, packed.data, n);
	bytes_free(&packed);
}

struct bytes build_lzop(const struct bytes *raw, const struct lzop_spec *spec)
{
	const size_t step = spec->block_size ? spec->block_size : 256u << 10;
	struct bytes out = bytes_zero(1024 + raw->size + (raw->size / step + 1) * 32);

	out.size = 0;
	append_header(&out, spec);
	for (size_t at = 0; at < raw->size; at += step)
		append_block(&out, raw->data + at, raw->size - at < step ? raw->size - at : step,
			     spec);
	append(&out, 0, 4);
	return out;
}

struct bytes compress_lzo(const struct bytes *raw)
{
	const struct lzop_spec spec = { .flags = 0x1 };

	return build_lzop(raw, &spec);
}
