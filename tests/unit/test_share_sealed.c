/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* Sharing an image whose source is a sealed memfd by itself: which is left as it is, and of which a copy is made. */
#include <fcntl.h>
#include <unistd.h>

#include "descriptors.h"
#include "open_image.h"
#include "uki_images.h"

#define BOTH (F_SEAL_WRITE | F_SEAL_SHRINK)

/* Another process opens it as its image, and what it maps is that file. */
START_TEST(sealed_source)
{
	struct bytes kernel = small_kernel_file();
	const int fd = sealed_file_of(kernel.data, kernel.size, BOTH);
	const size_t before = open_descriptors();
	const struct pvhload_source source = pvhload_source_fd(fd);
	struct pvhload_image *image = NULL;
	struct pvhload_error err;

	ck_status(PVHLOAD_OK, err, pvhload_image_open(&source, NULL, &image, &err));
	ck_assert_int_ne(pvhload_image_shared_fd(image), -1); /* as it is */
	ck_status(PVHLOAD_OK, err, pvhload_image_share(image, &err));
	ck_assert_uint_eq(open_descriptors(), before + 1); /* that of the image */
	pvhload_image_close(image);
	close(fd);
	bytes_free(&kernel);
}
END_TEST

/* Open it, which is not shared yet, and share it: a copy of @kernel in a memfd of its own. */
static struct pvhload_image *share_copy(const struct pvhload_source *source,
					const struct bytes *kernel)
{
	struct pvhload_image *image = NULL;
	struct pvhload_error err;

	ck_status(PVHLOAD_OK, err, pvhload_image_open(source, NULL, &image, &err));
	ck_assert_int_eq(pvhload_image_shared_fd(image), -1);
	ck_status(PVHLOAD_OK, err, pvhload_image_share(image, &err));
	expect_sealed_file(pvhload_image_shared_fd(image), kernel->data, kernel->size);
	return image;
}

/* What is mapped of a file with holes may take memory, so one without is made of it. */
START_TEST(sparse_source)
{
	struct bytes small = small_kernel_file(), hole = bytes_zero(1u << 20);
	struct bytes kernel = bytes_join(&small, &hole);
	const int fd = sparse_file_of(small.data, small.size, kernel.size, BOTH);
	const uint64_t taken = memory_of_file(fd);
	const struct pvhload_source source = pvhload_source_fd(fd);
	struct pvhload_image *image = share_copy(&source, &kernel);

	ck_assert_uint_ge(memory_of_file(pvhload_image_shared_fd(image)), kernel.size);
	ck_assert_uint_eq(memory_of_file(fd), taken);
	pvhload_image_close(image);
	close(fd);
	bytes_free(&kernel);
	bytes_free(&hole);
	bytes_free(&small);
}
END_TEST

/* Who gets the descriptor finds the kernel at the first byte, so one further back is copied. */
START_TEST(sealed_further_back)
{
	struct bytes kernel = small_kernel_file(), lead = bytes_zero(0x1000);
	struct bytes file = bytes_join(&lead, &kernel);
	const int fd = sealed_file_of(file.data, file.size, BOTH);
	struct pvhload_source source = pvhload_source_fd(fd);

	source.offset = lead.size;
	pvhload_image_close(share_copy(&source, &kernel));
	close(fd);
	bytes_free(&file);
	bytes_free(&lead);
	bytes_free(&kernel);
}
END_TEST

/* A sealed bzImage is not its kernel. */
START_TEST(sealed_bzimage)
{
	struct bytes kernel = small_kernel_file(), bzimage = build_compressed(&kernel, GZIP);
	const int fd = sealed_file_of(bzimage.data, bzimage.size, BOTH);
	const struct pvhload_source source = pvhload_source_fd(fd);
	struct pvhload_image *image = share_copy(&source, &kernel);
	struct pvhload_error err;

	pvhload_image_drop_payload(image);
	ck_assert_int_eq(pvhload_image_shared_fd(image), -1);
	ck_status(PVHLOAD_OK, err, pvhload_image_share(image, &err));
	expect_sealed_file(pvhload_image_shared_fd(image), kernel.data, kernel.size);
	pvhload_image_close(image);
	close(fd);
	bytes_free(&bzimage);
	bytes_free(&kernel);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("share_sealed");

	ADD_TESTS(suite, "share_sealed", sealed_source, sparse_source, sealed_further_back,
		  sealed_bzimage);
	return run_suite(suite);
}
