/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* Plans of flat Images: where kernel, device tree and initrd are, what the kernel is told, and what is refused. */
#include "flat_plan.h"
#include "suite.h"

/* The tree as a commit writes it, to be freed. */
static struct bytes committed_tree(struct flat_fixture *t)
{
	const struct pvhload_plan_region *r = region(pvhload_plan_get_info(t->f.plan), "fdt");
	struct bytes tree = bytes_zero((size_t)r->size);

	committed(&t->f, r->gpa, tree.data, tree.size);
	return tree;
}

static void put_be64(uint8_t bytes[8], uint64_t value)
{
	for (size_t i = 0; i < 8; i++)
		bytes[i] = (uint8_t)(value >> (56 - 8 * i));
}

static void check_chosen(struct flat_fixture *t, const char *bootargs, uint64_t initrd,
			 uint64_t initrd_size)
{
	struct bytes tree = committed_tree(t);
	uint8_t start[8], end[8];

	put_be64(start, initrd);
	put_be64(end, initrd + initrd_size);
	check_property(&tree, "/chosen", "bootargs", bootargs, bootargs ? strlen(bootargs) + 1 : 0);
	check_property(&tree, "/chosen", "linux,initrd-start", initrd ? start : NULL, 8);
	check_property(&tree, "/chosen", "linux,initrd-end", initrd ? end : NULL, 8);
	check_text(&tree, "/chosen", "stdout-path", "/uart@9000000");
	bytes_free(&tree);
}

START_TEST(for_arm64)
{
	struct pvhload_arm64_cpu cpu = PVHLOAD_ARM64_CPU_INIT;
	const struct pvhload_plan_info *info;
	struct flat_fixture t;
	struct pvhload_error err;

	flat_setup(&t, build_flat(ARM64, true));
	t.f.config.cmdline = "console=ttyAMA0";
	flat_use_initrd(&t, pvhload_source_buffer("initrd!", 7));
	info = plan(&t.f);
	ck_assert_uint_eq(info->protocol, PVHLOAD_PROTOCOL_ARM64_LINUX);
	ck_assert_uint_eq(info->arch, PVHLOAD_ARCH_ARM64);
	ck_assert_uint_eq(info->region_count, 3);
	expect_region(info, "kernel", RAM_GPA, FLAT_NEEDS);
	expect_region(info, "fdt", RAM_GPA + 0x200000, region(info, "fdt")->size);
	expect_region(info, "initrd", RAM_END - 0x1000, 7);
	ck_assert_uint_eq(info->entry, RAM_GPA);
	ck_assert_uint_eq(info->kernel_gpa, RAM_GPA);
	ck_assert_uint_eq(info->fdt_gpa, RAM_GPA + 0x200000);
	ck_assert_uint_eq(info->cmdline_max, 2047);
	ck_assert_str_eq(info->cmdline, "console=ttyAMA0");
	ck_assert_ptr_null(info->x86_cpu);
	ck_assert_ptr_null(info->riscv64_cpu);
	ck_status(PVHLOAD_OK, err, pvhload_plan_get_arm64_cpu(t.f.plan, &cpu, &err));
	ck_assert_uint_eq(cpu.x[0], info->fdt_gpa);
	for (size_t i = 1; i < PVHLOAD_ARM64_X_COUNT; i++)
		ck_assert_uint_eq(cpu.x[i], 0);
	ck_assert_uint_eq(cpu.pc, RAM_GPA);
	ck_assert_uint_eq(cpu.pstate, 0x3c5);
	check_chosen(&t, "console=ttyAMA0", RAM_END - 0x1000, 7);
	flat_teardown(&t);
}
END_TEST

START_TEST(arm64_at_el2)
{
	struct flat_fixture t;

	flat_setup(&t, build_flat(ARM64, true));
	t.arm64.exception_level = 2;
	ck_assert_uint_eq(plan(&t.f)->arm64_cpu->pstate, 0x3c9);
	t.arm64.exception_level = 3;
	ck_says(refused(&t.f, PVHLOAD_E_USAGE), "exception level 3, not 1 or 2");
	flat_teardown(&t);
}
END_TEST

START_TEST(for_riscv64)
{
	struct pvhload_riscv64_cpu cpu = PVHLOAD_RISCV64_CPU_INIT;
	const struct pvhload_plan_info *info;
	struct flat_fixture t;
	struct pvhload_error err;

	flat_setup(&t, build_flat(RISCV64, true));
	t.riscv64.boot_hart = 3;
	flat_use_initrd(&t, pvhload_source_buffer("initrd!", 7));
	info = plan(&t.f);
	ck_assert_uint_eq(info->protocol, PVHLOAD_PROTOCOL_RISCV64_LINUX);
	ck_assert_uint_eq(info->arch, PVHLOAD_ARCH_RISCV64);
	/* text_offset from the start of RAM, where the firmware is. */
	expect_region(info, "kernel", RAM_GPA + 0x200000, FLAT_NEEDS);
	expect_region(info, "fdt", RAM_GPA + 0x400000, region(info, "fdt")->size);
	expect_region(info, "initrd", RAM_END - 0x1000, 7);
	ck_assert_uint_eq(info->cmdline_max, 1023);
	ck_assert_ptr_null(info->x86_cpu);
	ck_assert_ptr_null(info->arm64_cpu);
	ck_status(PVHLOAD_OK, err, pvhload_plan_get_riscv64_cpu(t.f.plan, &cpu, &err));
	ck_assert_uint_eq(cpu.pc, RAM_GPA + 0x200000);
	ck_assert_uint_eq(cpu.a0, 3);
	ck_assert_uint_eq(cpu.a1, RAM_GPA + 0x400000);
	ck_assert_uint_eq(cpu.satp, 0);
	ck_assert_uint_eq(cpu.mode, 1);
	check_chosen(&t, NULL, RAM_END - 0x1000, 7);
	flat_teardown(&t);
}
END_TEST

/* The file, then zeros up to image_size. */
START_TEST(what_is_written)
{
	struct flat_fixture t;
	uint8_t bytes[FLAT_NEEDS + 1], zeros[FLAT_NEEDS - FLAT_SIZE] = { 0 };

	flat_setup(&t, build_flat(ARM64, true));
	(void)plan(&t.f);
	committed(&t.f, RAM_GPA, bytes, sizeof(bytes));
	ck_assert_mem_eq(bytes, t.f.bytes.data, FLAT_SIZE);
	ck_assert_mem_eq(bytes + FLAT_SIZE, zeros, sizeof(zeros));
	ck_assert_uint_eq(bytes[FLAT_NEEDS], 0xa5);
	flat_teardown(&t);
}
END_TEST

START_TEST(places_of_the_caller)
{
	const struct pvhload_plan_info *info;
	struct flat_fixture t;

	flat_setup(&t, build_flat(RISCV64, true));
	flat_use_initrd(&t, pvhload_source_buffer("initrd!", 7));
	set_place(&t.f, PVHLOAD_REGION_KERNEL, 0, RAM_GPA + 0x8000000);
	set_place(&t.f, PVHLOAD_REGION_FDT, 0, RAM_GPA + 0x408);
	set_place(&t.f, PVHLOAD_REGION_INITRD, 0, RAM_GPA + 0x5000);
	info = plan(&t.f);
	expect_region(info, "kernel", RAM_GPA + 0x8000000, FLAT_NEEDS);
	expect_region(info, "fdt", RAM_GPA + 0x408, region(info, "fdt")->size);
	expect_region(info, "initrd", RAM_GPA + 0x5000, 7);
	ck_assert_uint_eq(info->riscv64_cpu->a1, RAM_GPA + 0x408);
	ck_assert_uint_eq(region(info, "fdt")->reason, PVHLOAD_PLACED_ASKED);
	flat_teardown(&t);
}
END_TEST

/* What the VMM keeps free, and what the tree reserves, the kernel keeps off. */
START_TEST(what_is_taken)
{
	struct pvhload_boot_keep_free kept = KEEP_FREE(RAM_GPA, 0x1000, "vmm");
	struct flat_fixture t;
	struct tree tree = { .rsvmap = { NULL, 0 } };

	flat_setup(&t, build_flat(ARM64, true));
	t.f.config.keep_free = &kept;
	t.f.config.keep_free_count = 1;
	expect_region(plan(&t.f), "kernel", RAM_GPA + 0x200000, FLAT_NEEDS);
	tree_reserve(&tree, RAM_GPA + 0x200000, 0x200000);
	machine_begin(&tree);
	tree_end(&tree);
	tree_token(&tree, TREE_DONE);
	flat_use_tree(&t, tree_finish(&tree));
	expect_region(plan(&t.f), "kernel", RAM_GPA + 0x400000, FLAT_NEEDS);
	set_place(&t.f, PVHLOAD_REGION_KERNEL, 0, RAM_GPA + 0x200000);
	ck_says(refused(&t.f, PVHLOAD_E_OVERLAP), "/memreserve/ 0");
	flat_teardown(&t);
}
END_TEST

/* Where the tree of the next test reserves memory, and what was written there, and in all. */
#define RESERVED_GPA  (RAM_GPA + 0x200000)
#define RESERVED_SIZE 0x200000u

struct written {
	uint64_t reserved, all;
};

static int count_written(void *user, uint64_t gpa, const void *src, size_t len)
{
	struct written *written = user;
	const uint64_t start = gpa > RESERVED_GPA ? gpa : RESERVED_GPA;
	const uint64_t end =
		gpa + len < RESERVED_GPA + RESERVED_SIZE ? gpa + len : RESERVED_GPA + RESERVED_SIZE;

	(void)src;
	written->all += len;
	written->reserved += start < end ? end - start : 0;
	return 0;
}

/* A firmware that is there stays: it is not cleared as what nobody uses is. */
START_TEST(reserved_is_not_cleared)
{
	struct pvhload_memory_ops ops = PVHLOAD_MEMORY_OPS_INIT;
	struct pvhload_memory mem = PVHLOAD_MEMORY_INIT;
	struct tree tree = { .rsvmap = { NULL, 0 } };
	struct written written = { 0, 0 };
	struct flat_fixture t;
	struct pvhload_error err;

	flat_setup(&t, build_flat(ARM64, true));
	tree_reserve(&tree, RESERVED_GPA, RESERVED_SIZE);
	machine_begin(&tree);
	tree_end(&tree);
	tree_token(&tree, TREE_DONE);
	flat_use_tree(&t, tree_finish(&tree));
	(void)plan(&t.f);
	ops.write = count_written;
	mem.ops = &ops;
	mem.user = &written;
	ck_status(PVHLOAD_OK, err, pvhload_plan_commit(t.f.plan, &mem, &err));
	ck_status(PVHLOAD_OK, err, pvhload_plan_clear_unused(t.f.plan, &mem, &err));
	ck_assert_uint_eq(written.reserved, 0);
	ck_assert_uint_eq(written.all, MACHINE_RAM_SIZE - RESERVED_SIZE);
	flat_teardown(&t);
}
END_TEST

START_TEST(memory_of_the_tree)
{
	struct flat_fixture t;

	flat_setup(&t, build_flat(ARM64, true));
	t.f.entries[0].size *= 2;
	flat_use_initrd(&t, pvhload_source_buffer("initrd!", 7));
	ck_says(refused(&t.f, PVHLOAD_E_MEMMAP),
		"initrd [0x5ffff000, 0x60000000) is RAM by the memory map, and not in the device "
		"tree's memory");
	t.fdt.flags = PVHLOAD_FDT_WRITE_MEMORY;
	expect_region(plan(&t.f), "initrd", 0x5ffff000, 7);
	flat_teardown(&t);
}
END_TEST

/* A command line of the tree's own is the plan's, and is held against the kernel's limit. */
START_TEST(command_lines)
{
	struct flat_fixture t;
	struct tree tree = { .rsvmap = { NULL, 0 } };
	char line[2049];

	flat_setup(&t, build_flat(ARM64, true));
	machine_begin(&tree);
	tree_node(&tree, "chosen");
	tree_text(&tree, "bootargs", "quiet");
	tree_end(&tree);
	tree_end(&tree);
	tree_token(&tree, TREE_DONE);
	flat_use_tree(&t, tree_finish(&tree));
	ck_assert_str_eq(plan(&t.f)->cmdline, "quiet");
	ck_assert_str_eq(
		pvhload_plan_get_info(t.f.plan)->reason,
		"the arm64 protocol is the best of the image's entries; the command line is "
		"the device tree's own");
	t.f.config.cmdline = "panic=-1";
	ck_assert_str_eq(plan(&t.f)->cmdline, "panic=-1");
	t.fdt.bootargs = PVHLOAD_FDT_BOOTARGS_APPEND;
	ck_assert_str_eq(plan(&t.f)->cmdline, "quiet panic=-1");
	memset(line, 'a', 2048);
	line[2048] = '\0';
	t.f.config.cmdline = line;
	t.fdt.bootargs = PVHLOAD_FDT_BOOTARGS_REPLACE;
	ck_says(refused(&t.f, PVHLOAD_E_CMDLINE),
		"the command line has 2048 bytes, 1 more than the 2047 the kernel takes");
	line[2047] = '\0';
	ck_assert_uint_eq(strlen(plan(&t.f)->cmdline), 2047);
	ck_assert_uint_eq(pvhload_boot_cmdline_capacity(t.f.image, PVHLOAD_PROTOCOL_AUTO, 0), 2048);
	flat_teardown(&t);
}
END_TEST

/* The kernel and its initrd in one window of 32 GiB, as far as it is in our hands. */
START_TEST(the_window)
{
	const struct pvhload_plan_info *info;
	struct flat_fixture t;

	flat_setup(&t, build_flat(ARM64, true));
	t.fdt.flags = PVHLOAD_FDT_WRITE_MEMORY;
	t.f.entries[1] = (struct pvhload_memmap_entry){ 64 * GIB, 8 * GIB, PVHLOAD_MEMMAP_RAM, 0 };
	t.f.map.count = 2;
	flat_use_initrd(&t, never_read(4096));
	expect_region(plan(&t.f), "initrd", RAM_END - 0x1000, 4096);
	t.f.entries[1].gpa = 32 * GIB;
	expect_region(plan(&t.f), "initrd", 33 * GIB - 0x1000, 4096);
	t.f.entries[1].gpa = 64 * GIB;
	flat_use_initrd(&t, never_read(GIB));
	info = plan(&t.f);
	expect_region(info, "initrd", 71 * GIB, GIB);
	ck_assert_ptr_nonnull(strstr(info->reason, "not in the kernel's window of 32 GiB"));
	set_place(&t.f, PVHLOAD_REGION_KERNEL, 0, 0x40000000);
	ck_says(refused(&t.f, PVHLOAD_E_RANGE), "the kernel at 0x40000000 and the initrd at 0x11c");
	set_place(&t.f, PVHLOAD_REGION_KERNEL, 0, 0);
	set_place(&t.f, PVHLOAD_REGION_INITRD, 0, 64 * GIB);
	ck_says(refused(&t.f, PVHLOAD_E_RANGE),
		"the kernel at 0x40000000 and the initrd at 0x1000000000 are not in one window of 32 "
		"GiB");
	set_place(&t.f, PVHLOAD_REGION_KERNEL, 0, 66 * GIB);
	expect_region(plan(&t.f), "initrd", 64 * GIB, GIB);
	flat_teardown(&t);
}
END_TEST

/* The window is the kernel's, also where RAM begins far below. */
START_TEST(the_window_of_a_high_kernel)
{
	const struct pvhload_plan_info *info;
	struct flat_fixture t;

	flat_setup(&t, build_flat(ARM64, true));
	t.fdt.flags = PVHLOAD_FDT_WRITE_MEMORY;
	set_field(&t.f, 16, MACHINE_RAM_SIZE + MIB, 8);
	t.f.entries[1] = (struct pvhload_memmap_entry){ 64 * GIB, 64 * GIB, PVHLOAD_MEMMAP_RAM, 0 };
	t.f.map.count = 2;
	flat_use_initrd(&t, never_read(4096));
	info = plan(&t.f);
	expect_region(info, "kernel", 64 * GIB, MACHINE_RAM_SIZE + MIB);
	expect_region(info, "initrd", 96 * GIB - 0x1000, 4096);
	ck_assert_ptr_null(strstr(info->reason, "window"));
	/* Nor does it reach over the end of all addresses. */
	t.f.entries[1].gpa = (UINT64_C(1) << 48) - GIB;
	set_place(&t.f, PVHLOAD_REGION_KERNEL, 0, (UINT64_C(1) << 48) - GIB);
	expect_region(plan(&t.f), "initrd", (UINT64_C(1) << 48) - 0x1000, 4096);
	flat_teardown(&t);
}
END_TEST

/* A kernel that says that memory below it is lost. */
START_TEST(low_kernel)
{
	const struct pvhload_plan_info *info;
	struct flat_fixture t;

	flat_setup(&t, build_flat(ARM64, true));
	set_field(&t.f, 24, 0x2, 8);
	set_field(&t.f, 8, 0x80000, 8);
	info = plan(&t.f);
	expect_region(info, "kernel", RAM_GPA + 0x80000, FLAT_NEEDS);
	expect_region(info, "fdt", RAM_GPA + 0x200000, region(info, "fdt")->size);
	set_place(&t.f, PVHLOAD_REGION_FDT, 0, RAM_GPA + 0x1000);
	ck_says(refused(&t.f, PVHLOAD_E_RANGE),
		"fdt at 0x40001000 is below the kernel at 0x40080000, whose flags say that memory "
		"there is lost to it");
	flat_teardown(&t);
}
END_TEST

/* Where it has no room, or what has to be above it has none, that is what is said. */
START_TEST(no_room_for_low_kernels)
{
	struct flat_fixture t;

	flat_setup(&t, build_flat(ARM64, true));
	set_field(&t.f, 24, 0x2, 8);
	set_field(&t.f, 16, MACHINE_RAM_SIZE + 1, 8);
	ck_says(refused(&t.f, PVHLOAD_E_NO_ROOM),
		"no room for kernel, 268435457 bytes: the largest free range");
	/* The kernel takes the second bank, and there is room for the initrd in the first alone. */
	set_field(&t.f, 16, 0x400000, 8);
	t.fdt.flags = PVHLOAD_FDT_WRITE_MEMORY;
	t.f.entries[0].size = 0x300000;
	t.f.entries[1] = (struct pvhload_memmap_entry){ RAM_GPA + 0x800000, 0x600000,
							PVHLOAD_MEMMAP_RAM, 0 };
	t.f.map.count = 2;
	flat_use_initrd(&t, never_read(0x200000));
	ck_says(refused(&t.f, PVHLOAD_E_NO_ROOM), "no room for initrd, 2097152 bytes");
	set_field(&t.f, 24, 0xa, 8);
	expect_region(plan(&t.f), "initrd", RAM_GPA + 0x100000, 0x200000);
	flat_teardown(&t);
}
END_TEST

/* Address 0 means absent: nothing goes there, though there is RAM. */
START_TEST(ram_at_0)
{
	const struct pvhload_plan_info *info;
	struct flat_fixture t;

	flat_setup(&t, build_flat(RISCV64, true));
	t.fdt.flags = PVHLOAD_FDT_WRITE_MEMORY;
	t.f.entries[0].gpa = 0;
	set_field(&t.f, 8, 0, 8);
	info = plan(&t.f);
	expect_region(info, "kernel", 0x200000, FLAT_NEEDS);
	expect_region(info, "fdt", 0x400000, region(info, "fdt")->size);
	flat_teardown(&t);
	/* Nor the tree of a kernel without image_size, which goes as high as it fits. */
	flat_setup(&t, build_flat(ARM64, true));
	t.fdt.flags = PVHLOAD_FDT_WRITE_MEMORY;
	t.f.entries[0].gpa = 0;
	t.f.entries[0].size = 0x100000;
	set_field(&t.f, 16, 0, 8);
	ck_says(refused(&t.f, PVHLOAD_E_NO_ROOM), "no room for fdt");
	flat_teardown(&t);
}
END_TEST

/* One that does not say how much it needs gets what there is. */
START_TEST(unsized_kernel)
{
	const struct pvhload_plan_info *info;
	struct flat_fixture t;

	flat_setup(&t, build_flat(ARM64, true));
	set_field(&t.f, 16, 0, 8);
	info = plan(&t.f);
	expect_region(info, "kernel", RAM_GPA + 0x80000, FLAT_SIZE);
	expect_region(info, "fdt", RAM_END - 0x200000, region(info, "fdt")->size);
	ck_assert_ptr_nonnull(strstr(info->reason, "does not say how much it needs"));
	flat_teardown(&t);
}
END_TEST

/* Nothing shares the initrd's last page, however large the kernel's are. */
START_TEST(page_sizes)
{
	static const struct {
		uint64_t flags, page;
	} cases[] = { { 0x8, 0x10000 }, { 0xa, 0x1000 }, { 0xc, 0x4000 }, { 0xe, 0x10000 } };
	struct flat_fixture t;

	flat_setup(&t, build_flat(ARM64, true));
	flat_use_initrd(&t, pvhload_source_buffer("initrd!", 7));
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		set_field(&t.f, 24, cases[i].flags, 8);
		expect_region(plan(&t.f), "initrd", RAM_END - cases[i].page, 7);
	}
	flat_teardown(&t);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("plan_flat");

	if (skip_without_fdt())
		return skipped_suite();
	ADD_TESTS(suite, "plan_flat", for_arm64, arm64_at_el2, for_riscv64, what_is_written,
		  places_of_the_caller, what_is_taken, reserved_is_not_cleared, memory_of_the_tree,
		  command_lines, the_window, the_window_of_a_high_kernel, low_kernel,
		  no_room_for_low_kernels, ram_at_0, unsized_kernel, page_sizes);
	return run_suite(suite);
}
