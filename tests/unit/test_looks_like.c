/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* Files that are no kernel image, named by their first bytes. */
#include "open_image.h"
#include "uki_images.h"

#define PE_AT      0x80u
#define OPTIONAL   240u
#define SECTION_AT (PE_AT + 24u + OPTIONAL)
#define RAW_AT     0xa00u

/* A PE file of @subsystem with one section, or none, which has @text. */
static struct bytes pe_file(unsigned int subsystem, const char *section, const char *text)
{
	struct bytes bytes = bytes_zero(RAW_AT + strlen(text));

	poke(&bytes, 0, 0x5a4d, 2);
	poke(&bytes, 0x3c, PE_AT, 4);
	poke(&bytes, PE_AT, 0x4550, 4);
	poke(&bytes, PE_AT + 6, section[0] ? 1 : 0, 2);
	poke(&bytes, PE_AT + 20, OPTIONAL, 2);
	poke(&bytes, PE_AT + 24 + 68, subsystem, 2);
	memcpy(bytes.data + SECTION_AT, section, strlen(section));
	poke(&bytes, SECTION_AT + 8, strlen(text), 4);
	poke(&bytes, SECTION_AT + 16, strlen(text), 4);
	poke(&bytes, SECTION_AT + 20, RAW_AT, 4);
	memcpy(bytes.data + RAW_AT, text, strlen(text));
	return bytes;
}

static void expect_named(struct bytes *bytes, const char *says)
{
	const struct pvhload_source source = pvhload_source_buffer(bytes->data, bytes->size);
	struct pvhload_image *image = NULL;
	struct pvhload_error err;

	ck_status(PVHLOAD_E_FORMAT, err, pvhload_image_open(&source, NULL, &image, &err));
	ck_says(err, "not a kernel image: ", says);
	bytes_free(bytes);
}

static const struct {
	unsigned int subsystem;
	const char *section, *text, *says;
} programs[] = {
	{ 10, ".linuxes", "",
	  "an EFI program without a kernel (.linux), which needs EFI firmware" },
	{ 10, ".linux2", "", "an EFI program without a kernel" },
	{ 10, "linux", "", "an EFI program without a kernel" },
	{ 10, ".osrel", "ID=systemd-boot", "an EFI program without a kernel" },
	{ 10, ".cmdline", "quiet",
	  "an add-on for a unified kernel image (it has .cmdline), and no kernel (.linux): give the "
	  "UKI that it is for" },
	{ 10, ".profile", "ID=x", "an add-on for a unified kernel image (it has .profile)" },
	{ 10, ".ucode", "", "an add-on for a unified kernel image (it has .ucode)" },
	{ 3, ".cmdline", "quiet", "a PE file without a Linux setup header" },
	{ 10, "", "", "an EFI program without a kernel (.linux), which needs EFI firmware" },
	{ 10, ".sbat", "sbat,1\nshim,4,UEFI shim\n",
	  "an EFI program (shim, by its .sbat section)" },
	{ 10, ".sbat", "sbat,1\ngrub.x-1_y,3", "(grub.x-1_y, by its .sbat section)" },
	{ 10, ".sbat", "\nazAZ09`", "(azAZ09, by" },
	{ 10, ".sbat", "\nazAZ09{", "(azAZ09, by" },
	{ 10, ".sbat", "\nazAZ09@", "(azAZ09, by" },
	{ 10, ".sbat", "\nazAZ09[", "(azAZ09, by" },
	{ 10, ".sbat", "\nazAZ09/", "(azAZ09, by" },
	{ 10, ".sbat", "\nazAZ09:", "(azAZ09, by" },
	{ 10, ".sbat", "sbat,1,no line more", "an EFI program without" },
	{ 10, ".sbat", "sbat,1\n", "an EFI program without" },
	{ 10, ".sbat", "sbat,1\n\x1b[2J", "an EFI program without" },
	{ 10, ".sbat", "\nabcdefghijklmnopqrstuvwxyz0123456789",
	  "(abcdefghijklmnopqrstuvwxyz01234, by" },
	{ 3, "", "", "a PE file without a Linux setup header" },
};

START_TEST(program)
{
	struct bytes bytes =
		pe_file(programs[_i].subsystem, programs[_i].section, programs[_i].text);

	expect_named(&bytes, programs[_i].says);
}
END_TEST

/* Of several sections that only UKIs and their add-ons have, the first is named. */
START_TEST(several_sections)
{
	struct uki_spec spec = { .section_count = 0 };
	struct bytes bytes;

	add_text(&spec, ".sbat", "sbat,1\n");
	add_text(&spec, ".ucode", "u");
	add_text(&spec, ".cmdline", "quiet");
	add_text(&spec, ".osrel", "ID=x");
	bytes = build_uki(&spec);
	expect_named(&bytes, "an add-on for a unified kernel image (it has .ucode)");
}
END_TEST

/* Offsets and counts that lead out of the file. */
START_TEST(damage)
{
	static const struct {
		size_t at;
		uint64_t value;
		size_t size;
		const char *says;
	} cases[] = {
		{ 0x3c, 0xffffffff, 4, "kernel image: a DOS program" },
		{ 0x3c, 0x7fe, 4, "kernel image: a DOS program" },
		{ 0x3c, 0, 4, "kernel image: a DOS program" },
		{ PE_AT, 0x454e, 4, "kernel image: a DOS program" }, /* "NE" */
		{ PE_AT + 24 + 68, 3, 2, "a PE file without a Linux setup header" },
		{ PE_AT + 20, 69, 2, "a PE file without a Linux setup header" }, /* cut short */
		{ SECTION_AT + 8, 0, 4, "an EFI program without" }, /* an empty .sbat */
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct bytes bytes = pe_file(10, ".sbat", "sbat,1\nshim,4\n");

		poke(&bytes, cases[i].at, cases[i].value, cases[i].size);
		expect_named(&bytes, cases[i].says);
	}
}
END_TEST

/* A PE header beyond the bytes that are read at first is one, at the file's end as well. */
START_TEST(far_header)
{
	for (uint64_t at = RAW_AT - 1; at <= RAW_AT + 1; at++) {
		struct bytes bytes = pe_file(3, "", "PE......................");

		poke(&bytes, RAW_AT, 0x4550, 4);
		poke(&bytes, RAW_AT + 6, 0, 2);
		poke(&bytes, RAW_AT + 20, 0, 2);
		poke(&bytes, 0x3c, at, 4);
		expect_named(&bytes, at == RAW_AT ? "a PE file without a Linux setup header"
						  : "a DOS program");
	}
}
END_TEST

/* cpio's formats in ASCII, whole or a byte short of the magic. */
START_TEST(archives)
{
	static const char *const magics[] = { "070701", "070702", "070707", "07070" };

	for (size_t i = 0; i < sizeof(magics) / sizeof(magics[0]); i++) {
		struct bytes bytes = bytes_zero(strlen(magics[i]));

		memcpy(bytes.data, magics[i], bytes.size);
		expect_named(&bytes, "kernel image: a cpio archive, as an initrd is");
		bytes = bytes_zero(4);
		memcpy(bytes.data, magics[i], bytes.size);
		expect_named(&bytes, "neither an ELF file nor a bzImage");
	}
}
END_TEST

/* Magics at an offset, in files that are too short for it as well. */
START_TEST(images_of_others)
{
	static const struct {
		size_t at;
		uint32_t magic;
		const char *says;
	} cases[] = {
		{ 0x24, 0x016f2818, "an arm zImage" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct bytes bytes = bytes_zero(cases[i].at + 4);

		poke(&bytes, cases[i].at, cases[i].magic, 4);
		expect_named(&bytes, cases[i].says);
		bytes = bytes_zero(cases[i].at + 4);
		poke(&bytes, cases[i].at, cases[i].magic, 4);
		bytes.size--;
		expect_named(&bytes, "neither an ELF file nor a bzImage");
	}
}
END_TEST

/* Kernels of big-endian machines say in their header which. */
START_TEST(big_endian)
{
	static const struct {
		bool is32;
		uint16_t machine;
		const char *says;
	} cases[] = {
		{ false, 22, "class 64 for machine 22 (S/390)" },
		{ true, 20, "class 32 for machine 20 (PowerPC)" },
		{ false, 21, "class 64 for machine 21 (PowerPC64)" },
		{ false, 43, "class 64 for machine 43 (SPARC V9)" },
		{ true, 0x1234, "class 32 for machine 4660 (unknown)" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct elf_spec spec = small_kernel();
		struct pvhload_image *image = NULL;
		struct pvhload_source source;
		struct pvhload_error err;
		struct bytes bytes;

		spec.is32 = cases[i].is32;
		bytes = build_elf(&spec);
		bytes.data[5] = 2;
		bytes.data[18] = (uint8_t)(cases[i].machine >> 8);
		bytes.data[19] = (uint8_t)cases[i].machine;
		source = pvhload_source_buffer(bytes.data, bytes.size);
		ck_status(PVHLOAD_E_UNSUPPORTED, err,
			  pvhload_image_open(&source, NULL, &image, &err));
		ck_says(err, "a big-endian ELF file of ", cases[i].says);
		bytes_free(&bytes);
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("looks_like");
	TCase *table = tcase_create("program");

	tcase_add_loop_test(table, program, 0, (int)(sizeof(programs) / sizeof(programs[0])));
	suite_add_tcase(suite, table);
	ADD_TESTS(suite, "looks_like", several_sections, damage, far_header, archives,
		  images_of_others, big_endian);
	return run_suite(suite);
}
