/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* What the containers of bzip2, lzma, xz, lzop and zstd may say, and what is not believed of it. */
#include <zlib.h>

#include "codec/codec.h"
#include "streams.h"
#include "suite.h"

/* Decode @stream, which must give @raw, or fail with @status. */
static struct pvhload_error decode(const struct bytes *stream, const struct bytes *raw,
				   enum pvhload_status status)
{
	const struct pvl_stream in = { { stream->data, stream->size }, 0, NULL };
	const struct pvl_codec *codec = pvl_codec_find(in.bytes);
	struct bytes back = bytes_zero(raw->size);
	struct pvhload_error err;

	ck_assert_ptr_nonnull(codec);
	ck_status(status, err, pvl_codec_decode(codec, in, back.data, back.size, NULL, &err));
	if (status == PVHLOAD_OK)
		ck_assert_mem_eq(back.data, raw->data, raw->size);
	bytes_free(&back);
	return err;
}

/* Text that LZO can shorten, and more than one block of it. */
static struct bytes sample(void)
{
	struct bytes raw = bytes_zero(600000);

	for (size_t i = 0; i < raw.size; i++)
		raw.data[i] = (uint8_t)((size_t) "libpvhload"[i % 10] + i / 5000);
	return raw;
}

START_TEST(bzip2_header)
{
	if (skip_without(BZIP2))
		return;

	struct bytes raw = sample(), stream = codecs[BZIP2].compress(&raw);
	struct pvhload_error err;

	stream.data[3] = '0'; /* the size of a block, in hundreds of thousands */
	err = decode(&stream, &raw, PVHLOAD_E_MALFORMED);
	ck_says(err, "bzip2 payload", "not a bzip2 header");
	bytes_free(&stream);
	bytes_free(&raw);
}
END_TEST

START_TEST(lzma_dictionary)
{
	if (skip_without(LZMA))
		return;

	struct bytes raw = sample(), stream = codecs[LZMA].compress(&raw);
	struct pvhload_error err;

	/* After the properties, one byte, stands the dictionary's size. */
	poke(&stream, 1, 128u << 20, 4);
	decode(&stream, &raw, PVHLOAD_OK);
	poke(&stream, 1, 384u << 20, 4);
	err = decode(&stream, &raw, PVHLOAD_E_LIMIT);
	ck_says(err, "lzma payload", "dictionary", "limit of 201326592", "PVHLOAD_LZMA_MEMORY_MAX");
	poke(&stream, 1, 0x80000000, 4); /* 2 GiB; another than 2^n or 3 * 2^n is no lzma */
	err = decode(&stream, &raw, PVHLOAD_E_LIMIT);
	ck_says(err, "lzma payload", "dictionary", "limit of 201326592");
	bytes_free(&stream);
	bytes_free(&raw);
}
END_TEST

/*
 * compress_xz()'s first block header, at 12: its size in words, less 1; flags; then the filters as
 * { id, size of properties, properties }: x86 { 4, 0 }, LZMA2 { 0x21, 1, dictionary }.
 */
enum { XZ_CHECK = 7, XZ_BLOCK = 12, XZ_FILTER = 14, XZ_DICTIONARY = 18 };

static void xz_change(struct bytes *stream, size_t at, uint8_t value)
{
	const size_t size = (stream->data[XZ_BLOCK] + 1u) * 4 - 4;

	stream->data[at] = value;
	poke(stream, 8, crc32(0, stream->data + 6, 2), 4);
	poke(stream, XZ_BLOCK + size, crc32(0, stream->data + XZ_BLOCK, (uInt)size), 4);
}

START_TEST(xz_headers)
{
	if (skip_without(XZ))
		return;

	struct bytes raw = sample(), stream = codecs[XZ].compress(&raw);
	struct pvhload_error err;

	ck_assert_mem_eq(stream.data + XZ_FILTER, "\x04\x00\x21\x01", 4);
	xz_change(&stream, XZ_DICTIONARY, 30); /* 2 << 26 */
	decode(&stream, &raw, PVHLOAD_OK);
	xz_change(&stream, XZ_DICTIONARY, 31); /* 3 << 26 */
	err = decode(&stream, &raw, PVHLOAD_E_LIMIT);
	ck_says(err, "xz payload", "dictionary", "limit of 201326592", "PVHLOAD_LZMA_MEMORY_MAX");
	xz_change(&stream, XZ_DICTIONARY, 40); /* 4 GiB less a byte, the most there is */
	err = decode(&stream, &raw, PVHLOAD_E_LIMIT);
	ck_says(err, "xz payload", "dictionary", "limit of 201326592");
	xz_change(&stream, XZ_DICTIONARY, 30);
	xz_change(&stream, XZ_FILTER, 0x3f);
	err = decode(&stream, &raw, PVHLOAD_E_UNSUPPORTED);
	ck_says(err, "xz payload", "a filter");
	xz_change(&stream, XZ_FILTER, 4);
	xz_change(&stream, XZ_CHECK, 0x05);
	err = decode(&stream, &raw, PVHLOAD_E_UNSUPPORTED);
	ck_says(err, "xz payload", "checksum of a kind");
	bytes_free(&stream);
	bytes_free(&raw);
}
END_TEST

/* A payload's frame may have any window: it is decoded where it goes, without one. */
START_TEST(zstd_window)
{
	if (skip_without(ZSTD))
		return;

	struct bytes raw = sample(), stream = codecs[ZSTD].compress(&raw);
	const size_t descriptor = 5;
	struct pvhload_error err;

	ck_assert_uint_eq(stream.data[4] & 0x20, 0); /* not a single segment: there is a window */
	stream.data[descriptor] = (28 - 10) << 3;
	decode(&stream, &raw, PVHLOAD_OK);
	stream.data[descriptor] = 0xff; /* 3.75 TiB, the most there is */
	err = decode(&stream, &raw, PVHLOAD_E_LIMIT);
	ck_says(err, "zstd payload");
	bytes_free(&stream);
	bytes_free(&raw);
}
END_TEST

/* All that it declares is decoded, and what is wrong comes later: it is told where it is. */
START_TEST(zstd_damage_at_the_end)
{
	enum { SKIPPED = 10000 };
	static const uint8_t bad[] = { 0x28, 0xb5, 0x2f, 0xfd, 0x08, 0, 0, 0, 0, 0, 0, 0 };
	struct pvhload_error err;

	if (skip_without(ZSTD))
		return;

	struct bytes raw = bytes_zero(5000), frame = codecs[ZSTD].compress(&raw);
	struct bytes skipped = bytes_zero(8 + SKIPPED + sizeof(bad)), stream;

	poke(&skipped, 0, 0x184d2a50, 4);
	poke(&skipped, 4, SKIPPED, 4);
	memcpy(skipped.data + 8 + SKIPPED, bad, sizeof(bad));
	stream = bytes_join(&frame, &skipped);
	err = decode(&stream, &raw, PVHLOAD_E_MALFORMED);
	ck_says(err, "zstd payload", "corrupt at offset 0x");
	ck_assert_uint_eq(err.offset, frame.size + 8 + SKIPPED);
	bytes_free(&stream);
	bytes_free(&skipped);
	bytes_free(&frame);
	bytes_free(&raw);
}
END_TEST

START_TEST(lzop_variants)
{
	if (skip_without(LZO))
		return;

	static const struct lzop_spec specs[] = {
		{ .flags = 0 },
		{ .flags = 0x1, .stored = true },
		{ .flags = 0x1, .block_size = 1 << 10 },
		{ .flags = 0x1, .name = "vmlinux.bin" },
		{ .flags = 0x1, .version = 0x0920 },
		{ .flags = 0x1, .method = 3 },
		{ .flags = 0x801 },                 /* a filter, but none */
		{ .flags = 0x303 },                 /* every checksum there is */
		{ .flags = 0x1303 },                /* and the header's */
		{ .flags = 0x0300000d },            /* as lzop has them, reading standard input */
		{ .flags = 0x203, .stored = true }, /* then the second is not there */
	};
	struct bytes raw = sample();

	for (size_t i = 0; i < sizeof(specs) / sizeof(specs[0]); i++) {
		struct bytes stream = build_lzop(&raw, &specs[i]);

		decode(&stream, &raw, PVHLOAD_OK);
		bytes_free(&stream);
	}
	bytes_free(&raw);
}
END_TEST

START_TEST(lzop_not_ours)
{
	if (skip_without(LZO))
		return;

	static const struct {
		struct lzop_spec spec;
		enum pvhload_status status;
		const char *says;
	} cases[] = {
		{ { .flags = 0x801, .filter = 1 }, PVHLOAD_E_UNSUPPORTED, "a filter" },
		{ { .flags = 0x041 }, PVHLOAD_E_UNSUPPORTED, "an extra field" },
		{ { .flags = 0x401 }, PVHLOAD_E_UNSUPPORTED, "several parts" },
		{ { .flags = 0x001, .method = 128 }, PVHLOAD_E_UNSUPPORTED, "not LZO1X" },
		{ { .flags = 0x001, .block_size = (256 << 10) + 1 },
		  PVHLOAD_E_MALFORMED,
		  "more than 256 KiB" },
	};
	struct bytes raw = sample();

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct bytes stream = build_lzop(&raw, &cases[i].spec);
		struct pvhload_error err = decode(&stream, &raw, cases[i].status);

		ck_says(err, "lzo payload", cases[i].says);
		bytes_free(&stream);
	}
	bytes_free(&raw);
}
END_TEST

/* Each checksum, wrong alone. */
START_TEST(lzop_checksums)
{
	if (skip_without(LZO))
		return;

	const size_t header = 34; /* without filter and name, up to its checksum */
	static const struct {
		uint32_t flags;
		size_t at; /* of a checksum, from the header's */
		const char *says;
	} cases[] = {
		{ 0x0001, 0, "the header's checksum" }, { 0x1001, 0, "the header's checksum" },
		{ 0x0001, 12, "a block's checksum" },   { 0x0100, 12, "a block's checksum" },
		{ 0x0101, 16, "a block's checksum" },   { 0x0003, 16, "a compressed block's" },
		{ 0x0201, 16, "a compressed block's" },
	};
	struct bytes raw = sample();

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct lzop_spec spec = { .flags = cases[i].flags };
		struct bytes stream = build_lzop(&raw, &spec);
		struct pvhload_error err;

		decode(&stream, &raw, PVHLOAD_OK);
		stream.data[header + cases[i].at] ^= 1;
		err = decode(&stream, &raw, PVHLOAD_E_MALFORMED);
		ck_says(err, "lzo payload", cases[i].says);
		bytes_free(&stream);
	}
	bytes_free(&raw);
}
END_TEST

/* Blocks whose sizes contradict each other, or what is inside. */
START_TEST(lzop_blocks)
{
	if (skip_without(LZO))
		return;

	const struct lzop_spec spec = { .flags = 0 };
	const size_t block = 38;
	static const struct {
		uint8_t size[8]; /* decoded and compressed, big-endian */
		const char *says;
	} cases[] = {
		{ { 0, 4, 0, 0, 0, 4, 0, 1 }, "less than it takes" },
		{ { 0, 4, 0, 0, 0, 0, 0, 0 }, "less than it takes" },
		{ { 0, 3, 0, 0, 0, 0, 9, 9 }, "does not decode" },
		{ { 0, 4, 0, 0, 0, 4, 0, 0 }, "truncated" },
		{ { 0, 1, 0, 0, 0, 1, 0, 0 }, "truncated" },
	};
	struct bytes raw = sample();

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct bytes stream = build_lzop(&raw, &spec);
		struct pvhload_error err;

		ck_assert_mem_eq(stream.data + block, "\0\4\0\0", 4);
		memcpy(stream.data + block, cases[i].size, 8);
		err = decode(&stream, &raw, PVHLOAD_E_MALFORMED);
		ck_says(err, "lzo payload", cases[i].says);
		bytes_free(&stream);
	}
	bytes_free(&raw);
}
END_TEST

/* A chunk in which nothing repeats: its length alone takes 32 KiB, after which its first bytes are. */
START_TEST(lz4_literals)
{
	enum { CHUNK = 8 << 20, LENGTH = (CHUNK - 15) / 255, HEAD = 9 + LENGTH + 1 };
	struct bytes stream = bytes_zero(HEAD + CHUNK), first = bytes_zero(1000);
	const struct pvl_stream in = { { stream.data, stream.size }, 0, NULL };

	poke(&stream, 0, 0x184c2102, 4);
	poke(&stream, 4, stream.size - 8, 4);
	stream.data[8] = 0xf0; /* 15 bytes, and as many as follow */
	memset(stream.data + 9, 255, LENGTH);
	stream.data[9 + LENGTH] = (CHUNK - 15) % 255;
	for (size_t i = 0; i < first.size; i++)
		stream.data[HEAD + i] = (uint8_t)(i % 251);
	if (!skip_without(LZ4)) {
		ck_assert_uint_eq(pvl_codec_peek(pvl_codec_find(in.bytes), in, first.data,
						 first.size),
				  first.size);
		ck_assert_mem_eq(first.data, stream.data + HEAD, first.size);
	}
	bytes_free(&first);
	bytes_free(&stream);
}
END_TEST

/* Whole blocks are the first bytes; if the first has no room, there are none. */
START_TEST(lzop_first_bytes)
{
	static const struct {
		size_t room, made;
	} cases[] = { { 999, 0 }, { 1000, 1000 }, { 1499, 1000 }, { 1500, 1500 }, { 3000, 1500 } };
	const struct lzop_spec spec = { .block_size = 1000 };
	struct bytes raw, all;

	if (skip_without(LZO))
		return;
	raw = sample();
	raw.size = 1500;
	all = build_lzop(&raw, &spec);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct pvl_stream in = { { all.data, all.size }, 0, NULL };
		struct bytes head = bytes_zero(cases[i].room);

		ck_assert_uint_eq(pvl_codec_peek(pvl_codec_find(in.bytes), in, head.data,
						 head.size),
				  cases[i].made);
		ck_assert_mem_eq(head.data, raw.data, cases[i].made);
		bytes_free(&head);
	}
	bytes_free(&all);
	bytes_free(&raw);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("codec_framing");

	ADD_TESTS(suite, "codec_framing", bzip2_header, lzma_dictionary, xz_headers, zstd_window,
		  zstd_damage_at_the_end, lzop_variants, lzop_not_ours, lzop_checksums, lzop_blocks,
		  lz4_literals, lzop_first_bytes);
	return run_suite(suite);
}
