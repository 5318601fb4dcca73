/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* The descriptor of an image: whose it is, and when it may be closed. */
#include <errno.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "descriptors.h"
#include "open_image.h"

/* An ELF file in a bzImage as it stands: the payload is a part of the same file. */
static struct bytes not_compressed(void)
{
	const struct elf_spec elf_spec = small_kernel();
	struct bytes elf = build_elf(&elf_spec), bytes;
	const struct bzimage_spec spec = { .payload = elf.data,
					   .payload_size = elf.size,
					   .no_trailer = true };

	bytes = build_bzimage(&spec);
	bytes_free(&elf);
	return bytes;
}

/* The number is another file's by the time the image is read. */
START_TEST(closed_after_opening)
{
	struct bytes bytes = not_compressed(), other = bytes_zero(bytes.size);
	const size_t before = open_descriptors();
	int fd = file_of(bytes.data, bytes.size), other_fd;
	struct pvhload_source source = pvhload_source_fd(fd);
	struct pvhload_image *image = NULL;
	struct pvhload_error err;
	uint8_t magic[4];

	ck_status(PVHLOAD_OK, err, pvhload_image_open(&source, NULL, &image, &err));
	close(fd);
	other_fd = file_of(other.data, other.size);
	ck_assert_int_eq(other_fd, fd);
	ck_status(PVHLOAD_OK, err, pvhload_image_decode(image, &err));
	ck_status(PVHLOAD_OK, err,
		  pvhload_image_read(pvhload_image_payload(image), 0, magic, 4, &err));
	ck_assert_mem_eq(magic, bytes.data + pvhload_image_get_info(image)->parts[0]->offset, 4);
	close(other_fd);
	pvhload_image_close(image);
	ck_assert_uint_eq(open_descriptors(), before);
	bytes_free(&other);
	bytes_free(&bytes);
}
END_TEST

/* What is executed meanwhile does not get it, and who says so saves it. */
START_TEST(duplicates)
{
	struct bytes bytes = not_compressed();
	const int fd = file_of(bytes.data, bytes.size);
	struct pvhload_source source = pvhload_source_fd(fd);
	const size_t before = open_descriptors();
	struct pvhload_image *image = NULL;
	struct pvhload_error err;
	const int lowest = fcntl(fd, F_DUPFD, 0);

	close(lowest); /* the number that a duplicate gets */
	ck_status(PVHLOAD_OK, err, pvhload_image_open(&source, NULL, &image, &err));
	ck_assert_uint_eq(open_descriptors(), before + 1);
	ck_assert_int_eq(fcntl(lowest, F_GETFD), FD_CLOEXEC);
	pvhload_image_close(image);
	ck_assert_uint_eq(open_descriptors(), before);

	source.flags = PVHLOAD_SOURCE_KEPT_OPEN;
	ck_status(PVHLOAD_OK, err, pvhload_image_open(&source, NULL, &image, &err));
	ck_status(PVHLOAD_OK, err, pvhload_image_decode(image, &err));
	ck_assert_uint_eq(open_descriptors(), before);
	pvhload_image_close(image);
	ck_assert_int_ge(fcntl(fd, F_GETFD), 0); /* still the caller's */
	close(fd);
	bytes_free(&bytes);
}
END_TEST

START_TEST(refused)
{
	struct bytes text = bytes_copy("no kernel at all", 16), bytes = not_compressed();
	const int fd = file_of(text.data, text.size), kernel = file_of(bytes.data, bytes.size);
	struct pvhload_source source = pvhload_source_fd(fd);
	const size_t before = open_descriptors();
	struct pvhload_image *image = NULL;
	struct pvhload_error err;
	struct rlimit limit, none;

	ck_status(PVHLOAD_E_FORMAT, err, pvhload_image_open(&source, NULL, &image, &err));
	ck_assert_uint_eq(open_descriptors(), before);

	/* no more descriptors */
	ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &limit), 0);
	none = limit;
	none.rlim_cur = (rlim_t)kernel + 1;
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &none), 0);
	source.fd = kernel;
	ck_status(PVHLOAD_E_SOURCE, err, pvhload_image_open(&source, NULL, &image, &err));
	ck_assert_ptr_null(image);
	source.flags = PVHLOAD_SOURCE_KEPT_OPEN;
	ck_status(PVHLOAD_OK, err, pvhload_image_open(&source, NULL, &image, &err));
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);
	pvhload_image_close(image);
	close(fd);
	close(kernel);
	bytes_free(&bytes);
	bytes_free(&text);
}
END_TEST

static enum pvhload_status share(struct pvhload_image *image, struct pvhload_error *err)
{
	errno = EINVAL; /* of a call before, whichever it was */
	return pvhload_image_share(image, err);
}

/* A process without a standard input is given number 0 for the next file, which is as good as any. */
START_TEST(number_0)
{
	struct bytes bytes = not_compressed(), back;
	struct pvhload_image *image = open_bytes(&bytes);
	const struct pvhload_image_part *part = pvhload_image_get_info(image)->parts[0];
	const int saved = fcntl(0, F_DUPFD_CLOEXEC, 3);
	struct pvhload_error err;

	ck_assert_int_ge(saved, 3);
	close(0);
	ck_status(PVHLOAD_OK, err, share(image, &err));
	back = bytes_zero((size_t)part->size);
	ck_assert_int_eq(pread(pvhload_image_shared_fd(image), back.data, back.size, 0),
			 (ssize_t)back.size);
	ck_assert_mem_eq(back.data, bytes.data + part->offset, back.size);
	pvhload_image_close(image);
	ck_assert_int_eq(fcntl(0, F_GETFD), -1);
	ck_assert_int_eq(dup2(saved, 0), 0);
	close(saved);
	bytes_free(&back);
	bytes_free(&bytes);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("image_fd");

	ADD_TESTS(suite, "image_fd", closed_after_opening, duplicates, refused, number_0);
	return run_suite(suite);
}
