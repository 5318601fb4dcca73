/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* Flat Images: what they are, each rule of their headers broken alone, and that nothing boots them. */
#include "flat_images.h"
#include "load_fixture.h"
#include "plan_fixture.h"

static const struct {
	const char *format, *arch, *reason;
	uint32_t id, arch_id;
	uint64_t text_offset, flags, alignment, preferred, entry;
	uint32_t page_size, anywhere, version, relocatable;
} kinds[FLATS] = {
	{ "arm64-image", "arm64", "an arm64 Image is Linux's own format",
	  PVHLOAD_FORMAT_ARM64_IMAGE, PVHLOAD_ARCH_ARM64, 0, 0xa, 0x200000, 0, 0, 4096, 1, 0, 1 },
	{ "riscv64-image", "riscv64", "a riscv64 Image is Linux's own format",
	  PVHLOAD_FORMAT_RISCV64_IMAGE, PVHLOAD_ARCH_RISCV64, 0x200000, 0, 0x200000, 0, 0, 0, 0, 2,
	  1 },
	{ "loongarch64-image", "loongarch64", "a loongarch64 Image is Linux's own format",
	  PVHLOAD_FORMAT_LOONGARCH64_IMAGE, PVHLOAD_ARCH_LOONGARCH64, 0x200000, 0, 0, 0x200000,
	  0x200400, 0, 0, 0, 0 },
};

static void check_flat(const struct pvhload_image_flat *flat, enum flat i)
{
	ck_assert_uint_eq(flat->text_offset, kinds[i].text_offset);
	ck_assert_uint_eq(flat->image_size, FLAT_NEEDS);
	ck_assert_uint_eq(flat->flags, kinds[i].flags);
	ck_assert_uint_eq(flat->page_size, kinds[i].page_size);
	ck_assert_uint_eq(flat->big_endian, 0);
	ck_assert_uint_eq(flat->anywhere, kinds[i].anywhere);
	ck_assert_uint_eq(flat->header_version, kinds[i].version);
}

static void check_info(const struct pvhload_image_info *info, enum flat i)
{
	ck_assert_uint_eq(info->format, kinds[i].id);
	ck_assert_str_eq(pvhload_format_name(info->format), kinds[i].format);
	ck_assert_uint_eq(info->arch, kinds[i].arch_id);
	ck_assert_str_eq(pvhload_arch_name(info->arch), kinds[i].arch);
	ck_assert_uint_eq(info->size, FLAT_SIZE);
	ck_assert_uint_eq(info->entry, kinds[i].entry);
	ck_assert_uint_eq(info->has_entry32 + info->has_entry64, 0);
	ck_assert_uint_eq(info->relocatable, kinds[i].relocatable);
	ck_assert_uint_eq(info->alignment, kinds[i].alignment);
	ck_assert_uint_eq(info->preferred_address, kinds[i].preferred);
	ck_assert_uint_eq(info->init_size, FLAT_NEEDS);
	ck_assert_uint_eq(info->cmdline_max, 0);
	ck_assert_uint_eq(info->initrd_max, 0);
	ck_assert_uint_eq(info->part_count, 0);
	ck_assert(!info->elf && !info->bzimage && !info->pvh);
	ck_assert_uint_eq(info->guest, PVHLOAD_GUEST_LINUX);
	ck_assert_str_eq(info->guest_reason, kinds[i].reason);
	check_flat(info->flat, i);
}

START_TEST(what_they_are)
{
	for (enum flat i = 0; i < FLATS; i++) {
		for (int efi = 0; efi < 2; efi++) {
			struct bytes bytes = build_flat(i, efi);
			struct pvhload_image *image = open_bytes(&bytes);
			struct pvhload_error err;
			char text[64];

			check_info(pvhload_image_get_info(image), i);
			ck_status(PVHLOAD_OK, err,
				  pvhload_image_kernel_version(image, text, sizeof(text), &err));
			ck_assert_str_eq(text, FLAT_VERSION);
			ck_status(PVHLOAD_OK, err, pvhload_image_decode(image, &err));
			ck_assert_ptr_null(pvhload_image_payload(image));
			pvhload_image_close(image);
			bytes_free(&bytes);
		}
	}
}
END_TEST

/* A version is searched for in all of the file, and is not made up. */
START_TEST(without_a_version)
{
	struct bytes bytes = build_flat(ARM64, true), moved;
	struct pvhload_image *image;
	struct pvhload_error err;
	char text[64];

	memset(bytes.data + 0x300, 0, 4);
	memcpy(bytes.data + FLAT_SIZE - 15, "Linux version 5", 15);
	image = open_bytes(&bytes);
	ck_status(PVHLOAD_OK, err, pvhload_image_kernel_version(image, text, sizeof(text), &err));
	ck_assert_str_eq(text, "5");
	pvhload_image_close(image);
	moved = bytes_copy(bytes.data, FLAT_SIZE - 1);
	image = open_bytes(&moved);
	ck_status(PVHLOAD_E_NOT_FOUND, err,
		  pvhload_image_kernel_version(image, text, sizeof(text), &err));
	pvhload_image_close(image);
	bytes_free(&moved);
	bytes_free(&bytes);
}
END_TEST

/* The header with one field replaced, opened. */
static struct pvhload_image *open_with(enum flat flat, size_t at, uint64_t value, size_t size,
				       struct bytes *bytes)
{
	*bytes = build_flat(flat, true);
	poke(bytes, at, value, size);
	return open_bytes(bytes);
}

START_TEST(arm64_flags)
{
	static const uint32_t sizes[] = { 0, 4096, 16384, 65536 };

	for (uint64_t flags = 0; flags < 16; flags++) {
		struct bytes bytes;
		struct pvhload_image *image = open_with(ARM64, 24, flags, 8, &bytes);
		const struct pvhload_image_flat *flat = pvhload_image_get_info(image)->flat;

		ck_assert_uint_eq(flat->flags, flags);
		ck_assert_uint_eq(flat->big_endian, flags & 1);
		ck_assert_uint_eq(flat->page_size, sizes[flags >> 1 & 3]);
		ck_assert_uint_eq(flat->anywhere, flags >> 3);
		pvhload_image_close(image);
		bytes_free(&bytes);
	}
}
END_TEST

/* Before Linux 3.17, text_offset may have any byte order. */
START_TEST(arm64_without_a_size)
{
	struct bytes bytes = build_flat(ARM64, false);
	struct pvhload_image *image;
	const struct pvhload_image_info *info;

	poke(&bytes, 8, 0x80000, 4);
	for (int big = 0; big < 2; big++) {
		poke(&bytes, 8, big ? UINT64_C(0x0000080000000000) : 0x80000, 8);
		poke(&bytes, 16, 0, 8);
		image = open_bytes(&bytes);
		info = pvhload_image_get_info(image);
		ck_assert_uint_eq(info->flat->text_offset, 0x80000);
		ck_assert_uint_eq(info->flat->image_size, 0);
		ck_assert_uint_eq(info->init_size, 0);
		pvhload_image_close(image);
	}
	bytes_free(&bytes);
}
END_TEST

/* What is within the rules, by a hair. */
START_TEST(limits_kept)
{
	static const struct {
		enum flat flat;
		size_t at;
		uint64_t value;
		size_t size;
	} cases[] = {
		{ ARM64, 16, UINT64_C(1) << 48, 8 },
		{ ARM64, 8, (UINT64_C(1) << 48) - FLAT_NEEDS, 8 },
		{ ARM64, 16, 1, 8 },
		{ RISCV64, 16, UINT64_MAX - 0x200000, 8 },
		{ RISCV64, 24, 1, 8 }, /* big-endian */
		{ RISCV64, 32, 0xffff,
		  4 }, /* a later minor version, with which reserved fields may be used */
		{ RISCV64, 36, 1, 4 },
		{ RISCV64, 40, 1, 8 },
		{ RISCV64, 48, 0, 8 }, /* the deprecated magic */
		{ LOONGARCH64, 16, UINT64_MAX - 0x200000, 8 },
		{ LOONGARCH64, 8, UINT64_C(0x9000000000200400), 8 },
		{ ARM64, 60, 0, 4 },                   /* no PE header */
		{ ARM64, 60, 0x7fc, 4 },               /* nor there */
		{ ARM64, 60, 0xffffffff, 4 },          /* nor there */
		{ ARM64, FLAT_PE_AT + 6, 0, 2 },       /* no sections */
		{ ARM64, FLAT_PE_AT + 20, 0xffff, 2 }, /* beyond what is read */
		{ ARM64, 0xf8 + 40 + 16, 0x400, 4 },   /* a section to the end */
		{ ARM64, 0xf8 + 40 + 16, 0, 4 },       /* one without bytes */
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct bytes bytes;
		struct pvhload_image *image = open_with(cases[i].flat, cases[i].at, cases[i].value,
							cases[i].size, &bytes);

		ck_assert_uint_eq(pvhload_image_get_info(image)->format, kinds[cases[i].flat].id);
		pvhload_image_close(image);
		bytes_free(&bytes);
	}
}
END_TEST

static const struct {
	enum flat flat;
	size_t at;
	uint64_t value;
	size_t size;
	enum pvhload_status status;
	uint64_t offset;
	const char *says;
} broken[] = {
	{ ARM64, 16, (UINT64_C(1) << 48) + 1, 8, PVHLOAD_E_MALFORMED, 16,
	  "an arm64 Image of 0x1000000000001 bytes (image_size) from 0x0 (text_offset) on, which "
	  "nowhere ends below 0x1000000000000" },
	{ ARM64, 16, UINT64_MAX, 8, PVHLOAD_E_MALFORMED, 16, "0xffffffffffffffff bytes" },
	{ ARM64, 8, UINT64_MAX, 8, PVHLOAD_E_MALFORMED, 16, "from 0xffffffffffffffff" },
	{ ARM64, 8, UINT64_MAX - FLAT_NEEDS + 1, 8, PVHLOAD_E_MALFORMED, 16, "text_offset" },
	{ ARM64, 24, 0x1a, 8, PVHLOAD_E_UNSUPPORTED, 24,
	  "an arm64 Image with unknown flags: 0x1a, of which 0xf are known" },
	{ ARM64, 24, UINT64_C(1) << 63, 8, PVHLOAD_E_UNSUPPORTED, 24, "unknown flags" },
	{ ARM64, 32, 1, 8, PVHLOAD_E_UNSUPPORTED, 32,
	  "an arm64 Image whose reserved word at 0x20 is 0x1, not 0" },
	{ ARM64, 47, 0x80, 1, PVHLOAD_E_UNSUPPORTED, 40, "at 0x28 is 0x8000000000000000, not 0" },
	{ ARM64, 48, 7, 8, PVHLOAD_E_UNSUPPORTED, 48, "at 0x30 is 0x7, not 0" },
	{ ARM64, FLAT_PE_AT + 4, 0x8664, 2, PVHLOAD_E_UNSUPPORTED, FLAT_PE_AT + 4,
	  "an arm64 Image whose PE header is for machine 0x8664, not 0xaa64" },
	{ ARM64, 0xf8 + 40 + 16, 0x401, 4, PVHLOAD_E_MALFORMED, 0x400,
	  "an arm64 Image: section 1, 0x401 bytes at offset 0x400, passes the end of the file, "
	  "0x800 (is it truncated?)" },
	{ ARM64, 0xf8 + 20, 0xffffffff, 4, PVHLOAD_E_MALFORMED, 0xffffffff, "section 0" },
	{ ARM64, 0xf8 + 16, 0xffffffff, 4, PVHLOAD_E_MALFORMED, 0x200, "section 0" },
	{ ARM64, FLAT_PE_AT + 6, 0xffff, 2, PVHLOAD_E_MALFORMED, 0x74616c66, "section 13" },
	{ RISCV64, 16, 0, 8, PVHLOAD_E_MALFORMED, 16,
	  "a riscv64 Image whose image_size is 0: it does not say how many bytes it needs" },
	{ RISCV64, 16, UINT64_MAX - 0x1fffff, 8, PVHLOAD_E_MALFORMED, 16, "a riscv64 Image of" },
	{ RISCV64, 24, 2, 8, PVHLOAD_E_UNSUPPORTED, 24,
	  "a riscv64 Image with unknown flags: 0x2, of which 0x1 are known" },
	{ RISCV64, 34, 1, 2, PVHLOAD_E_UNSUPPORTED, 32,
	  "a riscv64 Image whose header has version 1.2; known is 0, up to 0.2" },
	{ RISCV64, FLAT_PE_AT + 4, 0x5032, 2, PVHLOAD_E_UNSUPPORTED, FLAT_PE_AT + 4,
	  "a riscv64 Image whose PE header is for machine 0x5032, not 0x5064" },
	{ LOONGARCH64, 16, 0, 8, PVHLOAD_E_MALFORMED, 16, "a loongarch64 Image whose image_size" },
	{ LOONGARCH64, 24, UINT64_MAX, 8, PVHLOAD_E_MALFORMED, 16, "a loongarch64 Image of" },
	{ LOONGARCH64, 0xf8 + 16, 0x601, 4, PVHLOAD_E_MALFORMED, 0x200, "section 0" },
	{ LOONGARCH64, FLAT_PE_AT + 4, 0x8664, 2, PVHLOAD_E_FORMAT, 0, "a PE file" },
};

START_TEST(rule_broken)
{
	struct bytes bytes = build_flat(broken[_i].flat, true);
	struct pvhload_error err;

	poke(&bytes, broken[_i].at, broken[_i].value, broken[_i].size);
	err = refuse_bytes(&bytes, broken[_i].status);
	ck_says(err, broken[_i].says);
	ck_assert_uint_eq(err.offset, broken[_i].offset);
	bytes_free(&bytes);
}
END_TEST

/* What opening a file of these first bytes is to give. */
static enum pvhload_status expected(enum flat flat, bool efi, size_t size)
{
	const size_t seen = flat == LOONGARCH64 ? FLAT_PE_AT + 24 : 60;

	/* What nothing says that it is a kernel is a PE file, once that can be seen. */
	if (size < seen)
		return size < FLAT_PE_AT + 4 || flat != LOONGARCH64 ? PVHLOAD_E_FORMAT
								    : PVHLOAD_E_MALFORMED;
	if (size < 64)
		return PVHLOAD_E_MALFORMED;
	/* The table of sections and then their bytes: how far the file has to go for them is said there. */
	if ((efi || flat == LOONGARCH64) && size >= 0xf8 + 40 && size < FLAT_PE_ENDS)
		return PVHLOAD_E_MALFORMED;
	return PVHLOAD_OK;
}

START_TEST(truncated)
{
	for (enum flat flat = 0; flat < FLATS; flat++) {
		for (int efi = 0; efi < 2; efi++) {
			struct bytes whole = build_flat(flat, efi);

			for (size_t n = 0; n < whole.size; n++) {
				struct bytes cut = bytes_copy(whole.data, n);

				if (expected(flat, efi, n) == PVHLOAD_OK)
					pvhload_image_close(open_bytes(&cut));
				else
					(void)refuse_bytes(&cut, expected(flat, efi, n));
				bytes_free(&cut);
			}
			bytes_free(&whole);
		}
	}
}
END_TEST

/* The magics of an Image are in files that are something else. */
START_TEST(others_come_first)
{
	static const struct {
		const char *bytes;
		size_t at, size;
		enum pvhload_status status;
		const char *says;
	} cases[] = {
		{ "\x7f"
		  "ELF\x02\x01\x01",
		  0, 7, PVHLOAD_E_UNSUPPORTED, "ELF file" },
		{ "HdrS", 0x202, 4, PVHLOAD_E_MALFORMED, "boot_flag" },
		{ "MZ\0\0zimg", 0, 8, PVHLOAD_E_MALFORMED, "EFI zboot" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct bytes bytes = build_flat(ARM64, true);
		struct pvhload_error err;

		memcpy(bytes.data + cases[i].at, cases[i].bytes, cases[i].size);
		err = refuse_bytes(&bytes, cases[i].status);
		ck_says(err, cases[i].says);
		bytes_free(&bytes);
	}
}
END_TEST

/* By no protocol and no entry, whatever is asked for. */
static void check_not_booted(struct bytes bytes, const char *says)
{
	struct pvhload_image_explanation *explanation = NULL;
	struct plan_fixture f;
	struct pvhload_error err;

	plan_setup(&f, 64 * MIB);
	use_bytes(&f, bytes);
	for (uint32_t protocol = 0; protocol <= PVHLOAD_PROTOCOL_RISCV64_LINUX; protocol++) {
		f.config.protocol = protocol;
		err = refused(&f, PVHLOAD_E_UNSUPPORTED);
		ck_assert_str_eq(err.message, says);
		ck_assert_uint_eq(err.subject, PVHLOAD_SUBJECT_KERNEL);
		ck_assert_uint_eq(pvhload_boot_cmdline_capacity(f.image, protocol, 0), 0);
	}
	ck_status(PVHLOAD_E_UNSUPPORTED, err, pvhload_image_explain(f.image, &explanation, &err));
	ck_assert_str_eq(err.message, says);
	ck_assert_ptr_null(explanation);
	plan_teardown(&f);
}

START_TEST(not_booted)
{
	static const char says[] =
		"a loongarch64 Image, a kernel for loongarch64, which an EFI firmware has to start: it has "
		"no boot protocol of its own";
	struct bytes raw = build_flat(LOONGARCH64, true);
	struct load_fixture f;
	struct pvhload_error err;

	check_not_booted(codecs[GZIP].compress(&raw), says);
	check_not_booted(bytes_copy(raw.data, raw.size), says);
	load_setup(&f, raw, 0);
	err = load_refused(&f, PVHLOAD_E_UNSUPPORTED);
	ck_assert_str_eq(err.message, says);
	load_teardown(&f);
}
END_TEST

/* pvhload_image_load() puts it where a plan would: as low as it fits, or where it is asked to. */
START_TEST(loaded)
{
	static const uint64_t lowest[] = { 0x200000, 0x200000 };

	for (enum flat flat = 0; flat <= RISCV64; flat++) {
		struct load_fixture f;
		struct pvhload_error err;
		uint8_t zeros[FLAT_NEEDS - FLAT_SIZE] = { 0 };

		load_setup_region(&f, build_flat(flat, true), 0, 8 * MIB);
		load_image(&f);
		ck_assert_uint_eq(f.result.gpa, lowest[flat]);
		ck_assert_uint_eq(f.result.entry, lowest[flat]);
		ck_assert_uint_eq(f.result.size, FLAT_NEEDS);
		ck_assert_uint_eq(f.result.runtime.gpa, lowest[flat]);
		ck_assert_uint_eq(f.result.runtime.size, FLAT_NEEDS);
		ck_assert_uint_eq(f.result.has_entry64 | f.result.has_entry32, 0);
		ck_assert_uint_eq(f.result.has_pvh_entry, 0);
		take_bytes(&f, lowest[flat], f.bytes.data, FLAT_SIZE);
		take_bytes(&f, lowest[flat] + FLAT_SIZE, zeros, sizeof(zeros));
		ck_assert(fake_memory_untouched(&f.fake));
		load_image_at(&f, 0x400000);
		ck_assert_uint_eq(f.result.gpa, 0x400000);
		load_teardown(&f);
		load_setup_region(&f, build_flat(flat, true), 0, 8 * MIB);
		err = load_refused_at(&f, 0x410000, PVHLOAD_E_RANGE);
		ck_says(err,
			"the kernel cannot be at 0x410000: by its boot protocol it is at a multiple of");
		load_teardown(&f);
	}
}
END_TEST

START_TEST(zboot_is_not_loaded)
{
	struct load_fixture f;
	struct pvhload_error err;

	load_setup(&f, small_zboot(GZIP), 0);
	err = load_refused(&f, PVHLOAD_E_UNSUPPORTED);
	ck_assert_str_eq(err.message,
			 "the image is an EFI zboot image: decode it and load its payload");
	load_teardown(&f);
}
END_TEST

/* A bzImage holds an ELF file, and nothing else is taken out of it to be booted. */
START_TEST(not_in_a_bzimage)
{
	for (int zboot = 0; zboot < 2; zboot++) {
		struct bytes inner = zboot ? small_zboot(GZIP) : build_flat(RISCV64, true);
		struct plan_fixture f;
		struct pvhload_error err;

		plan_setup(&f, 64 * MIB);
		use_bytes(&f, build_compressed(&inner, GZIP));
		f.config.protocol = PVHLOAD_PROTOCOL_PVH;
		err = refused(&f, PVHLOAD_E_FORMAT);
		ck_says(err, zboot ? "payload: an EFI zboot image, which is never in a bzImage"
				   : "payload: a riscv64 Image, which is never in a bzImage");
		plan_teardown(&f);
		bytes_free(&inner);
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("flat");
	TCase *rules = tcase_create("rule_broken");

	tcase_add_loop_test(rules, rule_broken, 0, (int)(sizeof(broken) / sizeof(broken[0])));
	suite_add_tcase(suite, rules);
	ADD_TESTS(suite, "flat", what_they_are, without_a_version, arm64_flags,
		  arm64_without_a_size, limits_kept, truncated, others_come_first, not_booted,
		  loaded, zboot_is_not_loaded, not_in_a_bzimage);
	return run_suite(suite);
}
