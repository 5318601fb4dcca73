/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* Whole files: their size is not known, and they may be joined, padded, cut off, or bombs. */
#include "codec/codec.h"
#include "streams.h"
#include "suite.h"

static const struct pvl_codec *codec_of(const struct bytes *file)
{
	const struct pvl_codec *codec =
		pvl_codec_find_file((struct pvl_span){ file->data, file->size });

	ck_assert_ptr_nonnull(codec);
	return codec;
}

/* Decode @file by @codec to at most @most bytes; the bytes, or an error. */
static enum pvhload_status decode_by(const struct pvl_codec *codec, const struct bytes *file,
				     uint64_t most, struct bytes *ret, struct pvhload_error *err)
{
	const struct pvl_stream in = { { file->data, file->size }, 0, NULL };

	*ret = (struct bytes){ NULL, 0 };
	return pvl_codec_decode_file(codec, in, most, "the limit", NULL, &ret->data, &ret->size,
				     err);
}

static enum pvhload_status decode_all(const struct bytes *file, uint64_t most, struct bytes *ret,
				      struct pvhload_error *err)
{
	return decode_by(codec_of(file), file, most, ret, err);
}

static void expect(const struct bytes *file, const struct bytes *raw)
{
	struct pvhload_error err;
	struct bytes back;

	ck_status(PVHLOAD_OK, err, decode_all(file, raw->size, &back, &err));
	ck_assert_uint_eq(back.size, raw->size);
	ck_assert(memcmp(back.data, raw->data, raw->size) == 0);
	bytes_free(&back);
}

static struct pvhload_error refuse(const struct bytes *file, uint64_t most,
				   enum pvhload_status status)
{
	struct pvhload_error err;
	struct bytes back;

	ck_status(status, err, decode_all(file, most, &back, &err));
	ck_assert_ptr_null(back.data);
	ck_assert(err.offset <= file->size);
	return err;
}

static struct bytes sample(size_t size)
{
	struct bytes raw = bytes_zero(size);
	uint32_t state = 1;

	for (size_t i = 0; i < size; i++) {
		state = state * 1103515245u + 12345u;
		raw.data[i] = state >> 28 ? (uint8_t)(i >> 4) : (uint8_t)(state >> 16);
	}
	return raw;
}

/* Exactly the limit is allowed; sizes around where the output grows. */
START_TEST(grows)
{
	static const size_t sizes[] = { 1, 65535, 65536, 65537, 1000000 };

	for (enum codec codec = 0; codec < FRAMINGS; codec++) {
		if (skip_without(codec))
			continue;
		for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
			struct bytes raw = sample(sizes[i]), file = codecs[codec].compress(&raw);
			struct pvhload_error err;

			expect(&file, &raw);
			err = refuse(&file, sizes[i] - 1, PVHLOAD_E_LIMIT);
			ck_says(err, codecs[codec].name, " file: ", "more than the limit, ");
			bytes_free(&file);
			bytes_free(&raw);
		}
	}
}
END_TEST

/* Several chunks of the legacy frame, each of which wants 8 MiB of room. */
START_TEST(grows_by_chunks)
{
	if (skip_without(LZ4))
		return;

	struct bytes raw = sample((17u << 20) + 5), file = codecs[LZ4].compress(&raw);
	struct pvhload_error err;

	expect(&file, &raw);
	err = refuse(&file, 16u << 20, PVHLOAD_E_LIMIT);
	ck_says(err, "lz4 file", "more than the limit, 16777216 bytes");
	bytes_free(&file);
	bytes_free(&raw);
}
END_TEST

/* As `cat a.gz b.gz` makes them, and as many programs write them. */
START_TEST(joined)
{
	for (enum codec codec = 0; codec < FRAMINGS; codec++) {
		if (skip_without(codec))
			continue;

		struct bytes raw = sample(70000), twice = bytes_join(&raw, &raw);
		struct bytes file = codecs[codec].compress(&raw), both = bytes_join(&file, &file);
		struct pvhload_error err;

		expect(&both, &twice);
		err = refuse(&both, 100000, PVHLOAD_E_LIMIT);
		ck_says(err, "more than the limit, 100000 bytes");
		bytes_free(&both);
		bytes_free(&file);
		bytes_free(&twice);
		bytes_free(&raw);
	}
}
END_TEST

START_TEST(zeros_after)
{
	for (enum codec codec = 0; codec < FRAMINGS; codec++) {
		if (skip_without(codec))
			continue;

		struct bytes raw = sample(5000), file = codecs[codec].compress(&raw);
		struct bytes zeros = bytes_zero(512), padded = bytes_join(&file, &zeros);

		expect(&padded, &raw);
		bytes_free(&padded);
		bytes_free(&zeros);
		bytes_free(&file);
		bytes_free(&raw);
	}
}
END_TEST

START_TEST(garbage_after)
{
	static uint8_t more[] = { 0, 0, 0, 0, 'x', 'y', 'z', 'x', 'y', 'z' };
	struct bytes garbage = { more, sizeof(more) };

	for (enum codec codec = 0; codec < FRAMINGS; codec++) {
		if (skip_without(codec))
			continue;

		struct bytes raw = sample(5000), file = codecs[codec].compress(&raw);
		struct bytes dirty = bytes_join(&file, &garbage);
		struct pvhload_error err = refuse(&dirty, UINT64_MAX, PVHLOAD_E_MALFORMED);

		ck_says(err, codecs[codec].name, " file: corrupt", "is not another");
		ck_assert_uint_eq(err.offset, file.size + 4);
		bytes_free(&dirty);
		bytes_free(&file);
		bytes_free(&raw);
	}
}
END_TEST

/* Another codec's stream is garbage as well. */
START_TEST(mixed)
{
	if (skip_without(ZSTD))
		return;

	struct bytes raw = sample(100), first = codecs[GZIP].compress(&raw);
	struct bytes second = codecs[ZSTD].compress(&raw), both = bytes_join(&first, &second);
	struct pvhload_error err = refuse(&both, UINT64_MAX, PVHLOAD_E_MALFORMED);

	ck_says(err, "gzip file", "is not another");
	bytes_free(&both);
	bytes_free(&second);
	bytes_free(&first);
	bytes_free(&raw);
}
END_TEST

START_TEST(every_truncation)
{
	for (enum codec codec = 0; codec < FRAMINGS; codec++) {
		if (skip_without(codec))
			continue;

		struct bytes raw = sample(1000), file = codecs[codec].compress(&raw);

		for (size_t n = 1; n < file.size; n++) {
			struct bytes cut = bytes_copy(file.data, n);

			/* less than the magic is of no codec; LZ4's alone is a stream of nothing */
			if (!pvl_codec_find_file((struct pvl_span){ cut.data, n })) {
				ck_assert_uint_lt(n, 14);
			} else if (codec == LZ4 && n == 4) {
				struct pvhload_error err;
				struct bytes back;

				ck_status(PVHLOAD_OK, err, decode_all(&cut, 0, &back, &err));
				ck_assert_uint_eq(back.size, 0);
				bytes_free(&back);
			} else {
				struct pvhload_error err =
					refuse(&cut, UINT64_MAX, PVHLOAD_E_MALFORMED);

				ck_says(err, codecs[codec].name, " file: truncated");
				ck_assert_uint_eq(err.offset, n);
			}
			bytes_free(&cut);
		}
		bytes_free(&file);
		bytes_free(&raw);
	}
}
END_TEST

/* As of payloads: test_codec.c. */
START_TEST(every_byte_damaged)
{
	static const uint8_t flips[] = { 0xff, 0x01, 0x80 };

	for (enum codec codec = 0; codec < FRAMINGS; codec++) {
		if (skip_without(codec))
			continue;

		const bool checked = codecs[codec].checked;
		struct bytes raw = sample(700), file = codecs[codec].compress(&raw);
		size_t refused = 0;

		for (size_t i = 0; i < sizeof(flips) * file.size; i++) {
			const size_t at = i % file.size;
			struct bytes bad = bytes_copy(file.data, file.size), back;
			struct pvhload_error err = PVHLOAD_ERROR_INIT;

			bad.data[at] ^= flips[i / file.size];
			if (decode_by(codec_of(&file), &bad, 1u << 20, &back, &err) != PVHLOAD_OK) {
				ck_assert_ptr_null(back.data);
				ck_assert(err.status == PVHLOAD_E_MALFORMED ||
					  err.status == PVHLOAD_E_LIMIT);
				ck_says(err, codecs[codec].name, " file");
				refused++;
			} else if (checked) {
				ck_assert_msg(back.size == raw.size &&
						      memcmp(back.data, raw.data, raw.size) == 0,
					      "%s: damage at %zu unnoticed", codecs[codec].name,
					      at);
			}
			bytes_free(&back);
			bytes_free(&bad);
		}
		ck_assert_uint_gt(refused, 0);
		bytes_free(&file);
		bytes_free(&raw);
	}
}
END_TEST

START_TEST(bombs)
{
	struct bytes zeros = bytes_zero(8u << 20);

	for (enum codec codec = 0; codec < FRAMINGS; codec++) {
		if (skip_without(codec))
			continue;

		struct bytes file = codecs[codec].compress(&zeros);
		struct pvhload_error err = refuse(&file, 1u << 20, PVHLOAD_E_LIMIT);

		ck_says(err, codecs[codec].name, "more than the limit, 1048576 bytes");
		bytes_free(&file);
	}
	bytes_free(&zeros);
}
END_TEST

/* Nothing inside is no error here; but nothing, again and again, would take its time. */
START_TEST(empty_streams)
{
	struct bytes nothing = bytes_zero(0), one = codecs[GZIP].compress(&nothing), back, many;
	struct pvhload_error err;

	nothing.size = 0;
	ck_status(PVHLOAD_OK, err, decode_all(&one, 0, &back, &err));
	ck_assert_uint_eq(back.size, 0);
	bytes_free(&back);
	many = bytes_zero((PVL_CODEC_STREAMS_MAX + 1) * one.size);
	for (size_t i = 0; i <= PVL_CODEC_STREAMS_MAX; i++)
		memcpy(many.data + i * one.size, one.data, one.size);
	err = refuse(&many, UINT64_MAX, PVHLOAD_E_LIMIT);
	ck_says(err, "gzip file", "more than 65536 streams");
	many.size -= one.size;
	ck_status(PVHLOAD_OK, err, decode_all(&many, 0, &back, &err));
	bytes_free(&back);
	bytes_free(&many);
	bytes_free(&one);
	bytes_free(&nothing);
}
END_TEST

static struct bytes skippable(uint32_t magic, uint32_t size)
{
	struct bytes frame = bytes_zero(8 + size);

	poke(&frame, 0, magic, 4);
	poke(&frame, 4, size, 4);
	memset(frame.data + 8, 'x', size);
	return frame;
}

/* Zstandard and LZ4 frames may have skippable ones before, between and after them; no others. */
START_TEST(skippable_frames)
{
	static const enum codec with[] = { ZSTD, LZ4_FRAME };
	struct bytes raw = sample(1000), twice = bytes_join(&raw, &raw);
	struct bytes skip = skippable(0x184d2a5f, 100), half;
	struct pvhload_error err;

	for (size_t i = 0; i < 2; i++) {
		if (skip_without(with[i]))
			continue;

		struct bytes file = codecs[with[i]].compress(&raw), one = bytes_join(&skip, &file);
		struct bytes two = bytes_join(&one, &one), three = bytes_join(&two, &skip), cut;

		expect(&one, &raw);
		expect(&two, &twice);
		expect(&three, &twice);
		cut = bytes_copy(three.data, three.size - 1);
		err = refuse(&cut, UINT64_MAX, PVHLOAD_E_MALFORMED);
		ck_says(err, "truncated");
		bytes_free(&cut);
		bytes_free(&three);
		bytes_free(&two);
		bytes_free(&one);
		bytes_free(&file);
	}
	half = codecs[GZIP].compress(&raw);
	twice.size = 0;
	for (int i = 0; i < 2; i++) {
		struct bytes file = i == 0 ? bytes_join(&skip, &half) : bytes_copy(skip.data, 90);

		ck_assert_ptr_null(pvl_codec_find_file((struct pvl_span){ file.data, file.size }));
		bytes_free(&file);
	}
	bytes_free(&half);
	bytes_free(&skip);
	bytes_free(&twice);
	bytes_free(&raw);
}
END_TEST

/* A file's window has to be kept, so it is limited; a payload has none (test_codec_framing.c). */
START_TEST(zstd_window)
{
	if (skip_without(ZSTD))
		return;

	struct bytes raw = sample(100000), file = codecs[ZSTD].compress(&raw);
	struct pvhload_error err;

	file.data[5] = (27 - 10) << 3;
	expect(&file, &raw);
	file.data[5] = (27 - 10) << 3 | 1;
	err = refuse(&file, UINT64_MAX, PVHLOAD_E_LIMIT);
	ck_says(err, "zstd file", "limit of 134217728", "PVHLOAD_ZSTD_WINDOW_MAX");
	file.data[5] = 0xff; /* 3.75 TiB, the most there is */
	err = refuse(&file, UINT64_MAX, PVHLOAD_E_LIMIT);
	ck_says(err, "zstd file", "PVHLOAD_ZSTD_WINDOW_MAX");
	bytes_free(&file);
	bytes_free(&raw);
}
END_TEST

START_TEST(lzma_dictionary)
{
	if (skip_without(LZMA))
		return;

	struct bytes raw = sample(1000), file = codecs[LZMA].compress(&raw);
	struct pvhload_error err;

	poke(&file, 1, 384u << 20, 4);
	err = refuse(&file, UINT64_MAX, PVHLOAD_E_LIMIT);
	ck_says(err, "lzma file", "PVHLOAD_LZMA_MEMORY_MAX");
	bytes_free(&file);
	bytes_free(&raw);
}
END_TEST

START_TEST(left_out)
{
	const struct pvl_codec codec = { .name = "xyz" };
	const struct pvl_stream stream = { { NULL, 0 }, 0, NULL };
	struct pvhload_error err;
	uint8_t *data;
	size_t size;

	ck_status(PVHLOAD_E_UNSUPPORTED, err,
		  pvl_codec_decode_file(&codec, stream, 1, "the limit", NULL, &data, &size, &err));
	ck_says(err, "xyz file", "no xyz decoder");
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("decode_file");

	ADD_TESTS(suite, "decode_file", grows, grows_by_chunks, joined, zeros_after, garbage_after,
		  mixed, every_truncation, every_byte_damaged, bombs, empty_streams,
		  skippable_frames, zstd_window, lzma_dictionary, left_out);
	return run_suite(suite);
}
