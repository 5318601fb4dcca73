/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* Page tables: what is refused, and just not refused. */
#include "suite.h"

#define MIB (UINT64_C(1) << 20)
#define GIB (UINT64_C(1) << 30)
#define TIB (UINT64_C(1) << 40)

void *__real_malloc(size_t size);
void *__wrap_malloc(size_t size);

static bool no_memory;

void *__wrap_malloc(size_t size)
{
	return no_memory ? NULL : __real_malloc(size);
}

static struct pvhload_x86_page_tables tables_of(const struct pvhload_range *ranges, size_t count)
{
	struct pvhload_x86_page_tables spec = PVHLOAD_X86_PAGE_TABLES_INIT;

	spec.ranges = ranges;
	spec.range_count = count;
	spec.gpa = 0xa000;
	return spec;
}

static void expect_size(const struct pvhload_x86_page_tables *spec, uint64_t expected)
{
	struct pvhload_error err;
	uint64_t size = 0;

	ck_status(PVHLOAD_OK, err, pvhload_x86_page_tables_size(spec, &size, &err));
	ck_assert_uint_eq(size, expected);
}

static void refuse(enum pvhload_status status, const struct pvhload_x86_page_tables *spec,
		   const char *says)
{
	struct pvhload_error err;
	uint64_t size = 0x5a;
	uint8_t bytes[4096];

	memset(bytes, 0x5a, sizeof(bytes));
	ck_status(status, err, pvhload_x86_page_tables_size(spec, &size, &err));
	ck_says(err, says);
	ck_status(status, err, pvhload_x86_page_tables_build(spec, bytes, sizeof(bytes), &err));
	ck_says(err, says);
	ck_assert_uint_eq(size, 0x5a);
	for (size_t i = 0; i < sizeof(bytes); i++)
		ck_assert_uint_eq(bytes[i], 0x5a);
}

START_TEST(wrong_usage)
{
	const struct pvhload_range range = { 0, 1 };
	const struct pvhload_x86_page_tables good = tables_of(&range, 1);
	struct pvhload_x86_page_tables bad = good;
	struct pvhload_error err;
	uint8_t byte = 0x5a;

	refuse(PVHLOAD_E_USAGE, NULL, "NULL");
	bad.struct_size = sizeof(bad) - 1;
	refuse(PVHLOAD_E_USAGE, &bad, "wrong size");
	bad = good;
	bad.ranges = NULL;
	refuse(PVHLOAD_E_USAGE, &bad, "NULL");
	bad = good;
	bad.levels = 3;
	refuse(PVHLOAD_E_USAGE, &bad, "not 3");
	bad = good;
	bad.page_size = 4096;
	refuse(PVHLOAD_E_USAGE, &bad, "0x1000 bytes");
	bad = good;
	bad.reserved = 7;
	refuse(PVHLOAD_E_USAGE, &bad, "is 7");
	bad = good;
	bad.entry_mask = UINT64_C(1) << 52;
	refuse(PVHLOAD_E_USAGE, &bad, "bits outside 12 to 51");
	bad.entry_mask = UINT64_C(1) << 11 | UINT64_C(1) << 51;
	refuse(PVHLOAD_E_USAGE, &bad, "0x8000000000800");
	ck_status(PVHLOAD_E_USAGE, err, pvhload_x86_page_tables_size(&good, NULL, &err));
	ck_status(PVHLOAD_E_USAGE, err, pvhload_x86_page_tables_build(&good, NULL, 4096, &err));
	bad = good;
	bad.gpa = 0xa800;
	ck_status(PVHLOAD_E_USAGE, err, pvhload_x86_page_tables_build(&bad, &byte, 1 << 20, &err));
	ck_says(err, "0xa800", "4096");
	ck_assert_uint_eq(byte, 0x5a);
}
END_TEST

START_TEST(ranges_out_of_reach)
{
	struct pvhload_range range = { UINT64_MAX - 4, 6 };
	struct pvhload_x86_page_tables spec = tables_of(&range, 1);

	refuse(PVHLOAD_E_RANGE, &spec, "0xfffffffffffffffb");
	range = (struct pvhload_range){ 128 * TIB - 1, 2 };
	refuse(PVHLOAD_E_RANGE, &spec, "0x800000000000, the limit with 4 levels");
	spec.levels = 5;
	expect_size(&spec, (1 + 1 + 2 + 2) * 4096);
	range = (struct pvhload_range){ (UINT64_C(1) << 52) - 1, 2 };
	refuse(PVHLOAD_E_RANGE, &spec, "0x10000000000000, the limit with 5 levels");
}
END_TEST

START_TEST(mask_in_an_address)
{
	struct pvhload_range range = { 8 * GIB - MIB, MIB };
	struct pvhload_x86_page_tables spec = tables_of(&range, 1);

	spec.entry_mask = 8 * GIB | 64 * TIB;
	expect_size(&spec, 3 * 4096);
	range.size = MIB + 1; /* the page after it has the mask's lower bit */
	refuse(PVHLOAD_E_RANGE, &spec, "0x400200000000");
	range = (struct pvhload_range){ 16 * GIB, 1 };
	expect_size(&spec, 3 * 4096);
	range.gpa += 64 * TIB; /* the higher bit alone */
	refuse(PVHLOAD_E_RANGE, &spec, "pages [0x400400000000, 0x400400200000)");
	range.gpa = 0;
	spec.entry_mask = 0x100000; /* below a page's size: in some of its addresses */
	refuse(PVHLOAD_E_RANGE, &spec, "0x100000");
}
END_TEST

START_TEST(tables_out_of_place)
{
	const struct pvhload_range range = { 0, 1 };
	struct pvhload_x86_page_tables spec = tables_of(&range, 1);
	struct pvhload_error err;
	uint8_t bytes[3 * 4096];

	memset(bytes, 0x5a, sizeof(bytes));
	spec.gpa = (UINT64_C(1) << 52) - 0x2000;
	ck_status(PVHLOAD_E_RANGE, err,
		  pvhload_x86_page_tables_build(&spec, bytes, sizeof(bytes), &err));
	ck_says(err, "0x3000 bytes at 0xfffffffffe000", "2^52");
	spec.gpa = 0xfffffffffffff000;
	ck_status(PVHLOAD_E_RANGE, err,
		  pvhload_x86_page_tables_build(&spec, bytes, sizeof(bytes), &err));
	spec.gpa = 0x3fffe000; /* the third of the tables has the mask's bit */
	spec.entry_mask = GIB;
	ck_status(PVHLOAD_E_RANGE, err,
		  pvhload_x86_page_tables_build(&spec, bytes, sizeof(bytes), &err));
	ck_says(err, "page tables [0x3fffe000, 0x40001000)", "0x40000000");
	spec.gpa = 0x3fffd000;
	ck_status(PVHLOAD_E_CAPACITY, err,
		  pvhload_x86_page_tables_build(&spec, bytes, sizeof(bytes) - 1, &err));
	ck_says(err, "0x3000", "0x2fff");
	for (size_t i = 0; i < sizeof(bytes); i++)
		ck_assert_uint_eq(bytes[i], 0x5a);
	ck_status(PVHLOAD_OK, err,
		  pvhload_x86_page_tables_build(&spec, bytes, sizeof(bytes), &err));
}
END_TEST

START_TEST(without_host_memory)
{
	const struct pvhload_range range = { 0, 1 };
	const struct pvhload_x86_page_tables spec = tables_of(&range, 1);
	struct pvhload_error err = fresh_error(), build_err = err;
	uint8_t bytes[3 * 4096] = { 0x5a };
	enum pvhload_status status, build_status;
	uint64_t size = 0x5a;

	no_memory = true;
	status = pvhload_x86_page_tables_size(&spec, &size, &err);
	build_status = pvhload_x86_page_tables_build(&spec, bytes, sizeof(bytes), &build_err);
	no_memory = false;
	ck_assert_int_eq(status, PVHLOAD_E_NO_MEMORY);
	ck_assert_int_eq(build_status, PVHLOAD_E_NO_MEMORY);
	ck_says(err, "no host memory");
	ck_says(build_err, "no host memory");
	ck_assert_uint_eq(size, 0x5a);
	ck_assert_uint_eq(bytes[0], 0x5a);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("page_tables_rules");

	ADD_TESTS(suite, "refusals", wrong_usage, ranges_out_of_reach, mask_in_an_address,
		  tables_out_of_place, without_host_memory);
	return run_suite(suite);
}
