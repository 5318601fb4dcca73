/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * Who gives way to whom: places the caller asked for, then the kernel, then what the library puts where
 * there is room.
 */
#include "plan_fixture.h"

/* The small kernel with a PHYS32_RELOC note: by 1 MiB, from @min up to below 64 MiB. */
static void movable_setup(struct plan_fixture *f, uint64_t ram, uint32_t min)
{
	const uint8_t reloc[12] = { 0, 0,    0x10, 0,    0, 0, (uint8_t)(min >> 16),
				    0, 0xff, 0xff, 0xff, 3 };
	static uint8_t notes[128];
	struct elf_spec spec = small_kernel();

	memcpy(notes, spec.segments[2].bytes, spec.segments[2].file_size);
	spec.segments[2].file_size =
		put_note(notes, spec.segments[2].file_size, "Xen", 19, reloc, sizeof(reloc), 4);
	spec.segments[2].bytes = notes;
	plan_setup_spec(f, ram, &spec);
}

/* By PVH, as by the Linux protocols, a kernel that can be moved is. */
START_TEST(pvh_kernel_gives_way)
{
	static const uint8_t bytes[0x1000];
	const struct pvhload_source initrd = pvhload_source_buffer(bytes, sizeof(bytes));
	const struct pvhload_plan_info *info;
	struct pvhload_error err;
	struct plan_fixture f;

	movable_setup(&f, 64 * MIB, 0x100000);
	ck_assert_uint_eq(plan(&f)->kernel_gpa, SMALL_LOW);
	set_place(&f, PVHLOAD_REGION_CMDLINE, 0, SMALL_LOW);
	info = plan(&f);
	expect_region(info, "cmdline", SMALL_LOW, 2048);
	ck_assert_uint_eq(info->kernel_gpa, 0x200000);
	ck_assert_uint_eq(info->entry, 0x200010);
	f.config.initrds = &initrd;
	f.config.initrd_count = 1;
	set_place(&f, PVHLOAD_REGION_INITRD, 0,
		  0x2ff000); /* between the segments, where the kernel would be now */
	info = plan(&f);
	expect_region(info, "initrd", 0x2ff000, 0x1000);
	expect_region(info, "kernel", 0x300000, SMALL_END - SMALL_LOW);

	/* not where it was asked to be */
	set_place(&f, PVHLOAD_REGION_KERNEL, 0, 0x200000);
	err = refused(&f, PVHLOAD_E_OVERLAP);
	ck_says(err, "kernel [0x200000, 0x303000) overlaps initrd [0x2ff000, 0x300000)");
	plan_teardown(&f);
}
END_TEST

/* A fixed initrd is claimed before the structures that have a usual place. */
START_TEST(pvh_fixed_initrd_is_first)
{
	static const uint8_t bytes[0x1000];
	const struct pvhload_source initrd = pvhload_source_buffer(bytes, sizeof(bytes));
	const struct pvhload_plan_info *info;
	struct plan_fixture f;

	plan_setup(&f, 64 * MIB);
	f.config.initrds = &initrd;
	f.config.initrd_count = 1;
	set_place(&f, PVHLOAD_REGION_INITRD, 0, 0x20000);
	info = plan(&f);
	expect_region(info, "initrd", 0x20000, 0x1000);
	expect_region(info, "cmdline", 0x1000, 2048);
	plan_teardown(&f);
}
END_TEST

/* A kernel in one piece is not free where something lies between its segments. */
START_TEST(moved_for_what_lies_between)
{
	const struct pvhload_boot_keep_free between = KEEP_FREE(0x150000, 0x1000, "the VMM's");
	struct pvhload_error err;
	struct plan_fixture f;

	movable_setup(&f, 64 * MIB, 0x100000);
	f.config.keep_free = &between;
	f.config.keep_free_count = 1;
	ck_assert_uint_eq(plan(&f)->kernel_gpa, 0x200000);
	plan_teardown(&f);

	plan_setup(&f, 64 * MIB);
	f.config.keep_free = &between;
	f.config.keep_free_count = 1;
	f.config.protocol = PVHLOAD_PROTOCOL_X86_LINUX64;
	ck_assert_uint_eq(plan(&f)->kernel_gpa, 0x300000);
	f.config.protocol = PVHLOAD_PROTOCOL_PVH;
	err = refused(&f, PVHLOAD_E_OVERLAP);
	ck_says(err, "kernel [0x100000, 0x203000) overlaps the VMM's [0x150000, 0x151000)");
	plan_teardown(&f);
}
END_TEST

/* A note without a lowest place is no reason to fill low memory. */
START_TEST(never_moved_below_1_mib)
{
	const struct pvhload_boot_keep_free all = KEEP_FREE(SMALL_LOW, 2 * MIB, "the VMM's");
	struct plan_fixture f;

	movable_setup(&f, 64 * MIB, 0);
	f.entries[0].size = 0x100000;
	f.entries[1].gpa = 0x100000;
	f.config.keep_free = &all;
	f.config.keep_free_count = 1;
	ck_assert_uint_eq(plan(&f)->kernel_gpa, 3 * MIB);
	plan_teardown(&f);
}
END_TEST

/* Only the first setup_data is where the caller said: the others do not take the kernel's place. */
START_TEST(one_fixed_setup_data)
{
	static const uint8_t bytes[20000] = { 1 };
	const struct pvhload_source source = pvhload_source_buffer(bytes, sizeof(bytes));
	const struct pvhload_linux_setup_data data[3] = {
		{ sizeof(data[0]), &source, 1000, PVHLOAD_SETUP_DATA_INDIRECT },
		{ sizeof(data[0]), &source, 1001, 0 },
		{ sizeof(data[0]), &source, 1002, PVHLOAD_SETUP_DATA_INDIRECT },
	};
	const struct pvhload_plan_info *info;
	struct plan_fixture f;

	bzimage_setup(&f, 64 * MIB, PVHLOAD_PROTOCOL_X86_LINUX64);
	set_field(&f, 0x234, 0, 1);        /* not relocatable */
	set_field(&f, 0x258, 0x100000, 8); /* from 1 MiB on */
	f.entries[1].size = 0x3000000 + 0x10000;
	f.x86.setup_data = data;
	f.x86.setup_data_count = 3;
	set_place(&f, PVHLOAD_REGION_X86_SETUP_DATA, 0, 0x80000);
	info = plan(&f);
	expect_region(info, "kernel", 0x100000, 0x3000000);
	expect_region(info, "setup_data 0 1000", 0x80000, 40);
	expect_region(info, "setup_data 1 1001", 0x3100000, 20016);
	expect_region(info, "setup_data 2 1002", 0x3104e30, 40);
	expect_region(info, "setup_data 0 1000 data", 0x310b000, 20000);
	expect_region(info, "setup_data 2 1002 data", 0x3106000, 20000);
	plan_teardown(&f);
}
END_TEST

/* The tables of a kernel above 4 GiB are larger: what has a usual place is put after them. */
START_TEST(fixed_tables_grow)
{
	const struct pvhload_plan_info *info;
	struct plan_fixture f;

	bzimage_setup(&f, 6 * GIB, PVHLOAD_PROTOCOL_X86_LINUX64);
	set_place(&f, PVHLOAD_REGION_KERNEL, 0, 4 * GIB);
	set_place(&f, PVHLOAD_REGION_X86_PAGE_TABLES, 0,
		  0x1a000); /* 6 pages end where the command line would be */
	info = plan(&f);
	expect_region(info, "page tables", 0x1a000, 7 * 4096);
	expect_region(info, "cmdline", 0x1000, 2048);
	set_place(&f, PVHLOAD_REGION_KERNEL, 0, 0);
	info = plan(&f);
	expect_region(info, "page tables", 0x1a000, 6 * 4096);
	expect_region(info, "cmdline", 0x20000, 2048);
	plan_teardown(&f);
}
END_TEST

/* A bzImage that is longer than what it says it needs to run still has to fit. */
START_TEST(longer_than_init_size)
{
	const struct pvhload_boot_keep_free taken[2] = {
		KEEP_FREE(0x1000000, 0x1000, "the VMM's"),
		KEEP_FREE(0x1200800, 0x1000, "too near"),
	};
	struct plan_fixture f;

	bzimage_setup(&f, 64 * MIB, PVHLOAD_PROTOCOL_X86_LINUX64);
	set_field(&f, 0x260, 0x400, 4);
	f.config.keep_free = taken;
	f.config.keep_free_count = 2;
	ck_assert_uint_eq(plan(&f)->kernel_gpa, 0x1400000);
	expect_region(plan(&f), "kernel", 0x1400000,
		      pvhload_image_get_info(f.image)->bzimage->code_size);
	plan_teardown(&f);
}
END_TEST

/* The bytes end below the limit; the rest of their last page need only be RAM and free. */
START_TEST(limit_within_a_page)
{
	static const uint8_t bytes[100];
	const struct pvhload_source initrd = pvhload_source_buffer(bytes, sizeof(bytes));
	struct plan_fixture f;

	bzimage_setup(&f, 256 * MIB, PVHLOAD_PROTOCOL_X86_LINUX64);
	f.config.initrds = &initrd;
	f.config.initrd_count = 1;
	set_field(&f, 0x22c, 0x8000063, 4);
	expect_region(plan(&f), "initrd", 0x8000000, 100);
	set_field(&f, 0x22c, 0x8000062, 4);
	expect_region(plan(&f), "initrd", 0x7fff000, 100);
	plan_teardown(&f);
}
END_TEST

/* Nothing of Linux's is above what it manages: 64 TiB, or 4 PiB with 5-level page tables. */
START_TEST(end_of_linux)
{
	static const uint8_t bytes[1];
	const struct pvhload_source initrd = pvhload_source_buffer(bytes, sizeof(bytes));
	const struct pvhload_boot_keep_free low[2] = {
		KEEP_FREE(0x100000, 3 * GIB - 0x100000, "the VMM's"),
		KEEP_FREE(4 * GIB, (1ull << 46) - 4 * GIB - 0x1000, "as well"),
	};
	struct pvhload_error err;
	struct plan_fixture f;

	bzimage_setup(&f, 1ull << 46, PVHLOAD_PROTOCOL_X86_LINUX64);
	f.config.initrds = &initrd;
	f.config.initrd_count = 1;
	f.config.keep_free = low;
	f.config.keep_free_count = 2;
	err = refused(&f, PVHLOAD_E_NO_ROOM);
	ck_says(err, "no room for kernel", "2^46");
	set_place(&f, PVHLOAD_REGION_KERNEL, 0, 1ull << 46);
	err = refused(&f, PVHLOAD_E_RANGE);
	ck_says(err, "the kernel at 0x400000000000", "2^46");
	set_place(&f, PVHLOAD_REGION_KERNEL, 0, 0);
	f.x86.paging_levels = 5;
	set_field(&f, 0x236, 0x7f, 2);
	ck_assert_uint_eq(plan(&f)->kernel_gpa, 1ull << 46);
	expect_region(plan(&f), "initrd", (1ull << 46) + GIB - 4096, 1);
	plan_teardown(&f);
}
END_TEST

/* The bzImage takes 48 MiB, from 16 MiB on by multiples of 2 MiB; @initrd_end and all others are MiB. */
static void order_setup(struct plan_fixture *f, uint64_t ram, struct pvhload_source *initrd,
			uint64_t size, uint64_t initrd_end)
{
	static const uint8_t byte[1];

	*initrd = pvhload_source_buffer(byte, sizeof(byte));
	initrd->size = size * MIB; /* never read by a plan */
	bzimage_setup(f, ram * MIB, PVHLOAD_PROTOCOL_X86_LINUX64);
	set_field(f, 0x22c, initrd_end * MIB - 1, 4);
	f->config.initrds = initrd;
	f->config.initrd_count = 1;
}

/* Only the range where the kernel would be is large enough for the initrd, which goes first then. */
START_TEST(files_first)
{
	const struct pvhload_boot_keep_free taken[2] = {
		KEEP_FREE(16 * MIB, MIB, "low"),
		KEEP_FREE(140 * MIB, MIB, "high"),
	};
	struct pvhload_source initrd;
	struct pvhload_error err;
	struct plan_fixture f;

	order_setup(&f, 205, &initrd, 100, 4096);
	f.config.keep_free = taken;
	f.config.keep_free_count = 2;
	expect_region(plan(&f), "initrd", 40 * MIB, 100 * MIB);
	expect_region(plan(&f), "kernel", 142 * MIB, 48 * MIB);
	/* a kernel that is asked for a place keeps it */
	set_place(&f, PVHLOAD_REGION_KERNEL, 0, 18 * MIB);
	err = refused(&f, PVHLOAD_E_NO_ROOM);
	ck_assert_ptr_null(strstr(err.message, "; nor "));
	set_place(&f, PVHLOAD_REGION_KERNEL, 0, 0);
	/* and no order makes room for what is larger than any range */
	initrd.size = 123 * MIB + 1;
	err = refused(&f, PVHLOAD_E_NO_ROOM);
	ck_says(err, "no room for initrd, 128974849 bytes",
		"; nor with the kernel as low or as high as it fits");
	plan_teardown(&f);
}
END_TEST

/* An initrd that has to be low is below the kernel, which is as high as it fits. */
START_TEST(kernel_high)
{
	struct pvhload_source initrd;
	struct plan_fixture f;

	order_setup(&f, 140, &initrd, 90, 100);
	expect_region(plan(&f), "initrd", 2 * MIB, 90 * MIB);
	expect_region(plan(&f), "kernel", 92 * MIB, 48 * MIB);
	initrd.size += 1024 * 1024 + 1; /* from 1 MiB to the kernel there are 91 */
	(void)refused(&f, PVHLOAD_E_NO_ROOM);
	plan_teardown(&f);
}
END_TEST

/* A large module after a small one may have to be placed before it: each range takes one. */
START_TEST(by_size)
{
	const struct pvhload_boot_keep_free taken[2] = {
		KEEP_FREE(SMALL_END, 5 * MIB - SMALL_END, "all beside the kernel"),
		KEEP_FREE(10 * MIB, 10 * MIB, "between"),
	};
	struct pvhload_source small = pvhload_source_buffer("s", 1);
	struct pvhload_source large = pvhload_source_buffer("l", 1);
	const struct pvhload_boot_module modules[2] = {
		{ sizeof(modules[0]), &small, NULL },
		{ sizeof(modules[0]), &large, NULL },
	};
	struct pvhload_error err;
	struct plan_fixture f;

	plan_setup(&f, 30 * MIB);
	small.size = 4 * MIB; /* never read by a plan */
	large.size = 9 * MIB;
	f.config.keep_free = taken;
	f.config.keep_free_count = 2;
	f.config.modules = modules;
	f.config.module_count = 2;
	expect_region(plan(&f), "module 0", 6 * MIB, 4 * MIB);
	expect_region(plan(&f), "module 1", 21 * MIB, 9 * MIB);
	/* the list itself keeps its order */
	ck_assert_uint_eq(guest_le(&f, 8, 0x6040), 6 * MIB);
	ck_assert_uint_eq(guest_le(&f, 8, 0x6060), 21 * MIB);
	large.size = 10 * MIB + 1;
	err = refused(&f, PVHLOAD_E_NO_ROOM);
	ck_says(err, "no room for module 1", "; nor in another order of the files");
	plan_teardown(&f);
}
END_TEST

/* Of two that are as large as each other, the first is placed first, as high as it fits. */
START_TEST(by_size_and_number)
{
	const struct pvhload_boot_keep_free taken[3] = {
		KEEP_FREE(SMALL_END, 5 * MIB - SMALL_END, "all beside the kernel"),
		KEEP_FREE(10 * MIB, 10 * MIB, "between"),
		KEEP_FREE(30 * MIB, 10 * MIB, "between, too"),
	};
	const struct pvhload_source small = never_read(4 * MIB), large = never_read(9 * MIB);
	const struct pvhload_boot_module modules[3] = {
		{ sizeof(modules[0]), &small, NULL },
		{ sizeof(modules[0]), &large, NULL },
		{ sizeof(modules[0]), &large, NULL },
	};
	const struct pvhload_plan_info *info;
	struct plan_fixture f;

	plan_setup(&f, 50 * MIB);
	f.config.keep_free = taken;
	f.config.keep_free_count = 3;
	f.config.modules = modules;
	f.config.module_count = 3;
	info = plan(&f);
	expect_region(info, "module 0", 6 * MIB, 4 * MIB);
	expect_region(info, "module 1", 41 * MIB, 9 * MIB);
	expect_region(info, "module 2", 21 * MIB, 9 * MIB);
	plan_teardown(&f);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("plan_order");

	ADD_TESTS(suite, "plan_order", pvh_kernel_gives_way, pvh_fixed_initrd_is_first,
		  moved_for_what_lies_between, never_moved_below_1_mib, one_fixed_setup_data,
		  fixed_tables_grow, longer_than_init_size, limit_within_a_page, end_of_linux,
		  files_first, kernel_high, by_size, by_size_and_number);
	return run_suite(suite);
}
