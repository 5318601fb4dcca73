/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* Decoding by the caller's threads: bytes, statuses and messages are those of decoding without. */
#include "both_ways.h"
#include "codec/codec.h"
#include "fake_memory.h"
#include "plan_fixture.h"
#include "pools.h"
#include "streams.h"
#include "told.h"

#define AT    0x5000u /* where the streams pretend to start */
#define CHUNK ((size_t)8 << 20)

/* Compressible, and no chunk is like another. */
static struct bytes sample(size_t size)
{
	struct bytes raw = bytes_zero(size);
	uint32_t state = 1;

	for (size_t i = 0; i < size; i += 997) {
		state = state * 1103515245u + 12345u;
		raw.data[i] = (uint8_t)(state >> 16);
	}
	return raw;
}

struct result {
	struct bytes back;
	enum pvhload_status status;
	struct pvhload_error err;
};

static struct result decode(const struct bytes *stream, size_t size,
			    const struct pvhload_pool *pool,
			    const struct pvhload_progress *progress)
{
	const struct pvl_callbacks callbacks = { .progress = progress, .pool = pool };
	const struct pvl_stream in = { { stream->data, stream->size }, AT, NULL };
	struct result r = { .back = bytes_zero(size), .err = PVHLOAD_ERROR_INIT };

	r.status = pvl_codec_decode(pvl_codec_find(in.bytes), in, r.back.data, size, &callbacks,
				    &r.err);
	return r;
}

/* What a pool is used for in one stream. */
struct use {
	size_t runs, tasks;
};

static void compare(const struct bytes *stream, size_t size, struct use use)
{
	static const pool_run runs[] = { pool_of_two_threads, pool_in_reverse, pool_of_more,
					 pool_of_less };
	struct result alone = decode(stream, size, NULL, NULL);

	for (size_t i = 0; i < sizeof(runs) / sizeof(runs[0]); i++) {
		struct pool_calls calls = { .runs = 0 };
		const struct pvhload_pool pool = pool_of(runs[i], &calls);
		struct result r = decode(stream, size, &pool, NULL);

		ck_assert_int_eq(r.status, alone.status);
		ck_assert_str_eq(r.err.message, alone.err.message);
		ck_assert_uint_eq(r.err.offset, alone.err.offset);
		if (r.status == PVHLOAD_OK)
			ck_assert(memcmp(r.back.data, alone.back.data, size) == 0);
		if (runs[i] != pool_of_less) {
			ck_assert_uint_eq(calls.runs, use.runs);
			ck_assert_uint_eq(calls.tasks, use.tasks);
		}
		bytes_free(&r.back);
	}
	bytes_free(&alone.back);
}

/* Of so many bytes: one chunk is nothing to share, nor is the first of a second batch. */
START_TEST(sizes)
{
	static const struct {
		size_t size;
		struct use use;
	} cases[] = {
		{ 1, { 0, 0 } },
		{ CHUNK, { 0, 0 } },
		{ CHUNK + 1, { 1, 2 } },
		{ 3 * CHUNK - 1, { 1, 3 } },
		{ 3 * CHUNK, { 1, 3 } },
		{ 8 * CHUNK, { 1, 8 } },
		{ 8 * CHUNK + 1, { 1, 8 } },
		{ 9 * CHUNK + 1, { 2, 10 } },
	};

	if (skip_without(LZ4))
		return;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct bytes raw = sample(cases[i].size), stream = codecs[LZ4].compress(&raw);

		compare(&stream, raw.size, cases[i].use);
		bytes_free(&stream);
		bytes_free(&raw);
	}
}
END_TEST

/* Declared sizes that are not what the stream decodes to. */
START_TEST(lying_sizes)
{
	const size_t size = 2 * CHUNK + 5;

	if (skip_without(LZ4))
		return;

	struct bytes raw = sample(size), stream = codecs[LZ4].compress(&raw);

	compare(&stream, size + 1, (struct use){ 1, 3 });
	compare(&stream, size - 1, (struct use){ 1, 3 });
	compare(&stream, 2 * CHUNK, (struct use){ 1, 2 });
	compare(&stream, CHUNK + 1, (struct use){ 1, 2 });
	compare(&stream, CHUNK, (struct use){ 0, 0 });
	compare(&stream, 1, (struct use){ 0, 0 });
	compare(&stream, 4 * CHUNK, (struct use){ 1, 3 });
	bytes_free(&stream);
	bytes_free(&raw);
}
END_TEST

static size_t chunk_size(const struct bytes *stream, size_t at)
{
	size_t size = 0;

	for (size_t i = 4; i-- > 0;)
		size = size << 8 | stream->data[at + i];
	return size;
}

/* Cut before, in and after each chunk's size, and within its data. */
START_TEST(cut)
{
	const size_t size = 2 * CHUNK + 5;

	if (skip_without(LZ4))
		return;

	struct bytes raw = sample(size), stream = codecs[LZ4].compress(&raw);

	for (size_t i = 0, at = 4; i < 3; at += 4 + chunk_size(&stream, at), i++)
		for (size_t n = 0; n < 6; n++) {
			struct bytes part = bytes_copy(stream.data, at + n);

			compare(&part, size, i < 2 ? (struct use){ 0, 0 } : (struct use){ 1, 2 });
			bytes_free(&part);
		}
	bytes_free(&stream);
	bytes_free(&raw);
}
END_TEST

/* A bit of each chunk is another, also of its size. */
START_TEST(damaged)
{
	const size_t size = 2 * CHUNK + 5;

	if (skip_without(LZ4))
		return;

	struct bytes raw = sample(size), stream = codecs[LZ4].compress(&raw);

	for (size_t i = 0, at = 4; i < 3; i++) {
		const size_t length = chunk_size(&stream, at);

		for (size_t n = 1; n < 5; n++) {
			const size_t where = at + 4 + length * n / 5;

			stream.data[where] ^= 0x80;
			compare(&stream, size, (struct use){ 1, 3 });
			stream.data[where] ^= 0x80;
		}
		at += 4 + length;
	}
	bytes_free(&stream);
	bytes_free(&raw);
}
END_TEST

/* @second after @first, with the magic between or without. */
static struct bytes joined(const struct bytes *first, const struct bytes *second, bool magic)
{
	const size_t skip = magic ? 0 : 4;
	struct bytes out = bytes_zero(first->size + second->size - skip);

	memcpy(out.data, first->data, first->size);
	memcpy(out.data + first->size, second->data + skip, second->size - skip);
	return out;
}

/* A chunk before the last gives less than 8 MiB; and a magic between chunks ends a batch. */
START_TEST(irregular)
{
	const size_t size = CHUNK + 5;

	if (skip_without(LZ4))
		return;

	struct bytes raw = sample(size), stream = codecs[LZ4].compress(&raw);
	struct bytes plain = joined(&stream, &stream, false),
		     magic = joined(&stream, &stream, true);

	compare(&plain, 2 * size, (struct use){ 1, 3 });
	compare(&magic, 2 * size, (struct use){ 2, 4 });
	bytes_free(&magic);
	bytes_free(&plain);
	bytes_free(&stream);
	bytes_free(&raw);
}
END_TEST

/* Told from the caller's thread, after each batch; and that may end it. */
START_TEST(reports)
{
	static const size_t size = 9 * CHUNK + 1;
	static const struct told_call expected[] = {
		{ PVHLOAD_PROGRESS_DECODE, 0, size },
		{ PVHLOAD_PROGRESS_DECODE, 8 * CHUNK, size },
		{ PVHLOAD_PROGRESS_DECODE, size, size },
	};
	const size_t count = sizeof(expected) / sizeof(expected[0]);

	if (skip_without(LZ4))
		return;

	struct bytes raw = sample(size), stream = codecs[LZ4].compress(&raw);

	for (size_t cancel_at = 0; cancel_at <= count; cancel_at++) {
		struct pool_calls calls = { .runs = 0 };
		const struct pvhload_pool pool = pool_of(pool_of_two_threads, &calls);
		struct told told = { .cancel_at = cancel_at };
		const struct pvhload_progress progress = told_progress(&told);
		struct result r = decode(&stream, size, &pool, &progress);

		ck_assert_int_eq(r.status, cancel_at ? PVHLOAD_E_CANCELLED : PVHLOAD_OK);
		ck_assert_uint_eq(calls.runs, cancel_at ? cancel_at - 1 : 2);
		told_expect(&told, expected, cancel_at ? cancel_at : count);
		if (cancel_at)
			told_check_error(&r.err);
		bytes_free(&r.back);
	}
	bytes_free(&stream);
	bytes_free(&raw);
}
END_TEST

/* A kernel of three chunks, most of which no segment has. */
static struct bytes bzimage_of(const struct elf_spec *spec)
{
	struct bytes elf = build_elf(spec), raw = sample(2 * CHUNK + 5), bytes;

	memcpy(raw.data, elf.data, elf.size);
	bytes = build_compressed(&raw, LZ4);
	bytes_free(&raw);
	bytes_free(&elf);
	return bytes;
}

static struct bytes large_bzimage(void)
{
	const struct elf_spec spec = small_kernel();

	return bzimage_of(&spec);
}

static struct pvhload_image *open_with(const struct bytes *bytes, const struct pvhload_pool *pool)
{
	const struct pvhload_source source = pvhload_source_buffer(bytes->data, bytes->size);
	struct pvhload_image_options options = PVHLOAD_IMAGE_OPTIONS_INIT;
	struct pvhload_pool copied = *pool;
	struct pvhload_image *image = NULL;
	struct pvhload_error err;

	options.pool = &copied;
	ck_status(PVHLOAD_OK, err, pvhload_image_open(&source, &options, &image, &err));
	memset(&copied, 0, sizeof(copied));
	return image;
}

static size_t region_of(const struct pvhload_plan *plan, uint32_t kind)
{
	const struct pvhload_plan_info *info = pvhload_plan_get_info(plan);
	size_t i = 0;

	while (info->regions[i]->kind != kind)
		i++;
	return i;
}

/* What run() returns is the caller's to see, and not kept as a fault of the image. */
START_TEST(failing)
{
	if (skip_without(LZ4))
		return;

	struct pool_calls calls = { .answer = -7 };
	const struct pvhload_pool pool = pool_of(pool_in_reverse, &calls);
	struct pvhload_image_explanation *explanation = NULL;
	struct bytes bytes = large_bzimage();
	struct pvhload_image *image = open_with(&bytes, &pool);
	struct pvhload_error err;

	ck_status(PVHLOAD_E_CALLBACK, err, pvhload_image_decode(image, &err));
	ck_assert_int_eq(err.cause, -7);
	ck_assert_str_eq(err.message, "the run callback of the pool returned -7");
	ck_assert_ptr_null(pvhload_image_payload(image));
	ck_status(PVHLOAD_E_CALLBACK, err, pvhload_image_explain(image, &explanation, &err));
	ck_assert_ptr_null(explanation);
	ck_status(PVHLOAD_E_CALLBACK, err, pvhload_image_share(image, &err));
	ck_assert_uint_eq(calls.runs, 3);
	calls.answer = 0;
	ck_status(PVHLOAD_OK, err, pvhload_image_decode(image, &err));
	ck_assert_uint_eq(calls.runs, 4);
	pvhload_image_close(image);
	bytes_free(&bytes);
}
END_TEST

/* A plan's pool is used where the image has none. */
START_TEST(of_a_plan)
{
	if (skip_without(LZ4))
		return;

	struct pool_calls mine = { .answer = -7 }, images = { .answer = 0 };
	struct pvhload_pool pool = pool_of(pool_of_two_threads, &mine);
	const struct pvhload_pool own = pool_of(pool_of_two_threads, &images);
	struct pvhload_error err;
	struct plan_fixture f;

	plan_setup(&f, 64 * MIB);
	use_bytes(&f, large_bzimage());
	f.config.pool = &pool;
	err = refused(&f, PVHLOAD_E_CALLBACK);
	ck_assert_int_eq(err.cause, -7);
	ck_assert_uint_eq(err.subject, PVHLOAD_SUBJECT_NONE);
	ck_assert_uint_eq(mine.runs, 2); /* the fixture plans, and loads as well */

	pvhload_image_close(f.image);
	f.image = open_with(&f.bytes, &own);
	f.config.image = f.image;
	(void)plan(&f);
	ck_assert_uint_eq(mine.runs, 2);
	ck_assert_uint_eq(images.runs, 1);
	ck_assert_uint_eq(images.tasks, 3);
	plan_teardown(&f);
}
END_TEST

/* A region of a plan whose payload was decoded in place is decoded anew; what ends that is told, and may pass. */
START_TEST(of_a_region)
{
	if (skip_without(LZ4))
		return;

	struct pool_calls calls = { .answer = 0 };
	const struct pvhload_pool pool = pool_of(pool_in_reverse, &calls);
	const struct elf_spec spec = moved_kernel(0x1000);
	struct told told = { .cancel_at = 0 };
	struct pvhload_progress progress = told_progress(&told);
	struct pvhload_plan *plan = NULL;
	struct pvhload_error err;
	struct fake_memory fake;
	struct plan_fixture f;
	uint8_t byte = 0;
	size_t index;

	fake_memory_init(&fake, 64 * MIB, FAKE_HOST_PTR);
	plan_setup(&f, 64 * MIB);
	use_bytes(&f, bzimage_of(&spec));
	pvhload_image_close(f.image);
	f.image = open_with(&f.bytes, &pool);
	f.config.image = f.image;
	f.config.progress = &progress;
	ck_status(PVHLOAD_OK, err, pvhload_boot_load(&f.config, &fake.memory, &plan, &err));
	index = region_of(plan, PVHLOAD_REGION_KERNEL);
	calls.answer = -7;
	ck_status(PVHLOAD_E_CALLBACK, err,
		  pvhload_plan_read_region(plan, index, 0, &byte, 1, &err));
	ck_assert_int_eq(err.cause, -7);
	calls.answer = 0;
	told_again(&told, 1);
	ck_status(PVHLOAD_E_CANCELLED, err,
		  pvhload_plan_read_region(plan, index, 0, &byte, 1, &err));
	told_check_error(&err);
	told_again(&told, 0);
	ck_status(PVHLOAD_OK, err, pvhload_plan_read_region(plan, index, 0, &byte, 1, &err));
	ck_assert_uint_eq(told.calls[0].phase, PVHLOAD_PROGRESS_DECODE);
	pvhload_plan_free(plan);
	plan_teardown(&f);
	fake_memory_free(&fake);
}
END_TEST

START_TEST(unusable)
{
	const struct pvhload_source source = pvhload_source_buffer("x", 1);
	struct pvhload_image_options options = PVHLOAD_IMAGE_OPTIONS_INIT;
	struct pool_calls calls = { .runs = 0 };
	struct pvhload_pool pool = pool_of(NULL, &calls);
	struct pvhload_image *image = NULL;
	struct pvhload_error err;
	struct plan_fixture f;

	plan_setup(&f, 64 * MIB);
	options.pool = f.config.pool = &pool;
	for (int i = 0; i < 2; i++) {
		ck_status(PVHLOAD_E_USAGE, err,
			  pvhload_image_open(&source, &options, &image, &err));
		ck_says(err, "the pool has a wrong size or no run()");
		ck_assert_ptr_null(image);
		ck_says(refused(&f, PVHLOAD_E_USAGE), "the pool has a wrong size");
		pool = pool_of(pool_in_reverse, &calls);
		pool.struct_size--;
	}
	ck_assert_uint_eq(calls.runs, 0);
	plan_teardown(&f);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("pool");

	ADD_TESTS(suite, "same", sizes, lying_sizes, cut, damaged, irregular);
	ADD_TESTS(suite, "calls", reports, failing, of_a_plan, of_a_region, unusable);
	return run_suite(suite);
}
