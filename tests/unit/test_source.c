/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* Sources: windows, short reads, and everything that can be wrong with one. */
#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "source/source.h"
#include "suite.h"

static int memory_file(const char *text)
{
	int fd = memfd_create("source", 0);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	return fd;
}

static struct pvl_source open_source(struct pvhload_source from)
{
	struct pvl_source source;
	struct pvhload_error err;

	ck_status(PVHLOAD_OK, err, pvl_source_open(&from, &source, &err));
	return source;
}

static struct pvhload_error refuse(struct pvhload_source from, enum pvhload_status status)
{
	struct pvl_source source, before;
	struct pvhload_error err;

	memset(&source, 0x5a, sizeof(source));
	before = source;
	ck_status(status, err, pvl_source_open(&from, &source, &err));
	ck_assert_int_eq(memcmp(&source, &before, sizeof(before)), 0);
	return err;
}

START_TEST(file)
{
	int fd = memory_file("0123456789"), got_fd;
	struct pvl_source source = open_source(pvhload_source_fd(fd));
	struct pvhload_error err;
	struct pvl_span view;
	uint64_t at;
	char text[8];

	ck_assert_uint_eq(source.length, 10);
	ck_assert_int_eq(lseek(fd, 3, SEEK_SET), 3);
	ck_status(PVHLOAD_OK, err, pvl_source_read(&source, 6, text, 4, &err));
	ck_assert_mem_eq(text, "6789", 4);
	ck_assert_int_eq(lseek(fd, 0, SEEK_CUR), 3);
	ck_assert(!pvl_source_view(&source, 0, 1, &view));

	source = open_source(pvhload_source_fd_range(fd, 2, 5));
	ck_assert_uint_eq(source.length, 5);
	ck_status(PVHLOAD_OK, err, pvl_source_read(&source, 1, text, 4, &err));
	ck_assert_mem_eq(text, "3456", 4);
	ck_status(PVHLOAD_E_SOURCE, err, pvl_source_read(&source, 2, text, 4, &err));
	ck_says(err, "past the end", "0x5");
	ck_status(PVHLOAD_OK, err, pvl_source_read(&source, 5, text, 0, &err));
	ck_status(PVHLOAD_E_SOURCE, err, pvl_source_read(&source, 6, text, 0, &err));
	ck_assert(pvl_source_file(&source, 1, &got_fd, &at));
	ck_assert_int_eq(got_fd, fd);
	ck_assert_uint_eq(at, 3);

	source = open_source(pvhload_source_fd_range(fd, 4, PVHLOAD_SOURCE_TO_END));
	ck_assert_uint_eq(source.length, 6);
	source = open_source(pvhload_source_fd_range(fd, 10, PVHLOAD_SOURCE_TO_END));
	ck_assert_uint_eq(source.length, 0);
	close(fd);
}
END_TEST

START_TEST(file_that_shrinks)
{
	int fd = memory_file("0123456789");
	struct pvl_source source = open_source(pvhload_source_fd(fd));
	struct pvhload_error err;
	char text[10];

	ck_assert_int_eq(ftruncate(fd, 7), 0);
	ck_status(PVHLOAD_E_SOURCE, err, pvl_source_read(&source, 0, text, 10, &err));
	ck_says(err, "0x7", "3 bytes early", "shorter");
	ck_assert_uint_eq(err.offset, 7);
	close(fd);
}
END_TEST

START_TEST(file_refusals)
{
	int fd = memory_file("0123456789"), ends[2], directory;
	struct pvhload_source source = pvhload_source_fd_range(fd, 11, PVHLOAD_SOURCE_TO_END);
	struct pvl_source opened;
	struct pvhload_error err;
	char text[4];

	err = refuse(source, PVHLOAD_E_SOURCE);
	ck_says(err, "10 bytes");
	(void)refuse(pvhload_source_fd_range(fd, 5, 6), PVHLOAD_E_SOURCE);
	(void)refuse(pvhload_source_fd_range(fd, UINT64_MAX, 1), PVHLOAD_E_USAGE);
	(void)refuse(pvhload_source_fd_range(fd, INT64_MAX, 1), PVHLOAD_E_USAGE);
	(void)refuse(pvhload_source_fd_range(fd, UINT64_MAX, PVHLOAD_SOURCE_TO_END),
		     PVHLOAD_E_USAGE);
	(void)refuse(pvhload_source_fd(-1), PVHLOAD_E_USAGE);
	err = refuse(pvhload_source_fd(999), PVHLOAD_E_SOURCE);
	ck_assert_int_eq(err.cause, EBADF);

	directory = open("/", O_RDONLY | O_DIRECTORY);
	err = refuse(pvhload_source_fd(directory), PVHLOAD_E_SOURCE);
	ck_assert_int_eq(err.cause, EISDIR);
	close(directory);

	/* a pipe has no size, and cannot be read at an offset either */
	ck_assert_int_eq(pipe(ends), 0);
	err = refuse(pvhload_source_fd(ends[0]), PVHLOAD_E_SOURCE);
	ck_says(err, "give the length");
	opened = open_source(pvhload_source_fd_range(ends[0], 0, 4));
	ck_status(PVHLOAD_E_SOURCE, err, pvl_source_read(&opened, 0, text, 4, &err));
	ck_assert_int_eq(err.cause, ESPIPE);
	close(ends[0]);
	close(ends[1]);
	close(fd);

	source.struct_size = 8;
	(void)refuse(source, PVHLOAD_E_USAGE);
	source = pvhload_source_buffer("x", 1);
	source.kind = 9;
	err = refuse(source, PVHLOAD_E_USAGE);
	ck_says(err, "9");
	ck_status(PVHLOAD_E_USAGE, err, pvl_source_open(NULL, &opened, &err));
}
END_TEST

START_TEST(buffer)
{
	struct pvhload_source from = pvhload_source_buffer("x", 1);
	struct pvl_source source = open_source(pvhload_source_buffer("0123456789", 10));
	struct pvhload_error err;
	struct pvl_span view;
	uint64_t at;
	char text[4];
	int fd;

	ck_status(PVHLOAD_OK, err, pvl_source_read(&source, 7, text, 3, &err));
	ck_assert_mem_eq(text, "789", 3);
	ck_status(PVHLOAD_E_SOURCE, err, pvl_source_read(&source, 8, text, 3, &err));
	ck_assert(pvl_source_view(&source, 2, 8, &view));
	ck_assert_mem_eq(view.data, "23456789", 8);
	ck_assert(!pvl_source_view(&source, 2, 9, &view));
	ck_assert(!pvl_source_view(&source, 11, 0, &view));
	ck_assert(!pvl_source_file(&source, 0, &fd, &at));

	source = open_source(pvhload_source_buffer(NULL, 0));
	ck_status(PVHLOAD_OK, err, pvl_source_read(&source, 0, text, 0, &err));
	(void)refuse(pvhload_source_buffer(NULL, 1), PVHLOAD_E_USAGE);
	from.size = PVHLOAD_SOURCE_TO_END;
	(void)refuse(from, PVHLOAD_E_USAGE);
#if SIZE_MAX < UINT64_MAX
	from.size = (uint64_t)SIZE_MAX + 1;
	(void)refuse(from, PVHLOAD_E_USAGE);
#endif
}
END_TEST

/* A reader that hands out a few bytes at a time, and can be told what to answer. */
struct reader {
	const char *text;
	size_t step;
	int64_t answer; /* instead of bytes, if below 0 or above 100 */
	size_t ends_at;
};

static int64_t read_some(void *user, uint64_t offset, void *dst, size_t len)
{
	const struct reader *r = user;
	size_t n = len < r->step ? len : r->step;

	if (r->answer < 0 || r->answer > 100)
		return r->answer;
	if (offset >= r->ends_at)
		return 0;
	memcpy(dst, r->text + offset, n);
	return (int64_t)n;
}

START_TEST(reader)
{
	struct reader r = { "0123456789", 3, 0, 10 };
	struct pvhload_source from = pvhload_source_reader(read_some, &r, 10);
	struct pvl_source source = open_source(from);
	struct pvhload_error err;
	char text[10];

	ck_status(PVHLOAD_OK, err, pvl_source_read(&source, 0, text, 10, &err));
	ck_assert_mem_eq(text, "0123456789", 10);
	from.offset = 4;
	from.size = 5;
	source = open_source(from);
	ck_status(PVHLOAD_OK, err, pvl_source_read(&source, 1, text, 4, &err));
	ck_assert_mem_eq(text, "5678", 4);

	r.ends_at = 6;
	ck_status(PVHLOAD_E_SOURCE, err, pvl_source_read(&source, 0, text, 4, &err));
	ck_says(err, "shorter");
	r.answer = -5;
	ck_status(PVHLOAD_E_SOURCE, err, pvl_source_read(&source, 0, text, 4, &err));
	ck_assert_int_eq(err.cause, -5);
	ck_says(err, "-5");
	r.answer = INT64_MIN;
	ck_status(PVHLOAD_E_SOURCE, err, pvl_source_read(&source, 0, text, 4, &err));
	ck_assert_int_eq(err.cause, INT32_MIN);
	r.answer = 101; /* more than was asked for */
	ck_status(PVHLOAD_E_SOURCE, err, pvl_source_read(&source, 0, text, 4, &err));

	from.read_at = NULL;
	(void)refuse(from, PVHLOAD_E_USAGE);
	from = pvhload_source_reader(read_some, &r, PVHLOAD_SOURCE_TO_END);
	(void)refuse(from, PVHLOAD_E_USAGE);
	from = pvhload_source_reader(read_some, &r, (uint64_t)INT64_MAX + 1);
	(void)refuse(from, PVHLOAD_E_USAGE);
}
END_TEST

START_TEST(flags)
{
	struct pvhload_source from = pvhload_source_buffer("x", 1);
	struct pvhload_error err;

	from.flags = PVHLOAD_SOURCE_KEPT_OPEN;
	ck_assert_uint_eq(open_source(from).length, 1);
	from.flags |= 0x8u;
	err = refuse(from, PVHLOAD_E_USAGE);
	ck_says(err, "flag", "0x9");
	from.flags = 0;
	from.reserved = 1;
	err = refuse(from, PVHLOAD_E_USAGE);
	ck_says(err, "reserved");
}
END_TEST

START_TEST(duplicate)
{
	const int fd = memory_file("0123456789");
	struct pvl_source source = open_source(pvhload_source_fd_range(fd, 2, 5));
	struct pvhload_error err;
	char text[4];
	int copy;

	ck_status(PVHLOAD_OK, err, pvl_source_own(&source, &err));
	copy = source.from.fd;
	ck_assert_int_ne(copy, fd);
	ck_assert_int_eq(fcntl(copy, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
	close(fd);
	ck_status(PVHLOAD_OK, err, pvl_source_read(&source, 1, text, 4, &err));
	ck_assert_mem_eq(text, "3456", 4);

	pvl_source_release(&source);
	ck_assert_int_eq(fcntl(copy, F_GETFD), -1);
	/* Another file gets the number: it is not closed by a second release. */
	ck_assert_int_eq(memory_file("other"), copy < fd ? copy : fd);
	pvl_source_release(&source);
	ck_assert_int_ne(fcntl(copy < fd ? copy : fd, F_GETFD), -1);
	close(copy < fd ? copy : fd);
}
END_TEST

START_TEST(no_duplicate)
{
	const int fd = memory_file("0123456789");
	struct pvhload_source kept = pvhload_source_fd(fd);
	struct pvl_source source, zeroed;
	struct pvhload_error err;

	kept.flags = PVHLOAD_SOURCE_KEPT_OPEN;
	source = open_source(kept);
	ck_status(PVHLOAD_OK, err, pvl_source_own(&source, &err));
	ck_assert_int_eq(source.from.fd, fd);
	pvl_source_release(&source);
	ck_assert_int_ne(fcntl(fd, F_GETFD), -1);

	source = open_source(pvhload_source_buffer("x", 1));
	ck_status(PVHLOAD_OK, err, pvl_source_own(&source, &err));
	ck_assert(!source.owned);
	pvl_source_release(&source);

	memset(&zeroed, 0, sizeof(zeroed));
	pvl_source_release(&zeroed);
	ck_assert_int_ne(fcntl(0, F_GETFD), -1);

	/* The descriptor is closed before it was to be duplicated. */
	source = open_source(pvhload_source_fd(fd));
	close(fd);
	ck_status(PVHLOAD_E_SOURCE, err, pvl_source_own(&source, &err));
	ck_assert_int_eq(err.cause, EBADF);
	ck_says(err, "cannot duplicate the descriptor");
	ck_assert_int_eq(source.from.fd, fd);
	ck_assert(!source.owned);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("source");

	ADD_TESTS(suite, "source", file, file_that_shrinks, file_refusals, buffer, reader, flags,
		  duplicate, no_duplicate);
	return run_suite(suite);
}
