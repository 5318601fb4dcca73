/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* UKIs: their sections by all that a table of sections can say, profiles, and signatures. */
#include "uki_fixture.h"

START_TEST(what_it_is)
{
	struct bytes kernel = small_kernel_file(), bytes;
	const struct uki_spec spec = small_uki(&kernel);
	struct pvhload_image *image = open_uki(&spec, &bytes);
	const struct pvhload_image_info *info = pvhload_image_get_info(image);

	ck_assert_uint_eq(info->format, PVHLOAD_FORMAT_UKI);
	ck_assert_str_eq(pvhload_format_name(info->format), "uki");
	ck_assert_uint_eq(info->arch, PVHLOAD_ARCH_X86_64);
	ck_assert_uint_eq(info->size, bytes.size);
	ck_assert(!info->elf && !info->bzimage && !info->pvh && !info->flat);
	ck_assert_uint_eq(info->entry + info->has_entry32 + info->has_entry64, 0);
	ck_assert_uint_eq(info->cmdline_max + info->initrd_max + info->init_size, 0);
	ck_assert_uint_eq(info->guest, 0);
	ck_assert_str_eq(info->guest_reason, "");
	ck_assert_uint_eq(info->uki->profile_count, 1);
	ck_assert_uint_eq(info->uki->signature_offset, 0);
	ck_assert_uint_eq(info->uki->signature_size, 0);
	ck_assert_uint_eq(info->part_count, 3); /* .text is the stub's */
	expect_part(image, info->parts[0], PVHLOAD_IMAGE_PART_KERNEL, PVHLOAD_UKI_BASE, kernel.data,
		    kernel.size);
	expect_part(image, info->parts[1], PVHLOAD_IMAGE_PART_CMDLINE, PVHLOAD_UKI_BASE,
		    UKI_CMDLINE, strlen(UKI_CMDLINE));
	expect_part(image, info->parts[2], PVHLOAD_IMAGE_PART_INITRD, PVHLOAD_UKI_BASE, UKI_INITRD,
		    strlen(UKI_INITRD));
	close_uki(image, &bytes);
	bytes_free(&kernel);
}
END_TEST

static const struct {
	const char *section;
	uint32_t kind;
} sections[] = {
	{ ".linux", 1 },   { ".initrd", 2 }, { ".cmdline", 3 },  { ".dtb", 4 },
	{ ".dtbauto", 5 }, { ".hwids", 6 },  { ".ucode", 7 },    { ".osrel", 8 },
	{ ".uname", 9 },   { ".sbat", 10 },  { ".profile", 11 },
};
#define SECTIONS (sizeof(sections) / sizeof(sections[0]))

/* Each of them, whichever is the first in the file; .profile is the last, as what follows it is not the base's. */
START_TEST(in_any_order)
{
	struct bytes kernel = small_kernel_file();

	for (size_t first = 0; first < SECTIONS - 1; first++) {
		struct uki_spec spec = { .section_count = 0 };
		struct pvhload_image *image;
		struct bytes bytes;

		for (size_t k = 0; k < SECTIONS - 1; k++) {
			const size_t i = (first + k) % (SECTIONS - 1);

			if (sections[i].kind == PVHLOAD_IMAGE_PART_KERNEL)
				add_section(&spec, ".linux", kernel.data, kernel.size);
			else
				add_text(&spec, sections[i].section, sections[i].section);
		}
		add_text(&spec, ".profile", "ID=main");
		image = open_uki(&spec, &bytes);
		ck_assert_uint_eq(pvhload_image_get_info(image)->part_count, SECTIONS);
		expect_part(image, pvhload_image_get_info(image)->parts[0],
			    PVHLOAD_IMAGE_PART_KERNEL, PVHLOAD_UKI_BASE, kernel.data, kernel.size);
		for (size_t i = 1; i < SECTIONS - 1; i++)
			expect_text(image, sections[i].kind, 0, PVHLOAD_UKI_BASE,
				    sections[i].section);
		expect_text(image, PVHLOAD_IMAGE_PART_PROFILE, 0, 0, "ID=main");
		close_uki(image, &bytes);
	}
	bytes_free(&kernel);
}
END_TEST

START_TEST(names)
{
	for (size_t i = 0; i < SECTIONS; i++)
		ck_assert_str_eq(pvhload_image_part_name(sections[i].kind),
				 sections[i].section + 1);
	ck_assert_str_eq(pvhload_image_part_name(0), "unknown");
	ck_assert_str_eq(pvhload_image_part_name(SECTIONS + 1), "unknown");
	ck_assert_str_eq(pvhload_image_part_name(UINT32_MAX), "unknown");
}
END_TEST

/* A name is all of its 8 bytes. */
START_TEST(names_that_are_not_it)
{
	static const char *const others[] = { ".cmdlin",  ".cmdlin\0", "cmdline",
					      ".CMDLINE", ".Cmdline",  "\0.cmdline" };
	struct bytes kernel = small_kernel_file();

	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		struct uki_spec spec = small_uki(&kernel);
		struct pvhload_image *image;
		struct bytes bytes;

		spec.sections[1].name = others[i];
		image = open_uki(&spec, &bytes);
		ck_assert_ptr_null(part_of(image, PVHLOAD_IMAGE_PART_CMDLINE));
		close_uki(image, &bytes);
		/* .initrd, and another byte after its NUL */
		bytes = build_uki(&spec);
		bytes.data[uki_header_offset(&spec, 3) + 7] = 'x';
		image = open_bytes(&bytes);
		ck_assert_ptr_null(part_of(image, PVHLOAD_IMAGE_PART_INITRD));
		close_uki(image, &bytes);
	}
	bytes_free(&kernel);
}
END_TEST

/* Virtual and raw size, and how many bytes of .cmdline's 20 are its own. */
START_TEST(sizes)
{
	static const struct {
		uint32_t virtual_size, raw_size;
		size_t size;
	} cases[] = {
		{ 0, 0, 20 }, /* filled up to 0x200 */
		{ 20, 20, 20 },
		{ 7, 0x200, 7 },
		{ 0x200, 20, 20 }, /* zeros in memory, which are not the file's */
		{ UINT32_MAX - 1, 9, 9 },
		{ 20, UKI_NO_SIZE, 0 },
		{ UKI_NO_SIZE, 0x200, 0 },
		{ 1, 1, 1 },
	};
	static const char text[] = "12345678901234567890";
	struct bytes kernel = small_kernel_file();

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct uki_spec spec = small_uki(&kernel);
		struct pvhload_image *image;
		struct bytes bytes;

		spec.sections[1] = (struct uki_section){ .name = ".cmdline",
							 .bytes = text,
							 .size = 20,
							 .virtual_size = cases[i].virtual_size,
							 .raw_size = cases[i].raw_size };
		image = open_uki(&spec, &bytes);
		expect_part(image, part_of(image, PVHLOAD_IMAGE_PART_CMDLINE),
			    PVHLOAD_IMAGE_PART_CMDLINE, PVHLOAD_UKI_BASE, text, cases[i].size);
		close_uki(image, &bytes);
	}
	bytes_free(&kernel);
}
END_TEST

/* Sections may be of the same bytes, and of the headers'. */
START_TEST(overlapping)
{
	struct bytes kernel = small_kernel_file(), bytes;
	struct uki_spec spec = small_uki(&kernel);
	struct pvhload_image *image;
	uint32_t linux_at;

	spec.sections[1].raw_size = 0x20;
	spec.sections[1].raw_offset = spec.sections[3].raw_offset = 1; /* of "MZ" the Z */
	linux_at = (uint32_t)uki_section_offset(&spec, 2);
	spec.sections[1].raw_offset = linux_at + 8;
	image = open_uki(&spec, &bytes);
	expect_part(image, part_of(image, PVHLOAD_IMAGE_PART_CMDLINE), PVHLOAD_IMAGE_PART_CMDLINE,
		    PVHLOAD_UKI_BASE, bytes.data + pvhload_image_get_info(image)->parts[1]->offset,
		    strlen(UKI_CMDLINE));
	ck_assert_uint_eq(part_of(image, PVHLOAD_IMAGE_PART_CMDLINE)->offset, linux_at + 8);
	expect_part(image, part_of(image, PVHLOAD_IMAGE_PART_INITRD), PVHLOAD_IMAGE_PART_INITRD,
		    PVHLOAD_UKI_BASE, bytes.data + 1, strlen(UKI_INITRD));
	close_uki(image, &bytes);
	bytes_free(&kernel);
}
END_TEST

/* What else begins with "MZ" is what it says, sections or not. */
START_TEST(other_formats_first)
{
	static const struct {
		size_t at;
		uint64_t value;
		size_t size;
		enum pvhload_status status;
		const char *says;
	} cases[] = {
		{ 0x202, 0x53726448, 4, PVHLOAD_E_MALFORMED, "a setup header whose boot_flag" },
		{ 4, 0x676d697a, 4, PVHLOAD_E_MALFORMED, "an EFI zboot image" },
		{ 56, 0x644d5241, 4, PVHLOAD_E_UNSUPPORTED, "an arm64 Image" },
		{ 56, 0x05435352, 4, PVHLOAD_E_MALFORMED, "a riscv64 Image" },
	};
	struct bytes kernel = small_kernel_file();
	const struct uki_spec spec = small_uki(&kernel);

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct bytes bytes = build_uki(&spec);

		poke(&bytes, cases[i].at, cases[i].value, cases[i].size);
		ck_says(refuse_bytes(&bytes, cases[i].status), cases[i].says);
		bytes_free(&bytes);
	}
	bytes_free(&kernel);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("uki");

	ADD_TESTS(suite, "uki", what_it_is, in_any_order, names, names_that_are_not_it, sizes,
		  overlapping, other_formats_first);
	return run_suite(suite);
}
