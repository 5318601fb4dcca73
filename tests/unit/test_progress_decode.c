/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* Who is told while an image is decoded, and what is left when that ends the call. */
#include "plan_fixture.h"

#define RAW_SIZE ((5u << 20) + 123)

struct told {
	unsigned int calls, cancel_at; /* cancel_at: the call that is answered with 7; 0 none */
	uint64_t done, total;
};

static int note(void *user, uint32_t phase, uint64_t done, uint64_t total)
{
	struct told *told = user;

	ck_assert_uint_eq(phase, PVHLOAD_PROGRESS_DECODE);
	if (told->calls++ > 0) {
		ck_assert_uint_gt(done, told->done);
		ck_assert_uint_eq(total, told->total);
	} else {
		ck_assert_uint_eq(done, 0);
	}
	told->done = done;
	told->total = total;
	return told->calls == told->cancel_at ? 7 : 0;
}

static struct pvhload_image *open_told(const struct bytes *file, struct told *told)
{
	const struct pvhload_source source = pvhload_source_buffer(file->data, file->size);
	struct pvhload_image_options options = PVHLOAD_IMAGE_OPTIONS_INIT;
	struct pvhload_progress progress = PVHLOAD_PROGRESS_INIT;
	struct pvhload_image *image = NULL;
	struct pvhload_error err;

	progress.callback = note;
	progress.user = told;
	options.progress = &progress;
	ck_status(PVHLOAD_OK, err, pvhload_image_open(&source, &options, &image, &err));
	memset(&progress, 0, sizeof(progress)); /* it was copied */
	return image;
}

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

/* LZ4's blocks are of 8 MiB; a payload of zstd goes in one piece, and gzip by libdeflate. */
static bool in_one_piece(enum codec codec, bool file)
{
#ifdef PVL_HAVE_DEFLATE
	if (codec == GZIP)
		return true;
#endif
	return codec == LZ4 || (codec == ZSTD && !file);
}

/* A payload says what it decodes to, a file does not. */
START_TEST(every_codec)
{
	for (enum codec codec = 0; codec < FRAMINGS; codec++) {
		if (skip_without(codec))
			continue;
		for (int file = codec == LZ4_FRAME; file < 2; file++) {
			struct bytes raw = large_kernel();
			struct bytes bytes =
				file ? codecs[codec].compress(&raw) : build_compressed(&raw, codec);
			struct told told = { .calls = 0 };
			struct pvhload_image *image = open_told(&bytes, &told);
			struct pvhload_error err;

			ck_assert_uint_eq(told.calls, 0);
			ck_status(PVHLOAD_OK, err, pvhload_image_decode(image, &err));
			ck_assert_uint_eq(told.done, RAW_SIZE);
			ck_assert_uint_eq(told.total, file ? 0 : RAW_SIZE);
			ck_assert_uint_ge(told.calls, in_one_piece(codec, file) ? 2 : 4);
			pvhload_image_close(image);
			bytes_free(&bytes);
			bytes_free(&raw);
		}
	}
}
END_TEST

/* At any report: nothing is left, nothing is remembered, and the next call decodes. */
START_TEST(cancelled)
{
	struct bytes raw = large_kernel();

	for (int file = 0; file < 2; file++) {
		struct bytes bytes =
			file ? codecs[GZIP].compress(&raw) : build_compressed(&raw, GZIP);
		unsigned int calls = 1;

		for (unsigned int at = 1; at <= calls; at++) {
			struct told told = { .cancel_at = at };
			struct pvhload_image *image = open_told(&bytes, &told);
			struct pvhload_error err;

			ck_status(PVHLOAD_E_CANCELLED, err, pvhload_image_decode(image, &err));
			ck_assert_int_eq(err.cause, 7);
			ck_assert_str_eq(err.message, "cancelled by the caller");
			ck_assert_uint_eq(told.calls, at);
			ck_assert_ptr_null(pvhload_image_payload(image));
			told = (struct told){ .calls = 0 };
			ck_status(PVHLOAD_OK, err, pvhload_image_decode(image, &err));
			ck_assert_ptr_nonnull(pvhload_image_payload(image));
			calls = told.calls;
			pvhload_image_close(image);
		}
		ck_assert_uint_ge(calls, in_one_piece(GZIP, file) ? 2 : 6);
		bytes_free(&bytes);
	}
	bytes_free(&raw);
}
END_TEST

/* Planning and explaining decode as well. */
START_TEST(by_other_calls)
{
	struct bytes raw = large_kernel(), bytes = build_compressed(&raw, GZIP);
	struct told told = { .cancel_at = 2 };
	struct pvhload_image_explanation *explanation = NULL;
	struct pvhload_plan *made = NULL;
	struct plan_fixture f;
	struct pvhload_error err;

	plan_setup(&f, 64u << 20);
	pvhload_image_close(f.image);
	f.image = open_told(&bytes, &told);
	f.config.image = f.image;
	ck_status(PVHLOAD_E_CANCELLED, err, pvhload_boot_plan(&f.config, &made, &err));
	ck_assert_int_eq(err.cause, 7);
	ck_assert_uint_eq(err.subject, PVHLOAD_SUBJECT_NONE);
	ck_assert_ptr_null(made);

	told = (struct told){ .cancel_at = 2 };
	ck_status(PVHLOAD_E_CANCELLED, err, pvhload_image_explain(f.image, &explanation, &err));
	ck_assert_int_eq(err.cause, 7);
	ck_assert_ptr_null(explanation);
	plan_teardown(&f);
	bytes_free(&bytes);
	bytes_free(&raw);
}
END_TEST

START_TEST(unusable)
{
	const struct pvhload_source source = pvhload_source_buffer("x", 1);
	const struct pvhload_progress progress = PVHLOAD_PROGRESS_INIT;
	struct pvhload_image_options options = PVHLOAD_IMAGE_OPTIONS_INIT;
	struct pvhload_image *image = NULL;
	struct pvhload_error err;

	options.progress = &progress;
	ck_status(PVHLOAD_E_USAGE, err, pvhload_image_open(&source, &options, &image, &err));
	ck_says(err, "no callback");
	ck_assert_ptr_null(image);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("progress_decode");

	ADD_TESTS(suite, "progress_decode", every_codec, cancelled, by_other_calls, unusable);
	return run_suite(suite);
}
