/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* What a guest of tools/kvm/ writes: all of it gets out, in its order, whoever reads and whoever goes on writing. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "kvm/guest_output.h"
#include "suite.h"

#define PIPE_SIZE 4096
#define PART_MAX  3000
#define SAID_MAX  ((size_t)1 << 20)

ssize_t __real_write(int fd, const void *bytes, size_t size);
ssize_t __wrap_write(int fd, const void *bytes, size_t size);

/*
 * What writing to a pipe may do: it is interrupted, it takes a part.  The thread that writes while the guest goes on is
 * late as well, so that what does not wait for it comes before.
 */
ssize_t __wrap_write(int fd, const void *bytes, size_t size)
{
	static _Thread_local unsigned int calls;

	if (fd != STDOUT_FILENO)
		return __real_write(fd, bytes, size);
	if (calls++ % 3 == 0) {
		errno = EINTR;
		return -1;
	}
	if (getpid() != gettid())
		usleep(1000);
	return __real_write(fd, bytes, size < PART_MAX ? size : PART_MAX);
}

/* One for each test, as one that was closed stays so. */
static struct guest_output outputs[3];
static int saved, from_guest;
static uint8_t said[SAID_MAX];

/* Standard output is a small pipe, whose end is @from_guest. */
static void start(void)
{
	int ends[2];

	ck_assert_int_eq(fflush(stdout), 0);
	saved = dup(STDOUT_FILENO);
	ck_assert_int_eq(pipe(ends), 0);
	ck_assert_int_ge(fcntl(ends[1], F_SETPIPE_SZ, PIPE_SIZE), 0);
	ck_assert_int_eq(dup2(ends[1], STDOUT_FILENO), STDOUT_FILENO);
	close(ends[1]);
	from_guest = ends[0];
}

static void stop(void)
{
	dup2(saved, STDOUT_FILENO);
	close(saved);
}

/* Slower than all who write, until nobody does any more; the result is how much came. */
static void *read_all(void *arg)
{
	size_t size = 0;
	ssize_t n;

	(void)arg;
	while ((n = read(from_guest, said + size, SAID_MAX - size)) > 0) {
		size += (size_t)n;
		usleep(1000);
	}
	return (void *)size;
}

static void check_order(size_t size)
{
	for (size_t i = 0; i < size; i++)
		ck_assert_uint_eq(said[i], i % 251);
}

/* More than it and the pipe take, read late. */
START_TEST(all_in_order)
{
	const size_t count = 5 * OUTPUT_SIZE + 7;
	pthread_t reader;
	void *size;

	guest_output_open(&outputs[0]);
	for (size_t i = 0; i < OUTPUT_SIZE; i++)
		guest_output_put(&outputs[0], (uint8_t)(i % 251));
	ck_assert_int_eq(pthread_create(&reader, NULL, read_all, NULL), 0);
	for (size_t i = OUTPUT_SIZE; i < count; i++)
		guest_output_put(&outputs[0], (uint8_t)(i % 251));
	guest_output_close(&outputs[0]);
	stop();
	ck_assert_int_eq(pthread_join(reader, &size), 0);
	ck_assert_uint_eq((uintptr_t)size, count);
	check_order(count);
}
END_TEST

static void *put_for_ever(void *arg)
{
	for (size_t i = 0;; i++)
		guest_output_put(arg, (uint8_t)(i % 251));
	return NULL;
}

/* A processor ends the machine while another writes on and on, and the reader is late. */
START_TEST(one_ends_while_another_writes)
{
	pthread_t writer, reader;
	void *size;

	guest_output_open(&outputs[1]);
	ck_assert_int_eq(pthread_create(&writer, NULL, put_for_ever, &outputs[1]), 0);
	usleep(20000); /* by then the pipe is full */
	ck_assert_int_eq(pthread_create(&reader, NULL, read_all, NULL), 0);
	guest_output_close(&outputs[1]);
	stop();
	ck_assert_int_eq(pthread_join(reader, &size), 0);
	check_order((size_t)(uintptr_t)size);
}
END_TEST

START_TEST(nobody_reads)
{
	ck_assert(signal(SIGPIPE, SIG_IGN) != SIG_ERR);
	close(from_guest);
	guest_output_open(&outputs[2]);
	for (size_t i = 0; i < 5 * OUTPUT_SIZE; i++)
		guest_output_put(&outputs[2], 'x');
	guest_output_close(&outputs[2]);
	stop();
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("kvm_output");
	TCase *tc = tcase_create("output");

	tcase_add_checked_fixture(tc, start, NULL);
	tcase_set_timeout(tc, 10);
	tcase_add_test(tc, all_in_order);
	tcase_add_test(tc, one_ends_while_another_writes);
	tcase_add_test(tc, nobody_reads);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
