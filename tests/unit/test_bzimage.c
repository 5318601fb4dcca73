/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* bzImage: the setup header by its own length, the payload's place, and what is inside. */
#include <stdio.h>

#include "open.h"

#define PROBE_SIZE 2048 /* bytes of a payload that nobody decodes */

static struct bzimage_spec plain(void)
{
	static uint8_t payload[PROBE_SIZE];

	memcpy(payload, "\x28\xb5\x2f\xfd", 4);
	return (struct bzimage_spec){ .payload = payload,
				      .payload_size = sizeof(payload),
				      .decoded_size = 0x123456,
				      .kernel_version = "6.1.0-test (x@y) #1 SMP" };
}

START_TEST(a_modern_header)
{
	struct bzimage_spec spec = plain();
	const struct pvhload_image_info *info;
	struct pvhload_image *image;
	struct pvhload_error err;
	struct bytes bytes;
	char text[64];

	spec.setup_sects = 39;
	spec.tail_size = 1472; /* a signature behind it */
	bytes = build_bzimage(&spec);
	image = open_bytes(&bytes);
	info = pvhload_image_info(image);
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
		struct bzimage_spec spec = plain();
		const struct pvhload_image_info *info;
		struct pvhload_image *image;
		struct bytes bytes;

		spec.version = cases[i].version;
		bytes = build_bzimage(&spec);
		image = open_bytes(&bytes);
		info = pvhload_image_info(image);
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
	struct bzimage_spec spec = plain();
	const struct pvhload_image_info *info;
	struct pvhload_image *image;
	struct bytes bytes = build_bzimage(&spec);

	bytes.data[0x201] = 0x267 - 0x202; /* ends within init_size's last byte + handover_offset */
	image = open_bytes(&bytes);
	ck_assert_uint_eq(pvhload_image_info(image)->init_size, 0x3000000);
	pvhload_image_close(image);
	bytes.data[0x201] = 0x263 - 0x202; /* one byte of init_size short */
	image = open_bytes(&bytes);
	ck_assert_uint_eq(pvhload_image_info(image)->init_size, 0);
	pvhload_image_close(image);
	bytes.data[0x201] = 0x240 - 0x202; /* as memdisk's */
	image = open_bytes(&bytes);
	info = pvhload_image_info(image);
	ck_assert_uint_eq(info->payload_offset, 0);
	ck_assert_uint_eq(info->cmdline_max, 2047);
	pvhload_image_close(image);
	bytes.data[0x201] = 0x7f; /* a later protocol's, within the zero page's room */
	image = open_bytes(&bytes);
	ck_assert_uint_eq(pvhload_image_info(image)->init_size, 0x3000000);
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
		const struct bzimage_spec spec = plain();
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
	struct bzimage_spec spec = plain();
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

static const uint32_t codec_ids[CODECS] = { PVHLOAD_CODEC_GZIP, PVHLOAD_CODEC_ZSTD,
					    PVHLOAD_CODEC_LZ4 };

START_TEST(decoded)
{
	const struct elf_spec spec = small_kernel();
	struct bytes elf = build_elf(&spec);

	for (enum codec codec = 0; codec < CODECS; codec++) {
		struct bytes bytes = build_compressed(&elf, codec);
		struct pvhload_image *image = open_bytes(&bytes);
		const struct pvhload_image *payload;
		struct pvhload_error err;
		uint8_t *back = malloc(elf.size);

		ck_assert_uint_eq(pvhload_image_info(image)->payload_codec, codec_ids[codec]);
		ck_assert_uint_eq(pvhload_image_info(image)->payload_decoded_size, elf.size);
		ck_assert_ptr_null(pvhload_image_payload(image));
		ck_status(PVHLOAD_OK, err, pvhload_image_decode(image, &err));
		payload = pvhload_image_payload(image);
		ck_assert_ptr_nonnull(payload);
		ck_assert_uint_eq(pvhload_image_info(payload)->format, PVHLOAD_FORMAT_ELF64);
		ck_assert_uint_eq(pvhload_image_info(payload)->pvh_entry, SMALL_ENTRY);
		ck_assert_uint_eq(pvhload_image_info(payload)->size, elf.size);
		ck_status(PVHLOAD_OK, err, pvhload_image_read(payload, 0, back, elf.size, &err));
		ck_assert_mem_eq(back, elf.data, elf.size);
		/* once is enough */
		ck_status(PVHLOAD_OK, err, pvhload_image_decode(image, &err));
		ck_assert_ptr_eq(pvhload_image_payload(image), payload);
		pvhload_image_close(image);
		bytes_free(&bytes);
		free(back);
	}
	bytes_free(&elf);
}
END_TEST

/* An ELF file may be the payload as it is, whatever the source. */
static int64_t read_bytes(void *user, uint64_t offset, void *dst, size_t len)
{
	const struct bytes *bytes = user;

	memcpy(dst, bytes->data + offset, len);
	return (int64_t)len;
}

START_TEST(not_compressed)
{
	const struct elf_spec elf_spec = small_kernel();
	struct bytes elf = build_elf(&elf_spec), bytes;
	const struct bzimage_spec spec = { .payload = elf.data,
					   .payload_size = elf.size,
					   .no_trailer = true };

	bytes = build_bzimage(&spec);
	for (int i = 0; i < 2; i++) {
		struct pvhload_source source =
			i == 0 ? pvhload_source_buffer(bytes.data, bytes.size)
			       : pvhload_source_reader(read_bytes, &bytes, bytes.size);
		struct pvhload_image *image = NULL;
		struct pvhload_error err;
		char magic[4];

		ck_status(PVHLOAD_OK, err, pvhload_image_open(&source, NULL, &image, &err));
		ck_assert_uint_eq(pvhload_image_info(image)->payload_codec, PVHLOAD_CODEC_NONE);
		ck_assert_uint_eq(pvhload_image_info(image)->payload_decoded_size, elf.size);
		ck_status(PVHLOAD_OK, err, pvhload_image_decode(image, &err));
		ck_assert_uint_eq(pvhload_image_info(pvhload_image_payload(image))->pvh_entry,
				  SMALL_ENTRY);
		ck_status(PVHLOAD_OK, err,
			  pvhload_image_read(pvhload_image_payload(image), 0, magic, 4, &err));
		ck_assert_mem_eq(magic,
				 "\x7f"
				 "ELF",
				 4);
		pvhload_image_close(image);
	}
	bytes_free(&bytes);
	bytes_free(&elf);
}
END_TEST

static struct pvhload_error refuse_decode(const struct bytes *bytes, uint64_t limit,
					  enum pvhload_status status)
{
	struct pvhload_source source = pvhload_source_buffer(bytes->data, bytes->size);
	struct pvhload_image_options options = { sizeof(options), limit };
	struct pvhload_image *image = NULL;
	struct pvhload_error err;

	ck_status(PVHLOAD_OK, err, pvhload_image_open(&source, &options, &image, &err));
	ck_status(status, err, pvhload_image_decode(image, &err));
	ck_assert_ptr_null(pvhload_image_payload(image));
	pvhload_image_close(image);
	return err;
}

START_TEST(unknown_codecs)
{
	static const struct {
		const char *magic;
		size_t size;
		uint32_t codec;
		const char *says;
	} cases[] = {
		{ "BZh9", 4, PVHLOAD_CODEC_BZIP2, "no bzip2 decoder" },
		{ "\x5d\0\0\x80", 4, PVHLOAD_CODEC_LZMA, "no lzma decoder" },
		{ "\xfd"
		  "7zXZ\0",
		  6, PVHLOAD_CODEC_XZ, "no xz decoder" },
		{ "\x89LZO\0\r\n\x1a\n", 9, PVHLOAD_CODEC_LZO, "no lzo decoder" },
		{ "\xde\xad\xbe\xef", 4, PVHLOAD_CODEC_UNKNOWN, "de ad be ef" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint8_t payload[64] = { 0 };
		struct bzimage_spec spec = plain();
		struct pvhload_image *image;
		struct pvhload_error err;
		struct bytes bytes;

		memcpy(payload, cases[i].magic, cases[i].size);
		spec.payload = payload;
		spec.payload_size = sizeof(payload);
		bytes = build_bzimage(&spec);
		image = open_bytes(&bytes);
		ck_assert_uint_eq(pvhload_image_info(image)->payload_codec, cases[i].codec);
		pvhload_image_close(image);
		err = refuse_decode(&bytes, 0, PVHLOAD_E_UNSUPPORTED);
		ck_says(err, cases[i].says);
		ck_assert_uint_eq(err.offset, bzimage_payload_offset(&spec));
		bytes_free(&bytes);
	}
}
END_TEST

START_TEST(limits)
{
	const struct elf_spec elf_spec = small_kernel();
	struct bytes elf = build_elf(&elf_spec), bytes = build_compressed(&elf, LZ4);
	struct bzimage_spec spec = plain();
	struct pvhload_error err;
	char declared[32];

	snprintf(declared, sizeof(declared), "%zu decoded bytes", elf.size);
	err = refuse_decode(&bytes, elf.size - 1, PVHLOAD_E_LIMIT);
	ck_says(err, "lz4 payload", declared, "more than the limit");
	bytes_free(&bytes);

	/* the default, without anything being allocated for it */
	spec.decoded_size = PVHLOAD_DECODE_LIMIT_DEFAULT + 1;
	bytes = build_bzimage(&spec);
	err = refuse_decode(&bytes, 0, PVHLOAD_E_LIMIT);
	ck_says(err, "zstd payload", "268435457", "268435456");
	bytes_free(&bytes);
	spec.decoded_size = 0;
	bytes = build_bzimage(&spec);
	err = refuse_decode(&bytes, 0, PVHLOAD_E_MALFORMED);
	ck_says(err, "declares 0 bytes");
	bytes_free(&bytes);
	/* a payload that takes more than it may give */
	spec.decoded_size = 100;
	bytes = build_bzimage(&spec);
	err = refuse_decode(&bytes, 200, PVHLOAD_E_LIMIT);
	ck_says(err, "it takes 2052 bytes", "200");
	bytes_free(&bytes);
	bytes_free(&elf);
}
END_TEST

START_TEST(something_else_inside)
{
	struct bytes text = bytes_copy("not a kernel at all, but long enough to compress", 49);
	struct bytes bytes = build_compressed(&text, ZSTD), nested;
	struct pvhload_error err = refuse_decode(&bytes, 0, PVHLOAD_E_FORMAT);
	struct elf_spec spec = small_kernel();
	struct bytes elf;

	ck_says(err, "inside the payload", "not a kernel image");
	nested = build_compressed(&bytes, ZSTD);
	err = refuse_decode(&nested, 0, PVHLOAD_E_FORMAT);
	ck_says(err, "inside the payload", "another bzImage");
	bytes_free(&nested);
	bytes_free(&bytes);
	bytes_free(&text);

	spec.machine = MACHINE_AARCH64;
	elf = build_elf(&spec);
	bytes = build_compressed(&elf, GZIP);
	err = refuse_decode(&bytes, 0, PVHLOAD_E_UNSUPPORTED);
	ck_says(err, "inside the payload", "AArch64");
	bytes_free(&bytes);
	bytes_free(&elf);
}
END_TEST

/* A reader that turns bad after the image was opened. */
struct turning {
	const struct bytes *bytes;
	bool fails;
	bool garbles;
};

static int64_t read_turning(void *user, uint64_t offset, void *dst, size_t len)
{
	const struct turning *t = user;

	if (t->fails)
		return -9;
	memcpy(dst, t->bytes->data + offset, len);
	if (t->garbles)
		memset(dst, 0, len);
	return (int64_t)len;
}

START_TEST(source_that_changes)
{
	const struct elf_spec elf_spec = small_kernel();
	struct bytes elf = build_elf(&elf_spec), bytes = build_compressed(&elf, GZIP);
	struct turning t = { &bytes, false, false };
	struct pvhload_source source = pvhload_source_reader(read_turning, &t, bytes.size);
	struct pvhload_image *image = NULL;
	struct pvhload_error err;
	char text[64];

	ck_status(PVHLOAD_OK, err, pvhload_image_open(&source, NULL, &image, &err));
	t.fails = true;
	ck_status(PVHLOAD_E_SOURCE, err, pvhload_image_decode(image, &err));
	ck_assert_int_eq(err.cause, -9);
	ck_status(PVHLOAD_E_SOURCE, err, pvhload_image_kernel_version(image, text, 64, &err));
	t.fails = false;
	t.garbles = true;
	ck_status(PVHLOAD_E_UNSUPPORTED, err, pvhload_image_decode(image, &err));
	ck_says(err, "00 00 00 00");
	t.garbles = false;
	ck_status(PVHLOAD_OK, err, pvhload_image_decode(image, &err));
	pvhload_image_close(image);

	image = NULL;
	t.fails = true;
	ck_status(PVHLOAD_E_SOURCE, err, pvhload_image_open(&source, NULL, &image, &err));
	ck_assert_ptr_null(image);
	bytes_free(&bytes);
	bytes_free(&elf);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("bzimage");

	ADD_TESTS(suite, "header", a_modern_header, old_protocols, header_length, headers_refused,
		  no_version_text);
	ADD_TESTS(suite, "payload", decoded, not_compressed, unknown_codecs, limits,
		  something_else_inside, source_that_changes);
	return run_suite(suite);
}
