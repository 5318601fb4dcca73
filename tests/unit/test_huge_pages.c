/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* Huge pages for the RAM of pvhload's guests: what is asked for them, and what is left alone, whether the host gives them or not. */
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

#include "huge_pages.h"
#include "suite.h"

#define SIZE (5 * HUGE_PAGE)
#define PAGE ((size_t)4096)

/* A file in memory, mapped where huge pages can be, with pages that must not be touched on both sides. */
static int fd;
static uint8_t *ram;

static void make_ram(void)
{
	uint8_t *around = huge_pages_place(SIZE + 2 * HUGE_PAGE);

	ck_assert_ptr_nonnull(around);
	around = mmap(around, SIZE + 2 * HUGE_PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ck_assert_ptr_ne(around, MAP_FAILED);
	fd = memfd_create("ram", MFD_CLOEXEC);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(ftruncate(fd, (off_t)SIZE), 0);
	ram = around + HUGE_PAGE;
	ck_assert_ptr_eq(mmap(ram, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, fd, 0),
			 ram);
}

static void free_ram(void)
{
	ck_assert_int_eq(munmap(ram - HUGE_PAGE, SIZE + 2 * HUGE_PAGE), 0);
	close(fd);
}

/* Bytes of RAM that are not as in the pattern: every half page a number, if @filled, and zero between them. */
static size_t count_wrong(bool filled)
{
	size_t wrong = 0;

	for (size_t at = 0; at < SIZE; at++)
		wrong += ram[at] != (filled && at % (PAGE / 2) == 0 ? (uint8_t)(at / PAGE + 1) : 0);
	return wrong;
}

START_TEST(places)
{
	uint8_t *at = huge_pages_place(SIZE);

	ck_assert_ptr_nonnull(at);
	ck_assert_uint_eq((uintptr_t)at % HUGE_PAGE, 0);
	ck_assert_ptr_null(huge_pages_place(2 * HUGE_PAGE - PAGE));
	ck_assert_ptr_null(huge_pages_place(0));
	ck_assert_ptr_null(huge_pages_place(SIZE_MAX));
}
END_TEST

/* What is asked for, and which of it is in whole huge pages: from there to there the file has bytes, and nowhere else. */
static const struct {
	size_t at, size, start, end;
} asked[] = {
	{ 0, SIZE, 0, SIZE },
	{ PAGE, SIZE - PAGE, HUGE_PAGE, SIZE },
	{ 0, SIZE - 1, 0, SIZE - HUGE_PAGE },
	{ HUGE_PAGE - 1, 2 * HUGE_PAGE + 1, HUGE_PAGE, 3 * HUGE_PAGE },
	{ PAGE, 2 * HUGE_PAGE, HUGE_PAGE, 2 * HUGE_PAGE },
	{ 0, 2 * HUGE_PAGE - 1, 0, 0 }, /* few */
	{ SIZE, 0, 0, 0 },
};

START_TEST(asks)
{
	make_ram();
	huge_pages_ask(ram + asked[_i].at, asked[_i].size);
	if (asked[_i].end == 0) {
		ck_assert_int_eq(lseek(fd, 0, SEEK_DATA), -1);
	} else {
		ck_assert_int_eq(lseek(fd, 0, SEEK_DATA), (off_t)asked[_i].start);
		/* Each of them, whether all of it or one page. */
		for (size_t at = asked[_i].start; at < asked[_i].end; at += HUGE_PAGE)
			ck_assert_int_eq(lseek(fd, (off_t)at, SEEK_DATA), (off_t)at);
		ck_assert_int_eq(lseek(fd, (off_t)asked[_i].end, SEEK_DATA), -1);
	}
	ck_assert_uint_eq(count_wrong(false), 0);
	free_ram();
}
END_TEST

START_TEST(bytes_stay)
{
	make_ram();
	for (size_t at = 0; at < SIZE; at += PAGE / 2)
		ram[at] = (uint8_t)(at / PAGE + 1);
	huge_pages_ask(ram, SIZE);
	huge_pages_ask(ram, SIZE);
	ck_assert_uint_eq(count_wrong(true), 0);
	free_ram();
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("huge_pages");
	TCase *all = tcase_create("huge_pages");

	tcase_add_test(all, places);
	tcase_add_loop_test(all, asks, 0, sizeof(asked) / sizeof(asked[0]));
	tcase_add_test(all, bytes_stay);
	suite_add_tcase(suite, all);
	return run_suite(suite);
}
