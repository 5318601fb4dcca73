/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* Files that were compressed as a whole: what is inside, and what may not be. */
#include "plan_fixture.h"

/* The small kernel as an ELF file, or as a bzImage with a gzip payload. */
static struct bytes kernel(bool bzimage)
{
	const struct elf_spec spec = small_kernel();
	struct bytes elf = build_elf(&spec), out;

	if (!bzimage)
		return elf;
	out = build_compressed(&elf, GZIP);
	bytes_free(&elf);
	return out;
}

static void check_payload(const struct bytes *file, uint32_t codec, const struct bytes *raw,
			  uint32_t format)
{
	struct pvhload_image *image = open_bytes(file), *inner;
	const struct pvhload_image_info *info = pvhload_image_get_info(image);
	uint8_t *back = malloc(raw->size);
	struct pvhload_error err;
	char text[64];

	ck_assert_uint_eq(info->format, PVHLOAD_FORMAT_COMPRESSED);
	ck_assert_str_eq(pvhload_format_name(info->format), "compressed");
	ck_assert_uint_eq(info->arch, 0);
	ck_assert_uint_eq(info->size, file->size);
	ck_assert_ptr_null(info->elf);
	ck_assert_ptr_null(info->bzimage);
	ck_assert_uint_eq(info->part_count, 1);
	ck_assert_uint_eq(info->parts[0]->kind, PVHLOAD_IMAGE_PART_KERNEL);
	ck_assert_uint_eq(info->parts[0]->codec, codec);
	ck_assert_uint_eq(info->parts[0]->offset, 0);
	ck_assert_uint_eq(info->parts[0]->size, file->size);
	ck_assert_uint_eq(info->parts[0]->decoded_size, 0);
	ck_assert_ptr_null(pvhload_image_payload(image));
	ck_status(PVHLOAD_E_NOT_FOUND, err, pvhload_image_kernel_version(image, text, 64, &err));

	ck_status(PVHLOAD_OK, err, pvhload_image_decode(image, &err));
	inner = pvhload_image_payload(image);
	ck_assert_uint_eq(info->parts[0]->decoded_size, 0); /* as it was */
	ck_assert_uint_eq(pvhload_image_get_info(inner)->format, format);
	ck_assert_uint_eq(pvhload_image_get_info(inner)->size, raw->size);
	ck_status(PVHLOAD_OK, err, pvhload_image_read(inner, 0, back, raw->size, &err));
	ck_assert_mem_eq(back, raw->data, raw->size);
	ck_assert_ptr_null(pvhload_image_payload(inner)); /* one level */
	/* once is enough */
	ck_status(PVHLOAD_OK, err, pvhload_image_decode(image, &err));
	ck_assert_ptr_eq(pvhload_image_payload(image), inner);
	ck_status(PVHLOAD_OK, err, pvhload_image_decode(inner, &err));
	free(back);
	pvhload_image_close(image);
}

START_TEST(every_codec)
{
	for (int bzimage = 0; bzimage < 2; bzimage++) {
		struct bytes raw = kernel(bzimage);
		const uint32_t format = bzimage ? PVHLOAD_FORMAT_BZIMAGE : PVHLOAD_FORMAT_ELF64;

		for (enum codec codec = 0; codec < FRAMINGS; codec++) {
			struct bytes file;

			if (skip_without(codec))
				continue;

			file = codecs[codec].compress(&raw);
			check_payload(&file, codecs[codec].id, &raw, format);
			bytes_free(&file);
		}
		bytes_free(&raw);
	}
}
END_TEST

/* An LZ4 frame is for files; as a payload it is not known. */
START_TEST(lz4_frame_as_payload)
{
	if (skip_without(LZ4_FRAME))
		return;

	struct bytes elf = kernel(false), frame = codecs[LZ4_FRAME].compress(&elf), bytes;
	struct bzimage_spec spec = undecoded_bzimage();
	struct pvhload_image *image;
	struct pvhload_error err;

	spec.payload = frame.data;
	spec.payload_size = frame.size;
	bytes = build_bzimage(&spec);
	image = open_bytes(&bytes);
	ck_assert_uint_eq(pvhload_image_get_info(image)->parts[0]->codec, PVHLOAD_CODEC_UNKNOWN);
	ck_status(PVHLOAD_E_UNSUPPORTED, err, pvhload_image_decode(image, &err));
	pvhload_image_close(image);
	bytes_free(&bytes);
	bytes_free(&frame);
	bytes_free(&elf);
}
END_TEST

START_TEST(another_payload)
{
	if (skip_without(XZ) || skip_without(BZIP2))
		return;

	struct bytes raw = bytes_copy("text, and not a kernel by any measure", 38), file, twice;
	struct pvhload_error err;

	file = codecs[GZIP].compress(&raw);
	err = refuse_decode(&file, 0, PVHLOAD_E_FORMAT);
	ck_says(err, "payload of the gzip file: not a kernel image");
	ck_assert_uint_eq(err.offset, PVHLOAD_NOWHERE);
	twice = codecs[XZ].compress(&file);
	err = refuse_decode(&twice, 0, PVHLOAD_E_FORMAT);
	ck_says(err, "payload of the xz file: ", "by gzip", "compressed twice");
	bytes_free(&twice);
	bytes_free(&file);

	raw.size = 0;
	file = codecs[BZIP2].compress(&raw);
	err = refuse_decode(&file, 0, PVHLOAD_E_FORMAT);
	ck_says(err, "payload of the bzip2 file: ", "the file is empty");
	bytes_free(&file);
	bytes_free(&raw);
}
END_TEST

/* A payload has to be an ELF file, whatever is around the bzImage. */
START_TEST(compressed_payload_of_a_payload)
{
	struct bytes elf = kernel(false), file = codecs[GZIP].compress(&elf);
	struct bytes bytes = build_compressed(&file, GZIP);
	struct pvhload_error err = refuse_decode(&file, elf.size - 1, PVHLOAD_E_LIMIT);
	struct pvhload_image *image = open_bytes(&bytes);

	ck_says(err, "gzip file: ", "more than decode_limit");
	ck_status(PVHLOAD_E_FORMAT, err, pvhload_image_decode(image, &err));
	ck_says(err, "payload: ", "by gzip", "compressed twice");
	pvhload_image_close(image);
	bytes_free(&bytes);
	bytes_free(&file);
	bytes_free(&elf);
}
END_TEST

START_TEST(limits)
{
	struct bytes raw = kernel(true), file;
	struct pvhload_error err;

	file = codecs[GZIP].compress(&raw);
	err = refuse_decode(&file, raw.size - 1, PVHLOAD_E_LIMIT);
	ck_says(err, "gzip file: it decodes to more than decode_limit, ");
	bytes_free(&file);
	/* more is taken than may come out, or as much */
	file = codecs[GZIP].compress(&raw);
	err = refuse_decode(&file, file.size, PVHLOAD_E_LIMIT);
	ck_says(err, "gzip file: it decodes to more than decode_limit, ");
	bytes_free(&file);
	file = codecs[GZIP].compress(&raw);
	err = refuse_decode(&file, file.size - 1, PVHLOAD_E_LIMIT);
	ck_says(err, "gzip file: it takes ", "more than the limit of ");
	bytes_free(&file);
	bytes_free(&raw);
}
END_TEST

/* A plan goes to the innermost; what is decoded and not loaded need not fit the guest. */
START_TEST(plans)
{
	for (int bzimage = 0; bzimage < 2; bzimage++) {
		struct bytes raw = kernel(bzimage), padded, zeros = bytes_zero(3 * MIB);
		const struct pvhload_plan_info *info;
		struct plan_fixture f;

		plan_setup(&f, 64 * MIB);
		use_bytes(&f, codecs[GZIP].compress(&raw));
		info = plan(&f);
		ck_assert_uint_eq(info->entry, SMALL_ENTRY);
		ck_assert_uint_eq(info->cmdline_max, 2047);
		expect_region(info, "kernel", SMALL_LOW, SMALL_END - SMALL_LOW);
		ck_assert_uint_eq(pvhload_image_get_info(f.image)->format,
				  PVHLOAD_FORMAT_COMPRESSED);

		padded = bytes_join(&raw, &zeros);
		use_bytes(&f, codecs[GZIP].compress(&padded));
		f.entries[1].size = 2 * MIB;
		ck_assert_uint_lt(pvhload_memmap_ram_size(&f.map), padded.size);
		expect_region(plan(&f), "kernel", SMALL_LOW, SMALL_END - SMALL_LOW);
		plan_teardown(&f);
		bytes_free(&padded);
		bytes_free(&zeros);
		bytes_free(&raw);
	}
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

/* The file is read again when it is decoded. */
START_TEST(source_that_changes)
{
	struct bytes raw = kernel(false), file = codecs[GZIP].compress(&raw);
	struct pvhload_source source = pvhload_source_reader(read_bytes, &file, file.size);
	struct pvhload_image *image = NULL;
	struct pvhload_error err;
	const size_t size = file.size;

	ck_status(PVHLOAD_OK, err, pvhload_image_open(&source, NULL, &image, &err));
	file.data[0] = 0;
	ck_status(PVHLOAD_E_SOURCE, err, pvhload_image_decode(image, &err));
	ck_says(err, "has changed");
	memcpy(file.data, "BZh9", 4);
	ck_status(PVHLOAD_E_SOURCE, err, pvhload_image_decode(image, &err));
	ck_says(err, "has changed");
	file.size = 0;
	ck_status(PVHLOAD_E_SOURCE, err, pvhload_image_decode(image, &err));
	ck_assert_int_eq(err.cause, -7);
	file.size = size;
	memcpy(file.data, "\x1f\x8b\x08\x00", 4);
	ck_status(PVHLOAD_OK, err, pvhload_image_decode(image, &err));
	pvhload_image_close(image);
	bytes_free(&file);
	bytes_free(&raw);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("compressed");

	ADD_TESTS(suite, "compressed", every_codec, lz4_frame_as_payload, another_payload,
		  compressed_payload_of_a_payload, limits, plans, source_that_changes);
	return run_suite(suite);
}
