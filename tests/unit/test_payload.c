/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* What is inside a bzImage: decoded, refused, bounded. */
#include <stdio.h>

#include "open_image.h"

START_TEST(decoded)
{
	const struct elf_spec spec = small_kernel();
	struct bytes elf = build_elf(&spec);

	for (enum codec codec = 0; codec < CODECS; codec++) {
		if (skip_without(codec))
			continue;

		struct bytes bytes = build_compressed(&elf, codec);
		struct pvhload_image *image = open_bytes(&bytes);
		const struct pvhload_image *payload;
		struct pvhload_error err;
		uint8_t *back = malloc(elf.size);

		ck_assert_uint_eq(pvhload_image_get_info(image)->parts[0]->codec, codecs[codec].id);
		ck_assert_uint_eq(pvhload_image_get_info(image)->parts[0]->decoded_size, elf.size);
		ck_assert_ptr_null(pvhload_image_payload(image));
		ck_status(PVHLOAD_OK, err, pvhload_image_decode(image, &err));
		payload = pvhload_image_payload(image);
		ck_assert_ptr_nonnull(payload);
		ck_assert_uint_eq(pvhload_image_get_info(payload)->format, PVHLOAD_FORMAT_ELF64);
		ck_assert_uint_eq(pvhload_image_get_info(payload)->pvh->entry, SMALL_ENTRY);
		ck_assert_uint_eq(pvhload_image_get_info(payload)->size, elf.size);
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
		ck_assert_uint_eq(pvhload_image_get_info(image)->parts[0]->codec,
				  PVHLOAD_CODEC_NONE);
		ck_assert_uint_eq(pvhload_image_get_info(image)->parts[0]->decoded_size, elf.size);
		ck_status(PVHLOAD_OK, err, pvhload_image_decode(image, &err));
		ck_assert_uint_eq(pvhload_image_get_info(pvhload_image_payload(image))->pvh->entry,
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

START_TEST(unknown_codec)
{
	uint8_t payload[64] = { 0xde, 0xad, 0xbe, 0xef };
	struct bzimage_spec spec = undecoded_bzimage();
	struct pvhload_image *image;
	struct pvhload_error err;
	struct bytes bytes;

	spec.payload = payload;
	spec.payload_size = sizeof(payload);
	bytes = build_bzimage(&spec);
	image = open_bytes(&bytes);
	ck_assert_uint_eq(pvhload_image_get_info(image)->parts[0]->codec, PVHLOAD_CODEC_UNKNOWN);
	pvhload_image_close(image);
	err = refuse_decode(&bytes, 0, PVHLOAD_E_UNSUPPORTED);
	ck_says(err, "de ad be ef");
	ck_assert_uint_eq(err.offset, bzimage_payload_offset(&spec));
	bytes_free(&bytes);
}
END_TEST

START_TEST(limits)
{
	const struct elf_spec elf_spec = small_kernel();
	struct bytes elf = build_elf(&elf_spec), bytes = build_compressed(&elf, GZIP);
	struct bzimage_spec spec = undecoded_bzimage();
	struct pvhload_error err;
	struct bytes stream;
	char declared[32];

	snprintf(declared, sizeof(declared), "%zu decoded bytes", elf.size);
	err = refuse_decode(&bytes, elf.size - 1, PVHLOAD_E_LIMIT);
	ck_says(err, "gzip payload", declared, "more than the limit");
	bytes_free(&bytes);
	/* as many bytes as it takes, with its trailer, are within the limit, and one more is not */
	stream = codecs[GZIP].compress(&elf);
	spec.payload = stream.data;
	spec.payload_size = stream.size;
	spec.decoded_size = 1;
	bytes = build_bzimage(&spec);
	ck_says(refuse_decode(&bytes, stream.size + 4, PVHLOAD_E_MALFORMED),
		"more than the 1 bytes");
	ck_says(refuse_decode(&bytes, stream.size + 3, PVHLOAD_E_LIMIT), "gzip payload: it takes ");
	bytes_free(&bytes);
	bytes_free(&stream);
	spec = undecoded_bzimage();

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

START_TEST(another_payload)
{
	struct bytes text = bytes_copy("not a kernel at all, but long enough to compress", 49);
	struct bytes bytes = build_compressed(&text, GZIP), nested;
	struct pvhload_error err = refuse_decode(&bytes, 0, PVHLOAD_E_FORMAT);
	struct elf_spec spec = small_kernel();
	struct bytes elf;

	ck_says(err, "payload", "not a kernel image");
	nested = build_compressed(&bytes, GZIP);
	err = refuse_decode(&nested, 0, PVHLOAD_E_FORMAT);
	ck_says(err, "payload", "a bzImage, which is never in a bzImage");
	bytes_free(&nested);
	bytes_free(&bytes);
	bytes_free(&text);

	spec.machine = MACHINE_AARCH64;
	elf = build_elf(&spec);
	bytes = build_compressed(&elf, GZIP);
	err = refuse_decode(&bytes, 0, PVHLOAD_E_UNSUPPORTED);
	ck_says(err, "payload", "AArch64");
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
	ck_status(PVHLOAD_E_SOURCE, err, pvhload_image_decode(image, &err));
	ck_says(err, "has changed since it was opened");
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
	Suite *suite = suite_create("payload");

	ADD_TESTS(suite, "payload", decoded, not_compressed, unknown_codec, limits, another_payload,
		  source_that_changes);
	return run_suite(suite);
}
