/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* Modules and setup_data that come with a place of their own. */
#include "plan_fixture.h"

START_TEST(own_modules)
{
	static const uint8_t bytes[5000];
	const struct pvhload_source source = pvhload_source_buffer(bytes, sizeof(bytes));
	struct pvhload_boot_module modules[3] = {
		{ sizeof(modules[0]), &source, "first", 0 },
		{ sizeof(modules[0]), &source, NULL, 0x90000 },
		{ sizeof(modules[0]), &source, NULL, 64 * MIB - 8192 },
	};
	const struct pvhload_plan_info *info;
	struct pvhload_error err;
	struct plan_fixture f;

	plan_setup(&f, 64 * MIB);
	f.config.modules = modules;
	f.config.module_count = 3;
	info = plan(&f);
	/* the first would be where the third is */
	expect_region(info, "module 0", 64 * MIB - 16384, sizeof(bytes));
	expect_region(info, "module 1", 0x90000, sizeof(bytes));
	expect_region(info, "module 2", 64 * MIB - 8192, sizeof(bytes));
	/* and so they are listed */
	ck_assert_uint_eq(guest_le(&f, 8, 0x6040), 64 * MIB - 16384);
	ck_assert_uint_eq(guest_le(&f, 8, 0x6060), 0x90000);
	ck_assert_uint_eq(guest_le(&f, 8, 0x6080), 64 * MIB - 8192);

	modules[1].gpa = 0x90800;
	err = refused(&f, PVHLOAD_E_RANGE);
	ck_says(err, "module 1 at 0x90800 is not at a multiple of 0x1000");
	ck_assert_uint_eq(err.subject, PVHLOAD_SUBJECT_MODULE);
	ck_assert_uint_eq(err.index, 1);
	modules[1].gpa = 4 * GIB;
	err = refused(&f, PVHLOAD_E_RANGE);
	ck_says(err, "module 1, 0x1388 bytes at 0x100000000, does not end below 4 GiB");
	modules[1].gpa = SMALL_LOW; /* a kernel that cannot be moved is there */
	err = refused(&f, PVHLOAD_E_OVERLAP);
	ck_says(err, "kernel segment 0", "overlaps module 1 [0x100000, 0x102000)");
	modules[1].gpa = modules[2].gpa;
	err = refused(&f, PVHLOAD_E_OVERLAP);
	ck_says(err, "module 2", "overlaps module 1");
	plan_teardown(&f);
}
END_TEST

START_TEST(own_setup_data)
{
	static const uint8_t bytes[100];
	const struct pvhload_source source = pvhload_source_buffer(bytes, sizeof(bytes));
	struct pvhload_linux_setup_data data[4] = {
		{ sizeof(data[0]), &source, 1000, 0, 0, 0 },
		{ sizeof(data[0]), &source, 1001, 0, 0x90000, 0 },
		{ sizeof(data[0]), &source, 1002, 0, 0, 0 },
		{ sizeof(data[0]), &source, 1003, PVHLOAD_SETUP_DATA_INDIRECT, 0x30000, 0x200000 },
	};
	const struct pvhload_plan_info *info;
	struct plan_fixture f;

	bzimage_setup(&f, 256 * MIB, PVHLOAD_PROTOCOL_X86_LINUX64);
	f.x86.setup_data = data;
	f.x86.setup_data_count = 4;
	info = plan(&f);
	expect_region(info, "setup_data 0 1000", 0x20800, 116);
	expect_region(info, "setup_data 1 1001", 0x90000, 116);
	expect_region(info, "setup_data 2 1002", 0x90078, 116); /* behind the one before it */
	expect_region(info, "setup_data 3 1003", 0x30000, 40);
	expect_region(info, "setup_data 3 1003 data", 0x200000, 100);
	/* the list keeps its order */
	ck_assert_uint_eq(zero_page(&f, 0x250, 8), 0x20800);
	ck_assert_uint_eq(guest_le(&f, 8, 0x20800), 0x90000);
	ck_assert_uint_eq(guest_le(&f, 8, 0x90000), 0x90078);
	ck_assert_uint_eq(guest_le(&f, 8, 0x90078), 0x30000);
	ck_assert_uint_eq(guest_le(&f, 8, 0x30000 + 16 + 16), 0x200000); /* setup_indirect.addr */

	/* its own place goes before that of the list */
	f.places.setup_data_gpa = 0x40000;
	expect_region(plan(&f), "setup_data 0 1000", 0x40000, 116);
	data[0].gpa = 0x50000;
	expect_region(plan(&f), "setup_data 0 1000", 0x50000, 116);
	plan_teardown(&f);
}
END_TEST

START_TEST(setup_data_refused)
{
	static const uint8_t bytes[100];
	const struct pvhload_source source = pvhload_source_buffer(bytes, sizeof(bytes));
	struct pvhload_linux_setup_data data = { sizeof(data), &source, 1000, 0, 0x90004, 0 };
	struct pvhload_error err;
	struct plan_fixture f;

	bzimage_setup(&f, 256 * MIB, PVHLOAD_PROTOCOL_X86_LINUX64);
	f.x86.setup_data = &data;
	f.x86.setup_data_count = 1;
	err = refused(&f, PVHLOAD_E_RANGE);
	ck_says(err, "setup_data 0 1000 at 0x90004 is not at a multiple of 0x8");
	ck_assert_uint_eq(err.subject, PVHLOAD_SUBJECT_SETUP_DATA);
	data.gpa = 0;
	data.data_gpa = 0x200000;
	err = refused(&f, PVHLOAD_E_USAGE);
	ck_says(err,
		"setup_data 0 has a place for its bytes, 0x200000, but does not put them apart");
	data.flags = PVHLOAD_SETUP_DATA_INDIRECT;
	data.data_gpa = 0x200010;
	err = refused(&f, PVHLOAD_E_RANGE);
	ck_says(err, "setup_data 0 1000 data at 0x200010 is not at a multiple of 0x1000");
	plan_teardown(&f);
}
END_TEST

/* One table for every protocol: what a boot does not have is not looked at. */
START_TEST(places_for_nothing)
{
	struct plan_fixture f;

	plan_setup(&f, 64 * MIB);
	f.places.zero_page_gpa = 1;
	f.places.setup_data_gpa = 1;
	f.places.page_tables_gpa = 1;
	f.places.initrd_gpa = 1;
	f.places.modlist_gpa = 1;
	f.places.module_cmdlines_gpa = 1;
	ck_assert_uint_eq(plan(&f)->region_count, 5);
	plan_teardown(&f);

	bzimage_setup(&f, 256 * MIB, PVHLOAD_PROTOCOL_X86_LINUX32);
	f.places.start_info_gpa = 1;
	f.places.memmap_gpa = 1;
	f.places.page_tables_gpa = 1;
	ck_assert_uint_eq(plan(&f)->region_count, 4);
	plan_teardown(&f);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("plan_own_places");

	ADD_TESTS(suite, "plan_own_places", own_modules, own_setup_data, setup_data_refused,
		  places_for_nothing);
	return run_suite(suite);
}
