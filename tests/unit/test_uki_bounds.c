/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* UKIs that are cut off, damaged, at a limit; where the headers and a signature may be. */
#include "uki_fixture.h"

static struct pvhload_error refuse_uki(const struct uki_spec *spec, enum pvhload_status status)
{
	struct bytes bytes = build_uki(spec);
	const struct pvhload_error err = refuse_bytes(&bytes, status);

	bytes_free(&bytes);
	return err;
}

/* Up to the last byte, all of it is missed. */
START_TEST(truncated)
{
	struct bytes kernel = small_kernel_file(), whole;
	struct uki_spec spec = small_uki(&kernel);

	spec.signature_size = 16;
	whole = build_uki(&spec);
	for (size_t size = 0; size < whole.size; size++) {
		struct bytes part = bytes_copy(whole.data, size);
		const bool is_pe = size >= 0x84; /* "PE", two NULs */
		const struct pvhload_error err =
			refuse_bytes(&part, is_pe ? PVHLOAD_E_MALFORMED : PVHLOAD_E_FORMAT);

		if (is_pe)
			ck_says(err, "a PE file: ", "passes the end of the file",
				"(is it truncated?)");
		bytes_free(&part);
	}
	bytes_free(&whole);
	bytes_free(&kernel);
}
END_TEST

/* Of sections, the limit and one more; of the table, what leads out of the file. */
START_TEST(limits)
{
	struct bytes kernel = small_kernel_file(), bytes;
	struct uki_spec spec = small_uki(&kernel);
	struct pvhload_image *image;
	struct pvhload_error err;

	while (spec.section_count < 96)
		add_text(&spec, ".dtbauto", "a tree");
	image = open_uki(&spec, &bytes);
	ck_assert_uint_eq(pvhload_image_get_info(image)->part_count, 95);
	close_uki(image, &bytes);
	add_text(&spec, ".dtbauto", "a tree");
	err = refuse_uki(&spec, PVHLOAD_E_LIMIT);
	ck_says(err,
		"a PE file of 97 sections, more than the limit of 96 (PVHLOAD_PE_SECTIONS_MAX)");
	bytes_free(&kernel);
}
END_TEST

START_TEST(damaged)
{
	static const struct {
		size_t section; /* 0: the header, and else one after it */
		size_t at;
		uint64_t value;
		size_t size;
		enum pvhload_status status;
		const char *says;
	} cases[] = {
		{ 0, 6, 0xffff, 2, PVHLOAD_E_LIMIT, "65535 sections" },
		{ 0, 6, 96, 2, PVHLOAD_E_MALFORMED,
		  "the table of its sections, 96 at offset 0x188" },
		{ 0, 20, 0xffff, 2, PVHLOAD_E_MALFORMED, "4 at offset 0x10097" },
		/* the table over the optional header: all of it, and its end */
		{ 0, 20, 0, 2, PVHLOAD_E_FORMAT, "a PE file without a Linux setup header" },
		{ 0, 20, 0xf0 - 8, 2, PVHLOAD_E_MALFORMED,
		  "section 0, 0x10 bytes at offset 0x10000" },
		{ 1, 20, 0xffffffff, 4, PVHLOAD_E_MALFORMED,
		  "section 0, 0x200 bytes at offset 0xffffffff" },
		{ 2, 16, 0xffffffff, 4, PVHLOAD_E_MALFORMED, "section 1, 0xffffffff bytes" },
		{ 4, 16, 0x201, 4, PVHLOAD_E_MALFORMED, "section 3, 0x201 bytes" },
		{ 0, 24 + 108, 5, 4, PVHLOAD_OK, "" }, /* directories, the certificates' the last */
		{ 0, 24 + 112 + 36, 0xffffffff, 4, PVHLOAD_E_MALFORMED,
		  "its signature, 0xffffffff bytes at offset 0x0" },
	};
	struct bytes kernel = small_kernel_file();
	const struct uki_spec spec = small_uki(&kernel);

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const size_t at = cases[i].section == 0
					  ? uki_optional_offset(&spec) - 24
					  : uki_header_offset(&spec, cases[i].section - 1);
		struct bytes bytes = build_uki(&spec);

		poke(&bytes, at + cases[i].at, cases[i].value, cases[i].size);
		if (cases[i].status == PVHLOAD_OK)
			pvhload_image_close(open_bytes(&bytes));
		else
			ck_says(refuse_bytes(&bytes, cases[i].status), cases[i].says);
		bytes_free(&bytes);
	}
	bytes_free(&kernel);
}
END_TEST

/* The header may be anywhere, its table across and beyond the bytes that are read at first. */
START_TEST(far_header)
{
	static const uint32_t places[] = { 0x40, 2048 - 300, 2048 - 24, 2048 - 2, 2048, 0x12345 };
	struct bytes kernel = small_kernel_file();

	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		struct uki_spec spec = small_uki(&kernel);
		struct pvhload_image *image;
		struct bytes bytes;

		spec.pe_at = places[i];
		spec.signature_size = 8;
		image = open_uki(&spec, &bytes);
		ck_assert_uint_eq(pvhload_image_get_info(image)->part_count, 3);
		expect_text(image, PVHLOAD_IMAGE_PART_INITRD, 0, PVHLOAD_UKI_BASE, UKI_INITRD);
		ck_assert_uint_eq(pvhload_image_get_info(image)->uki->signature_size, 8);
		close_uki(image, &bytes);
	}
	bytes_free(&kernel);
}
END_TEST

static const struct {
	uint16_t machine;
	bool pe32;
	uint32_t arch;
} machines[] = {
	{ 0x8664, false, PVHLOAD_ARCH_X86_64 },      { 0x14c, true, PVHLOAD_ARCH_I386 },
	{ 0xaa64, false, PVHLOAD_ARCH_ARM64 },       { 0x5064, false, PVHLOAD_ARCH_RISCV64 },
	{ 0x6264, false, PVHLOAD_ARCH_LOONGARCH64 }, { 0x1c2, true, 0 },
};

/* For each machine, and both forms of the optional header: where the signature is. */
START_TEST(machine_and_signature)
{
	struct bytes kernel = small_kernel_file(), bytes;
	struct uki_spec spec = small_uki(&kernel);
	const struct pvhload_image_info *info;
	struct pvhload_image *image;

	spec.machine = machines[_i].machine;
	spec.pe32 = machines[_i].pe32;
	spec.signature_size = 1424;
	image = open_uki(&spec, &bytes);
	info = pvhload_image_get_info(image);
	ck_assert_uint_eq(info->arch, machines[_i].arch);
	ck_assert_uint_eq(info->uki->signature_offset, bytes.size - 1424);
	ck_assert_uint_eq(info->uki->signature_size, 1424);
	pvhload_image_close(image);
	/* Four directories, of which the certificates' is none. */
	poke(&bytes, uki_optional_offset(&spec) + (spec.pe32 ? 92 : 108), 4, 4);
	image = open_bytes(&bytes);
	ck_assert_uint_eq(pvhload_image_get_info(image)->uki->signature_size, 0);
	ck_assert_uint_eq(pvhload_image_get_info(image)->uki->signature_offset, 0);
	close_uki(image, &bytes);
	/* Neither form. */
	bytes = build_uki(&spec);
	poke(&bytes, uki_optional_offset(&spec), 0x107, 2);
	image = open_bytes(&bytes);
	ck_assert_uint_eq(pvhload_image_get_info(image)->uki->signature_offset, 0);
	close_uki(image, &bytes);
	bytes_free(&kernel);
}
END_TEST

/* Of a byte or two as well; one that passes the end by a byte is refused. */
START_TEST(small_signatures)
{
	struct bytes kernel = small_kernel_file(), bytes;

	for (size_t size = 1; size <= 2; size++) {
		struct uki_spec spec = small_uki(&kernel);
		struct pvhload_image *image;
		struct pvhload_source cut;
		struct pvhload_error err;

		spec.signature_size = size;
		image = open_uki(&spec, &bytes);
		ck_assert_uint_eq(pvhload_image_get_info(image)->uki->signature_size, size);
		ck_assert_uint_eq(pvhload_image_get_info(image)->uki->signature_offset,
				  bytes.size - size);
		pvhload_image_close(image);
		image = NULL;
		cut = pvhload_source_buffer(bytes.data, bytes.size - 1);
		ck_status(PVHLOAD_E_MALFORMED, err, pvhload_image_open(&cut, NULL, &image, &err));
		ck_says(err, "its signature, 0x", "passes the end of the file");
		ck_assert_uint_eq(err.offset, bytes.size - size);
		ck_assert_ptr_null(image);
		bytes_free(&bytes);
	}
	bytes_free(&kernel);
}
END_TEST

/* What is after a file's signature is nothing of ours. */
START_TEST(signature_in_the_middle)
{
	struct bytes kernel = small_kernel_file(), bytes, longer;
	struct uki_spec spec = small_uki(&kernel);
	struct pvhload_image *image;

	spec.signature_size = 8;
	bytes = build_uki(&spec);
	longer = bytes_join(&bytes, &kernel);
	image = open_bytes(&longer);
	ck_assert_uint_eq(pvhload_image_get_info(image)->uki->signature_offset, bytes.size - 8);
	close_uki(image, &longer);
	bytes_free(&bytes);
	bytes_free(&kernel);
}
END_TEST

/* A reader that fails from its @calls-th call on. */
struct failing {
	struct bytes bytes;
	size_t calls;
};

static int64_t read_some(void *user, uint64_t offset, void *dst, size_t len)
{
	struct failing *f = user;

	if (f->calls == 0)
		return -5;
	f->calls--;
	memcpy(dst, f->bytes.data + offset, len);
	return (int64_t)len;
}

/* Whatever cannot be read of the headers, that is the error, and not what the file may be. */
START_TEST(unreadable)
{
	struct bytes kernel = small_kernel_file();
	const struct uki_spec spec = small_uki(&kernel);
	struct failing f = { .bytes = build_uki(&spec) };
	struct pvhload_source source = pvhload_source_reader(read_some, &f, f.bytes.size);
	struct pvhload_image *image = NULL;
	struct pvhload_error err;
	/* the first bytes; to find .linux, and again: where the header is, its magic, it, the optional one, sections */
	const size_t reads = 1 + 2 * (4 + spec.section_count);

	for (size_t i = 0; i < reads; i++) {
		f.calls = i;
		ck_status(PVHLOAD_E_SOURCE, err, pvhload_image_open(&source, NULL, &image, &err));
		ck_assert_int_eq(err.cause, -5);
		ck_assert_ptr_null(image);
	}
	f.calls = reads;
	ck_status(PVHLOAD_OK, err, pvhload_image_open(&source, NULL, &image, &err));
	pvhload_image_close(image);
	bytes_free(&f.bytes);
	bytes_free(&kernel);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("uki_bounds");
	TCase *each = tcase_create("machine");

	tcase_add_loop_test(each, machine_and_signature, 0,
			    (int)(sizeof(machines) / sizeof(machines[0])));
	suite_add_tcase(suite, each);
	ADD_TESTS(suite, "uki_bounds", truncated, limits, damaged, far_header, small_signatures,
		  signature_in_the_middle, unreadable);
	return run_suite(suite);
}
