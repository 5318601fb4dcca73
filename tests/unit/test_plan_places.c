/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* Where a plan puts things, and what it says when they do not fit. */
#include "plan_fixture.h"

START_TEST(the_usual)
{
	const struct pvhload_plan_info *info;
	struct plan_fixture f;

	plan_setup(&f, 256 * MIB);
	info = plan(&f);
	ck_assert_uint_eq(info->protocol, PVHLOAD_PROTOCOL_PVH);
	ck_assert_uint_eq(info->entry, SMALL_ENTRY);
	ck_assert_uint_eq(info->kaslr_offset, 0);
	ck_assert_uint_eq(info->cmdline_max, 2047);
	ck_assert_uint_eq(info->start_info_gpa, 0x6000);
	ck_assert_str_eq(info->cmdline, "");
	ck_assert_uint_eq(info->region_count, 5);
	expect_region(info, "gdt", 0x500, 32);
	expect_region(info, "start_info", 0x6000, 56);
	expect_region(info, "memmap", 0x7000, 48);
	expect_region(info, "cmdline", 0x20000, 2048);
	expect_region(info, "kernel", SMALL_LOW, SMALL_END - SMALL_LOW);
	ck_assert_uint_eq(info->memmap->count, 2);
	ck_assert_mem_eq(info->memmap->entries, f.entries, 2 * sizeof(f.entries[0]));
	ck_assert_uint_eq(info->x86_cpu->rip, SMALL_ENTRY);
	ck_assert_uint_eq(info->x86_cpu->rbx, 0x6000);
	ck_assert_uint_eq(info->x86_cpu->gdt.base, 0x500);
	ck_assert_ptr_null(pvhload_plan_get_info(NULL));
	pvhload_plan_free(NULL);
	plan_teardown(&f);
}
END_TEST

START_TEST(initrd_and_modules)
{
	static const uint8_t bytes[10000];
	struct pvhload_source initrd = pvhload_source_buffer(bytes, 5000);
	const struct pvhload_source one_page = pvhload_source_buffer(bytes, 4096);
	const struct pvhload_source one_byte = pvhload_source_buffer(bytes, 1);
	const struct pvhload_boot_module modules[2] = {
		{ sizeof(modules[0]), &one_page, "first" },
		{ sizeof(modules[0]), &one_byte, NULL },
	};
	const struct pvhload_plan_info *info;
	struct plan_fixture f;

	plan_setup(&f, 64 * MIB);
	f.config.initrds = &initrd;
	f.config.initrd_count = 1;
	f.config.modules = modules;
	f.config.module_count = 2;
	info = plan(&f);
	/* whole pages each, from the top down */
	expect_region(info, "initrd", 64 * MIB - 8192, 5000);
	expect_region(info, "module 1", 64 * MIB - 12288, 4096);
	expect_region(info, "module 2", 64 * MIB - 16384, 1);
	expect_region(info, "modlist", 0x6040, 96);
	expect_region(info, "module cmdlines", 0x20800, 6);

	/* modules alone are numbered as the guest counts them */
	f.config.initrd_count = 0;
	info = plan(&f);
	expect_region(info, "module 0", 64 * MIB - 4096, 4096);
	expect_region(info, "module 1", 64 * MIB - 8192, 1);
	ck_assert_ptr_null(region(info, "initrd"));
	plan_teardown(&f);
}
END_TEST

START_TEST(initrd_limits)
{
	static const uint8_t bytes[8192];
	struct pvhload_source initrd = pvhload_source_buffer(bytes, sizeof(bytes));
	const struct pvhload_plan_info *info;
	struct plan_fixture f;

	/* below the hole, however much RAM is above it */
	plan_setup(&f, 8 * GIB);
	f.config.initrds = &initrd;
	f.config.initrd_count = 1;
	info = plan(&f);
	expect_region(info, "initrd", 3 * GIB - 8192, 8192);
	plan_teardown(&f);

	/* below 4 GiB where there is no hole */
	plan_setup(&f, 8 * GIB);
	f.entries[1].size = 7 * GIB;
	f.map.count = 2;
	f.config.initrds = &initrd;
	f.config.initrd_count = 1;
	info = plan(&f);
	expect_region(info, "initrd", 4 * GIB - 8192, 8192);

	/* RAM that ends within a page: the page is not the guest's */
	f.entries[1].size = 63 * MIB + 100;
	info = plan(&f);
	expect_region(info, "initrd", 64 * MIB - 8192, 8192);
	plan_teardown(&f);
}
END_TEST

START_TEST(initrd_room)
{
	struct pvhload_source initrd = never_read(4 * MIB - SMALL_END + 1);
	const struct pvhload_plan_info *info;
	struct pvhload_error err;
	struct plan_fixture f;

	/* between the kernel and the end of RAM: 0x203000 to 4 MiB */
	plan_setup(&f, 4 * MIB);
	f.config.initrds = &initrd;
	f.config.initrd_count = 1;
	err = refused(&f, PVHLOAD_E_NO_ROOM);
	ck_says(err, "no room for initrd, 2084865 bytes", "has 2084864 bytes",
		"[0x203000, 0x400000)");
	initrd.size--;
	info = plan(&f);
	expect_region(info, "initrd", SMALL_END, 4 * MIB - SMALL_END);
	initrd.size = 0;
	info = plan(&f);
	ck_assert_ptr_null(region(info, "initrd"));
	ck_assert_msg(strstr(info->reason, "; the initrd is empty, so there is none") != NULL, "%s",
		      info->reason);
	initrd.size = (uint64_t)INT64_MAX;
	(void)refused(&f, PVHLOAD_E_NO_ROOM);
	plan_teardown(&f);

	/* no RAM at all above 1 MiB but the kernel */
	plan_setup(&f, SMALL_END);
	f.config.initrds = &initrd;
	f.config.initrd_count = 1;
	initrd.size = 1;
	err = refused(&f, PVHLOAD_E_NO_ROOM);
	ck_says(err, "there is no free RAM between 0x100000 and 4 GiB");
	plan_teardown(&f);
}
END_TEST

START_TEST(initrds_are_joined)
{
	struct pvhload_source parts[3] = { pvhload_source_buffer("12345", 5),
					   pvhload_source_buffer("678", 3),
					   pvhload_source_buffer("9", 1) };
	const struct pvhload_plan_info *info;
	struct pvhload_error err;
	struct plan_fixture f;

	plan_setup(&f, 64 * MIB);
	f.config.initrds = parts;
	f.config.initrd_count = 3;
	info = plan(&f);
	expect_region(info, "initrd", 64 * MIB - 4096, 8 + 4 + 1);
	parts[1].size = 0;
	info = plan(&f);
	expect_region(info, "initrd", 64 * MIB - 4096, 8 + 1);
	ck_assert_ptr_null(strstr(info->reason, "empty"));
	parts[1].kind = 0;
	err = refused(&f, PVHLOAD_E_USAGE);
	ck_says(err, "initrd 1: ");
	parts[1] = parts[2] = never_read(INT64_MAX);
	(void)refused(&f, PVHLOAD_E_NO_ROOM);
	plan_teardown(&f);
}
END_TEST

/* Parts of "1234567": how many bytes each has, and what the initrd is. */
static const struct {
	size_t sizes[3];
	const char *bytes;
	size_t size;
} joined_parts[] = {
	{ { 3, 4, 1 },
	  "123\0"
	  "1234"
	  "1",
	  9 },
	{ { 3, 0, 2 },
	  "123\0"
	  "12",
	  6 },
	{ { 3, 0, 0 }, "123", 3 },
	{ { 3, 2, 0 },
	  "123\0"
	  "12",
	  6 },
	{ { 0, 3, 0 }, "123", 3 },
	{ { 0, 0, 1 }, "1", 1 },
};

START_TEST(bytes_of_joined_initrds)
{
	struct pvhload_source parts[3];
	const struct pvhload_plan_info *info;
	struct pvhload_error err;
	struct plan_fixture f;
	uint8_t bytes[16];

	plan_setup(&f, 64 * MIB);
	for (size_t i = 0; i < 3; i++)
		parts[i] = pvhload_source_buffer("1234567", joined_parts[_i].sizes[i]);
	f.config.initrds = parts;
	f.config.initrd_count = 3;
	info = plan(&f);
	expect_region(info, "initrd", 64 * MIB - 4096, joined_parts[_i].size);
	for (size_t i = 0; i < info->region_count; i++) {
		if (info->regions[i]->kind != PVHLOAD_REGION_INITRD)
			continue;
		ck_status(PVHLOAD_OK, err,
			  pvhload_plan_read_region(f.plan, i, 0, bytes, joined_parts[_i].size,
						   &err));
		ck_assert_mem_eq(bytes, joined_parts[_i].bytes, joined_parts[_i].size);
	}
	plan_teardown(&f);
}
END_TEST

START_TEST(fixed_places)
{
	struct pvhload_source initrd = pvhload_source_buffer("initrd", 6);
	const struct pvhload_source x = pvhload_source_buffer("x", 1);
	struct pvhload_boot_module module = { sizeof(module), &x, "y" };
	const struct pvhload_plan_info *info;
	struct pvhload_error err;
	struct plan_fixture f;

	plan_setup(&f, 64 * MIB);
	f.config.initrds = &initrd;
	f.config.initrd_count = 1;
	f.config.modules = &module;
	f.config.module_count = 1;
	set_place(&f, PVHLOAD_REGION_X86_GDT, 0, 0x300000);
	set_place(&f, PVHLOAD_REGION_PVH_START_INFO, 0, 0x300020); /* right after */
	set_place(&f, PVHLOAD_REGION_PVH_MODLIST, 0, 0x310000);
	set_place(&f, PVHLOAD_REGION_PVH_MEMMAP, 0, 0x320001);
	set_place(&f, PVHLOAD_REGION_CMDLINE, 0, 0x330000);
	set_place(&f, PVHLOAD_REGION_PVH_MODULE_CMDLINES, 0, 0x340000);
	set_place(&f, PVHLOAD_REGION_INITRD, 0, 0x350000);
	info = plan(&f);
	expect_region(info, "gdt", 0x300000, 32);
	expect_region(info, "start_info", 0x300020, 56);
	expect_region(info, "modlist", 0x310000, 64);
	expect_region(info, "memmap", 0x320001, 48);
	expect_region(info, "cmdline", 0x330000, 2048);
	expect_region(info, "module cmdlines", 0x340000, 2);
	expect_region(info, "initrd", 0x350000, 6);
	ck_assert_uint_eq(info->start_info_gpa, 0x300020);
	ck_assert_uint_eq(info->x86_cpu->rbx, 0x300020);
	ck_assert_uint_eq(info->x86_cpu->gdt.base, 0x300000);

	set_place(&f, PVHLOAD_REGION_INITRD, 0, 0x350001);
	err = refused(&f, PVHLOAD_E_RANGE);
	ck_says(err, "initrd at 0x350001", "multiple of 0x1000");
	set_place(&f, PVHLOAD_REGION_INITRD, 0, 0x340000);
	err = refused(&f, PVHLOAD_E_OVERLAP);
	ck_says(err, "initrd [0x340000, 0x341000)", "module cmdlines [0x340000, 0x340002)");
	set_place(&f, PVHLOAD_REGION_INITRD, 0, SMALL_LOW);
	err = refused(&f, PVHLOAD_E_OVERLAP);
	ck_says(err, "kernel segment 0 [0x100000, 0x100040)", "initrd [0x100000, 0x101000)");
	set_place(&f, PVHLOAD_REGION_INITRD, 0, 64 * MIB - 4096);
	(void)plan(&f);
	set_place(&f, PVHLOAD_REGION_INITRD, 0, 64 * MIB);
	err = refused(&f, PVHLOAD_E_RANGE);
	ck_says(err, "initrd [0x4000000, 0x4001000)", "the memory map ends at 0x4000000");
	set_place(&f, PVHLOAD_REGION_INITRD, 0, 0xfffffffffffff000);
	err = refused(&f, PVHLOAD_E_RANGE);
	ck_says(err, "initrd", "below 4 GiB");
	set_place(&f, PVHLOAD_REGION_INITRD, 0, 0);
	set_place(&f, PVHLOAD_REGION_PVH_MEMMAP, 0, 0x30003f);
	err = refused(&f, PVHLOAD_E_OVERLAP);
	ck_says(err, "memmap [0x30003f, 0x30006f)", "start_info [0x300020, 0x300058)");
	set_place(&f, PVHLOAD_REGION_PVH_MEMMAP, 0, GIB);
	err = refused(&f, PVHLOAD_E_RANGE);
	ck_says(err, "memmap", "below 1 GiB");
	set_place(&f, PVHLOAD_REGION_PVH_MEMMAP, 0, 0);
	set_place(&f, PVHLOAD_REGION_X86_GDT, 0, 0xa0000);
	err = refused(&f, PVHLOAD_E_RANGE);
	ck_says(err, "gdt [0xa0000, 0xa0020)", "the hole [0x9fc00, 0x100000)");
	plan_teardown(&f);
}
END_TEST

/* Where the usual places are taken, or are not RAM, there is another. */
START_TEST(places_that_are_taken)
{
	const struct pvhload_boot_keep_free keep_free[] = { KEEP_FREE(0x500, 1, "VMM data"),
							    KEEP_FREE(0x6030, 0x1000, NULL) };
	const struct pvhload_plan_info *info;
	struct plan_fixture f;

	plan_setup(&f, 64 * MIB);
	f.config.keep_free = keep_free;
	f.config.keep_free_count = 2;
	info = plan(&f);
	expect_region(info, "start_info", 0x1000, 56);
	expect_region(info, "memmap", 0x1038, 48);
	expect_region(info, "gdt", 0x1068, 32);
	expect_region(info, "cmdline", 0x20000, 2048);
	ck_assert_ptr_null(region(info, "VMM data"));
	plan_teardown(&f);

	plan_setup(&f, 64 * MIB);
	f.entries[0].size = 0x5000; /* RAM up to 0x5000, then from 1 MiB: not for Linux */
	f.config.flags = PVHLOAD_BOOT_NOT_LINUX;
	info = plan(&f);
	expect_region(info, "start_info", 0x1000, 56);
	expect_region(info, "cmdline", 0x1068, 2048);
	plan_teardown(&f);
}
END_TEST

START_TEST(many_modules_move_the_tables)
{
	const struct pvhload_source x = pvhload_source_buffer("x", 1);
	struct pvhload_boot_module modules[500];
	const struct pvhload_plan_info *info;
	struct plan_fixture f;

	for (size_t i = 0; i < 500; i++)
		modules[i] = (struct pvhload_boot_module){ sizeof(modules[0]), &x, "text" };
	plan_setup(&f, 64 * MIB);
	f.config.modules = modules;
	f.config.module_count = 500;
	info = plan(&f);
	/* 16000 bytes from 0x6040: into 0x7000, where the map would be, so that one moves */
	expect_region(info, "modlist", 0x6040, 16000);
	expect_region(info, "memmap", 0x1000, 48);
	expect_region(info, "module 499", 64 * MIB - 500 * 4096, 1);
	plan_teardown(&f);
}
END_TEST

START_TEST(keep_free)
{
	struct pvhload_boot_keep_free r = KEEP_FREE(0x150000, 0x1000, "firmware");
	struct pvhload_source initrd = pvhload_source_buffer("initrd", 6);
	const struct pvhload_plan_info *info;
	struct pvhload_error err;
	struct plan_fixture f;

	/* between the two segments, which belong together */
	plan_setup(&f, 64 * MIB);
	f.config.keep_free = &r;
	f.config.keep_free_count = 1;
	err = refused(&f, PVHLOAD_E_OVERLAP);
	ck_says(err, "kernel [0x100000, 0x203000)", "firmware [0x150000, 0x151000)");
	r.gpa = 0x202000;
	err = refused(&f, PVHLOAD_E_OVERLAP);
	ck_says(err, "kernel segment 1 [0x200000, 0x203000)", "firmware [0x202000, 0x203000)");
	r.gpa = SMALL_END;
	f.config.initrds = &initrd;
	f.config.initrd_count = 1;
	info = plan(&f);
	expect_region(info, "initrd", 64 * MIB - 4096, 6);
	r = (struct pvhload_boot_keep_free)KEEP_FREE(63 * MIB, MIB, NULL);
	info = plan(&f);
	expect_region(info, "initrd", 63 * MIB - 4096, 6);
	r = (struct pvhload_boot_keep_free)KEEP_FREE(0xf0000000, 0x1000, NULL); /* not RAM: fine */
	(void)plan(&f);
	r.size = 0;
	(void)refused(&f, PVHLOAD_E_RANGE);
	r = (struct pvhload_boot_keep_free)KEEP_FREE(UINT64_MAX, 2, "x");
	err = refused(&f, PVHLOAD_E_RANGE);
	ck_says(err, "keep_free \"x\", 0x2 bytes at 0xffffffffffffffff, passes the end");
	const struct pvhload_boot_keep_free two[] = { KEEP_FREE(0x3000, 0x2000, "a"),
						      KEEP_FREE(0x4000, 0x10, "b") };
	f.config.keep_free = two;
	f.config.keep_free_count = 2;
	err = refused(&f, PVHLOAD_E_OVERLAP);
	ck_says(err, "b [0x4000, 0x4010)", "a [0x3000, 0x5000)");
	plan_teardown(&f);
}
END_TEST

/* Nothing is put over the RSDP, and a keep_free range may cover it. */
START_TEST(rsdp_is_kept_clear)
{
	const struct pvhload_boot_keep_free acpi = KEEP_FREE(0x7000, 0x1000, "ACPI tables");
	const struct pvhload_plan_info *info;
	struct pvhload_error err;
	struct plan_fixture f;

	plan_setup(&f, 64 * MIB);
	f.config.rsdp_gpa = 0x7000;
	info = plan(&f);
	expect_region(info, "memmap", 0x1000, 48);
	set_place(&f, PVHLOAD_REGION_PVH_MEMMAP, 0, 0x7023);
	err = refused(&f, PVHLOAD_E_OVERLAP);
	ck_says(err, "memmap [0x7023, 0x7053)", "the RSDP [0x7000, 0x7024)");
	set_place(&f, PVHLOAD_REGION_PVH_MEMMAP, 0, 0x7024);
	expect_region(plan(&f), "memmap", 0x7024, 48);
	set_place(&f, PVHLOAD_REGION_PVH_MEMMAP, 0, 0);
	f.config.keep_free = &acpi;
	f.config.keep_free_count = 1;
	expect_region(plan(&f), "memmap", 0x1000, 48);
	f.config.rsdp_gpa = 0x6ff0; /* half in, half out */
	err = refused(&f, PVHLOAD_E_OVERLAP);
	ck_says(err, "the RSDP [0x6ff0, 0x7014)", "ACPI tables [0x7000, 0x8000)");
	f.config.rsdp_gpa = SMALL_LOW + 8;
	err = refused(&f, PVHLOAD_E_OVERLAP);
	ck_says(err, "kernel segment 0", "the RSDP");
	f.config.rsdp_gpa = UINT64_MAX - 35;
	err = refused(&f, PVHLOAD_E_RANGE);
	ck_says(err,
		"the RSDP, 36 bytes at 0xffffffffffffffdc, passes the end of the address space");
	f.config.rsdp_gpa = UINT64_MAX - 36;
	(void)plan(&f);
	plan_teardown(&f);
}
END_TEST

START_TEST(no_room_for_structures)
{
	const struct pvhload_boot_keep_free all[] = { KEEP_FREE(0x1, 0x9fbff, "all of it"),
						      KEEP_FREE(SMALL_END, 64 * MIB - SMALL_END,
								"rest") };
	struct pvhload_error err;
	struct plan_fixture f;

	plan_setup(&f, 64 * MIB);
	f.config.keep_free = all;
	f.config.keep_free_count = 2;
	err = refused(&f, PVHLOAD_E_NO_ROOM);
	ck_says(err, "no room for start_info, 56 bytes");
	plan_teardown(&f);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("plan_places");
	TCase *cases = tcase_create("joined initrds");

	tcase_add_loop_test(cases, bytes_of_joined_initrds, 0,
			    (int)(sizeof(joined_parts) / sizeof(joined_parts[0])));
	suite_add_tcase(suite, cases);
	ADD_TESTS(suite, "plan_places", the_usual, initrd_and_modules, initrd_limits, initrd_room,
		  initrds_are_joined, fixed_places, places_that_are_taken,
		  many_modules_move_the_tables, keep_free, rsdp_is_kept_clear,
		  no_room_for_structures);
	return run_suite(suite);
}
