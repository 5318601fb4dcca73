/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* Ranges in order, and those that touch or overlap made one. */
#include "core/range.h"
#include "suite.h"

static const struct {
	struct pvl_range ranges[4];
	size_t count;
	struct pvl_range joined[4];
	size_t joined_count;
} cases[] = {
	{ .count = 0 },
	{ { { 5, 9 } }, 1, { { 5, 9 } }, 1 },
	/* apart by one byte, touching, overlapping, one inside the other */
	{ { { 10, 20 }, { 5, 9 } }, 2, { { 5, 9 }, { 10, 20 } }, 2 },
	{ { { 10, 20 }, { 5, 10 } }, 2, { { 5, 20 } }, 1 },
	{ { { 10, 20 }, { 5, 11 } }, 2, { { 5, 20 } }, 1 },
	{ { { 10, 20 }, { 5, 30 }, { 30, 31 } }, 3, { { 5, 31 } }, 1 },
	/* starts that differ in the upper half only, or by more than half of all numbers */
	{ { { UINT64_MAX - 1, UINT64_MAX }, { 1, 2 }, { 1ull << 32, 1ull << 33 }, { 3, 4 } },
	  4,
	  { { 1, 2 }, { 3, 4 }, { 1ull << 32, 1ull << 33 }, { UINT64_MAX - 1, UINT64_MAX } },
	  4 },
};

START_TEST(sorted_and_joined)
{
	struct pvl_range ranges[4];

	memcpy(ranges, cases[_i].ranges, sizeof(ranges));
	pvl_ranges_sort(ranges, cases[_i].count);
	ck_assert_uint_eq(pvl_ranges_join_touching(ranges, cases[_i].count),
			  cases[_i].joined_count);
	for (size_t i = 0; i < cases[_i].joined_count; i++) {
		ck_assert_uint_eq(ranges[i].start, cases[_i].joined[i].start);
		ck_assert_uint_eq(ranges[i].end, cases[_i].joined[i].end);
	}
}
END_TEST

START_TEST(nothing_to_sort)
{
	pvl_ranges_sort(NULL, 0);
	ck_assert_uint_eq(pvl_ranges_join_touching(NULL, 0), 0);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("range");
	TCase *table = tcase_create("table");

	tcase_add_loop_test(table, sorted_and_joined, 0, sizeof(cases) / sizeof(cases[0]));
	suite_add_tcase(suite, table);
	ADD_TESTS(suite, "range", nothing_to_sort);
	return run_suite(suite);
}
