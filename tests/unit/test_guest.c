/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* Start info as a kernel reads it, from memory that ends where its last byte is; and how it is printed. */
#include "guest_side.h"
#include "suite.h"

#define INFO    0x100u
#define MODLIST 0x1000u
#define MEMMAP  0x20000u
#define TEXT    0x800u

static void put_info(uint64_t gpa, uint32_t version)
{
	poke(&memory, (size_t)gpa, 0x336ec578, 4);
	poke(&memory, (size_t)(gpa + 4), version, 4);
}

static void put_modules(uint64_t gpa, uint32_t count)
{
	put_info(INFO, 1);
	poke(&memory, INFO + 12, count, 4);
	poke(&memory, INFO + 16, gpa, 8);
}

static void put_module(uint64_t gpa, uint64_t paddr, uint64_t size, uint64_t cmdline)
{
	poke(&memory, (size_t)gpa, paddr, 8);
	poke(&memory, (size_t)(gpa + 8), size, 8);
	poke(&memory, (size_t)(gpa + 16), cmdline, 8);
	poke(&memory, (size_t)(gpa + 24), 0x1122, 8);
}

static void put_memmap(uint64_t gpa, uint32_t count)
{
	put_info(INFO, 1);
	poke(&memory, INFO + 40, gpa, 8);
	poke(&memory, INFO + 48, count, 4);
}

static void put_entry(uint64_t gpa, uint64_t addr, uint64_t size, uint32_t type)
{
	poke(&memory, (size_t)gpa, addr, 8);
	poke(&memory, (size_t)(gpa + 8), size, 8);
	poke(&memory, (size_t)(gpa + 16), type, 4);
	poke(&memory, (size_t)(gpa + 20), 0x33, 4);
}

static void put_text(uint64_t gpa, const char *text)
{
	memcpy(memory.data + gpa, text, strlen(text) + 1);
}

static struct pvhload_guest_start_info read_info(void)
{
	struct pvhload_guest_start_info info;

	ck_assert_int_eq(pvhload_guest_read_start_info(&reach, INFO, &info), PVHLOAD_GUEST_OK);
	return info;
}

START_TEST(every_field)
{
	struct pvhload_guest_start_info info;

	put_info(INFO, 1);
	for (uint32_t i = 8; i < 56; i++)
		memory.data[INFO + i] = (uint8_t)i;
	info = read_info();
	ck_assert_uint_eq(info.gpa, INFO);
	ck_assert_uint_eq(info.version, 1);
	ck_assert_uint_eq(info.flags, 0x0b0a0908);
	ck_assert_uint_eq(info.nr_modules, 0x0f0e0d0c);
	ck_assert_uint_eq(info.modlist_paddr, 0x1716151413121110);
	ck_assert_uint_eq(info.cmdline_paddr, 0x1f1e1d1c1b1a1918);
	ck_assert_uint_eq(info.rsdp_paddr, 0x2726252423222120);
	ck_assert_uint_eq(info.memmap_paddr, 0x2f2e2d2c2b2a2928);
	ck_assert_uint_eq(info.memmap_entries, 0x33323130);
	ck_assert_uint_eq(info.reserved, 0x37363534);
	ck_assert_ptr_null(info.cmdline);
}
END_TEST

START_TEST(versions)
{
	static const struct {
		uint32_t version;
		bool map;
	} cases[] = { { 0, false }, { 1, true }, { 2, true }, { UINT32_MAX, true } };

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct pvhload_guest_start_info info;
		struct pvhload_guest_range range;

		put_memmap(MEMMAP, 1);
		put_info(INFO, cases[i].version);
		info = read_info();
		ck_assert_uint_eq(info.version, cases[i].version);
		ck_assert_uint_eq(info.memmap_paddr, cases[i].map ? MEMMAP : 0);
		ck_assert_uint_eq(info.memmap_entries, cases[i].map);
		ck_assert_int_eq(pvhload_guest_read_memmap(&info, 0, &range),
				 cases[i].map ? PVHLOAD_GUEST_OK : PVHLOAD_GUEST_END);
	}
}
END_TEST

/* Where start info is, and how reading it ends. */
START_TEST(places)
{
	static const struct {
		uint64_t gpa;
		uint32_t magic, version;
		enum pvhload_guest_status status;
	} cases[] = {
		{ MEMORY_SIZE - 56, 0x336ec578, 1, PVHLOAD_GUEST_OK },
		{ MEMORY_SIZE - 55, 0x336ec578, 1, PVHLOAD_GUEST_E_REACH },
		{ MEMORY_SIZE - 40, 0x336ec578, 0, PVHLOAD_GUEST_OK },
		{ MEMORY_SIZE - 40, 0x336ec578, 1, PVHLOAD_GUEST_E_REACH },
		{ MEMORY_SIZE - 55, 0x336ec578, 2, PVHLOAD_GUEST_E_REACH },
		{ 0x101, 0x336ec578, 1, PVHLOAD_GUEST_OK }, /* at any alignment */
		{ INFO, 0x336ec579, 1, PVHLOAD_GUEST_E_MAGIC },
		{ INFO, 0x2badb002, 0, PVHLOAD_GUEST_E_MAGIC },
	};
	struct pvhload_guest_start_info info;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		poke(&memory, (size_t)cases[i].gpa, cases[i].magic, 4);
		poke(&memory, (size_t)(cases[i].gpa + 4), cases[i].version, 4);
		ck_assert_int_eq(pvhload_guest_read_start_info(&reach, cases[i].gpa, &info),
				 cases[i].status);
	}
	poke(&memory, 0, 0x336ec578, 4);
	ck_assert_int_eq(pvhload_guest_read_start_info(&reach, 0, &info), PVHLOAD_GUEST_E_REACH);
	ck_assert_int_eq(pvhload_guest_read_start_info(&reach, MEMORY_SIZE - 39, &info),
			 PVHLOAD_GUEST_E_REACH);
	ck_assert_int_eq(pvhload_guest_read_start_info(&reach, UINT64_MAX, &info),
			 PVHLOAD_GUEST_E_REACH);
}
END_TEST

START_TEST(modules)
{
	struct pvhload_guest_start_info info;
	struct pvhload_guest_module module;

	put_modules(MODLIST, 2);
	put_module(MODLIST, 0x3000, 0x10, TEXT);
	put_module(MODLIST + 32, MEMORY_SIZE - 0xff, 0x100, 0);
	put_text(TEXT, "one two");
	info = read_info();
	ck_assert_int_eq(pvhload_guest_read_module(&info, 0, &module), PVHLOAD_GUEST_OK);
	ck_assert_uint_eq(module.paddr, 0x3000);
	ck_assert_uint_eq(module.size, 0x10);
	ck_assert_uint_eq(module.cmdline_paddr, TEXT);
	ck_assert_uint_eq(module.reserved, 0x1122);
	ck_assert_ptr_eq(module.data, memory.data + 0x3000);
	ck_assert_str_eq(module.cmdline, "one two");
	/* one byte of it is out of reach */
	ck_assert_int_eq(pvhload_guest_read_module(&info, 1, &module), PVHLOAD_GUEST_OK);
	ck_assert_uint_eq(module.size, 0x100);
	ck_assert_ptr_null(module.data);
	ck_assert_ptr_null(module.cmdline);
	ck_assert_int_eq(pvhload_guest_read_module(&info, 2, &module), PVHLOAD_GUEST_END);
	ck_assert_int_eq(pvhload_guest_read_module(&info, UINT32_MAX, &module), PVHLOAD_GUEST_END);
}
END_TEST

/* A list of @count elements of @size bytes at @gpa. */
struct table_case {
	uint64_t gpa;
	uint32_t count;
	enum pvhload_guest_status status;
};

#define TABLE_CASES(size)                                                           \
	{                                                                           \
		{ 0, 0, PVHLOAD_GUEST_END }, { UINT64_MAX, 0, PVHLOAD_GUEST_END },  \
			{ 0, 1, PVHLOAD_GUEST_E_REACH },                            \
			{ UINT64_MAX - 8, 1, PVHLOAD_GUEST_E_REACH },               \
			{ MEMORY_SIZE - 2 * (size), 2, PVHLOAD_GUEST_OK },          \
			{ MEMORY_SIZE - 2 * (size) + 1, 2, PVHLOAD_GUEST_E_REACH }, \
			{ MEMORY_SIZE - 2 * (size), 3, PVHLOAD_GUEST_E_REACH },     \
			{ MODLIST, 4096, PVHLOAD_GUEST_OK },                        \
			{ MODLIST, 4097, PVHLOAD_GUEST_E_COUNT },                   \
			{ MODLIST, UINT32_MAX, PVHLOAD_GUEST_E_COUNT },             \
	}

START_TEST(tables)
{
	static const struct table_case of_modules[] = TABLE_CASES(32), of_map[] = TABLE_CASES(24);
	struct pvhload_guest_start_info info;
	struct pvhload_guest_module module;
	struct pvhload_guest_range range;

	for (size_t i = 0; i < sizeof(of_modules) / sizeof(of_modules[0]); i++) {
		put_modules(of_modules[i].gpa, of_modules[i].count);
		info = read_info();
		ck_assert_int_eq(pvhload_guest_read_module(&info, 0, &module),
				 of_modules[i].status);
		put_memmap(of_map[i].gpa, of_map[i].count);
		info = read_info();
		ck_assert_int_eq(pvhload_guest_read_memmap(&info, 0, &range), of_map[i].status);
	}
}
END_TEST

/* A table of the caller's own, whose bytes are more than 32 bits. */
START_TEST(table_of_4_gib)
{
	const struct pvhload_guest_table table = { MODLIST, 0x10000001, UINT32_MAX, 16 };
	const uint8_t *element;

	ck_assert_int_eq(pvhload_guest_element(&reach, &table, 0, &element), PVHLOAD_GUEST_E_REACH);
}
END_TEST

/* The last element of the largest table is read, and what is after it is not. */
START_TEST(largest_table)
{
	struct pvhload_guest_start_info info;
	struct pvhload_guest_range range;

	put_memmap(MODLIST, 4096);
	put_entry(MODLIST + 4095 * 24, 1, 2, 3);
	info = read_info();
	ck_assert_int_eq(pvhload_guest_read_memmap(&info, 4095, &range), PVHLOAD_GUEST_OK);
	ck_assert_uint_eq(range.addr, 1);
	ck_assert_uint_eq(range.size, 2);
	ck_assert_uint_eq(range.type, 3);
	ck_assert_uint_eq(range.reserved, 0x33);
	ck_assert_int_eq(pvhload_guest_read_memmap(&info, 4096, &range), PVHLOAD_GUEST_END);
}
END_TEST

START_TEST(ranges_that_wrap)
{
	static const struct {
		uint64_t addr, size;
		enum pvhload_guest_status status;
	} cases[] = {
		{ 0, UINT64_MAX, PVHLOAD_GUEST_OK },
		{ UINT64_MAX, 0, PVHLOAD_GUEST_OK },
		{ UINT64_MAX - 0xfff, 0xfff, PVHLOAD_GUEST_OK },
		{ UINT64_MAX - 0xfff, 0x1000, PVHLOAD_GUEST_E_RANGE },
		{ UINT64_MAX, UINT64_MAX, PVHLOAD_GUEST_E_RANGE },
	};
	struct pvhload_guest_start_info info;
	struct pvhload_guest_module module;
	struct pvhload_guest_range range;

	put_modules(MODLIST, 1);
	put_memmap(MEMMAP, 1);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		put_module(MODLIST, cases[i].addr, cases[i].size, 0);
		put_entry(MEMMAP, cases[i].addr, cases[i].size, 1);
		info = read_info();
		ck_assert_int_eq(pvhload_guest_read_module(&info, 0, &module), cases[i].status);
		ck_assert_int_eq(pvhload_guest_read_memmap(&info, 0, &range), cases[i].status);
	}
}
END_TEST

START_TEST(texts)
{
	put_text(TEXT, "");
	ck_assert_str_eq(pvhload_guest_text(&reach, TEXT), "");
	ck_assert_ptr_null(pvhload_guest_text(&reach, 0));
	ck_assert_ptr_null(pvhload_guest_text(&reach, UINT64_MAX));
	/* the NUL is the last byte that can be read, and one after it */
	memory.data[MEMORY_SIZE - 2] = 'x';
	ck_assert_str_eq(pvhload_guest_text(&reach, MEMORY_SIZE - 2), "x");
	memory.data[MEMORY_SIZE - 1] = 'x';
	ck_assert_ptr_null(pvhload_guest_text(&reach, MEMORY_SIZE - 2));
	/* 65535 characters and one more */
	memset(memory.data + MODLIST, 'a', 0xffff);
	ck_assert_uint_eq(strlen(pvhload_guest_text(&reach, MODLIST)), 0xffff);
	memory.data[MODLIST + 0xffff] = 'a';
	ck_assert_ptr_null(pvhload_guest_text(&reach, MODLIST));
}
END_TEST

START_TEST(pointers)
{
	const struct pvhload_guest_reach everything = { 0, UINT64_MAX };
	const struct pvhload_guest_reach high = { UINTPTR_MAX - 0x1fff, UINT64_MAX };

	ck_assert_ptr_eq(pvhload_guest_at(&reach, 1, MEMORY_SIZE - 1), memory.data + 1);
	ck_assert_ptr_null(pvhload_guest_at(&reach, 1, MEMORY_SIZE));
	ck_assert_ptr_null(pvhload_guest_at(&reach, 1, UINT64_MAX));
	ck_assert_ptr_eq(pvhload_guest_at(&reach, MEMORY_SIZE, 0), memory.data + MEMORY_SIZE);
	ck_assert_ptr_null(pvhload_guest_at(&reach, MEMORY_SIZE + 1, 0));
	/* no pointer wraps, whatever the caller says of reach */
	ck_assert_ptr_null(pvhload_guest_at(&everything, UINT64_MAX, 1));
	ck_assert_ptr_nonnull(pvhload_guest_at(&high, 0x1000, 0xfff));
	ck_assert_ptr_null(pvhload_guest_at(&high, 0x1000, 0x1001));
	ck_assert_uint_eq(pvhload_guest_load((const uint8_t *)"\x11\x22\x33\x44", 3), 0x332211);
}
END_TEST

static const char *print_info(void)
{
	const struct pvhload_guest_start_info info = read_info();

	printed_size = 0;
	pvhload_guest_print_start_info(&printer, &info);
	return printed;
}

START_TEST(print)
{
	put_modules(MODLIST, 2);
	put_module(MODLIST, 0x3000, 0x10, TEXT);
	put_module(MODLIST + 32, 0xfedcba9876543210, 0, 0);
	put_memmap(MEMMAP, 2);
	put_entry(MEMMAP, 0, 0x9fc00, 1);
	put_entry(MEMMAP + 24, 0x100000000, 0x80000000, 2);
	poke(&memory, INFO + 24, TEXT + 8, 8);
	poke(&memory, INFO + 32, 0xf0000, 8);
	put_text(TEXT, "of one");
	put_text(TEXT + 8, "a=\"b\" \t\x7f\xc3~");
	ck_assert_str_eq(print_info(), "start_info 0x100\n"
				       "version 0x1\n"
				       "flags 0x0\n"
				       "nr_modules 0x2\n"
				       "modlist_paddr 0x1000\n"
				       "cmdline_paddr 0x808\n"
				       "rsdp_paddr 0xf0000\n"
				       "memmap_paddr 0x20000\n"
				       "memmap_entries 0x2\n"
				       "cmdline a=\"b\" ...~\n"
				       "module 0x3000 0x10 of one\n"
				       "module 0xfedcba9876543210 0x0 (none)\n"
				       "memmap 0x0 0x9fc00 0x1\n"
				       "memmap 0x100000000 0x80000000 0x2\n");
}
END_TEST

START_TEST(print_what_is_wrong)
{
	put_modules(MODLIST, 4097);
	put_memmap(MEMMAP, 1);
	put_entry(MEMMAP, 1, UINT64_MAX, 1);
	ck_assert_ptr_nonnull(strstr(print_info(), "cmdline (none)\n"
						   "module: too many\n"
						   "memmap: end beyond 64 bits\n"));
	put_modules(MEMORY_SIZE, 1);
	put_memmap(0, 1);
	ck_assert_ptr_nonnull(strstr(print_info(), "module: not within reach\n"
						   "memmap: not within reach\n"));
}
END_TEST

int main(void)
{
	Suite *s = suite_create("guest");
	TCase *c = tcase_create("start_info");

	tcase_add_checked_fixture(c, guest_side_setup, guest_side_teardown);
	tcase_add_test(c, every_field);
	tcase_add_test(c, versions);
	tcase_add_test(c, places);
	tcase_add_test(c, modules);
	tcase_add_test(c, tables);
	tcase_add_test(c, table_of_4_gib);
	tcase_add_test(c, largest_table);
	tcase_add_test(c, ranges_that_wrap);
	tcase_add_test(c, texts);
	tcase_add_test(c, pointers);
	tcase_add_test(c, print);
	tcase_add_test(c, print_what_is_wrong);
	suite_add_tcase(s, c);
	return run_suite(s);
}
