/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* bzImage: the setup header by its own length, the payload's place, and what is inside. */
#include "open.h"

START_TEST(a_modern_header)
{
	struct bzimage_spec spec = undecoded_bzimage();
	const struct pvhload_image_info *info;
	struct pvhload_image *image;
	struct pvhload_error err;
	struct bytes bytes;
	char text[64];

	spec.setup_sects = 39;
	spec.tail_size = 1472; /* a signature behind it */
	bytes = build_bzimage(&spec);
	image = open_bytes(&bytes);
	info = pvhload_image_get_info(image);
	ck_assert_uint_eq(info->format, PVHLOAD_FORMAT_BZIMAGE);
	ck_assert_uint_eq(info->arch, PVHLOAD_ARCH_X86_64);
	ck_assert_uint_eq(info->size, bytes.size);
	ck_assert_uint_eq(info->entry, 0x100000);
	ck_assert_uint_eq(info->segment_count, 0);
	ck_assert_uint_eq(info->has_pvh_entry, 0);
	ck_assert_uint_eq(info->relocatable, 1);
	ck_assert_uint_eq(info->alignment, 0x200000);
	ck_assert_uint_eq(info->preferred_address, 0x1000000);
	ck_assert_uint_eq(info->init_size, 0x3000000);
	ck_assert_uint_eq(info->cmdline_max, 2047);
	ck_assert_uint_eq(info->initrd_max, 0x7fffffff);
	ck_assert_uint_eq(info->boot_protocol, 0x20f);
	ck_assert_uint_eq(info->loadflags, 1);
	ck_assert_uint_eq(info->xloadflags, 0x7f);
	ck_assert_uint_eq(info->payload_codec, PVHLOAD_CODEC_ZSTD);
	ck_assert_uint_eq(info->payload_offset, bzimage_payload_offset(&spec));
	ck_assert_uint_eq(info->payload_size, PROBE_SIZE + 4);
	ck_assert_uint_eq(info->payload_decoded_size, 0x123456);
	ck_status(PVHLOAD_OK, err, pvhload_image_kernel_version(image, text, sizeof(text), &err));
	ck_assert_str_eq(text, "6.1.0-test (x@y) #1 SMP");
	ck_status(PVHLOAD_E_CAPACITY, err, pvhload_image_kernel_version(image, text, 23, &err));
	ck_says(err, "24 bytes", "23");
	pvhload_image_close(image);
	bytes_free(&bytes);
}
END_TEST

/* A field is read only if the protocol has it: older images keep text or code there. */
START_TEST(old_protocols)
{
	static const struct {
		uint16_t version;
		uint32_t cmdline_max;
		uint64_t initrd_max, alignment, preferred, init_size;
		uint32_t relocatable, xloadflags;
		bool payload;
	} cases[] = {
		{ 0x20f, 2047, 0x7fffffff, 0x200000, 0x1000000, 0x3000000, 1, 0x7f, true },
		{ 0x20c, 2047, 0x7fffffff, 0x200000, 0x1000000, 0x3000000, 1, 0x7f, true },
		{ 0x20b, 2047, 0x7fffffff, 0x200000, 0x1000000, 0x3000000, 1, 0, true },
		{ 0x209, 2047, 0x7fffffff, 0x200000, 0x100000, 0, 1, 0, true },
		{ 0x207, 2047, 0x7fffffff, 0x200000, 0x100000, 0, 1, 0, false },
		{ 0x205, 255, 0x7fffffff, 0x200000, 0x100000, 0, 1, 0, false },
		{ 0x204, 255, 0x7fffffff, 0, 0x100000, 0, 0, 0, false },
		{ 0x202, 255, 0x37ffffff, 0, 0x100000, 0, 0, 0, false },
		{ 0x200, 255, 0x37ffffff, 0, 0x100000, 0, 0, 0, false },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct bzimage_spec spec = undecoded_bzimage();
		const struct pvhload_image_info *info;
		struct pvhload_image *image;
		struct bytes bytes;

		spec.version = cases[i].version;
		bytes = build_bzimage(&spec);
		image = open_bytes(&bytes);
		info = pvhload_image_get_info(image);
		ck_assert_uint_eq(info->boot_protocol, cases[i].version);
		ck_assert_uint_eq(info->cmdline_max, cases[i].cmdline_max);
		ck_assert_uint_eq(info->initrd_max, cases[i].initrd_max);
		ck_assert_uint_eq(info->alignment, cases[i].alignment);
		ck_assert_uint_eq(info->preferred_address, cases[i].preferred);
		ck_assert_uint_eq(info->init_size, cases[i].init_size);
		ck_assert_uint_eq(info->relocatable, cases[i].relocatable);
		ck_assert_uint_eq(info->xloadflags, cases[i].xloadflags);
		ck_assert_uint_eq(info->payload_offset != 0, cases[i].payload);
		pvhload_image_close(image);
		bytes_free(&bytes);
	}
}
END_TEST

/* And only if the header itself reaches that far. */
START_TEST(header_length)
{
	struct bzimage_spec spec = undecoded_bzimage();
	const struct pvhload_image_info *info;
	struct pvhload_image *image;
	struct bytes bytes = build_bzimage(&spec);

	bytes.data[0x201] = 0x267 - 0x202; /* ends within init_size's last byte + handover_offset */
	image = open_bytes(&bytes);
	ck_assert_uint_eq(pvhload_image_get_info(image)->init_size, 0x3000000);
	pvhload_image_close(image);
	bytes.data[0x201] = 0x263 - 0x202; /* one byte of init_size short */
	image = open_bytes(&bytes);
	ck_assert_uint_eq(pvhload_image_get_info(image)->init_size, 0);
	pvhload_image_close(image);
	bytes.data[0x201] = 0x240 - 0x202; /* as memdisk's */
	image = open_bytes(&bytes);
	info = pvhload_image_get_info(image);
	ck_assert_uint_eq(info->payload_offset, 0);
	ck_assert_uint_eq(info->cmdline_max, 2047);
	pvhload_image_close(image);
	bytes.data[0x201] = 0x7f; /* a later protocol's, within the zero page's room */
	image = open_bytes(&bytes);
	ck_assert_uint_eq(pvhload_image_get_info(image)->init_size, 0x3000000);
	pvhload_image_close(image);
	bytes_free(&bytes);
}
END_TEST

START_TEST(headers_refused)
{
	static const struct {
		size_t offset;
		uint64_t value;
		size_t size;
		enum pvhload_status status;
		const char *says;
	} cases[] = {
		{ 0x1fe, 0xaa54, 2, PVHLOAD_E_MALFORMED, "boot_flag is 0xaa54" },
		{ 0x202, 0, 4, PVHLOAD_E_FORMAT, "neither" },
		{ 0x206, 0x1ff, 2, PVHLOAD_E_UNSUPPORTED, "version 0x1ff" },
		{ 0x211, 0, 1, PVHLOAD_E_UNSUPPORTED, "zImage" },
		{ 0x200, 0xe9, 1, PVHLOAD_E_MALFORMED, "jump (0xe9" },
		{ 0x201, 0x80, 1, PVHLOAD_E_MALFORMED, "where it ends" },
		{ 0x201, 0x0f, 1, PVHLOAD_E_MALFORMED, "where it ends" },
		{ 0x1f1, 0xff, 1, PVHLOAD_E_MALFORMED, "0x20000 (is it truncated?)" },
		{ 0x248, 0xffffffff, 4, PVHLOAD_E_MALFORMED, "passes the end" },
		{ 0x24c, 0xffffffff, 4, PVHLOAD_E_MALFORMED, "passes the end" },
		{ 0x24c, PROBE_SIZE + 5, 4, PVHLOAD_E_MALFORMED, "truncated" },
		{ 0x24c, 12, 4, PVHLOAD_E_MALFORMED, "12 bytes holds no kernel" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct bzimage_spec spec = undecoded_bzimage();
		struct bytes bytes = build_bzimage(&spec);
		struct pvhload_error err;

		poke(&bytes, cases[i].offset, cases[i].value, cases[i].size);
		err = refuse_bytes(&bytes, cases[i].status);
		ck_says(err, cases[i].says);
		bytes_free(&bytes);
	}
}
END_TEST

START_TEST(no_version_text)
{
	struct bzimage_spec spec = undecoded_bzimage();
	struct pvhload_image *image;
	struct pvhload_error err;
	struct bytes bytes;
	char text[16];

	spec.kernel_version = NULL;
	bytes = build_bzimage(&spec);
	image = open_bytes(&bytes);
	ck_status(PVHLOAD_E_NOT_FOUND, err, pvhload_image_kernel_version(image, text, 16, &err));
	pvhload_image_close(image);
	poke(&bytes, 0x20e, 0xffff, 2); /* past the end */
	image = open_bytes(&bytes);
	ck_status(PVHLOAD_E_NOT_FOUND, err, pvhload_image_kernel_version(image, text, 16, &err));
	pvhload_image_close(image);
	poke(&bytes, 0x20e, 0x400, 2); /* an empty string */
	image = open_bytes(&bytes);
	ck_status(PVHLOAD_E_NOT_FOUND, err, pvhload_image_kernel_version(image, text, 16, &err));
	pvhload_image_close(image);
	bytes_free(&bytes);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("bzimage");

	ADD_TESTS(suite, "header", a_modern_header, old_protocols, header_length, headers_refused,
		  no_version_text);
	return run_suite(suite);
}
