/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* EFI zboot images: where the payload is, what comes out of it, and what may not. */
#include "flat_images.h"
#include "open_image.h"

static void check_part(const struct pvhload_image_info *info, enum codec codec, size_t size)
{
	ck_assert_uint_eq(info->part_count, 1);
	ck_assert_uint_eq(info->parts[0]->kind, PVHLOAD_IMAGE_PART_KERNEL);
	ck_assert_uint_eq(info->parts[0]->codec, codecs[codec].id);
	ck_assert_uint_eq(info->parts[0]->offset, ZBOOT_PAYLOAD_AT);
	ck_assert_uint_eq(info->parts[0]->size, size);
	ck_assert_uint_eq(info->parts[0]->decoded_size, FLAT_SIZE);
}

static void check_zboot(const struct pvhload_image_info *info)
{
	ck_assert_uint_eq(info->format, PVHLOAD_FORMAT_EFI_ZBOOT);
	ck_assert_str_eq(pvhload_format_name(info->format), "efi-zboot");
	ck_assert_uint_eq(info->arch, PVHLOAD_ARCH_ARM64);
	ck_assert_uint_eq(info->guest, PVHLOAD_GUEST_LINUX);
	ck_assert_str_eq(info->guest_reason, "an EFI zboot image is Linux's own format");
	ck_assert(!info->elf && !info->bzimage && !info->flat);
}

/* What is decoded is the flat Image, byte for byte. */
static void check_payload(struct pvhload_image *image, const struct bytes *raw)
{
	uint8_t *back = malloc(raw->size);
	struct pvhload_image *payload;
	struct pvhload_error err;
	char text[64];

	ck_status(PVHLOAD_E_NOT_FOUND, err,
		  pvhload_image_kernel_version(image, text, sizeof(text), &err));
	ck_status(PVHLOAD_OK, err, pvhload_image_decode(image, &err));
	payload = pvhload_image_payload(image);
	ck_assert_uint_eq(pvhload_image_get_info(payload)->format, PVHLOAD_FORMAT_ARM64_IMAGE);
	ck_assert_uint_eq(pvhload_image_get_info(payload)->size, raw->size);
	ck_status(PVHLOAD_OK, err, pvhload_image_read(payload, 0, back, raw->size, &err));
	ck_assert_mem_eq(back, raw->data, raw->size);
	ck_status(PVHLOAD_OK, err, pvhload_image_kernel_version(payload, text, sizeof(text), &err));
	ck_assert_str_eq(text, FLAT_VERSION);
	free(back);
}

/* By all names that builds have had for a codec. */
START_TEST(every_codec)
{
	static const struct {
		enum codec codec;
		const char *name;
	} cases[] = {
		{ GZIP, "gzip" }, { LZ4, "lz4" },   { LZMA, "lzma" },   { LZO, "lzo" },
		{ XZ, "xzkern" }, { ZSTD, "zstd" }, { ZSTD, "zstd22" },
	};
	struct bytes raw = build_flat(ARM64, true);

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct bytes stream, bytes;
		struct pvhload_image *image;

		if (skip_without(cases[i].codec))
			continue;

		stream = codecs[cases[i].codec].compress(&raw);
		bytes = build_zboot(&raw, cases[i].codec, cases[i].name);
		image = open_bytes(&bytes);
		check_zboot(pvhload_image_get_info(image));
		check_part(pvhload_image_get_info(image), cases[i].codec, stream.size);
		check_payload(image, &raw);
		pvhload_image_close(image);
		bytes_free(&bytes);
		bytes_free(&stream);
	}
	bytes_free(&raw);
}
END_TEST

/* For which machine it is, where its PE header says it. */
START_TEST(machines)
{
	static const struct {
		uint16_t machine;
		uint32_t arch;
	} cases[] = {
		{ 0xaa64, PVHLOAD_ARCH_ARM64 },
		{ 0x5064, PVHLOAD_ARCH_RISCV64 },
		{ 0x6264, PVHLOAD_ARCH_LOONGARCH64 },
		{ 0x8664, 0 },
	};
	struct bytes bytes = small_zboot(GZIP);
	struct pvhload_image *image;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		poke(&bytes, FLAT_PE_AT + 4, cases[i].machine, 2);
		image = open_bytes(&bytes);
		ck_assert_uint_eq(pvhload_image_get_info(image)->arch, cases[i].arch);
		pvhload_image_close(image);
	}
	poke(&bytes, FLAT_PE_AT, 0, 4);
	image = open_bytes(&bytes);
	ck_assert_uint_eq(pvhload_image_get_info(image)->arch, 0);
	pvhload_image_close(image);
	bytes_free(&bytes);
}
END_TEST

static const struct {
	size_t at;
	uint64_t value;
	size_t size;
	uint64_t offset;
	const char *says;
} broken[] = {
	{ 8, 0, 4, 8, "whose payload, at offset 0x0, begins within the header" },
	{ 8, 63, 4, 8, "at offset 0x3f, begins within the header" },
	{ 8, 0xffffffff, 4, 0xffffffff,
	  "at offset 0xffffffff with its decoded size, passes the end" },
	{ 12, 0, 4, 12, "a payload of 0 bytes holds no kernel" },
	{ 12, 8, 4, 12, "a payload of 8 bytes holds no kernel" },
	{ 12, 0xffffffff, 4, ZBOOT_PAYLOAD_AT, "0xffffffff bytes at offset 0x200" },
	{ 8, 64, 4, 64, "the payload is said to be by gzip, but starts 50 45 00 00" },
	{ 24, 0x6474737a, 4, ZBOOT_PAYLOAD_AT,
	  "the payload is said to be by zstd, but starts 1f 8b 08" },
};

START_TEST(rule_broken)
{
	struct bytes bytes = small_zboot(GZIP);
	struct pvhload_error err;

	if (broken[_i].at == 8 && broken[_i].value == 64)
		poke(&bytes, 12, 64, 4);
	poke(&bytes, broken[_i].at, broken[_i].value, broken[_i].size);
	err = refuse_bytes(&bytes, PVHLOAD_E_MALFORMED);
	ck_says(err, broken[_i].says);
	ck_assert_uint_eq(err.offset, broken[_i].offset);
	bytes_free(&bytes);
}
END_TEST

/* Opened where all of the payload is there, with its size; then what comes out is the same. */
static void truncate_all(enum codec codec)
{
	struct bytes raw = build_flat(ARM64, true), whole = small_zboot(codec);

	for (size_t n = 0; n < whole.size; n++) {
		struct bytes cut = bytes_copy(whole.data, n);
		struct pvhload_image *image;

		if (n < 8) {
			(void)refuse_bytes(&cut, PVHLOAD_E_FORMAT);
		} else if (n < whole.size - ZBOOT_TAIL) {
			(void)refuse_bytes(&cut, PVHLOAD_E_MALFORMED);
		} else {
			image = open_bytes(&cut);
			check_payload(image, &raw);
			pvhload_image_close(image);
		}
		bytes_free(&cut);
	}
	bytes_free(&whole);
	bytes_free(&raw);
}

START_TEST(truncated)
{
	truncate_all(GZIP);
	if (!skip_without(ZSTD))
		truncate_all(ZSTD);
}
END_TEST

START_TEST(unknown_codec)
{
	static const struct {
		const char *name, *says;
	} cases[] = {
		{ "brotli", "the header calls it \"brotli\"" },
		{ "", "the header calls it \"\"" },
		{ "a2345678901234567890123456789012", "\"a2345678901234567890123456789012\"" },
		{ "a\x1b[2J", "the header calls it \"a\"" },
		/* the first and last of what a name may have, and what is beside them */
		{ "az09`", "the header calls it \"az09\"" },
		{ "az09{", "the header calls it \"az09\"" },
		{ "az09/", "the header calls it \"az09\"" },
		{ "az09:", "the header calls it \"az09\"" },
	};
	struct bytes raw = build_flat(ARM64, true);

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct bytes bytes = build_zboot(&raw, GZIP, cases[i].name);
		struct pvhload_image *image = open_bytes(&bytes);
		struct pvhload_error err;

		ck_assert_uint_eq(pvhload_image_get_info(image)->parts[0]->codec,
				  PVHLOAD_CODEC_UNKNOWN);
		pvhload_image_close(image);
		err = refuse_decode(&bytes, 0, PVHLOAD_E_UNSUPPORTED);
		ck_says(err, "the payload's codec is unknown: ", cases[i].says);
		ck_assert_uint_eq(err.offset, 24);
		bytes_free(&bytes);
	}
	bytes_free(&raw);
}
END_TEST

START_TEST(sizes)
{
	struct bytes bytes = small_zboot(GZIP);
	const size_t trailer = bytes.size - ZBOOT_TAIL - 4;
	struct pvhload_error err;

	err = refuse_decode(&bytes, FLAT_SIZE - 1, PVHLOAD_E_LIMIT);
	ck_says(err, "gzip payload: it declares 2048 decoded bytes, more than the limit of 2047");
	poke(&bytes, trailer, 0, 4);
	err = refuse_decode(&bytes, 0, PVHLOAD_E_MALFORMED);
	ck_says(err, "gzip payload: its trailer declares 0 bytes");
	ck_assert_uint_eq(err.offset, trailer);
	poke(&bytes, trailer, FLAT_SIZE - 1, 4);
	err = refuse_decode(&bytes, 0, PVHLOAD_E_MALFORMED);
	ck_says(err, "gzip payload: ");
	bytes_free(&bytes);
	if (skip_without(ZSTD))
		return;
	bytes = small_zboot(ZSTD);
	poke(&bytes, bytes.size - ZBOOT_TAIL - 4, FLAT_SIZE + 1, 4);
	err = refuse_decode(&bytes, 0, PVHLOAD_E_MALFORMED);
	ck_says(err, "zstd payload: ", "2049");
	bytes_free(&bytes);
}
END_TEST

/* A payload is a flat Image: nothing that could be booted on x86, and no further level. */
START_TEST(another_payload)
{
	struct elf_spec spec = small_kernel();
	struct bytes elf = build_elf(&spec), flat = build_flat(ARM64, true), text;
	struct {
		struct bytes payload;
		const char *says;
	} cases[] = {
		{ elf, "payload: an ELF file, which is never in an EFI zboot image" },
		{ build_compressed(&elf, GZIP),
		  "payload: a bzImage, which is never in an EFI zboot image" },
		{ small_zboot(GZIP),
		  "payload: an EFI zboot image, which is never in an EFI zboot image" },
		{ codecs[GZIP].compress(&flat), "compressed twice" },
		{ bytes_copy("text, and no kernel", 20), "payload: not a kernel image" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct pvhload_error err;

		text = build_zboot(&cases[i].payload, GZIP, NULL);
		err = refuse_decode(&text, 0, PVHLOAD_E_FORMAT);
		ck_says(err, cases[i].says);
		bytes_free(&text);
		bytes_free(&cases[i].payload);
	}
	bytes_free(&flat);
}
END_TEST

/* Compressed as a whole, it is decoded in two steps. */
START_TEST(in_a_compressed_file)
{
	struct bytes raw = build_flat(ARM64, true), bytes = small_zboot(GZIP);
	struct bytes file = codecs[GZIP].compress(&bytes);
	struct pvhload_image *image = open_bytes(&file);
	struct pvhload_error err;

	ck_status(PVHLOAD_OK, err, pvhload_image_decode(image, &err));
	check_zboot(pvhload_image_get_info(pvhload_image_payload(image)));
	check_payload(pvhload_image_payload(image), &raw);
	pvhload_image_close(image);
	bytes_free(&file);
	bytes_free(&bytes);
	bytes_free(&raw);
}
END_TEST

static int64_t read_bytes(void *user, uint64_t offset, void *dst, size_t len)
{
	const struct bytes *bytes = user;

	if (offset + len > bytes->size)
		return -7;
	memcpy(dst, bytes->data + offset, len);
	return (int64_t)len;
}

/* The payload is read again when it is decoded; what the header says is not. */
START_TEST(source_that_changes)
{
	struct bytes raw = build_flat(ARM64, true), bytes = small_zboot(GZIP);
	struct pvhload_source source = pvhload_source_reader(read_bytes, &bytes, bytes.size);
	struct pvhload_image *image = NULL;
	struct pvhload_error err;
	const size_t size = bytes.size;

	ck_status(PVHLOAD_OK, err, pvhload_image_open(&source, NULL, &image, &err));
	poke(&bytes, ZBOOT_PAYLOAD_AT, 0xfd2fb528, 4); /* of zstd */
	ck_status(PVHLOAD_E_SOURCE, err, pvhload_image_decode(image, &err));
	ck_says(err, "has changed");
	ck_assert_uint_eq(err.offset, ZBOOT_PAYLOAD_AT);
	bytes.size = ZBOOT_PAYLOAD_AT;
	ck_status(PVHLOAD_E_SOURCE, err, pvhload_image_decode(image, &err));
	ck_assert_int_eq(err.cause, -7);
	bytes.size = size;
	poke(&bytes, ZBOOT_PAYLOAD_AT, 0x00088b1f, 4);
	memset(bytes.data, 0xff, 64);
	check_payload(image, &raw);
	pvhload_image_close(image);
	bytes_free(&bytes);
	bytes_free(&raw);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("zboot");
	TCase *rules = tcase_create("rule_broken");

	tcase_add_loop_test(rules, rule_broken, 0, (int)(sizeof(broken) / sizeof(broken[0])));
	suite_add_tcase(suite, rules);
	ADD_TESTS(suite, "zboot", every_codec, machines, truncated, unknown_codec, sizes,
		  another_payload, in_a_compressed_file, source_that_changes);
	return run_suite(suite);
}
