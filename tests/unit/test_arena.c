/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* Pieces of an arena: zeroed, aligned, apart; what cannot be had is NULL. */
#include "core/arena.h"
#include "suite.h"

#define PIECES 64u

/* Small ones, which share a block, one that fills it, and one that has its own. */
static const size_t sizes[] = { 1, 7, 16, 40, 700, 2000, 2048, 100000 };

START_TEST(pieces)
{
	const size_t size = sizes[_i];
	uint8_t *expected = calloc(1, size);
	struct pvl_arena arena = { NULL };
	uint8_t *piece[PIECES];

	for (size_t i = 0; i < PIECES; i++) {
		piece[i] = pvl_arena_new(&arena, 1, size);
		ck_assert_ptr_nonnull(piece[i]);
		ck_assert_uint_eq((uintptr_t)piece[i] % _Alignof(max_align_t), 0);
		ck_assert_mem_eq(piece[i], expected, size);
		memset(piece[i], (int)i + 1, size);
	}
	for (size_t i = 0; i < PIECES; i++) {
		memset(expected, (int)i + 1, size);
		ck_assert_mem_eq(piece[i], expected, size);
	}
	free(expected);
	pvl_arena_free(&arena);
	ck_assert_ptr_null(arena.last);
	pvl_arena_free(&arena);
}
END_TEST

static const struct {
	size_t count, size;
} refused[] = {
	{ 1, SIZE_MAX },      { SIZE_MAX, 1 },       { SIZE_MAX / 2, 3 },
	{ 1, SIZE_MAX - 15 }, { SIZE_MAX / 16, 16 },
};

START_TEST(too_large)
{
	struct pvl_arena arena = { NULL };
	const char *first = pvl_arena_new(&arena, 2, 3);

	ck_assert_ptr_nonnull(first);
	ck_assert_ptr_null(pvl_arena_new(&arena, refused[_i].count, refused[_i].size));
	/* It goes on. */
	ck_assert_ptr_nonnull(pvl_arena_new(&arena, 1, 1));
	pvl_arena_free(&arena);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("arena");
	TCase *all = tcase_create("pieces"), *large = tcase_create("refused");

	tcase_add_loop_test(all, pieces, 0, sizeof(sizes) / sizeof(sizes[0]));
	tcase_add_loop_test(large, too_large, 0, sizeof(refused) / sizeof(refused[0]));
	suite_add_tcase(suite, all);
	suite_add_tcase(suite, large);
	return run_suite(suite);
}
