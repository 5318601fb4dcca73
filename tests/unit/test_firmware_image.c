/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* Raw firmware: by the caller's word alone, where it is, and what is at the reset vector. */
#include "made_firmware.h"
#include "load_fixture.h"

#define KIB 1024u
#define MIB (1024u * KIB)

/* Jumps as firmware has them, and where they go in one of 64 KiB. */
static const struct {
	uint8_t reset[RESET_CODE_SIZE];
	uint64_t target;
} jumps[] = {
	{ { 0xea, 0x5b, 0xe0, 0x00, 0xf0 }, 0xfe05b }, /* SeaBIOS: f000:e05b */
	{ { 0x66, 0xea, 0x00, 0x00, 0x00, 0x00, 0x00, 0xf0 },
	  0xf0000 },                                   /* to the alias's first byte */
	{ { 0xea, 0xff, 0xff, 0x00, 0xf0 }, 0xfffff }, /* and its last */
	{ { 0xe9, 0x8d, 0xff }, 0xffffff80 },          /* qboot: near */
	{ { 0xe9, 0x0d, 0x00 }, 0xffff0000 },          /* around the end of the segment */
	{ { 0x66, 0xe9, 0x00, 0xff, 0xff, 0xff }, 0xfffffef6 },
	{ { 0xeb, 0x80 }, 0xffffff72 },
	{ { 0xeb, 0x0d }, 0xffffffff },
	{ { 0x90, 0x90, 0xe9, 0x5b, 0xff }, 0xffffff50 }, /* OVMF of 4 MiB */
	{ { 0x0f, 0x20, 0xc0, 0xa8, 0x01, 0x74, 0x05, 0xe9, 0x28, 0xff, 0xff, 0xff, 0xe9, 0x09,
	    0xff },
	  0xffffff08 }, /* OVMF of 2 MiB: over the jump of protected mode */
	{ { 0xbf, 0x50, 0x41, 0xeb, 0x1d }, 0xffff0012 },
	{ { 0x74, 0x09, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xea, 0, 0, 0, 0xf0 }, 0xf0000 },
	{ { 0xfa, 0xfc, 0x0f, 0x09, 0xe9, 0x09, 0xff }, 0xffffff00 },
};

START_TEST(jumps_are_followed)
{
	for (size_t i = 0; i < sizeof(jumps) / sizeof(jumps[0]); i++) {
		struct bytes bytes = build_firmware(64 * KIB, jumps[i].reset);
		struct pvhload_image *image = open_firmware(&bytes);

		ck_assert_uint_eq(pvhload_image_get_info(image)->firmware->target, jumps[i].target);
		pvhload_image_close(image);
		bytes_free(&bytes);
	}
}
END_TEST

/* Up to 4 GiB, and its last 128 KiB up to 1 MiB. */
START_TEST(where_it_is)
{
	static const struct {
		size_t size;
		uint64_t gpa, alias_gpa, alias_size;
	} cases[] = {
		{ 4 * KIB, 0xfffff000, 0xff000, 0x1000 },
		{ 64 * KIB, 0xffff0000, 0xf0000, 0x10000 },
		{ 128 * KIB, 0xfffe0000, 0xe0000, 0x20000 },
		{ 256 * KIB, 0xfffc0000, 0xe0000, 0x20000 },
		{ 0x37c000, 0xffc84000, 0xe0000, 0x20000 },
		{ 16 * MIB, 0xff000000, 0xe0000, 0x20000 },
	};
	static const uint8_t here[RESET_CODE_SIZE] = { 0xeb, 0xfe };

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct bytes bytes = build_firmware(cases[i].size, here);
		struct pvhload_image *image = open_firmware(&bytes);
		const struct pvhload_image_firmware *f = pvhload_image_get_info(image)->firmware;

		ck_assert_uint_eq(f->window.gpa, cases[i].gpa);
		ck_assert_uint_eq(f->window.size, cases[i].size);
		ck_assert_uint_eq(f->alias.gpa, cases[i].alias_gpa);
		ck_assert_uint_eq(f->alias.size, cases[i].alias_size);
		ck_assert_uint_eq(f->target, 0xfffffff0);
		pvhload_image_close(image);
		bytes_free(&bytes);
	}
}
END_TEST

START_TEST(what_it_is)
{
	struct bytes bytes = build_bios(64 * KIB);
	struct pvhload_image *image = open_firmware(&bytes);
	const struct pvhload_image_info *info = pvhload_image_get_info(image);
	struct pvhload_image_explanation *explanation = NULL;
	struct pvhload_error err;
	char version[64];

	ck_assert_uint_eq(info->format, PVHLOAD_FORMAT_FIRMWARE);
	ck_assert_str_eq(pvhload_format_name(info->format), "firmware");
	ck_assert_uint_eq(info->arch, PVHLOAD_ARCH_I386);
	ck_assert_uint_eq(info->size, 64 * KIB);
	ck_assert_uint_eq(info->entry, 0xfffffff0);
	ck_assert_uint_eq(info->has_entry32 + info->has_entry64, 0);
	ck_assert_uint_eq(info->guest, PVHLOAD_GUEST_OTHER);
	ck_assert_str_eq(info->guest_reason, "a firmware is not Linux");
	ck_assert(!info->elf && !info->bzimage && !info->pvh && !info->flat);
	ck_assert_uint_eq(info->part_count, 0);
	ck_status(PVHLOAD_OK, err, pvhload_image_decode(image, &err));
	ck_status(PVHLOAD_E_NOT_FOUND, err,
		  pvhload_image_kernel_version(image, version, sizeof(version), &err));
	ck_assert_uint_eq(pvhload_boot_cmdline_capacity(image, PVHLOAD_PROTOCOL_AUTO, 0), 0);
	ck_status(PVHLOAD_OK, err, pvhload_image_explain(image, &explanation, &err));
	ck_assert_uint_eq(explanation->count, 1);
	ck_assert_uint_eq(explanation->methods[0]->protocol, PVHLOAD_PROTOCOL_X86_RESET);
	ck_assert_uint_eq(explanation->methods[0]->can, 1);
	ck_assert_str_eq(explanation->methods[0]->reason,
			 "its code at the reset vector jumps to 0xfe05b");
	pvhload_image_explanation_free(explanation);
	pvhload_image_close(image);
	bytes_free(&bytes);
}
END_TEST

static struct pvhload_error refuse(const struct bytes *bytes, uint32_t format,
				   enum pvhload_status status)
{
	const struct pvhload_source source = pvhload_source_buffer(bytes->data, bytes->size);
	struct pvhload_image *const untouched = (struct pvhload_image *)(uintptr_t)0x5a5a;
	struct pvhload_image_options options = firmware_options();
	struct pvhload_image *image = untouched;
	struct pvhload_error err;

	options.format = format;
	ck_status(status, err, pvhload_image_open(&source, &options, &image, &err));
	ck_assert_ptr_eq(image, untouched);
	return err;
}

/* A file is never taken for one by itself. */
START_TEST(only_if_said)
{
	struct bytes bytes = build_bios(64 * KIB);
	const uint32_t formats[] = { PVHLOAD_FORMAT_ELF64, PVHLOAD_FORMAT_COMPRESSED, 12,
				     UINT32_MAX };

	(void)refuse_bytes(&bytes, PVHLOAD_E_FORMAT);
	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++)
		ck_says(refuse(&bytes, formats[i], PVHLOAD_E_USAGE), "the options ask for format");
	bytes_free(&bytes);
}
END_TEST

START_TEST(no_firmware)
{
	static const struct {
		size_t size;
		uint8_t reset[RESET_CODE_SIZE];
		enum pvhload_status status;
		uint64_t offset;
		const char *says;
	} cases[] = {
		{ 0, { 0 }, PVHLOAD_E_FORMAT, 0, "it has 0 bytes" },
		{ 15, { 0 }, PVHLOAD_E_FORMAT, 0, "it has 15 bytes" },
		{ 16,
		  { 0xeb, 0xfe },
		  PVHLOAD_E_MALFORMED,
		  0,
		  "16 bytes, which is no multiple of 4096" },
		{ 4095, { 0xeb, 0xfe }, PVHLOAD_E_MALFORMED, 0, "no multiple of 4096" },
		{ 16 * MIB + 4096,
		  { 0xeb, 0xfe },
		  PVHLOAD_E_LIMIT,
		  0,
		  "has 16781312 bytes, 4096 more than the limit, 16777216" },
		{ 64 * KIB,
		  { 0 },
		  PVHLOAD_E_FORMAT,
		  0xfff0,
		  "are 00 00 00 00 00 ..., which is no jump that is known" },
		{ 64 * KIB,
		  { 0xff, 0xff, 0xff, 0xff },
		  PVHLOAD_E_FORMAT,
		  0xfff0,
		  "ff ff ff ff 00" },
		/* jumps that are not there: backwards, past the end, cut off */
		{ 64 * KIB,
		  { 0x74, 0xfe, 0xe9, 0x8d, 0xff },
		  PVHLOAD_E_FORMAT,
		  0xfff0,
		  "are 74 fe e9 8d ff ..., which is no jump" },
		{ 64 * KIB, { 0x74, 0x7f, 0xe9, 0x8d, 0xff }, PVHLOAD_E_FORMAT, 0xfff0, "no jump" },
		{ 64 * KIB, { 0x74, 0x0d, 0xe9, 0x8d, 0xff }, PVHLOAD_E_FORMAT, 0xfff0, "no jump" },
		{ 64 * KIB,
		  { 0x74, 0x0a, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xea, 0, 0, 0xf0 },
		  PVHLOAD_E_FORMAT,
		  0xfff0,
		  "no jump" },
		{ 64 * KIB,
		  { 0x90, 0x90, 0x90, 0x90, 0x90, 0x90, 0x90, 0x90, 0x90, 0x90, 0x90, 0x90, 0x90,
		    0x90, 0x90, 0x90 },
		  PVHLOAD_E_FORMAT,
		  0xfff0,
		  "no jump" },
		/* the processor would find none of it there */
		{ 4 * KIB,
		  { 0xea, 0x5b, 0xe0, 0x00, 0xf0 },
		  PVHLOAD_E_MALFORMED,
		  0xff0,
		  "jumps to 0xfe05b, where there is none of it: it is from 0xfffff000 to 4 GiB, "
		  "and from 0xff000 to 1 MiB" },
		{ 64 * KIB,
		  { 0xea, 0xff, 0xff, 0x00, 0xe0 },
		  PVHLOAD_E_MALFORMED,
		  0xfff0,
		  "jumps to 0xeffff" },
		{ 64 * KIB,
		  { 0xea, 0x00, 0x7c, 0x00, 0x00 },
		  PVHLOAD_E_MALFORMED,
		  0xfff0,
		  "jumps to 0x7c00" },
		{ 4 * KIB,
		  { 0xe9, 0x0d, 0x00 },
		  PVHLOAD_E_MALFORMED,
		  0xff0,
		  "jumps to 0xffff0000" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct bytes bytes = build_firmware(cases[i].size, cases[i].reset);
		const struct pvhload_error err =
			refuse(&bytes, PVHLOAD_FORMAT_FIRMWARE, cases[i].status);

		ck_says(err, cases[i].says);
		ck_assert_uint_eq(err.offset, cases[i].offset);
		bytes_free(&bytes);
	}
}
END_TEST

/* Firmware that is entered by PVH is an ELF file: by itself it is one, and as a raw one it would not run. */
START_TEST(pvh_firmware)
{
	const struct elf_spec spec = small_kernel();
	struct bytes bytes = build_elf(&spec);
	struct pvhload_image *image = open_bytes(&bytes);

	ck_assert_ptr_nonnull(pvhload_image_get_info(image)->pvh);
	ck_assert_ptr_null(pvhload_image_get_info(image)->firmware);
	ck_says(refuse(&bytes, PVHLOAD_FORMAT_FIRMWARE, PVHLOAD_E_FORMAT),
		"not a raw firmware but an ELF file");
	pvhload_image_close(image);
	bytes_free(&bytes);
}
END_TEST

/* It is loaded by a plan, which knows of ROM. */
START_TEST(not_loaded_alone)
{
	struct pvhload_image_load_result result = PVHLOAD_IMAGE_LOAD_RESULT_INIT;
	struct pvhload_memory mem = PVHLOAD_MEMORY_INIT;
	struct bytes bytes = build_bios(64 * KIB);
	struct pvhload_image *image = open_firmware(&bytes);
	struct pvhload_error err;

	ck_status(PVHLOAD_E_UNSUPPORTED, err, pvhload_image_load(image, &mem, NULL, &result, &err));
	ck_says(err, "a firmware, which goes to ROM");
	pvhload_image_close(image);
	bytes_free(&bytes);
}
END_TEST

static int64_t cannot_read(void *user, uint64_t offset, void *dst, size_t len)
{
	(void)user;
	memset(dst, 0, len);
	return offset == 0 ? (int64_t)len : -5;
}

START_TEST(unreadable)
{
	const struct pvhload_source source = pvhload_source_reader(cannot_read, NULL, 64 * KIB);
	const struct pvhload_image_options options = firmware_options();
	struct pvhload_image *image = NULL;
	struct pvhload_error err;

	ck_status(PVHLOAD_E_SOURCE, err, pvhload_image_open(&source, &options, &image, &err));
	ck_assert_int_eq(err.cause, -5);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("firmware_image");

	ADD_TESTS(suite, "firmware_image", jumps_are_followed, where_it_is, what_it_is,
		  only_if_said, no_firmware, pvh_firmware, not_loaded_alone, unreadable);
	return run_suite(suite);
}
