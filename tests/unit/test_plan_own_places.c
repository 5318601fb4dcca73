/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* Modules and setup_data that come with a place of their own. */
#include "plan_fixture.h"

START_TEST(own_modules)
{
	static const uint8_t bytes[5000];
	const struct pvhload_source source = pvhload_source_buffer(bytes, sizeof(bytes));
	struct pvhload_boot_module modules[3] = {
		{ sizeof(modules[0]), &source, "first" },
		{ sizeof(modules[0]), &source, NULL },
		{ sizeof(modules[0]), &source, NULL },
	};
	const struct pvhload_plan_info *info;
	struct pvhload_error err;
	struct plan_fixture f;

	plan_setup(&f, 64 * MIB);
	f.config.modules = modules;
	f.config.module_count = 3;
	set_place(&f, PVHLOAD_REGION_MODULE, 1, 0x90000);
	set_place(&f, PVHLOAD_REGION_MODULE, 2, 64 * MIB - 8192);
	info = plan(&f);
	/* the first would be where the third is */
	expect_region(info, "module 0", 64 * MIB - 16384, sizeof(bytes));
	expect_region(info, "module 1", 0x90000, sizeof(bytes));
	expect_region(info, "module 2", 64 * MIB - 8192, sizeof(bytes));
	/* and so they are listed */
	ck_assert_uint_eq(guest_le(&f, 8, 0x6040), 64 * MIB - 16384);
	ck_assert_uint_eq(guest_le(&f, 8, 0x6060), 0x90000);
	ck_assert_uint_eq(guest_le(&f, 8, 0x6080), 64 * MIB - 8192);

	set_place(&f, PVHLOAD_REGION_MODULE, 1, 0x90800);
	err = refused(&f, PVHLOAD_E_RANGE);
	ck_says(err, "module 1 at 0x90800 is not at a multiple of 0x1000");
	ck_assert_uint_eq(err.subject, PVHLOAD_SUBJECT_MODULE);
	ck_assert_uint_eq(err.index, 1);
	set_place(&f, PVHLOAD_REGION_MODULE, 1, 4 * GIB);
	err = refused(&f, PVHLOAD_E_RANGE);
	ck_says(err, "module 1, 0x1388 bytes at 0x100000000, does not end below 4 GiB");
	set_place(&f, PVHLOAD_REGION_MODULE, 1,
		  SMALL_LOW); /* a kernel that cannot be moved is there */
	err = refused(&f, PVHLOAD_E_OVERLAP);
	ck_says(err, "kernel segment 0", "overlaps module 1 [0x100000, 0x102000)");
	set_place(&f, PVHLOAD_REGION_MODULE, 1, 64 * MIB - 8192);
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
		{ sizeof(data[0]), &source, 1000, 0 },
		{ sizeof(data[0]), &source, 1001, 0 },
		{ sizeof(data[0]), &source, 1002, 0 },
		{ sizeof(data[0]), &source, 1003, PVHLOAD_SETUP_DATA_INDIRECT },
	};
	const struct pvhload_plan_info *info;
	struct plan_fixture f;

	bzimage_setup(&f, 256 * MIB, PVHLOAD_PROTOCOL_X86_LINUX64);
	f.x86.setup_data = data;
	f.x86.setup_data_count = 4;
	set_place(&f, PVHLOAD_REGION_X86_SETUP_DATA, 1, 0x90000);
	set_place(&f, PVHLOAD_REGION_X86_SETUP_DATA, 3, 0x30000);
	set_place(&f, PVHLOAD_REGION_X86_SETUP_DATA_BYTES, 3, 0x200000);
	info = plan(&f);
	expect_region(info, "setup_data 0 1000", 0x20800, 116);
	expect_region(info, "setup_data 1 1001", 0x90000, 116);
	expect_region(info, "setup_data 2 1002", 0x90078, 116); /* after the one before it */
	expect_region(info, "setup_data 3 1003", 0x30000, 40);
	expect_region(info, "setup_data 3 1003 data", 0x200000, 100);
	/* the list keeps its order */
	ck_assert_uint_eq(zero_page(&f, 0x250, 8), 0x20800);
	ck_assert_uint_eq(guest_le(&f, 8, 0x20800), 0x90000);
	ck_assert_uint_eq(guest_le(&f, 8, 0x90000), 0x90078);
	ck_assert_uint_eq(guest_le(&f, 8, 0x90078), 0x30000);
	ck_assert_uint_eq(guest_le(&f, 8, 0x30000 + 16 + 16), 0x200000); /* setup_indirect.addr */

	set_place(&f, PVHLOAD_REGION_X86_SETUP_DATA, 0, 0x40000);
	expect_region(plan(&f), "setup_data 0 1000", 0x40000, 116);
	plan_teardown(&f);
}
END_TEST

START_TEST(setup_data_refused)
{
	static const uint8_t bytes[100];
	const struct pvhload_source source = pvhload_source_buffer(bytes, sizeof(bytes));
	struct pvhload_linux_setup_data data = { sizeof(data), &source, 1000, 0 };
	struct pvhload_error err;
	struct plan_fixture f;

	bzimage_setup(&f, 256 * MIB, PVHLOAD_PROTOCOL_X86_LINUX64);
	f.x86.setup_data = &data;
	f.x86.setup_data_count = 1;
	set_place(&f, PVHLOAD_REGION_X86_SETUP_DATA, 0, 0x90004);
	err = refused(&f, PVHLOAD_E_RANGE);
	ck_says(err, "setup_data 0 1000 at 0x90004 is not at a multiple of 0x8");
	ck_assert_uint_eq(err.subject, PVHLOAD_SUBJECT_SETUP_DATA);
	set_place(&f, PVHLOAD_REGION_X86_SETUP_DATA, 0, 0);
	set_place(&f, PVHLOAD_REGION_X86_SETUP_DATA_BYTES, 0, 0x200010);
	ck_assert_ptr_null(region(plan(&f), "setup_data 0 1000 data")); /* it is not indirect */
	data.flags = PVHLOAD_SETUP_DATA_INDIRECT;
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
	set_place(&f, PVHLOAD_REGION_X86_ZERO_PAGE, 0, 1);
	set_place(&f, PVHLOAD_REGION_X86_SETUP_DATA, 0, 1);
	set_place(&f, PVHLOAD_REGION_X86_PAGE_TABLES, 0, 1);
	set_place(&f, PVHLOAD_REGION_INITRD, 0, 1);
	set_place(&f, PVHLOAD_REGION_PVH_MODLIST, 0, 1);
	set_place(&f, PVHLOAD_REGION_PVH_MODULE_CMDLINES, 0, 1);
	ck_assert_uint_eq(plan(&f)->region_count, 5);
	plan_teardown(&f);

	bzimage_setup(&f, 256 * MIB, PVHLOAD_PROTOCOL_X86_LINUX32);
	set_place(&f, PVHLOAD_REGION_PVH_START_INFO, 0, 1);
	set_place(&f, PVHLOAD_REGION_PVH_MEMMAP, 0, 1);
	set_place(&f, PVHLOAD_REGION_X86_PAGE_TABLES, 0, 1);
	ck_assert_uint_eq(plan(&f)->region_count, 4);
	plan_teardown(&f);
}
END_TEST

/* Entries that no region could have, or that say two things. */
START_TEST(places_refused)
{
	static const struct {
		uint32_t kind, index;
		uint64_t gpa;
		const char *message;
	} cases[] = {
		{ 0, 0, 0x1000, "place 1 is for an unknown kind of region (0)" },
		{ 15, 0, 0x1000, "place 1 is for an unknown kind of region (15)" },
		{ PVHLOAD_REGION_KERNEL, 1, 0x100000,
		  "place 1 is for a part of the kernel, which has one place: that of "
		  "PVHLOAD_REGION_KERNEL, index 0" },
		{ PVHLOAD_REGION_KERNEL_IMAGE, 0, 0x100000, "place 1 is for a part of the kernel" },
		{ PVHLOAD_REGION_X86_GDT, 0, 0, "place 1 is address 0, which means absent" },
		{ PVHLOAD_REGION_CMDLINE, 0, 0x30000,
		  "region kind 7, index 0, has two places: 0x" },
	};
	struct pvhload_error err;
	struct plan_fixture f;

	plan_setup(&f, 64 * MIB);
	set_place(&f, PVHLOAD_REGION_CMDLINE, 0, 0x30000);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		f.places[1] = (struct pvhload_boot_place){ sizeof(f.places[1]), cases[i].kind,
							   cases[i].index, cases[i].gpa };
		f.config.place_count = 2;
		err = refused(&f, PVHLOAD_E_USAGE);
		ck_says(err, cases[i].message);
	}
	f.places[1].struct_size += 8; /* the first one's size is that of all */
	err = refused(&f, PVHLOAD_E_USAGE);
	ck_says(err, "place 1 has a wrong size");
	f.config.places = NULL;
	err = refused(&f, PVHLOAD_E_USAGE);
	ck_says(err, "counts 2 places, but their array is NULL");
	plan_teardown(&f);
}
END_TEST

/* As many as there may be, and one more; each is found by its number, whatever the order. */
START_TEST(many_places)
{
	static struct pvhload_boot_place places[PVHLOAD_BOOT_PLACES_MAX + 1];
	static struct pvhload_boot_module modules[4000];
	const struct pvhload_source source = pvhload_source_buffer("x", 1);
	const struct pvhload_plan_info *info;
	struct pvhload_error err;
	struct plan_fixture f;

	for (uint32_t i = 0; i <= PVHLOAD_BOOT_PLACES_MAX; i++) {
		const uint32_t index = PVHLOAD_BOOT_PLACES_MAX - i;

		places[i] = (struct pvhload_boot_place){ sizeof(places[i]), PVHLOAD_REGION_MODULE,
							 index, 16 * MIB + index * 8192ull };
	}
	for (size_t i = 0; i < 4000; i++)
		modules[i] = (struct pvhload_boot_module){ sizeof(modules[i]), &source, NULL };
	plan_setup(&f, 256 * MIB);
	f.config.modules = modules;
	f.config.module_count = 4000;
	f.config.places = places;
	f.config.place_count = PVHLOAD_BOOT_PLACES_MAX + 1;
	err = refused(&f, PVHLOAD_E_LIMIT);
	ck_says(err, "8193 places, 1 more than the limit, 8192");
	f.config.places = places + 1;
	f.config.place_count = PVHLOAD_BOOT_PLACES_MAX;
	info = plan(&f);
	expect_region(info, "module 0", 16 * MIB, 1);
	expect_region(info, "module 2345", 16 * MIB + 2345 * 8192, 1);
	expect_region(info, "module 3999", 16 * MIB + 3999 * 8192, 1);
	plan_teardown(&f);
}
END_TEST

/* A node that the library makes is the first of the list, and counts. */
START_TEST(node_of_the_map)
{
	const struct pvhload_source source = pvhload_source_buffer("seed", 4);
	const struct pvhload_linux_setup_data data = { sizeof(data), &source, 1000, 0 };
	struct plan_fixture f;

	bzimage_setup(&f, 256 * MIB, PVHLOAD_PROTOCOL_X86_LINUX64);
	f.x86.setup_data = &data;
	f.x86.setup_data_count = 1;
	while (f.map.count <= PVHLOAD_E820_TABLE_MAX) {
		f.entries[f.map.count] =
			(struct pvhload_memmap_entry){ GIB + f.map.count * 0x2000, 0x1000,
						       PVHLOAD_MEMMAP_RESERVED, 0 };
		f.map.count++;
	}
	set_place(&f, PVHLOAD_REGION_X86_SETUP_DATA, 0, 0x30000);
	set_place(&f, PVHLOAD_REGION_X86_SETUP_DATA, 1, 0x40000);
	expect_region(plan(&f), "setup_data 0 e820_ext", 0x30000, 16 + 20);
	expect_region(plan(&f), "setup_data 1 1000", 0x40000, 20);
	ck_assert_uint_eq(region(plan(&f), "setup_data 1 1000")->index, 1);
	plan_teardown(&f);
}
END_TEST

/* The data of an indirect node have a kind of their own, and their node's number. */
START_TEST(kinds_of_setup_data)
{
	const struct pvhload_source source = pvhload_source_buffer("data", 4);
	const struct pvhload_linux_setup_data data[2] = {
		{ sizeof(data[0]), &source, 1000, 0 },
		{ sizeof(data[0]), &source, 1001, PVHLOAD_SETUP_DATA_INDIRECT },
	};
	const struct pvhload_plan_info *info;
	struct plan_fixture f;

	bzimage_setup(&f, 256 * MIB, PVHLOAD_PROTOCOL_X86_LINUX64);
	f.x86.setup_data = data;
	f.x86.setup_data_count = 2;
	info = plan(&f);
	ck_assert_uint_eq(region(info, "setup_data 1 1001")->kind, 11);
	ck_assert_uint_eq(region(info, "setup_data 1 1001")->index, 1);
	ck_assert_uint_eq(region(info, "setup_data 1 1001 data")->kind, 14);
	ck_assert_uint_eq(region(info, "setup_data 1 1001 data")->index, 1);
	plan_teardown(&f);
}
END_TEST

/* RAM of a guest that is not Linux, and where PVH's tables go in it. */
static const struct {
	const char *name;
	struct pvhload_memmap_entry low, high;
	uint64_t memmap_at; /* asked for */
	uint64_t memmap, modlist;
	const char *says; /* in the plan's reason; NULL: nothing of 1 GiB */
} tables_above_1g[] = {
	{ "RAM from 0xb9000000 on",
	  { 0xb8fff000, 0x1000, PVHLOAD_MEMMAP_RESERVED, 0 },
	  { 0xb9000000, 0x7000000, PVHLOAD_MEMMAP_RAM, 0 },
	  0,
	  0xb9000058,
	  0xb9000038,
	  "; modlist or memmap are above 1 GiB, with no room below" },
	{ "RAM below as well",
	  { 0x3ffff000, 0x1000, PVHLOAD_MEMMAP_RAM, 0 },
	  { 0xb9000000, 0x7000000, PVHLOAD_MEMMAP_RAM, 0 },
	  0,
	  0x3ffff058,
	  0x3ffff038,
	  NULL },
	{ "a place above",
	  { 0, 0x9fc00, PVHLOAD_MEMMAP_RAM, 0 },
	  { 0xb9000000, 0x7000000, PVHLOAD_MEMMAP_RAM, 0 },
	  0xbf000000,
	  0xbf000000,
	  0x6040,
	  "; memmap is above 1 GiB, as asked" },
	{ "a place that goes over it",
	  { 0, 0x9fc00, PVHLOAD_MEMMAP_RAM, 0 },
	  { 0x3ffff000, 0x80000000, PVHLOAD_MEMMAP_RAM, 0 },
	  0x3fffffd8,
	  0x3fffffd8,
	  0x6040,
	  "; memmap is above 1 GiB, as asked" },
};

START_TEST(tables_where_there_is_ram)
{
	static const uint8_t entry[8] = { 0x10, 0x00, 0x10, 0xb9 };
	const struct pvhload_source x = pvhload_source_buffer("x", 1);
	struct elf_spec spec = small_kernel();
	const struct pvhload_plan_info *info;
	struct plan_fixture f;
	uint8_t note[64];

	spec.entry = 0xb9100000;
	spec.segments[0].paddr = 0xb9100000;
	spec.segments[1].paddr = 0xb9200000;
	spec.segments[2].bytes = note;
	spec.segments[2].mem_size = spec.segments[2].file_size =
		put_note(note, 0, "Xen", 18, entry, sizeof(entry), 4);
	plan_setup_spec(&f, 256 * MIB, &spec);
	f.config.initrds = &x;
	f.config.initrd_count = 1;
	f.config.flags = PVHLOAD_BOOT_NOT_LINUX;
	f.entries[0] = tables_above_1g[_i].low;
	f.entries[1] = tables_above_1g[_i].high;
	set_place(&f, PVHLOAD_REGION_PVH_MEMMAP, 0, tables_above_1g[_i].memmap_at);
	info = plan(&f);
	expect_region(info, "modlist", tables_above_1g[_i].modlist, 32);
	expect_region(info, "memmap", tables_above_1g[_i].memmap, 48);
	ck_assert_ptr_nonnull(
		strstr(info->reason, tables_above_1g[_i].says ? tables_above_1g[_i].says : ""));
	ck_assert(tables_above_1g[_i].says || !strstr(info->reason, "1 GiB"));
	/* Linux would not find them */
	f.config.flags = PVHLOAD_BOOT_LINUX;
	(void)refused(&f, tables_above_1g[_i].memmap_at != 0 ? PVHLOAD_E_RANGE : PVHLOAD_E_MEMMAP);
	plan_teardown(&f);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("plan_own_places");
	TCase *table = tcase_create("tables");

	tcase_add_loop_test(table, tables_where_there_is_ram, 0,
			    (int)(sizeof(tables_above_1g) / sizeof(tables_above_1g[0])));
	suite_add_tcase(suite, table);
	ADD_TESTS(suite, "plan_own_places", own_modules, own_setup_data, setup_data_refused,
		  places_for_nothing, places_refused, many_places, node_of_the_map,
		  kinds_of_setup_data);
	return run_suite(suite);
}
