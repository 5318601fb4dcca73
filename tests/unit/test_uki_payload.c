/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* The kernel in a UKI: what it may be, its bytes, and what other calls make of it. */
#include "flat_images.h"
#include "load_fixture.h"
#include "uki_fixture.h"

static int64_t read_bytes(void *user, uint64_t offset, void *dst, size_t len)
{
	memcpy(dst, (const uint8_t *)user + offset, len);
	return (int64_t)len;
}

/* The kernel is not copied: of a reader it is a window as well. */
START_TEST(payload_of_a_reader)
{
	struct bytes kernel = small_kernel_file(), bytes;
	const struct uki_spec spec = small_uki(&kernel);
	struct pvhload_image *image = NULL;
	struct pvhload_source source;
	struct pvhload_error err;
	uint8_t read[64];

	bytes = build_uki(&spec);
	source = pvhload_source_reader(read_bytes, bytes.data, bytes.size);
	ck_status(PVHLOAD_OK, err, pvhload_image_open(&source, NULL, &image, &err));
	for (int again = 0; again < 2; again++) {
		ck_assert_ptr_null(pvhload_image_payload(image));
		ck_status(PVHLOAD_OK, err, pvhload_image_decode(image, &err));
		ck_assert_uint_eq(pvhload_image_get_info(pvhload_image_payload(image))->size,
				  kernel.size);
		ck_status(PVHLOAD_OK, err,
			  pvhload_image_read(pvhload_image_payload(image), 0, read, 64, &err));
		ck_assert_mem_eq(read, kernel.data, 64);
		pvhload_image_drop_payload(image);
	}
	close_uki(image, &bytes);
	bytes_free(&kernel);
}
END_TEST

/* A kernel of each kind in .linux: its format, and how many payloads are in one another. */
START_TEST(kernels)
{
	struct bytes elf = small_kernel_file(), flat = build_flat(ARM64, true);
	const struct {
		struct bytes bytes;
		uint32_t format;
		size_t depth;
	} cases[] = {
		{ bytes_copy(elf.data, elf.size), PVHLOAD_FORMAT_ELF64, 1 },
		{ build_compressed(&elf, GZIP), PVHLOAD_FORMAT_BZIMAGE, 2 },
		{ codecs[GZIP].compress(&elf), PVHLOAD_FORMAT_COMPRESSED, 2 },
		{ bytes_copy(flat.data, flat.size), PVHLOAD_FORMAT_ARM64_IMAGE, 1 },
		{ small_zboot(GZIP), PVHLOAD_FORMAT_EFI_ZBOOT, 2 },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct bytes kernel = cases[i].bytes, bytes;
		const struct uki_spec spec = small_uki(&kernel);
		struct pvhload_image *image = open_uki(&spec, &bytes), *inner = image, *next;
		struct pvhload_error err;
		size_t depth = 0;

		for (; inner; inner = next, depth++) {
			ck_status(PVHLOAD_OK, err, pvhload_image_decode(inner, &err));
			next = pvhload_image_payload(inner);
			if (depth == 1)
				ck_assert_uint_eq(pvhload_image_get_info(inner)->format,
						  cases[i].format);
		}
		ck_assert_uint_eq(depth, cases[i].depth + 1);
		close_uki(image, &bytes);
		bytes_free(&kernel);
	}
	bytes_free(&flat);
	bytes_free(&elf);
}
END_TEST

static void expect_refused(const struct bytes *kernel, enum pvhload_status status, const char *says)
{
	const struct uki_spec spec = small_uki(kernel);
	struct bytes bytes = build_uki(&spec);

	ck_says(refuse_decode(&bytes, 0, status), says);
	bytes_free(&bytes);
}

START_TEST(no_kernels)
{
	struct bytes elf = small_kernel_file(), none = { NULL, 0 }, text = bytes_copy("text", 4);
	const struct uki_spec spec = small_uki(&elf);
	struct bytes uki = build_uki(&spec), file = codecs[GZIP].compress(&uki);

	expect_refused(&none, PVHLOAD_E_FORMAT,
		       "section .linux: not a kernel image: the file is empty");
	expect_refused(&text, PVHLOAD_E_FORMAT, "section .linux: not a kernel image: neither");
	expect_refused(&uki, PVHLOAD_E_FORMAT, "section .linux: a UKI, which is never in a UKI");
	ck_says(refuse_decode(&file, 0, PVHLOAD_E_FORMAT),
		"payload of the gzip file: a UKI, which is never in a compressed file");
	bytes_free(&file);
	bytes_free(&uki);
	bytes_free(&text);
	bytes_free(&elf);
}
END_TEST

/* What wants a kernel wants the one in it. */
START_TEST(other_calls)
{
	struct pvhload_image_explanation *why = NULL;
	struct bytes kernel = small_kernel_file(), bytes;
	const struct uki_spec spec = small_uki(&kernel);
	struct pvhload_image *image = open_uki(&spec, &bytes);
	struct pvhload_error err;
	struct load_fixture f;

	load_setup(&f, build_uki(&spec), 0);
	err = load_refused(&f, PVHLOAD_E_UNSUPPORTED);
	ck_says(err, "the image is a UKI: decode it and load its payload");
	ck_assert_uint_eq(pvhload_boot_cmdline_capacity(image, 0, 0), 0);
	ck_status(PVHLOAD_OK, err, pvhload_image_explain(image, &why, &err));
	ck_assert_uint_eq(why->count, 3);
	ck_assert_uint_eq(why->methods[0]->can, 1);
	pvhload_image_explanation_free(why);
	ck_assert_uint_eq(pvhload_boot_cmdline_capacity(image, 0, 0), 2048);
	load_teardown(&f);
	close_uki(image, &bytes);
	bytes_free(&kernel);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("uki_payload");

	ADD_TESTS(suite, "uki_payload", payload_of_a_reader, kernels, no_kernels, other_calls);
	return run_suite(suite);
}
