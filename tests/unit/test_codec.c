/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* Streams that are truncated, damaged, or not what their trailer declares. */
#include <stdio.h>

#include "codec/codec.h"
#include "images.h"
#include "suite.h"

#define AT 0x5000u /* where the streams pretend to start */

/* Compressible, but not to nothing: @size bytes. */
static struct bytes sample(size_t size)
{
	struct bytes raw = { malloc(size), size };
	uint32_t state = 1;

	for (size_t i = 0; i < size; i++) {
		state = state * 1103515245u + 12345u;
		raw.data[i] = state >> 28 ? (uint8_t)(i >> 4) : (uint8_t)(state >> 16);
	}
	return raw;
}

static const struct pvl_codec *codec_of(const struct bytes *stream)
{
	return pvl_codec_find((struct pvl_span){ stream->data, stream->size });
}

/* Decode @stream by @codec into @size bytes; the bytes, or an error. */
static enum pvhload_status decode_by(const struct pvl_codec *codec, const struct bytes *stream,
				     size_t size, struct bytes *ret, struct pvhload_error *err)
{
	const struct pvl_stream in = { { stream->data, stream->size }, AT, NULL };

	*ret = (struct bytes){ malloc(size), size };
	return pvl_codec_decode(codec, in, ret->data, size, NULL, err);
}

static enum pvhload_status decode(const struct bytes *stream, size_t size, struct bytes *ret,
				  struct pvhload_error *err)
{
	return decode_by(codec_of(stream), stream, size, ret, err);
}

START_TEST(round_trip)
{
	/* Around the blocks of bzip2 and lzo; the last three, around the chunks of LZ4. */
	static const size_t sizes[] = { 1,
					100,
					(256u << 10) - 1,
					256u << 10,
					899981,
					899982,
					(8u << 20) - 1,
					8u << 20,
					(8u << 20) + 1 };

	for (enum codec codec = 0; codec < CODECS; codec++) {
		if (skip_without(codec))
			continue;

		const size_t count = sizeof(sizes) / sizeof(sizes[0]) - (codec == LZ4 ? 0 : 3);

		for (size_t i = 0; i < count; i++) {
			struct bytes raw = sample(sizes[i]), stream = codecs[codec].compress(&raw);
			struct pvhload_error err;
			struct bytes back;

			ck_status(PVHLOAD_OK, err, decode(&stream, raw.size, &back, &err));
			ck_assert(memcmp(back.data, raw.data, raw.size) == 0);
			bytes_free(&back);
			bytes_free(&stream);
			bytes_free(&raw);
		}
	}
}
END_TEST

/* Whatever is cut off, it is an error; exact-size copies show a byte read too far. */
START_TEST(every_truncation)
{
	for (enum codec codec = 0; codec < CODECS; codec++) {
		if (skip_without(codec))
			continue;

		struct bytes raw = sample(3000), stream = codecs[codec].compress(&raw);

		for (size_t n = 1; n < stream.size; n++) {
			struct bytes cut = bytes_copy(stream.data, n), back;
			struct pvhload_error err;

			/* less than the magic is of no codec */
			if (!codec_of(&cut)) {
				ck_assert_uint_lt(n, 9);
				bytes_free(&cut);
				continue;
			}
			ck_status(PVHLOAD_E_MALFORMED, err, decode(&cut, raw.size, &back, &err));
			ck_says(err, codecs[codec].name, " payload");
			ck_assert_uint_ge(err.offset, AT);
			ck_assert_uint_le(err.offset, AT + n);
			bytes_free(&back);
			bytes_free(&cut);
		}
		bytes_free(&stream);
		bytes_free(&raw);
	}
}
END_TEST

START_TEST(lying_trailers)
{
	for (enum codec codec = 0; codec < CODECS; codec++) {
		if (skip_without(codec))
			continue;

		struct bytes raw = sample(5000), stream = codecs[codec].compress(&raw), back;
		struct pvhload_error err;
		char where[40];

		ck_status(PVHLOAD_E_MALFORMED, err, decode(&stream, raw.size + 1, &back, &err));
		ck_says(err, codecs[codec].name, "after 5000 decoded bytes, but declares 5001");
		bytes_free(&back);
		ck_status(PVHLOAD_E_MALFORMED, err, decode(&stream, raw.size - 1, &back, &err));
		ck_says(err, codecs[codec].name, "more than the 4999 bytes it declares");
		snprintf(where, sizeof(where), "(at offset 0x%" PRIx64 ")", err.offset);
		ck_says(err, where);
		bytes_free(&back);
		ck_status(PVHLOAD_E_MALFORMED, err, decode(&stream, 1, &back, &err));
		ck_says(err, "more than the 1 bytes");
		bytes_free(&back);
		bytes_free(&stream);
		bytes_free(&raw);
	}
}
END_TEST

/*
 * Any byte is another, the magic too, as of a file that changes: refused, or, without a checksum, at least harmless.  Of gzip's
 * head nobody checks the time, the level and the system.
 */
START_TEST(every_byte_damaged)
{
	static const uint8_t flips[] = { 0xff, 0x01, 0x80 };

	for (enum codec codec = 0; codec < CODECS; codec++) {
		if (skip_without(codec))
			continue;

		struct bytes raw = sample(2000), stream = codecs[codec].compress(&raw);
		size_t refused = 0;

		for (size_t i = 0; i < sizeof(flips) * stream.size; i++) {
			const size_t at = i % stream.size;
			struct bytes bad = bytes_copy(stream.data, stream.size), back;
			struct pvhload_error err = PVHLOAD_ERROR_INIT;

			bad.data[at] ^= flips[i / stream.size];
			if (decode_by(codec_of(&stream), &bad, raw.size, &back, &err) !=
			    PVHLOAD_OK) {
				ck_assert(err.status == PVHLOAD_E_MALFORMED ||
					  err.status == PVHLOAD_E_LIMIT);
				ck_says(err, codecs[codec].name, " payload");
				refused++;
			} else if (codecs[codec].checked) {
				ck_assert_msg(memcmp(back.data, raw.data, raw.size) == 0,
					      "%s: damage at %zu unnoticed", codecs[codec].name,
					      at);
			}
			bytes_free(&back);
			bytes_free(&bad);
		}
		ck_assert_uint_gt(refused, 0);
		bytes_free(&stream);
		bytes_free(&raw);
	}
}
END_TEST

/* The offset of a failure is near the damage, also where the library does not tell it. */
START_TEST(offsets_of_damage)
{
	for (enum codec codec = 0; codec < CODECS; codec++) {
		if (skip_without(codec))
			continue;

		/* several LZ4 chunks; several blocks of the others */
		struct bytes raw = sample(codec == LZ4 ? 20u << 20 : 4u << 20),
			     stream = codecs[codec].compress(&raw), back;
		const size_t at = stream.size / 2;
		struct pvhload_error err;

		memset(stream.data + at, 0xff, 64);
		ck_status(PVHLOAD_E_MALFORMED, err, decode(&stream, raw.size, &back, &err));
		ck_says(err, codecs[codec].name, " payload");
		/*
		 * Some notice by their checksum only; LZ4, which has none, by the chunk, or by what
		 * is missing at the end.  bzip2 reads a block before it decodes it.
		 */
		ck_assert_uint_ge(err.offset,
				  AT + at - (codec == LZ4 ? stream.size / 2 : 256 << 10));
		ck_assert_uint_le(err.offset, AT + stream.size);
		bytes_free(&back);
		bytes_free(&stream);
		bytes_free(&raw);
	}
}
END_TEST

/* Something after the end of a stream: most end themselves, the others take it for more. */
START_TEST(trailing_bytes)
{
	for (enum codec codec = 0; codec < CODECS; codec++) {
		if (skip_without(codec))
			continue;

		struct bytes raw = sample(1000), stream = codecs[codec].compress(&raw), back;
		struct pvhload_error err;

		stream.data = realloc(stream.data, stream.size + 3);
		memset(stream.data + stream.size, 0x77, 3);
		stream.size += 3;
		ck_status(codecs[codec].ends ? PVHLOAD_OK : PVHLOAD_E_MALFORMED, err,
			  decode(&stream, raw.size, &back, &err));
		bytes_free(&back);
		bytes_free(&stream);
		bytes_free(&raw);
	}
}
END_TEST

/* The legacy frame allows the magic between chunks, and a size of 0 as the end. */
START_TEST(lz4_framing)
{
	if (skip_without(LZ4))
		return;

	struct bytes raw = sample(1000), one = codecs[LZ4].compress(&raw), stream, back;
	struct pvhload_error err;

	stream = (struct bytes){ malloc(2 * one.size + 8), 2 * one.size + 8 };
	memcpy(stream.data, one.data, one.size);
	memcpy(stream.data + one.size, one.data, one.size);
	poke(&stream, 2 * one.size, 0, 4);
	poke(&stream, 2 * one.size + 4, 0xffffffff, 4);
	ck_status(PVHLOAD_OK, err, decode(&stream, 2000, &back, &err));
	ck_assert_mem_eq(back.data, raw.data, 1000);
	ck_assert_mem_eq(back.data + 1000, raw.data, 1000);
	bytes_free(&back);

	poke(&stream, 2 * one.size, 0x7fffffff, 4); /* a chunk that nothing could be */
	ck_status(PVHLOAD_E_MALFORMED, err, decode(&stream, 2000, &back, &err));
	ck_says(err, "truncated");
	bytes_free(&back);
	bytes_free(&stream);

	stream = (struct bytes){ calloc(1, 9u << 20), 9u << 20 };
	poke(&stream, 0, 0x184c2102, 4);
	poke(&stream, 4, (9u << 20) - 8, 4);
	ck_status(PVHLOAD_E_MALFORMED, err, decode(&stream, 2000, &back, &err));
	ck_says(err, "larger than 8 MiB can give");
	bytes_free(&back);
	poke(&stream, 4, (9u << 20) - 7, 4); /* the same, and a byte of it is not there */
	ck_status(PVHLOAD_E_MALFORMED, err, decode(&stream, 2000, &back, &err));
	ck_says(err, "truncated");
	bytes_free(&back);
	bytes_free(&stream);

	/* no room left, and a chunk that goes on */
	stream = bytes_copy(one.data, one.size);
	ck_status(PVHLOAD_E_MALFORMED, err, decode(&stream, 10, &back, &err));
	ck_says(err, "more than the 10 bytes");
	bytes_free(&back);
	bytes_free(&stream);
	bytes_free(&one);
	bytes_free(&raw);
}
END_TEST

/* 8 MiB of zeros in a few kilobytes: no more is written than was declared. */
START_TEST(bombs)
{
	struct bytes zeros = { calloc(1, 8u << 20), 8u << 20 };

	for (enum codec codec = 0; codec < CODECS; codec++) {
		if (skip_without(codec))
			continue;

		struct bytes stream = codecs[codec].compress(&zeros), back;
		struct pvhload_error err;

		ck_assert_uint_lt(stream.size, 1u << 20);
		ck_status(PVHLOAD_E_MALFORMED, err, decode(&stream, 4096, &back, &err));
		ck_says(err, "more than the 4096 bytes");
		bytes_free(&back);
		bytes_free(&stream);
	}
	bytes_free(&zeros);
}
END_TEST

START_TEST(left_out)
{
	const struct pvl_codec codec = { .name = "xyz" };
	const struct pvl_stream stream = { { NULL, 0 }, AT, NULL };
	struct pvhload_error err;
	uint8_t out;

	ck_status(PVHLOAD_E_UNSUPPORTED, err,
		  pvl_codec_decode(&codec, stream, &out, 1, NULL, &err));
	ck_says(err, "xyz payload", "no xyz decoder");
	ck_assert_uint_eq(err.offset, AT);
}
END_TEST

/* What xz --check=none makes of "no check". */
START_TEST(xz_without_a_check)
{
	static const char xz[] =
		"\xfd\x37zXZ\0\0\0\xff\x12\xd9\x41\x02\0\x21\x01\x16\0\0\0\x74\x2f\xe5\xa3\x01\0\x07no "
		"check\0\0\x01\x18\x08\x40\xa5\x46\xac\x06\x72\x9e\x7a\x01\0\0\0\0\0YZ";
	struct bytes stream = bytes_copy(xz, sizeof(xz) - 1), back;
	struct pvhload_error err;

	if (!skip_without(XZ)) {
		ck_status(PVHLOAD_OK, err, decode(&stream, 8, &back, &err));
		ck_assert_mem_eq(back.data, "no check", 8);
		bytes_free(&back);
	}
	bytes_free(&stream);
}
END_TEST

/* Every byte of what a stream begins with is its own. */
START_TEST(magics)
{
	static const struct {
		const char *bytes;
		size_t size;
		uint32_t codec;
	} cases[] = {
		{ "\x1f\x8b", 2, PVHLOAD_CODEC_GZIP },
		{ "BZh", 3, PVHLOAD_CODEC_BZIP2 },
		{ "\x5d\x00\x00", 3, PVHLOAD_CODEC_LZMA },
		{ "\xfd\x37zXZ\x00", 6, PVHLOAD_CODEC_XZ },
		{ "\x89LZO\x00\r\n\x1a\n", 9, PVHLOAD_CODEC_LZO },
		{ "\x02\x21\x4c\x18", 4, PVHLOAD_CODEC_LZ4 },
		{ "\x04\x22\x4d\x18", 4, PVHLOAD_CODEC_LZ4 },
		{ "\x28\xb5\x2f\xfd", 4, PVHLOAD_CODEC_ZSTD },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint8_t bytes[16];
		const struct pvl_span span = { bytes, sizeof(bytes) };

		memset(bytes, 0x5a, sizeof(bytes));
		memcpy(bytes, cases[i].bytes, cases[i].size);
		ck_assert_uint_eq(pvl_codec_find_file(span)->id, cases[i].codec);
		for (size_t k = 0; k < cases[i].size; k++) {
			bytes[k] ^= 0x80;
			ck_assert_ptr_null(pvl_codec_find_file(span));
			bytes[k] ^= 0x80;
		}
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("codec");

	ADD_TESTS(suite, "codec", round_trip, every_truncation, lying_trailers, every_byte_damaged,
		  offsets_of_damage, trailing_bytes, lz4_framing, bombs, xz_without_a_check, magics,
		  left_out);
	return run_suite(suite);
}
