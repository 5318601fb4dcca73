/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* What is left of ranges of which others were taken, held against a model: a byte for each address. */
#include "layout/space.h"
#include "suite.h"
#include "x86/limits.h"

#define SPAN 8192u
#define PAGE 16u

struct fixture {
	struct pvl_gaps gaps;
	bool free[SPAN];
	uint64_t random;
};

static uint64_t next_random(struct fixture *f, uint64_t below)
{
	f->random = f->random * 6364136223846793005ull + 1442695040888963407ull;
	return (f->random >> 33) % below;
}

static void begin(struct fixture *f, const struct pvl_range *ranges, size_t count)
{
	memset(f->free, 0, sizeof(f->free));
	for (size_t i = 0; i < count; i++)
		memset(&f->free[ranges[i].start], 1, (size_t)(ranges[i].end - ranges[i].start));
	ck_assert(pvl_gaps_init(&f->gaps, ranges, count, PAGE));
}

static void take_range(struct fixture *f, uint64_t start, uint64_t end)
{
	ck_assert(pvl_gaps_make_room(&f->gaps));
	pvl_gaps_take(&f->gaps, (struct pvl_range){ start, end });
	memset(&f->free[start], 0, (size_t)(end - start));
}

/* True if all of [start, end) is free, or else if nothing is. */
static bool all_are(const struct fixture *f, uint64_t start, uint64_t end, bool free)
{
	while (start < end && f->free[start] == free)
		start++;
	return start >= end;
}

/* Within the span, after @at, as long as can be. */
static bool is_gap(const struct fixture *f, uint64_t at, struct pvl_range gap)
{
	return at <= gap.start && gap.start <= gap.end && gap.end <= SPAN &&
	       all_are(f, at, gap.start, false) && all_are(f, gap.start, gap.end, true) &&
	       (gap.start == gap.end || gap.end == SPAN || !f->free[gap.end]);
}

/* The gaps are the free addresses, in order, and no block says that it has too little. */
static void expect(const struct fixture *f)
{
	uint64_t at = 0;

	for (size_t b = 0; b < f->gaps.count; b++) {
		const struct pvl_gap_block *block = &f->gaps.blocks[b];

		ck_assert_uint_gt(block->count, 0);
		ck_assert_uint_le(block->count, PVL_GAPS_PER_BLOCK);
		for (size_t i = 0; i < block->count; i++) {
			const struct pvl_range gap = block->gaps[i];

			ck_assert(is_gap(f, at, gap));
			ck_assert(pvl_gap_pages(gap, PAGE) <= block->most);
			at = gap.end;
		}
	}
	ck_assert(all_are(f, at, SPAN, false));
}

/* What is asked of the gaps, for one range. */
static void ask(const struct fixture *f, struct pvl_range range)
{
	struct pvl_range next = { 0, 0 };
	uint64_t start = range.start, end;

	while (start < range.end && !f->free[start])
		start++;
	for (end = start; end < range.end && f->free[end];)
		end++;
	ck_assert(pvl_gaps_contain(&f->gaps, range) == (start == range.start && end == range.end));
	ck_assert(pvl_gaps_next(&f->gaps, range, &next) == (start < range.end));
	if (start == range.end)
		return;
	ck_assert_uint_eq(next.start, start);
	ck_assert_uint_eq(next.end, end);
}

static struct pvl_range random_range(struct fixture *f, uint64_t most)
{
	const uint64_t start = next_random(f, SPAN - 1);
	const uint64_t size = 1 + next_random(f, most);

	return (struct pvl_range){ start, start + size < SPAN ? start + size : SPAN };
}

/* Some hundreds of gaps in several blocks, cut, shortened and taken whole. */
static void take_many(uint64_t seed, const struct pvl_range *ranges, size_t count, uint64_t most)
{
	static struct fixture f;

	f = (struct fixture){ .random = seed };
	begin(&f, ranges, count);
	expect(&f);
	for (size_t i = 0; i < 1000; i++) {
		const struct pvl_range range = random_range(&f, most);

		ask(&f, random_range(&f, 3 * most));
		take_range(&f, range.start, range.end);
		if (i % 100 == 0)
			expect(&f);
	}
	expect(&f);
	pvl_gaps_free(&f.gaps);
}

START_TEST(random_ranges)
{
	const struct pvl_range all = { 0, SPAN };
	struct pvl_range many[SPAN / 16];

	for (size_t i = 0; i < SPAN / 16; i++)
		many[i] = (struct pvl_range){ 16 * i, 16 * i + 1 + i % 15 };
	for (uint64_t seed = 0; seed < 8; seed++) {
		take_many(seed, &all, 1, 3);
		take_many(seed, &all, 1, 40);
		take_many(seed, many, SPAN / 16, 9);
		take_many(seed, NULL, 0, 9);
	}
}
END_TEST

/* Each address in turn, every other one, from either end: blocks are halved at their ends. */
START_TEST(ascending_and_descending)
{
	const struct pvl_range all = { 0, SPAN };
	static struct fixture f;

	begin(&f, &all, 1);
	for (uint64_t at = 1; at < SPAN; at += 2)
		take_range(&f, at, at + 1);
	expect(&f);
	begin(&f, &all, 1); /* the blocks are used again */
	for (uint64_t at = SPAN - 1; at > 0; at -= at > 1 ? 2 : 1)
		take_range(&f, at, at + 1);
	expect(&f);
	take_range(&f, 0, SPAN); /* all of it */
	expect(&f);
	ck_assert(!pvl_gaps_contain(&f.gaps, (struct pvl_range){ 0, 1 }));
	pvl_gaps_free(&f.gaps);
}
END_TEST

START_TEST(whole_pages)
{
	static const struct {
		uint64_t start, end, pages;
	} cases[] = {
		{ 0, 16, 16 },
		{ 1, 16, 0 },
		{ 1, 31, 0 },
		{ 1, 32, 16 },
		{ 16, 63, 32 },
		{ 5, 5, 0 },
		{ UINT64_MAX - 3, UINT64_MAX, 0 }, /* the next page is past the end */
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		ck_assert_uint_eq(pvl_gap_pages((struct pvl_range){ cases[i].start, cases[i].end },
						PAGE),
				  cases[i].pages);
}
END_TEST

/* What a part may take of a gap that has other than whole pages. */
START_TEST(parts_of_gaps)
{
	static const struct {
		uint64_t size, align;
		bool whole_pages, highest;
		uint64_t gpa; /* 0: there is no room */
	} cases[] = {
		{ 0x1801, 0x1000, false, false, 0 },      { 0x1800, 0x1000, false, false, 0x10000 },
		{ 0x1001, 0x1000, true, false, 0 },       { 0x1800, 0x1000, true, false, 0 },
		{ 0x1800, 0x1000, false, true, 0x10000 }, { 0x1000, 0x1000, true, false, 0x10000 },
		{ 0x1000, 0x1000, true, true, 0x20000 },  { 0x1200, 0x200, true, false, 0x1fe00 },
		{ 0x1200, 0x200, true, true, 0x1fe00 },   { 0x1201, 0x200, true, false, 0 },
		{ 0x1400, 0x200, false, true, 0x1fe00 },
	};
	struct pvhload_memmap_entry entries[] = { { 0x10000, 0x1800, PVHLOAD_MEMMAP_RAM, 0 },
						  { 0x1fe00, 0x1400, PVHLOAD_MEMMAP_RAM, 0 } };
	const struct pvhload_memmap map = { sizeof(map), entries, 2, 2, 0 };
	struct pvl_space space = { .count = 0 };
	struct pvhload_error err;

	ck_status(PVHLOAD_OK, err, pvl_space_init(&space, &pvl_arch_x86, &map, &err));
	/* what a search in vain has learnt changes none after it */
	for (size_t i = 0; i < 2 * (sizeof(cases) / sizeof(cases[0])); i++) {
		const size_t n = i % (sizeof(cases) / sizeof(cases[0]));
		const struct pvl_part part = { .name = "part",
					       .size = cases[n].size,
					       .align = cases[n].align,
					       .limit = 1u << 20,
					       .limit_name = "1 MiB",
					       .whole_pages = cases[n].whole_pages };
		enum pvhload_status status;
		uint64_t gpa = 0;

		status = pvl_space_find(&space, &part, cases[n].highest, &gpa, NULL);
		ck_assert_msg(gpa == cases[n].gpa, "case %zu: 0x%" PRIx64, n, gpa);
		ck_assert_int_eq(status, gpa != 0 ? PVHLOAD_OK : PVHLOAD_E_NO_ROOM);
	}
	pvl_space_free(&space);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("gaps");

	ADD_TESTS(suite, "gaps", random_ranges, ascending_and_descending, whole_pages,
		  parts_of_gaps);
	return run_suite(suite);
}
