/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* Identity-mapping page tables: entry by entry, and by a walk as the processor does it. */
#include "suite.h"

#define KIB UINT64_C(1024)
#define MIB (1024 * KIB)
#define GIB (1024 * MIB)
#define TIB (1024 * GIB)

static struct pvhload_x86_page_tables tables_of(const struct pvhload_range *ranges, size_t count)
{
	struct pvhload_x86_page_tables spec = PVHLOAD_X86_PAGE_TABLES_INIT;

	spec.ranges = ranges;
	spec.range_count = count;
	spec.gpa = 0xa000;
	return spec;
}

/* The tables, in a block of exactly their size, so that a tool sees what is written after it. */
static uint8_t *build(const struct pvhload_x86_page_tables *spec, uint64_t expected_size)
{
	struct pvhload_error err;
	uint64_t size = 0;
	uint8_t *bytes;

	ck_status(PVHLOAD_OK, err, pvhload_x86_page_tables_size(spec, &size, &err));
	ck_assert_uint_eq(size, expected_size);
	bytes = malloc((size_t)size);
	ck_assert_ptr_nonnull(bytes);
	memset(bytes, 0x5a, (size_t)size);
	ck_status(PVHLOAD_OK, err, pvhload_x86_page_tables_build(spec, bytes, (size_t)size, &err));
	return bytes;
}

static uint64_t load(const uint8_t *at)
{
	uint64_t value = 0;

	for (int i = 7; i >= 0; i--)
		value = value << 8 | at[i];
	return value;
}

/* Entry @i of the table that is page @table of the block. */
static uint64_t entry(const uint8_t *bytes, size_t table, size_t i)
{
	return load(bytes + table * 4096 + i * 8);
}

/* Entries of a table that are not 0. */
static size_t used(const uint8_t *bytes, size_t table)
{
	size_t sum = 0;

	for (size_t i = 0; i < 512; i++)
		sum += entry(bytes, table, i) != 0;
	return sum;
}

/*
 * Where the processor gets to from @address: the physical address, or UINT64_MAX for a page fault.
 * Entries must have the mask, be present and writable, and have no other bit but the page size.
 */
static uint64_t walk(const struct pvhload_x86_page_tables *spec, const uint8_t *bytes,
		     uint64_t size, uint64_t address)
{
	const unsigned leaf = spec->page_size == GIB ? 30 : 21;
	uint64_t table = spec->gpa;

	for (unsigned shift = spec->levels == 5 ? 48 : 39;; shift -= 9) {
		const uint64_t at = table - spec->gpa + (address >> shift & 511) * 8;
		uint64_t value;

		ck_assert_uint_lt(at, size);
		value = load(bytes + at);
		if (value == 0)
			return UINT64_MAX;
		ck_assert_uint_eq(value & spec->entry_mask, spec->entry_mask);
		value &= ~spec->entry_mask;
		ck_assert_uint_eq(value & 0xfff0000000000fff, shift == leaf ? 0x83 : 0x3);
		if (shift == leaf) {
			ck_assert_uint_eq(value & ((UINT64_C(1) << leaf) - 1), 0x83);
			return (value & ~UINT64_C(0xfff)) | (address & ((UINT64_C(1) << leaf) - 1));
		}
		table = value & ~UINT64_C(0xfff);
	}
}

static bool wanted(const struct pvhload_x86_page_tables *spec, uint64_t address)
{
	const uint64_t page = spec->page_size ? spec->page_size : 2 * MIB;

	for (size_t i = 0; i < spec->range_count; i++) {
		const struct pvhload_range r = spec->ranges[i];

		if (r.size > 0 && address >= r.gpa / page * page &&
		    address / page <= (r.gpa + r.size - 1) / page)
			return true;
	}
	return false;
}

static void expect_address(const struct pvhload_x86_page_tables *spec, const uint8_t *bytes,
			   uint64_t size, uint64_t address)
{
	const uint64_t got = walk(spec, bytes, size, address);

	if (wanted(spec, address))
		ck_assert_uint_eq(got, address);
	else
		ck_assert_uint_eq(got, UINT64_MAX);
}

/* Every page of every range, both its ends, and the neighbours. */
static void expect_map(const struct pvhload_x86_page_tables *spec, uint64_t expected_size)
{
	const uint64_t page = spec->page_size ? spec->page_size : 2 * MIB;
	const uint64_t end = UINT64_C(1) << (spec->levels == 5 ? 52 : 47);
	uint8_t *bytes = build(spec, expected_size);

	for (size_t i = 0; i < spec->range_count; i++) {
		const struct pvhload_range r = spec->ranges[i];
		const uint64_t first = r.gpa / page * page;

		for (uint64_t at = first; at < r.gpa + r.size; at += page) {
			expect_address(spec, bytes, expected_size, at);
			expect_address(spec, bytes, expected_size, at + page - 1);
			if (at + page < end)
				expect_address(spec, bytes, expected_size, at + page);
		}
		if (first > 0)
			expect_address(spec, bytes, expected_size, first - 1);
	}
	free(bytes);
}

/* The usual case, every byte of it: PML4, PDPT, four page directories. */
START_TEST(first_4_gib)
{
	const struct pvhload_range range = { 0, 4 * GIB };
	const struct pvhload_x86_page_tables spec = tables_of(&range, 1);
	uint8_t *bytes = build(&spec, 6 * 4096);

	ck_assert_uint_eq(entry(bytes, 0, 0), 0xb003);
	ck_assert_uint_eq(used(bytes, 0), 1);
	for (size_t i = 0; i < 4; i++)
		ck_assert_uint_eq(entry(bytes, 1, i), 0xc003 + i * 0x1000);
	ck_assert_uint_eq(used(bytes, 1), 4);
	for (size_t i = 0; i < 4 * 512; i++)
		ck_assert_uint_eq(entry(bytes, 2 + i / 512, i % 512), i * 0x200000 + 0x83);
	free(bytes);
	expect_map(&spec, 6 * 4096);
}
END_TEST

static void put(uint8_t *bytes, size_t i, uint64_t value)
{
	for (size_t k = 0; k < 8; k++)
		bytes[i * 8 + k] = (uint8_t)(value >> 8 * k);
}

/* 512 GiB from a multiple of 512 GiB on, with four levels: every byte, as the formula for each entry has it. */
static void expect_512_gib(const struct pvhload_x86_page_tables *spec)
{
	const uint64_t start = spec->ranges[0].gpa, mask = spec->entry_mask;
	const uint64_t page = spec->page_size ? spec->page_size : 2 * MIB;
	const size_t tables = page == GIB ? 2 : 514;
	uint8_t *bytes = build(spec, tables * 4096), *expected = calloc(tables, 4096);

	ck_assert_ptr_nonnull(expected);
	put(expected, (size_t)(start / (512 * GIB)), (spec->gpa + 4096) | mask | 0x3);
	for (size_t i = 0; i < 512 && page == 2 * MIB; i++)
		put(expected, 512 + i, (spec->gpa + (2 + i) * 4096) | mask | 0x3);
	for (size_t i = 0; i < 512 * GIB / page; i++)
		put(expected, (page == GIB ? 512 : 1024) + i, (start + i * page) | mask | 0x83);
	ck_assert_mem_eq(bytes, expected, tables * 4096);
	free(expected);
	free(bytes);
}

START_TEST(all_of_512_gib)
{
	const struct pvhload_range ranges[] = { { 0, 512 * GIB }, { 3 * 512 * GIB, 512 * GIB } };
	struct pvhload_x86_page_tables spec = tables_of(ranges, 1);

	expect_512_gib(&spec);
	spec.page_size = PVHLOAD_X86_PAGE_SIZE_1G;
	expect_512_gib(&spec);
	spec.ranges = ranges + 1;
	spec.entry_mask = UINT64_C(1) << 51;
	expect_512_gib(&spec);
	spec.page_size = PVHLOAD_X86_PAGE_SIZE_2M;
	expect_512_gib(&spec);
}
END_TEST

START_TEST(pages_of_1_gib)
{
	const struct pvhload_range ranges[] = { { 5 * GIB - 1, 2 }, { 512 * GIB, 1 } };
	struct pvhload_x86_page_tables spec = tables_of(ranges, 2);
	uint8_t *bytes;

	spec.page_size = PVHLOAD_X86_PAGE_SIZE_1G;
	spec.gpa = 0x100000000;
	bytes = build(&spec, 3 * 4096);
	ck_assert_uint_eq(entry(bytes, 0, 0), 0x100001003);
	ck_assert_uint_eq(entry(bytes, 0, 1), 0x100002003);
	ck_assert_uint_eq(used(bytes, 0), 2);
	ck_assert_uint_eq(entry(bytes, 1, 4), 0x100000083);
	ck_assert_uint_eq(entry(bytes, 1, 5), 0x140000083);
	ck_assert_uint_eq(used(bytes, 1), 2);
	ck_assert_uint_eq(entry(bytes, 2, 0), 0x8000000083);
	ck_assert_uint_eq(used(bytes, 2), 1);
	free(bytes);
	expect_map(&spec, 3 * 4096);
}
END_TEST

START_TEST(five_levels)
{
	const struct pvhload_range ranges[] = { { 0, 1 },
						{ UINT64_C(1) << 48, 4 * MIB },
						{ (UINT64_C(1) << 52) - 1, 1 } };
	struct pvhload_x86_page_tables spec = tables_of(ranges, 3);
	uint8_t *bytes;

	spec.levels = 5;
	bytes = build(&spec, 10 * 4096);
	ck_assert_uint_eq(entry(bytes, 0, 0), 0xb003);
	ck_assert_uint_eq(entry(bytes, 0, 1), 0xe003);
	ck_assert_uint_eq(entry(bytes, 0, 15), 0x11003);
	ck_assert_uint_eq(used(bytes, 0), 3);
	/* depth first: PML4, PDPT and directory of each */
	ck_assert_uint_eq(entry(bytes, 1, 0), 0xc003);
	ck_assert_uint_eq(entry(bytes, 2, 0), 0xd003);
	ck_assert_uint_eq(entry(bytes, 3, 0), 0x83);
	ck_assert_uint_eq(entry(bytes, 6, 1), 0x1000000200083);
	ck_assert_uint_eq(entry(bytes, 9, 511), 0xfffffffe00083);
	free(bytes);
	expect_map(&spec, 10 * 4096);
	spec.page_size = PVHLOAD_X86_PAGE_SIZE_1G;
	expect_map(&spec, 7 * 4096);
}
END_TEST

START_TEST(mask_in_every_entry)
{
	const struct pvhload_range range = { 3 * MIB, 1 };
	struct pvhload_x86_page_tables spec = tables_of(&range, 1);
	uint8_t *bytes;

	spec.entry_mask = UINT64_C(1) << 51 | UINT64_C(1) << 47;
	bytes = build(&spec, 3 * 4096);
	ck_assert_uint_eq(entry(bytes, 0, 0), 0x880000000b003);
	ck_assert_uint_eq(entry(bytes, 1, 0), 0x880000000c003);
	ck_assert_uint_eq(entry(bytes, 2, 1), 0x8800000200083);
	/* entries that map nothing have no mask either */
	for (size_t i = 0; i < 3; i++)
		ck_assert_uint_eq(used(bytes, i), 1);
	free(bytes);
	expect_map(&spec, 3 * 4096);
}
END_TEST

START_TEST(across_512_gib_and_above_4_gib)
{
	const struct pvhload_range across = { 512 * GIB - 3 * MIB, 5 * MIB };
	const struct pvhload_range high[] = {
		{ 6 * GIB, 64 * MIB }, { 0, MIB }, { 127 * TIB, 1 }, { 128 * TIB - 1, 1 }
	};
	struct pvhload_x86_page_tables spec = tables_of(&across, 1);
	uint8_t *bytes = build(&spec, 5 * 4096);

	/* the tables of the lower half first, as a walk by address needs them */
	ck_assert_uint_eq(entry(bytes, 0, 0), 0xb003);
	ck_assert_uint_eq(entry(bytes, 1, 511), 0xc003);
	ck_assert_uint_eq(entry(bytes, 2, 510), 0x7fffc00083);
	ck_assert_uint_eq(entry(bytes, 2, 511), 0x7fffe00083);
	ck_assert_uint_eq(entry(bytes, 0, 1), 0xd003);
	ck_assert_uint_eq(entry(bytes, 3, 0), 0xe003);
	ck_assert_uint_eq(entry(bytes, 4, 0), 0x8000000083);
	free(bytes);
	expect_map(&spec, 5 * 4096);
	/* root; 0 and 6 GiB share a PDPT; 127 TiB and the last page have one each */
	spec = tables_of(high, 4);
	expect_map(&spec, (1 + 3 + 4) * 4096);
}
END_TEST

/* Order, overlap, adjacency and emptiness change nothing: not a byte. */
START_TEST(ranges_in_any_order)
{
	const struct pvhload_range plain[] = { { 0, 8 * MIB }, { 3 * GIB, 2 * MIB } };
	const struct pvhload_range mixed[] = { { 3 * GIB + MIB, 1 }, { 5 * MIB, 3 * MIB },
					       { 3 * GIB, 1 },       { 7 * GIB, 0 },
					       { 0, 8 * MIB },       { 2 * MIB, 2 * MIB },
					       { 4 * MIB - 1, MIB } };
	struct pvhload_x86_page_tables spec = tables_of(plain, 2);
	uint8_t *expected = build(&spec, 4 * 4096), *got;

	spec.ranges = mixed;
	spec.range_count = sizeof(mixed) / sizeof(mixed[0]);
	got = build(&spec, 4 * 4096);
	ck_assert_mem_eq(got, expected, 4 * 4096);
	free(got);
	spec.levels = 4;
	spec.page_size = PVHLOAD_X86_PAGE_SIZE_2M;
	got = build(&spec, 4 * 4096);
	ck_assert_mem_eq(got, expected, 4 * 4096);
	free(got);
	free(expected);
	expect_map(&spec, 4 * 4096);
}
END_TEST

START_TEST(nothing_to_map)
{
	const struct pvhload_range empty = { 5, 0 };
	struct pvhload_x86_page_tables spec = tables_of(NULL, 0);
	uint8_t *bytes = build(&spec, 4096);

	ck_assert_uint_eq(used(bytes, 0), 0);
	free(bytes);
	spec = tables_of(&empty, 1);
	bytes = build(&spec, 4096);
	ck_assert_uint_eq(used(bytes, 0), 0);
	free(bytes);
}
END_TEST

/* As many ranges as there may be, in the worst order, in as many tables as there may be. */
START_TEST(at_the_limits)
{
	struct pvhload_range *ranges = calloc(4097, sizeof(*ranges));
	struct pvhload_x86_page_tables spec = tables_of(ranges, 4096);
	struct pvhload_error err;
	uint64_t size = 0x5a;

	ck_assert_ptr_nonnull(ranges);
	/* four to a GiB, from the top: 1024 directories, two PDPTs and the root */
	for (size_t i = 0; i < 4096; i++)
		ranges[i] = (struct pvhload_range){ (4095 - i) * GIB / 4, 1 };
	ck_status(PVHLOAD_E_LIMIT, err, pvhload_x86_page_tables_size(&spec, &size, &err));
	ck_says(err, "0x403000", "0x400000");
	ck_assert_uint_eq(size, 0x5a);
	spec.ranges += 12; /* 1021 GiB: 1024 tables */
	spec.range_count -= 12;
	expect_map(&spec, 0x400000);

	spec.ranges = ranges;
	spec.range_count = 4097;
	ck_status(PVHLOAD_E_LIMIT, err, pvhload_x86_page_tables_size(&spec, &size, &err));
	ck_says(err, "4097 ranges", "4096");
	ck_status(PVHLOAD_E_LIMIT, err,
		  pvhload_x86_page_tables_build(&spec, (uint8_t *)&size, 8, &err));
	/* the largest range there can be is counted, not walked */
	spec.levels = 5;
	spec.range_count = 1;
	ranges[0] = (struct pvhload_range){ 0, UINT64_C(1) << 52 };
	ck_status(PVHLOAD_E_LIMIT, err, pvhload_x86_page_tables_size(&spec, &size, &err));
	ck_assert_uint_eq(size, 0x5a);
	free(ranges);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("page_tables");

	ADD_TESTS(suite, "entries", first_4_gib, all_of_512_gib, pages_of_1_gib, five_levels,
		  mask_in_every_entry, across_512_gib_and_above_4_gib, ranges_in_any_order,
		  nothing_to_map, at_the_limits);
	return run_suite(suite);
}
