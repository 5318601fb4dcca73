/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* Start info written alone: exact bytes, and back again. */
#include "pvh_fixture.h"

START_TEST(exact_bytes)
{
	/* vectors implied by the structures: one module, RSDP, a map of two entries */
	static const uint8_t start_info[56] = {
		0x78, 0xc5, 0x6e, 0x33, 1, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0,    0x40, 0x60, 0,
		0,    0,    0,    0,    0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0x0e, 0,    0,    0,
		0,    0,    0,    0x70, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0,    0,    0,
	};
	static const uint8_t modlist[32] = { 0, 0, 0x20, 0, 0, 0, 0, 0, 0x56, 0x34, 0x12 };
	static const uint8_t memmap[48] = {
		0, 0, 0,    0, 0, 0, 0, 0, 0, 0xfc, 9,    0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0,
		0, 0, 0x10, 0, 0, 0, 0, 0, 0, 0,    0x30, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0
	};
	const struct pvhload_pvh_module module = { 0x200000, 0x123456, NULL };
	struct pvhload_error err;
	struct pvh_fixture f;
	uint64_t touched = 0;

	pvh_setup(&f);
	f.params.cmdline = "console=ttyS0";
	f.params.modules = &module;
	f.params.module_count = 1;
	f.params.rsdp_gpa = 0xe0000;
	ck_status(PVHLOAD_OK, err, write_it(&f, &err));
	ck_assert_mem_eq(f.fake.bytes + 0x6000, start_info, sizeof(start_info));
	ck_assert_mem_eq(f.fake.bytes + 0x6040, modlist, sizeof(modlist));
	ck_assert_mem_eq(f.fake.bytes + 0x7000, memmap, sizeof(memmap));
	ck_assert_mem_eq(f.fake.bytes + 0x20000, "console=ttyS0\0\0\0", 16);
	for (uint64_t i = 0x2000d; i < 0x20800; i++)
		ck_assert_uint_eq(f.fake.bytes[i], 0); /* the window Linux reads */
	for (uint64_t i = 0; i < RAM_SIZE; i++)
		touched += f.fake.bytes[i] != FAKE_PATTERN;
	ck_assert_uint_eq(touched, 56 + 32 + 48 + 2048);
	ck_assert(!f.fake.strayed);
	pvh_teardown(&f);
}
END_TEST

START_TEST(without_modules_and_command_line)
{
	struct pvhload_error err;
	struct pvh_fixture f;

	pvh_setup(&f);
	f.params.start_info_flags = 3;
	ck_status(PVHLOAD_OK, err, pvhload_pvh_write(&f.fake.memory, NULL, &f.params, &err));
	ck_assert_uint_eq(peek(f.fake.bytes + 0x6000 + 8, 4), 3);
	ck_assert_uint_eq(peek(f.fake.bytes + 0x6000 + 12, 4), 0);
	ck_assert_uint_eq(peek(f.fake.bytes + 0x6000 + 16, 8), 0); /* FreeBSD stops otherwise */
	ck_assert_uint_eq(peek(f.fake.bytes + 0x6000 + 24, 8), 0x20000);
	ck_assert_uint_eq(f.fake.bytes[0x20000], 0);
	ck_assert_uint_eq(peek(f.fake.bytes + 0x6000 + 32, 8), 0);
	pvh_teardown(&f);
}
END_TEST

START_TEST(round_trip)
{
	const struct pvhload_pvh_module modules[] = {
		{ 0x200000, 1, "first module" },
		{ 0x201000, 0x1000, NULL },
		{ 0x202000, 0x1000, "" },
		{ 0x203000, 0x1000, "the last=\"one\"" },
	};
	const struct pvhload_pvh_view *view;
	struct pvhload_error err;
	struct pvh_fixture f;

	pvh_setup(&f);
	f.layout.start_info_gpa = 0x150000;
	f.layout.modlist_gpa = 0x151000;
	f.layout.memmap_gpa = 0x152001; /* any byte will do */
	f.layout.cmdline_gpa = 0x153000;
	f.layout.module_cmdlines_gpa = 0x154000;
	f.params.cmdline = "a b c";
	f.params.modules = modules;
	f.params.module_count = 4;
	f.params.rsdp_gpa = 0xabcdef0123456789;
	ck_status(PVHLOAD_OK, err, write_it(&f, &err));

	view = read_back(&f, 0x150000);
	ck_assert_uint_eq(view->magic, PVHLOAD_START_INFO_MAGIC);
	ck_assert_uint_eq(view->version, 1);
	ck_assert_uint_eq(view->flags, 0);
	ck_assert_uint_eq(view->has_cmdline, 1);
	ck_assert_uint_eq(view->cmdline_gpa, 0x153000);
	ck_assert_uint_eq(view->modlist_gpa, 0x151000);
	ck_assert_uint_eq(view->memmap_gpa, 0x152001);
	ck_assert_uint_eq(view->rsdp_gpa, 0xabcdef0123456789);
	ck_assert_str_eq(view->cmdline, "a b c");
	ck_assert_uint_eq(view->module_count, 4);
	for (size_t i = 0; i < 4; i++) {
		ck_assert_uint_eq(view->modules[i].gpa, modules[i].gpa);
		ck_assert_uint_eq(view->modules[i].size, modules[i].size);
		if (modules[i].cmdline)
			ck_assert_str_eq(view->modules[i].cmdline, modules[i].cmdline);
		else
			ck_assert_ptr_null(view->modules[i].cmdline);
	}
	ck_assert_uint_eq(view->memmap_count, 2);
	ck_assert_mem_eq(view->memmap, f.entries, 2 * sizeof(f.entries[0]));
	pvhload_pvh_view_free((struct pvhload_pvh_view *)(uintptr_t)view);
	pvhload_pvh_view_free(NULL);
	pvh_teardown(&f);
}
END_TEST

START_TEST(default_place_of_module_texts)
{
	const struct pvhload_pvh_module module = { 0x200000, 1, "text" };
	char cmdline[2048];
	struct pvhload_error err;
	struct pvh_fixture f;

	pvh_setup(&f);
	memset(cmdline, 'x', sizeof(cmdline) - 1);
	cmdline[2047] = '\0';
	f.params.cmdline = cmdline;
	f.params.modules = &module;
	f.params.module_count = 1;
	ck_status(PVHLOAD_OK, err, write_it(&f, &err));
	ck_assert_mem_eq(f.fake.bytes + 0x20000, cmdline, 2048);
	ck_assert_mem_eq(f.fake.bytes + 0x20800, "text", 5);
	pvh_teardown(&f);
}
END_TEST

START_TEST(write_usage)
{
	struct pvhload_memory_ops ops;
	struct pvhload_error err;
	struct pvh_fixture f;

	pvh_setup(&f);
	ck_status(PVHLOAD_E_USAGE, err, pvhload_pvh_write(NULL, NULL, &f.params, &err));
	ck_status(PVHLOAD_E_USAGE, err, pvhload_pvh_write(&f.fake.memory, NULL, NULL, &err));
	f.params.memmap = NULL;
	(void)pvh_refused(&f, PVHLOAD_E_USAGE);
	f.params.memmap = &f.map;
	f.params.flags = 2;
	(void)pvh_refused(&f, PVHLOAD_E_USAGE);
	f.params.flags = 0;
	f.params.struct_size = 8;
	(void)pvh_refused(&f, PVHLOAD_E_USAGE);
	f.params.struct_size = sizeof(f.params);
	f.layout.struct_size = 9;
	(void)pvh_refused(&f, PVHLOAD_E_USAGE);
	f.layout.struct_size = sizeof(f.layout);

	ops = f.fake.ops;
	ops.write = NULL;
	f.fake.memory.ops = &ops;
	(void)pvh_refused(&f, PVHLOAD_E_USAGE);
	ops.struct_size = 3;
	(void)pvh_refused(&f, PVHLOAD_E_USAGE);
	f.fake.memory.ops = NULL;
	(void)pvh_refused(&f, PVHLOAD_E_USAGE);
	f.fake.memory.ops = &f.fake.ops;
	f.fake.memory.flags = 0x80;
	(void)pvh_refused(&f, PVHLOAD_E_USAGE);
	f.fake.memory.flags = 0;
	f.fake.memory.reserved = 1;
	(void)pvh_refused(&f, PVHLOAD_E_USAGE);
	f.fake.memory.reserved = 0;
	f.fake.memory.struct_size = 3;
	(void)pvh_refused(&f, PVHLOAD_E_USAGE);
	f.fake.memory.struct_size = sizeof(f.fake.memory);
	f.map.count = 9;
	(void)pvh_refused(&f, PVHLOAD_E_USAGE);
	pvh_teardown(&f);
}
END_TEST

START_TEST(failing_writes)
{
	const struct pvhload_pvh_module module = { 0x200000, 1, "x" };
	static const char *const names[] = { "start_info", "modlist", "memmap", "cmdline",
					     "module cmdlines" };

	for (uint64_t n = 1; n <= 5; n++) {
		struct pvhload_error err;
		struct pvh_fixture f;

		pvh_setup(&f);
		f.params.modules = &module;
		f.params.module_count = 1;
		f.fake.fail_at = n;
		ck_status(PVHLOAD_E_CALLBACK, err, write_it(&f, &err));
		ck_assert_int_eq(err.cause, -77);
		ck_says(err, names[n - 1], "write callback returned -77");
		ck_assert_uint_eq(f.fake.calls, n);
		pvh_teardown(&f);
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("pvh_write");

	ADD_TESTS(suite, "pvh_write", exact_bytes, without_modules_and_command_line, round_trip,
		  default_place_of_module_texts, write_usage, failing_writes);
	return run_suite(suite);
}
