/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * gzip in one piece and in steps: whatever the stream is, both ways end alike, with the same bytes and messages.  In a build without libdeflate
 * both are zlib's.
 */
#include <zlib.h>

#include "codec/codec.h"
#include "streams.h"
#include "suite.h"

#define AT       0x5000u /* where the streams pretend to start */
#define RAW_SIZE 700u

/* As the codec's, but never in one piece. */
static enum pvhload_status open_for_steps(struct pvl_decoder *decoder, struct pvhload_error *err)
{
	decoder->whole = false;
	return pvl_gzip_ops.open(decoder, err);
}

struct result {
	struct bytes back;
	size_t used;
	uint64_t at;
	enum pvhload_status status;
	struct pvhload_error err;
};

/* Decode to @size bytes; or to at most @size, which the file's trailer may tell, if @file. */
static struct result decode(const struct bytes *stream, size_t size, bool file, bool steps)
{
	struct result r = { .err = PVHLOAD_ERROR_INIT };
	struct pvl_codec_ops ops = pvl_gzip_ops;
	const struct pvl_stream in = { { stream->data, stream->size }, AT, NULL };
	struct pvl_output output = {
		.size = size, .grows = file, .most = size, .limit_name = "limit"
	};

	if (steps)
		ops.open = open_for_steps;
	if (file)
		output.size = 0;
	else
		output.data = malloc(size);
	if (file && !steps)
		pvl_output_expect(&output, &ops, in);
	r.status = pvl_stream_decode(&ops, in, &r.at, &output, &r.err);
	r.used = output.used;
	r.back = (struct bytes){ output.data, output.used };
	return r;
}

#ifdef PVL_HAVE_DEFLATE
/* libdeflate lets tables of codes pass that zlib does not, if what they decode to is what the trailer says. */
static bool more_lenient(const struct result *piece, const struct result *steps,
			 const struct bytes *raw)
{
	return piece->status == PVHLOAD_OK && steps->status == PVHLOAD_E_MALFORMED &&
	       strstr(steps->err.message, "invalid bit length repeat") &&
	       piece->used == raw->size && memcmp(piece->back.data, raw->data, raw->size) == 0;
}
#else
static bool more_lenient(const struct result *piece, const struct result *steps,
			 const struct bytes *raw)
{
	(void)piece;
	(void)steps;
	(void)raw;
	return false;
}
#endif

static void same(const struct result *piece, const struct result *steps, const char *what, size_t n)
{
	ck_assert_msg(piece->status == steps->status, "%s %zu: %s, in steps %s", what, n,
		      piece->err.message, steps->err.message);
	ck_assert_msg(piece->used == steps->used && piece->at == steps->at,
		      "%s %zu: %zu of %" PRIu64 ", in steps %zu of %" PRIu64, what, n, piece->used,
		      piece->at, steps->used, steps->at);
	ck_assert(memcmp(piece->back.data, steps->back.data, piece->used) == 0);
	ck_assert_str_eq(piece->err.message, steps->err.message);
	ck_assert_uint_eq(piece->err.offset, steps->err.offset);
}

/* Of @stream, which was made of @raw. */
static void compare(const struct bytes *stream, const struct bytes *raw, size_t size, bool file,
		    const char *what, size_t n)
{
	struct result piece = decode(stream, size, file, false);
	struct result steps = decode(stream, size, file, true);

	if (!more_lenient(&piece, &steps, raw))
		same(&piece, &steps, what, n);
	bytes_free(&piece.back);
	bytes_free(&steps.back);
}

/* As a payload, and as a file. */
static void both(const struct bytes *stream, const struct bytes *raw, size_t size, const char *what,
		 size_t n)
{
	compare(stream, raw, size, false, what, n);
	compare(stream, raw, size, true, what, n);
}

static struct bytes sample(size_t size)
{
	struct bytes raw = bytes_zero(size);
	uint32_t state = 1;

	for (size_t i = 0; i < raw.size; i++) {
		state = state * 1103515245u + 12345u;
		raw.data[i] = state >> 30 ? (uint8_t)(i >> 4) : (uint8_t)(state >> 16);
	}
	return raw;
}

/* Blocks of each kind: stored, of fixed and of dynamic codes; @header: with every field a header may have. */
static struct bytes compress_as(const struct bytes *raw, int level, int strategy, bool header)
{
	Bytef extra[] = "extra", name[] = "name", comment[] = "comment";
	gz_header fields = { .extra = extra,
			     .extra_len = sizeof(extra),
			     .name = name,
			     .comment = comment,
			     .hcrc = 1,
			     .os = 3 };
	z_stream z = { 0 };
	struct bytes out;

	deflateInit2(&z, level, Z_DEFLATED, 15 + 16, 9, strategy);
	if (header)
		deflateSetHeader(&z, &fields);
	out = bytes_zero(deflateBound(&z, raw->size));
	z.next_in = raw->data;
	z.avail_in = (uInt)raw->size;
	z.next_out = out.data;
	z.avail_out = (uInt)out.size;
	ck_assert_int_eq(deflate(&z, Z_FINISH), Z_STREAM_END);
	out.size = z.total_out;
	deflateEnd(&z);
	return out;
}

static const struct {
	const char *name;
	int level, strategy;
	bool header;
} kinds[] = {
	{ "stored", 0, Z_DEFAULT_STRATEGY, false },  { "fixed", 9, Z_FIXED, false },
	{ "dynamic", 9, Z_DEFAULT_STRATEGY, false }, { "literals", 9, Z_HUFFMAN_ONLY, false },
	{ "header", 9, Z_DEFAULT_STRATEGY, true },
};
#define KINDS ((int)(sizeof(kinds) / sizeof(kinds[0])))

static struct bytes compress_kind(const struct bytes *raw, int kind)
{
	return compress_as(raw, kinds[kind].level, kinds[kind].strategy, kinds[kind].header);
}

/* Of the right size, and one more, one less, none to speak of. */
START_TEST(sizes)
{
	static const size_t given[] = { RAW_SIZE, RAW_SIZE + 1, RAW_SIZE - 1, 1, 64 * RAW_SIZE };
	struct bytes raw = sample(RAW_SIZE), stream = compress_kind(&raw, _i);

	for (size_t i = 0; i < sizeof(given) / sizeof(given[0]); i++)
		both(&stream, &raw, given[i], kinds[_i].name, given[i]);
	bytes_free(&stream);
	bytes_free(&raw);
}
END_TEST

START_TEST(cut_at_every_byte)
{
	struct bytes raw = sample(RAW_SIZE), stream = compress_kind(&raw, _i);

	for (size_t n = 0; n <= stream.size; n++) {
		struct bytes cut = bytes_copy(stream.data, n);

		both(&cut, &raw, RAW_SIZE, kinds[_i].name, n);
		bytes_free(&cut);
	}
	bytes_free(&stream);
	bytes_free(&raw);
}
END_TEST

START_TEST(every_bit_flipped)
{
	struct bytes raw = sample(RAW_SIZE), stream = compress_kind(&raw, _i);

	for (size_t bit = 0; bit < 8 * stream.size; bit++) {
		stream.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
		both(&stream, &raw, RAW_SIZE, kinds[_i].name, bit);
		stream.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
	}
	bytes_free(&stream);
	bytes_free(&raw);
}
END_TEST

/* What follows the stream is left to the caller: more streams, zeros, and a size that is another's. */
START_TEST(followed)
{
	struct bytes raw = sample(RAW_SIZE), less = sample(RAW_SIZE / 2);
	struct bytes first = compress_kind(&raw, _i), second = compress_kind(&less, _i);
	struct bytes joined = bytes_zero(first.size + second.size + 3);

	memcpy(joined.data, first.data, first.size);
	memcpy(joined.data + first.size, second.data, second.size);
	for (size_t n = first.size; n <= joined.size; n++) {
		struct bytes cut = bytes_copy(joined.data, n);

		both(&cut, &raw, 2 * RAW_SIZE, kinds[_i].name, n);
		both(&cut, &raw, RAW_SIZE, kinds[_i].name, n);
		bytes_free(&cut);
	}
	bytes_free(&joined);
	bytes_free(&second);
	bytes_free(&first);
	bytes_free(&less);
	bytes_free(&raw);
}
END_TEST

/* Room is made by the trailer, if the limit and what the stream can hold allow it. */
START_TEST(expected)
{
	static const struct {
		uint32_t size, most;
		size_t room;
	} cases[] = {
		{ RAW_SIZE, RAW_SIZE, RAW_SIZE },
		{ RAW_SIZE, RAW_SIZE - 1, 0 },
		{ 0, RAW_SIZE, 0 },
		{ 64 * 1032 + 1031, UINT32_MAX, 64 * 1032 + 1031 },
		{ 65 * 1032, UINT32_MAX, 0 },
		{ UINT32_MAX, UINT32_MAX, 0 },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint8_t file[64] = { 0x1f, 0x8b, 8 };
		struct pvl_output output = { .grows = true, .most = cases[i].most };
		const struct pvl_stream stream = { { file, sizeof(file) }, 0, NULL };

		for (size_t byte = 0; byte < 4; byte++)
			file[60 + byte] = (uint8_t)(cases[i].size >> 8 * byte);
		pvl_output_expect(&output, &pvl_gzip_ops, stream);
		ck_assert_uint_eq(output.size, cases[i].room);
		ck_assert_uint_eq(output.used, 0);
		ck_assert(output.expected == (cases[i].room > 0));
		free(output.data);
	}
}
END_TEST

/* The header's own checksum is checked in this way as well. */
START_TEST(header_checksum)
{
	struct bytes raw = sample(RAW_SIZE), stream = compress_kind(&raw, KINDS - 1);
	struct result r;

	stream.data[4] ^= 1; /* of the time */
	r = decode(&stream, RAW_SIZE, false, false);
	ck_assert_int_eq(r.status, PVHLOAD_E_MALFORMED);
	ck_says(r.err, "header crc mismatch");
	bytes_free(&r.back);
	bytes_free(&stream);
	bytes_free(&raw);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("gzip_ways");
	TCase *streams = tcase_create("streams");

	tcase_set_timeout(streams, 120);
	tcase_add_loop_test(streams, sizes, 0, KINDS);
	tcase_add_loop_test(streams, cut_at_every_byte, 0, KINDS);
	tcase_add_loop_test(streams, every_bit_flipped, 0, KINDS);
	tcase_add_loop_test(streams, followed, 0, KINDS);
	suite_add_tcase(suite, streams);
	ADD_TESTS(suite, "known", expected, header_checksum);
	return run_suite(suite);
}
