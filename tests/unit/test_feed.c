/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* Streams that are read as they are decoded: bytes, statuses and messages are those of streams in memory. */
#include <stdio.h>

#include "codec/codec.h"
#include "plan_fixture.h"
#include "streams.h"

#define AT         0x5000u /* where the streams start in their source */
#define CHUNK      ((size_t)8 << 20)
#define READ_LEAST (64u << 10) /* bytes that one read has at least, if there are so many */
#define READ_AHEAD 64u
#define RAW        3000u

/* A source that is read a few bytes at a time, and what becomes of it. */
struct reads {
	const struct bytes *stream;
	size_t count;
	uint64_t bytes;
	size_t fail_at; /* the call, counted from 1; 0: none */
	uint32_t noise; /* 0: what is read is right */
};

static int64_t read_some(void *user, uint64_t offset, void *dst, size_t len)
{
	struct reads *r = user;
	uint8_t *bytes = dst;

	ck_assert_uint_ge(offset, AT);
	ck_assert_uint_le(offset + len, AT + r->stream->size);
	if (++r->count == r->fail_at)
		return -5;
	r->bytes += len;
	memcpy(dst, r->stream->data + (offset - AT), len);
	if (r->noise > 0) {
		r->noise = r->noise * 1103515245u + 12345u;
		bytes[(r->noise >> 8) % len] ^= (uint8_t)(1u << (r->noise >> 29));
	}
	return (int64_t)len;
}

/* What came of it, and the first bytes. */
struct result {
	struct bytes back, head;
	size_t peeked;
	enum pvhload_status status;
	struct pvhload_error err;
};

static struct result decode(struct pvl_stream in, size_t size)
{
	struct result r = { .back = bytes_zero(size),
			    .head = bytes_zero(RAW),
			    .err = PVHLOAD_ERROR_INIT };
	const size_t magic =
		in.bytes.size < PVL_CODEC_MAGIC_MAX ? in.bytes.size : PVL_CODEC_MAGIC_MAX;
	const struct pvl_codec *codec;
	struct pvl_span head;

	ck_assert_int_eq(pvl_stream_take(in, 0, magic, &head, &r.err), PVHLOAD_OK);
	codec = pvl_codec_find(head);
	ck_assert_ptr_nonnull(codec);
	r.peeked = pvl_codec_peek(codec, in, r.head.data, r.head.size);
	r.status = pvl_codec_decode(codec, in, r.back.data, size, NULL, &r.err);
	return r;
}

static struct result decode_whole(const struct bytes *stream, size_t size)
{
	return decode((struct pvl_stream){ { stream->data, stream->size }, AT, NULL }, size);
}

static struct result decode_fed(struct reads *reads, size_t size)
{
	const struct pvhload_source from =
		pvhload_source_reader(read_some, reads, AT + reads->stream->size);
	struct pvl_source source;
	struct pvl_feed feed = { .source = &source };
	struct pvhload_error err;
	struct result r;

	ck_status(PVHLOAD_OK, err, pvl_source_open(&from, &source, &err));
	r = decode((struct pvl_stream){ { NULL, reads->stream->size }, AT, &feed }, size);
	pvl_feed_close(&feed);
	return r;
}

static void result_free(struct result *r)
{
	bytes_free(&r->back);
	bytes_free(&r->head);
}

/* The same both ways; returns the reads that it took. */
static size_t compare(const struct bytes *stream, size_t size)
{
	struct reads reads = { .stream = stream };
	struct result whole = decode_whole(stream, size), fed = decode_fed(&reads, size);

	ck_assert_int_eq(fed.status, whole.status);
	ck_assert_str_eq(fed.err.message, whole.err.message);
	ck_assert_uint_eq(fed.err.offset, whole.err.offset);
	ck_assert_mem_eq(fed.back.data, whole.back.data, size);
	ck_assert_uint_eq(fed.peeked, whole.peeked);
	ck_assert_mem_eq(fed.head.data, whole.head.data, RAW);
	result_free(&fed);
	result_free(&whole);
	return reads.count;
}

/* Most of it cannot be compressed if it is @hard. */
static struct bytes sample(size_t size, bool hard)
{
	struct bytes raw = bytes_zero(size);
	uint32_t state = 7;

	for (size_t i = 0; i < size; i += hard ? 1 : 97) {
		state = state * 1103515245u + 12345u;
		raw.data[i] = (uint8_t)(state >> 16);
	}
	return raw;
}

/* @parts streams of RAW bytes each, and @tail after them. */
static struct bytes joined(size_t parts, const char *tail, size_t tail_size)
{
	struct bytes raw = sample(RAW, false), one = codecs[LZ4].compress(&raw);
	struct bytes all = bytes_zero(parts * one.size + tail_size);

	for (size_t i = 0; i < parts; i++)
		memcpy(all.data + i * one.size, one.data, one.size);
	memcpy(all.data + parts * one.size, tail, tail_size);
	bytes_free(&one);
	bytes_free(&raw);
	return all;
}

/* Some of a chunk, some chunks, and with no room, too much or too little of it for what is declared. */
START_TEST(all_sizes)
{
	static const size_t sizes[] = { 1, 5000, 300000, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK };

	for (size_t i = 0; i < 2 * sizeof(sizes) / sizeof(sizes[0]); i++) {
		const size_t size = sizes[i / 2];
		struct bytes raw = sample(size, i % 2), stream = codecs[LZ4].compress(&raw);
		struct reads reads = { .stream = &stream };
		struct result fed = decode_fed(&reads, size);

		ck_assert_int_eq(fed.status, PVHLOAD_OK);
		ck_assert(memcmp(fed.back.data, raw.data, size) == 0);
		result_free(&fed);
		/* no byte is read twice, but for the head of a chunk and what is read with it */
		ck_assert_uint_le(compare(&stream, size), 2 * ((size + CHUNK - 1) / CHUNK));
		(void)compare(&stream, size + 1);
		if (size > 1)
			(void)compare(&stream, size - 1);
		bytes_free(&stream);
		bytes_free(&raw);
	}
}
END_TEST

START_TEST(framing)
{
	static const struct {
		const char *tail;
		size_t size;
	} tails[] = {
		{ "", 0 },
		{ "\0\0\0\0junk", 8 }, /* an end mark, and what is not looked at */
		{ "\x02\x21\x4c\x18", 4 },
		{ "\x02\x21\x4c\x18\x02\x21\x4c\x18", 8 },
		{ "\x01\0\0", 3 },
		{ "\x05\0\0\0\0", 5 },
		{ "\xff\xff\xff\x7f", 4 },
		{ "\x01\0\0\0\0", 5 }, /* a chunk of nothing */
	};

	for (size_t i = 0; i < sizeof(tails) / sizeof(tails[0]); i++)
		for (size_t parts = 1; parts < 4; parts++) {
			struct bytes all = joined(parts, tails[i].tail, tails[i].size);

			for (size_t size = parts * RAW - 1; size <= parts * RAW + 1; size++)
				(void)compare(&all, size);
			bytes_free(&all);
		}
}
END_TEST

static void cut_everywhere(const struct bytes *all, size_t magic, size_t size)
{
	for (size_t n = magic; n < all->size; n++) {
		struct bytes cut = bytes_copy(all->data, n);

		(void)compare(&cut, size);
		bytes_free(&cut);
	}
}

static void damage_everywhere(struct bytes *all, size_t magic, size_t size)
{
	static const uint8_t flips[] = { 0x01, 0x80, 0xff };

	for (size_t i = 3 * magic; i < 3 * all->size; i++) {
		all->data[i / 3] ^= flips[i % 3];
		(void)compare(all, size);
		all->data[i / 3] ^= flips[i % 3];
	}
}

START_TEST(every_truncation)
{
	struct bytes all = joined(3, "\0\0\0\0", 4);

	cut_everywhere(&all, 4, 3 * RAW);
	bytes_free(&all);
}
END_TEST

START_TEST(every_byte_damaged)
{
	struct bytes all = joined(2, "\0\0\0\0", 4);

	damage_everywhere(&all, 4, 2 * RAW);
	bytes_free(&all);
}
END_TEST

/* Very many chunks of nothing, or a chunk that is too large, cost no more reads and no more memory. */
START_TEST(strange_chunks)
{
	const size_t size = 4 + 400000 * 5;
	struct bytes stream = bytes_zero(size);

	poke(&stream, 0, 0x184c2102, 4);
	for (size_t at = 4; at < size; at += 5)
		poke(&stream, at, 1, 4);
	ck_assert_uint_le(compare(&stream, 10), 2 * (size / (READ_LEAST - 5) + 2));
	bytes_free(&stream);

	stream = bytes_zero(9u << 20);
	poke(&stream, 0, 0x184c2102, 4);
	poke(&stream, 4, (9u << 20) - 8, 4);
	ck_assert_uint_eq(compare(&stream, 10), 1);
	bytes_free(&stream);
}
END_TEST

/* That is no fault of the stream, and is said as it is of any other read. */
START_TEST(reads_that_fail)
{
	struct bytes raw = sample(3 * CHUNK, true), stream = codecs[LZ4].compress(&raw);
	struct reads reads = { .stream = &stream };
	struct result r = decode_fed(&reads, raw.size);
	const size_t count = reads.count;

	result_free(&r);
	ck_assert_uint_gt(count, 3);
	for (size_t n = 3; n <= count; n++) {
		reads = (struct reads){ .stream = &stream, .fail_at = n };
		r = decode_fed(&reads, raw.size);
		ck_assert_int_eq(r.status, PVHLOAD_E_SOURCE);
		ck_assert_int_eq(r.err.cause, -5);
		ck_assert_ptr_eq(strstr(r.err.message, "the reader returned -5"), r.err.message);
		result_free(&r);
	}
	bytes_free(&stream);
	bytes_free(&raw);
}
END_TEST

/* Other bytes at every read: what comes of it is any bytes, or a bad stream. */
START_TEST(reads_that_change)
{
	struct bytes stream = joined(60, "", 0);

	for (uint32_t seed = 1; seed < 300; seed++) {
		struct reads reads = { .stream = &stream };
		const struct pvhload_source from =
			pvhload_source_reader(read_some, &reads, AT + stream.size);
		struct pvl_source source;
		struct pvl_feed feed = { .source = &source };
		struct pvl_stream in = { { NULL, stream.size }, AT, &feed };
		struct bytes back = bytes_zero(60 * (size_t)RAW);
		struct pvhload_error err = PVHLOAD_ERROR_INIT;
		enum pvhload_status status;
		struct pvl_span head;

		ck_status(PVHLOAD_OK, err, pvl_source_open(&from, &source, &err));
		ck_status(PVHLOAD_OK, err, pvl_stream_take(in, 0, 4, &head, &err));
		reads.noise = seed;
		status = pvl_codec_decode(pvl_codec_find(head), in, back.data, back.size, NULL,
					  &err);
		ck_assert(status == PVHLOAD_OK || status == PVHLOAD_E_MALFORMED);
		pvl_feed_close(&feed);
		bytes_free(&back);
	}
	bytes_free(&stream);
}
END_TEST

/* Every field of lzop's header and blocks, stored or not; and several blocks. */
START_TEST(lzop)
{
	static const struct lzop_spec specs[] = {
		{ .flags = 0 },
		{ .flags = 0x303, .name = "vmlinux" },
		{ .flags = 0x1101, .version = 0x0930, .block_size = 1000 },
		{ .flags = 1, .stored = true, .block_size = 700 },
	};
	struct bytes raw = sample(RAW, false), large = sample(900000, true);

	for (size_t i = 0; i < sizeof(specs) / sizeof(specs[0]); i++) {
		struct bytes all = build_lzop(&raw, &specs[i]);

		for (size_t size = RAW - 1; size <= RAW + 1; size++)
			(void)compare(&all, size);
		cut_everywhere(&all, 9, RAW);
		damage_everywhere(&all, 9, RAW);
		bytes_free(&all);
		all = build_lzop(&large, &specs[i]);
		(void)compare(&all, large.size);
		bytes_free(&all);
	}
	bytes_free(&large);
	bytes_free(&raw);
}
END_TEST

/* A stream of @bytes, read as it is asked for; not to be copied. */
struct fed {
	struct bytes bytes;
	struct reads reads;
	struct pvl_source source;
	struct pvl_feed feed;
	struct pvl_stream in;
};

static void fed_setup(struct fed *f, size_t size)
{
	struct pvhload_source from;
	struct pvhload_error err;

	*f = (struct fed){ .bytes = sample(size, true) };
	f->reads.stream = &f->bytes;
	f->feed.source = &f->source;
	f->in = (struct pvl_stream){ { NULL, size }, AT, &f->feed };
	from = pvhload_source_reader(read_some, &f->reads, AT + size);
	ck_status(PVHLOAD_OK, err, pvl_source_open(&from, &f->source, &err));
}

static void fed_teardown(struct fed *f)
{
	pvl_feed_close(&f->feed);
	ck_assert_ptr_null(f->feed.buffer);
	bytes_free(&f->bytes);
}

/* What there is of the bytes that are asked for is not read again. */
START_TEST(nothing_twice)
{
	static const struct {
		uint64_t at, size, read; /* of all the bytes, up to here */
	} steps[] = {
		{ 0, 4, READ_LEAST },
		{ 100, READ_LEAST - 100, READ_LEAST },
		{ READ_LEAST - 100, 101, 2 * READ_LEAST - 100 },
		{ READ_LEAST, READ_LEAST, 2 * READ_LEAST + READ_AHEAD },
		{ 2 * READ_LEAST - 1, 300000 - 2 * READ_LEAST + 1, 300000 },
		{ 299999, 1, 300000 },
	};
	struct fed f;
	struct pvhload_error err;
	struct pvl_span span;

	fed_setup(&f, 300000);
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		ck_status(PVHLOAD_OK, err,
			  pvl_stream_take(f.in, steps[i].at, steps[i].size, &span, &err));
		ck_assert_mem_eq(span.data, f.bytes.data + steps[i].at, (size_t)steps[i].size);
		ck_assert_msg(f.reads.bytes == steps[i].read, "step %zu: %" PRIu64, i,
			      f.reads.bytes);
	}
	fed_teardown(&f);
}
END_TEST

/* More than the host has addresses for, rounded up or with what is read ahead; what was there before still is. */
START_TEST(more_than_any_memory)
{
	struct fed f;
	struct pvl_span span = { NULL, 0 };
	struct pvhload_error err;
	char says[64];

	fed_setup(&f, 100);
	ck_status(PVHLOAD_OK, err, pvl_feed_take(&f.feed, AT, 50, AT + 100, &span, &err));
	snprintf(says, sizeof(says), "no host memory for %" PRIu64 " bytes",
		 (uint64_t)SIZE_MAX + (SIZE_MAX < UINT64_MAX ? 64 : 0));
	ck_status(PVHLOAD_E_NO_MEMORY, err,
		  pvl_feed_take(&f.feed, AT, SIZE_MAX, UINT64_MAX, &span, &err));
	ck_says(err, says);
	ck_assert_uint_eq(span.size, 50);
	ck_status(PVHLOAD_OK, err, pvl_feed_take(&f.feed, AT + 20, 80, AT + 100, &span, &err));
	ck_assert_mem_eq(span.data, f.bytes.data + 20, 80);
	ck_assert_uint_eq(f.reads.bytes, 100);
	fed_teardown(&f);
}
END_TEST

/* Forwards, backwards, within what is there and not. */
START_TEST(any_order)
{
	struct fed f;
	struct pvhload_error err;
	struct pvl_span span;
	uint32_t state = 3;

	fed_setup(&f, 300000);
	for (int i = 0; i < 2000; i++) {
		uint64_t at, size;

		state = state * 1103515245u + 12345u;
		at = (state >> 4) % (f.bytes.size + 1);
		size = (state >> 9) % (i % 2 ? 100 : f.bytes.size + 1);
		if (size > f.bytes.size - at)
			size = f.bytes.size - at;
		ck_status(PVHLOAD_OK, err, pvl_stream_take(f.in, at, size, &span, &err));
		ck_assert_uint_eq(span.size, size);
		ck_assert(size == 0 || memcmp(span.data, f.bytes.data + at, (size_t)size) == 0);
	}
	ck_status(PVHLOAD_E_MALFORMED, err, pvl_stream_take(f.in, f.bytes.size, 1, &span, &err));
	ck_says(err, "truncated");
	ck_status(PVHLOAD_E_MALFORMED, err, pvl_stream_take(f.in, 1, UINT64_MAX, &span, &err));
	fed_teardown(&f);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("feed");

	ADD_TESTS(suite, "feed", any_order, nothing_twice, more_than_any_memory);
	if (!skip_without(LZ4))
		ADD_TESTS(suite, "lz4", all_sizes, framing, every_truncation, every_byte_damaged,
			  strange_chunks, reads_that_fail, reads_that_change);
	if (!skip_without(LZO))
		ADD_TESTS(suite, "lzo", lzop);
	return run_suite(suite);
}
