/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* Who is told while a boot is planned, and what is left when that ends the call. */
#include "plan_fixture.h"
#include "told.h"

#define PLAN(done, total)                              \
	{                                              \
		PVHLOAD_PROGRESS_PLAN, (done), (total) \
	}
#define DECODE(done, total)                              \
	{                                                \
		PVHLOAD_PROGRESS_DECODE, (done), (total) \
	}
#define EXPECT(told, calls) told_expect((told), (calls), sizeof(calls) / sizeof((calls)[0]))
#define RAW_SIZE            ((2u << 20) + 5)
#define STEP                (1u << 20)

#ifdef PVL_HAVE_DEFLATE
#define DECODE_STEPS /* gzip goes in one piece */
#else
#define DECODE_STEPS DECODE(STEP, RAW_SIZE), DECODE(2 * STEP, RAW_SIZE),
#endif

struct fixture {
	struct plan_fixture plan;
	struct told told;
	struct pvhload_progress progress;
};

static void setup(struct fixture *f, struct bytes bytes)
{
	plan_setup(&f->plan, 64 * MIB);
	if (bytes.data)
		use_bytes(&f->plan, bytes);
	f->plan.config.protocol = PVHLOAD_PROTOCOL_AUTO;
	told_again(&f->told, 0);
	f->progress = told_progress(&f->told);
	f->plan.config.progress = &f->progress;
}

static const struct bytes small = { NULL, 0 };

/* The small kernel with so much after it that decoding it takes several reports. */
static struct bytes large_kernel(void)
{
	const struct elf_spec spec = small_kernel();
	struct bytes elf = build_elf(&spec), raw = bytes_zero(RAW_SIZE);

	ck_assert_uint_lt(elf.size, raw.size);
	memcpy(raw.data, elf.data, elf.size);
	bytes_free(&elf);
	return raw;
}

static struct bytes gzip_bzimage(void)
{
	struct bytes raw = large_kernel(), bytes = build_compressed(&raw, GZIP);

	bytes_free(&raw);
	return bytes;
}

static struct bytes gzip_file(void)
{
	struct bytes raw = large_kernel(), bytes = codecs[GZIP].compress(&raw);

	bytes_free(&raw);
	return bytes;
}

/* Nothing to decode: the methods that the image has. */
START_TEST(methods)
{
	static const struct told_call automatic[] = { PLAN(0, 2), PLAN(2, 2) };
	static const struct told_call asked[] = { PLAN(0, 1), PLAN(1, 1) };
	struct fixture f;

	setup(&f, small);
	(void)plan(&f.plan);
	EXPECT(&f.told, automatic);
	told_again(&f.told, 0);
	f.plan.config.protocol = PVHLOAD_PROTOCOL_PVH;
	(void)plan(&f.plan);
	EXPECT(&f.told, asked);
	plan_teardown(&f.plan);
}
END_TEST

/* A bzImage is decoded for the first method; a file before the methods are known; and each once. */
START_TEST(decoding)
{
	static const struct told_call bzimage[] = { PLAN(0, 4), DECODE(0, RAW_SIZE),
						    DECODE_STEPS DECODE(RAW_SIZE, RAW_SIZE),
						    PLAN(4, 4) };
	static const struct told_call file[] = { DECODE(0, 0), DECODE(RAW_SIZE, 0), PLAN(0, 2),
						 PLAN(2, 2) };
	static const struct told_call again[] = { PLAN(0, 4), PLAN(4, 4) };
	struct fixture f;

	setup(&f, gzip_bzimage());
	(void)plan(&f.plan);
	EXPECT(&f.told, bzimage);
	told_again(&f.told, 0);
	(void)plan(&f.plan);
	EXPECT(&f.told, again);
	plan_teardown(&f.plan);

	setup(&f, gzip_file());
	(void)plan(&f.plan);
	ck_assert_uint_ge(f.told.count, sizeof(file) / sizeof(file[0]));
	f.told.calls[1] = f.told.calls[f.told.count - 3]; /* output that grows is read in parts */
	f.told.calls[2] = f.told.calls[f.told.count - 2];
	f.told.calls[3] = f.told.calls[f.told.count - 1];
	f.told.count = 4;
	EXPECT(&f.told, file);
	plan_teardown(&f.plan);
}
END_TEST

/* The first method is refused before it decodes anything; the second needs nothing decoded. */
START_TEST(second_method)
{
	static const struct told_call calls[] = { PLAN(0, 4), PLAN(1, 4), PLAN(4, 4) };
	const struct pvhload_source source = pvhload_source_buffer("seed", 4);
	const struct pvhload_linux_setup_data seed = { sizeof(seed), &source,
						       PVHLOAD_SETUP_RNG_SEED, 0 };
	struct fixture f;

	setup(&f, gzip_bzimage());
	f.plan.x86.setup_data = &seed;
	f.plan.x86.setup_data_count = 1;
	ck_assert_uint_eq(plan(&f.plan)->protocol, PVHLOAD_PROTOCOL_X86_LINUX64);
	EXPECT(&f.told, calls);
	plan_teardown(&f.plan);
}
END_TEST

/* By the kernel's source, as by an image. */
START_TEST(of_a_source)
{
	struct pvhload_source source;
	struct fixture f;
	size_t count;

	setup(&f, gzip_bzimage());
	(void)plan(&f.plan);
	count = f.told.count;
	source = pvhload_source_buffer(f.plan.bytes.data, f.plan.bytes.size);
	f.plan.config.image = NULL;
	f.plan.config.kernel = &source;
	told_again(&f.told, 0);
	(void)plan(&f.plan);
	ck_assert_uint_eq(f.told.count, count);
	ck_assert_uint_eq(f.told.calls[1].phase, PVHLOAD_PROGRESS_DECODE);
	plan_teardown(&f.plan);
}
END_TEST

/* The image's own is told of decoding, and of nothing else; the plan's of the rest. */
START_TEST(image_has_its_own)
{
	static const struct told_call calls[] = { PLAN(0, 4), PLAN(4, 4) };
	struct pvhload_image_options options = PVHLOAD_IMAGE_OPTIONS_INIT;
	struct pvhload_progress progress;
	struct pvhload_source source;
	struct told own = { .count = 0 };
	struct pvhload_error err;
	struct fixture f;

	setup(&f, gzip_bzimage());
	source = pvhload_source_buffer(f.plan.bytes.data, f.plan.bytes.size);
	progress = told_progress(&own);
	options.progress = &progress;
	pvhload_image_close(f.plan.image);
	ck_status(PVHLOAD_OK, err, pvhload_image_open(&source, &options, &f.plan.image, &err));
	f.plan.config.image = f.plan.image;
	(void)plan(&f.plan);
	EXPECT(&f.told, calls);
	ck_assert_uint_ge(own.count, 2);
	for (size_t i = 0; i < own.count; i++)
		ck_assert_uint_eq(own.calls[i].phase, PVHLOAD_PROGRESS_DECODE);

	/* and nobody is told if only the image has somebody, and there is nothing to decode */
	told_again(&own, 0);
	told_again(&f.told, 0);
	f.plan.config.progress = NULL;
	(void)plan(&f.plan);
	ck_assert_uint_eq(own.count + f.told.count, 0);
	plan_teardown(&f.plan);
}
END_TEST

/* At any call: no plan, nothing remembered; and the next one plans the same. */
static void cancel_everywhere(struct bytes (*make)(void), const struct pvhload_boot_x86 *x86)
{
	size_t calls = 1;

	for (size_t at = 1; at <= calls; at++) {
		struct pvhload_error err;
		struct fixture f;

		setup(&f, make ? make() : small);
		if (x86)
			f.plan.config.x86 = x86;
		told_again(&f.told, at);
		err = refused(&f.plan, PVHLOAD_E_CANCELLED);
		told_check_error(&err);
		ck_assert_uint_eq(f.told.count, at);
		/* as often as needed from here on: decoded or not, it is the same image */
		told_again(&f.told, 0);
		(void)plan(&f.plan);
		if (calls == 1)
			calls = f.told.count;
		ck_assert_uint_ge(f.told.count, 2);
		plan_teardown(&f.plan);
	}
	ck_assert_uint_ge(calls, 2);
}

START_TEST(cancelled)
{
	const struct pvhload_source source = pvhload_source_buffer("seed", 4);
	const struct pvhload_linux_setup_data seed = { sizeof(seed), &source,
						       PVHLOAD_SETUP_RNG_SEED, 0 };
	struct pvhload_boot_x86 x86 = PVHLOAD_BOOT_X86_INIT;

	cancel_everywhere(NULL, NULL);
	cancel_everywhere(gzip_bzimage, NULL);
	cancel_everywhere(gzip_file, NULL);
	/* after a method that was refused: its message is not the answer */
	x86.setup_data = &seed;
	x86.setup_data_count = 1;
	cancel_everywhere(gzip_bzimage, &x86);
}
END_TEST

START_TEST(unusable)
{
	struct fixture f;

	setup(&f, small);
	f.progress.callback = NULL;
	ck_says(refused(&f.plan, PVHLOAD_E_USAGE), "no callback");
	f.progress = told_progress(&f.told);
	f.progress.struct_size--;
	ck_says(refused(&f.plan, PVHLOAD_E_USAGE), "wrong size");
	ck_assert_uint_eq(f.told.count, 0);
	plan_teardown(&f.plan);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("progress_plan");

	ADD_TESTS(suite, "told", methods, decoding, second_method, of_a_source, image_has_its_own);
	ADD_TESTS(suite, "ended", cancelled, unusable);
	return run_suite(suite);
}
