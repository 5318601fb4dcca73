/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* A file that is decoded to RAM in pieces: which pieces can be, what is moved when, and that each byte is found again. */
#include <stdbool.h>
#include <string.h>

#include "memory/pieces.h"
#include "suite.h"

#define SIZE 100u
#define FULL(...)                                                                                 \
	{                                                                                         \
		{ __VA_ARGS__ },                                                                  \
			sizeof((struct pvl_piece[]){ __VA_ARGS__ }) / sizeof(struct pvl_piece), 0 \
	}

/* The file: its bytes are not zeros, but for those of the gaps. */
static void fill(uint8_t *file, const struct pvl_pieces *zeros)
{
	for (size_t i = 0; i < SIZE; i++)
		file[i] = (uint8_t)(i + 1);
	for (size_t i = 1; i < zeros->count; i++)
		memset(file + zeros->items[i - 1].bytes.end, 0,
		       (size_t)(zeros->items[i].bytes.start - zeros->items[i - 1].bytes.end));
}

START_TEST(which_can_be)
{
	static const struct {
		struct pvl_pieces wanted;
		uint64_t at;
	} cases[] = {
		{ FULL({ { 10, 20 }, 10 }, { { 30, 50 }, 25 }), 30 },
		{ FULL({ { 10, 20 }, 10 }, { { 30, 50 }, 20 }), 30 },
		{ FULL({ { 10, 20 }, 10 }, { { 30, 50 }, 25 }, { { 50, 60 }, 47 }), 50 },
		{ FULL({ { 10, 20 }, 10 }, { { 20, 30 }, 20 }, { { 50, 60 }, 47 }), 50 },
		{ FULL({ { 0, 0 }, 0 }, { { UINT64_MAX - 1, UINT64_MAX }, 1 }), UINT64_MAX - 1 },
		/* nothing to move, or not at the end */
		{ { .count = 0 }, 0 },
		{ FULL({ { 10, 20 }, 10 }), 0 },
		{ FULL({ { 10, 20 }, 10 }, { { 30, 50 }, 30 }), 0 },
		{ FULL({ { 10, 20 }, 10 }, { { 30, 40 }, 25 }, { { 50, 60 }, 50 }), 0 },
		/* up; the first elsewhere; into the one before; before it; over each other in the file */
		{ FULL({ { 10, 20 }, 10 }, { { 30, 50 }, 31 }), 0 },
		{ FULL({ { 10, 20 }, 10 }, { { 30, 40 }, 31 }, { { 60, 70 }, 50 }), 0 },
		{ FULL({ { 10, 20 }, 9 }, { { 30, 50 }, 25 }), 0 },
		{ FULL({ { 10, 20 }, 10 }, { { 30, 50 }, 19 }), 0 },
		{ FULL({ { 10, 20 }, 10 }, { { 30, 50 }, 9 }), 0 },
		{ FULL({ { 10, 20 }, 10 }, { { 19, 50 }, 19 }, { { 60, 70 }, 55 }), 0 },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		ck_assert_msg(pvl_pieces_move_down_at(&cases[i].wanted) == cases[i].at, "case %zu",
			      i);
}
END_TEST

/* Is the part read as it is, with nothing after it, and found, if it is all in one? */
static bool reads_part(const struct pvl_pieces *pieces, const uint8_t *ram, const uint8_t *file,
		       size_t at, size_t n)
{
	uint8_t back[SIZE + 1];
	uint64_t found;

	memset(back, 0x5a, sizeof(back));
	pvl_pieces_read(pieces, ram, at, back, n);
	if (memcmp(back, file + at, n) != 0 || back[n] != 0x5a)
		return false;
	return !pvl_pieces_find(pieces, at, n, &found) || memcmp(ram + found, file + at, n) == 0;
}

/* Every part of the file.  One assertion for all: there are thousands, and each of Check's writes a file. */
static bool reads_back(const struct pvl_pieces *pieces, const uint8_t *ram, const uint8_t *file)
{
	for (size_t at = 0; at <= SIZE; at++)
		for (size_t n = 0; at + n <= SIZE; n++)
			if (!reads_part(pieces, ram, file, at, n))
				return false;
	return true;
}

/* Decoded up to each byte, moved, and the rest decoded to where it goes on. */
START_TEST(turned)
{
	static const struct {
		struct pvl_pieces wanted;
		uint64_t down;
	} cases[] = {
		{ FULL({ { 10, 20 }, 10 }, { { 30, 50 }, 25 }), 5 },
		{ FULL({ { 10, 20 }, 10 }, { { 30, 50 }, 20 }, { { 60, 62 }, 43 }), 17 },
		{ FULL({ { 10, 20 }, 10 }, { { 20, 40 }, 20 }, { { 60, 99 }, 41 }), 19 },
		{ FULL({ { 10, 20 }, 10 }, { { 21, 40 }, 20 }, { { 41, 50 }, 39 },
		       { { 52, 100 }, 48 }),
		  4 },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct pvl_pieces *wanted = &cases[i].wanted;
		const uint64_t down = cases[i].down;
		uint8_t file[SIZE], ram[SIZE];

		fill(file, wanted);
		for (size_t used = (size_t)pvl_pieces_move_down_at(wanted); used <= SIZE; used++) {
			struct pvl_pieces pieces = pvl_pieces_whole(SIZE);
			uint64_t at;

			memset(ram, 0xee, SIZE);
			memcpy(ram, file, used);
			ck_assert_uint_eq(pvl_pieces_move_down(&pieces, wanted, ram, used, used),
					  down);
			memcpy(ram + used - down, file + used, SIZE - used);
			for (size_t j = 0; j < wanted->count; j++) {
				const struct pvl_piece *p = &wanted->items[j];
				const uint64_t size = p->bytes.end - p->bytes.start;

				ck_assert(pvl_pieces_find(&pieces, p->bytes.start, size, &at));
				ck_assert_uint_eq(at, p->at);
			}
			ck_assert(!pvl_pieces_find(&pieces, SIZE, 1, &at));
			ck_assert(!pvl_pieces_find(&pieces, UINT64_MAX, 2, &at));
			ck_assert_uint_eq(pieces.end, used > SIZE - down ? used : SIZE - down);
			ck_assert(reads_back(&pieces, ram, file));
		}
	}
}
END_TEST

/* A byte in a gap, first or last, would be lost. */
START_TEST(loses_nothing)
{
	static const struct pvl_pieces wanted =
		FULL({ { 10, 20 }, 10 }, { { 30, 50 }, 25 }, { { 60, 62 }, 45 });
	static const size_t gaps[] = { 20, 29, 50, 59 };

	for (size_t i = 0; i < sizeof(gaps) / sizeof(gaps[0]); i++) {
		struct pvl_pieces pieces = pvl_pieces_whole(SIZE);
		uint8_t file[SIZE], ram[SIZE];

		fill(file, &wanted);
		file[gaps[i]] = 1;
		memcpy(ram, file, SIZE);
		ck_assert_uint_eq(pvl_pieces_move_down(&pieces, &wanted, ram, 70, SIZE), 0);
		ck_assert(memcmp(ram, file, SIZE) == 0);
		ck_assert_uint_eq(pieces.end, SIZE);
		ck_assert(reads_back(&pieces, ram, file));
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("pieces");

	ADD_TESTS(suite, "pieces", which_can_be, turned, loses_nothing);
	return run_suite(suite);
}
