/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* The parts of images: which profile has which, and their bytes as sources. */
#include <unistd.h>

#include "descriptors.h"
#include "flat_images.h"
#include "uki_fixture.h"

/* A base, and three profiles: the first with nothing, the second with two command lines, the third with a kernel. */
static struct uki_spec with_profiles(const struct bytes *kernel, const struct bytes *other)
{
	struct uki_spec spec = { .section_count = 0 };

	add_text(&spec, ".cmdline", "base");
	add_text(&spec, ".cmdline", "base again");
	add_text(&spec, ".initrd", "for all");
	add_section(&spec, ".linux", kernel->data, kernel->size);
	add_text(&spec, ".profile", "ID=zero");
	add_text(&spec, ".profile", "ID=one");
	add_text(&spec, ".cmdline", "one");
	add_text(&spec, ".cmdline", "one again");
	add_text(&spec, ".profile", "");
	add_text(&spec, ".ucode", "of two");
	add_section(&spec, ".linux", other->data, other->size);
	return spec;
}

START_TEST(profiles)
{
	struct bytes kernel = small_kernel_file(), other = build_flat(ARM64, true), bytes;
	const struct uki_spec spec = with_profiles(&kernel, &other);
	struct pvhload_image *image = open_uki(&spec, &bytes);
	const struct pvhload_image_info *info = pvhload_image_get_info(image);

	ck_assert_uint_eq(info->uki->profile_count, 3);
	ck_assert_uint_eq(info->part_count, 11);
	expect_text(image, PVHLOAD_IMAGE_PART_CMDLINE, 0, PVHLOAD_UKI_BASE, "base");
	expect_text(image, PVHLOAD_IMAGE_PART_CMDLINE, 1, 1, "one");
	expect_text(image, PVHLOAD_IMAGE_PART_CMDLINE, 2, PVHLOAD_UKI_BASE, "base");
	expect_text(image, PVHLOAD_IMAGE_PART_CMDLINE, PVHLOAD_UKI_BASE, PVHLOAD_UKI_BASE, "base");
	expect_text(image, PVHLOAD_IMAGE_PART_INITRD, 2, PVHLOAD_UKI_BASE, "for all");
	expect_text(image, PVHLOAD_IMAGE_PART_PROFILE, 0, 0, "ID=zero");
	expect_text(image, PVHLOAD_IMAGE_PART_PROFILE, 1, 1, "ID=one");
	expect_text(image, PVHLOAD_IMAGE_PART_PROFILE, 2, 2, "");
	expect_text(image, PVHLOAD_IMAGE_PART_UCODE, 2, 2, "of two");
	ck_assert_ptr_null(pvhload_image_find_part(image, PVHLOAD_IMAGE_PART_UCODE, 0));
	ck_assert_ptr_null(
		pvhload_image_find_part(image, PVHLOAD_IMAGE_PART_UCODE, PVHLOAD_UKI_BASE));
	ck_assert_ptr_null(pvhload_image_find_part(image, PVHLOAD_IMAGE_PART_CMDLINE, 3));
	ck_assert_ptr_null(pvhload_image_find_part(image, PVHLOAD_IMAGE_PART_DTB, 0));
	ck_assert_ptr_null(pvhload_image_find_part(NULL, PVHLOAD_IMAGE_PART_CMDLINE, 0));
	expect_part(image, pvhload_image_find_part(image, PVHLOAD_IMAGE_PART_KERNEL, 1),
		    PVHLOAD_IMAGE_PART_KERNEL, PVHLOAD_UKI_BASE, kernel.data, kernel.size);
	expect_part(image, pvhload_image_find_part(image, PVHLOAD_IMAGE_PART_KERNEL, 2),
		    PVHLOAD_IMAGE_PART_KERNEL, 2, other.data, other.size);
	close_uki(image, &bytes);
	bytes_free(&other);
	bytes_free(&kernel);
}
END_TEST

/* Profile 0 may have the only kernel; no other may. */
START_TEST(kernels_of_profiles)
{
	struct bytes kernel = small_kernel_file(), bytes;
	struct uki_spec spec = { .section_count = 0 };
	struct pvhload_image *image;

	add_text(&spec, ".cmdline", "base");
	add_text(&spec, ".profile", "ID=zero");
	add_section(&spec, ".linux", kernel.data, kernel.size);
	add_text(&spec, ".profile", "ID=one");
	image = open_uki(&spec, &bytes);
	expect_part(image, pvhload_image_get_info(image)->parts[0], PVHLOAD_IMAGE_PART_KERNEL, 0,
		    kernel.data, kernel.size);
	ck_assert_ptr_null(pvhload_image_find_part(image, PVHLOAD_IMAGE_PART_KERNEL, 1));
	close_uki(image, &bytes);
	spec.sections[1].name = ".uname";
	spec.sections[2].name = ".osrel";
	add_section(&spec, ".linux", kernel.data, kernel.size);
	spec.sections[1].name = ".profile";
	bytes = build_uki(&spec);
	ck_says(refuse_bytes(&bytes, PVHLOAD_E_MALFORMED),
		"a UKI with a kernel (.linux) in profile 1, but none in profile 0");
	bytes_free(&bytes);
	bytes_free(&kernel);
}
END_TEST

/* A part of another image can be had likewise. */
START_TEST(parts_of_others)
{
	struct bytes elf = small_kernel_file(), bytes = build_compressed(&elf, GZIP);
	struct pvhload_image *image = open_bytes(&bytes);
	const struct pvhload_image_part *part = part_of(image, PVHLOAD_IMAGE_PART_KERNEL);
	struct pvhload_image_part outside = *part;
	struct pvhload_source source = pvhload_image_part_source(image, part);

	ck_assert_ptr_eq(part, pvhload_image_get_info(image)->parts[0]);
	ck_assert_uint_eq(part->profile, PVHLOAD_UKI_BASE);
	ck_assert_ptr_null(pvhload_image_find_part(image, PVHLOAD_IMAGE_PART_KERNEL, 1));
	ck_assert_ptr_eq(source.data, bytes.data + part->offset);
	ck_assert_uint_eq(source.size, part->size);
	outside.size = bytes.size - outside.offset + 1;
	ck_assert_uint_eq(pvhload_image_part_source(image, &outside).kind, 0);
	outside.offset = bytes.size + 1;
	outside.size = 0;
	ck_assert_uint_eq(pvhload_image_part_source(image, &outside).kind, 0);
	ck_assert_uint_eq(pvhload_image_part_source(image, NULL).kind, 0);
	ck_assert_uint_eq(pvhload_image_part_source(NULL, part).kind, 0);
	close_uki(image, &bytes);
	bytes_free(&elf);
}
END_TEST

/* What a part's source makes lives longer than the image, and than what the caller had opened. */
START_TEST(descriptors)
{
	struct bytes kernel = small_kernel_file(), bytes;
	const struct uki_spec spec = small_uki(&kernel);
	const size_t before = open_descriptors();
	struct pvhload_image *image = NULL, *inner = NULL;
	struct pvhload_source source, window;
	struct pvhload_error err;
	uint8_t magic[4];
	int fd;

	bytes = build_uki(&spec);
	fd = file_of(bytes.data, bytes.size);
	for (uint32_t flags = 0; flags < 2; flags++) {
		source = pvhload_source_fd(fd);
		source.flags = flags; /* PVHLOAD_SOURCE_KEPT_OPEN */
		ck_status(PVHLOAD_OK, err, pvhload_image_open(&source, NULL, &image, &err));
		window = pvhload_image_part_source(image, pvhload_image_get_info(image)->parts[0]);
		ck_assert_uint_eq(window.flags, 0);
		ck_assert_uint_eq(window.offset, uki_section_offset(&spec, 2));
		ck_assert_uint_eq(window.size, kernel.size);
		ck_status(PVHLOAD_OK, err, pvhload_image_open(&window, NULL, &inner, &err));
		pvhload_image_close(image);
		if (flags == 1)
			close(fd);
		ck_status(PVHLOAD_OK, err, pvhload_image_read(inner, 0, magic, 4, &err));
		ck_assert_mem_eq(magic, "\177ELF", 4);
		pvhload_image_close(inner);
	}
	ck_assert_uint_eq(open_descriptors(), before);
	bytes_free(&bytes);
	bytes_free(&kernel);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("uki_parts");

	ADD_TESTS(suite, "uki_parts", profiles, kernels_of_profiles, parts_of_others, descriptors);
	return run_suite(suite);
}
