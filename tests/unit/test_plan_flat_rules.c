/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* Flat Images: what is refused, as a guest would die of it without a word, or as nothing carries it. */
#include "flat_plan.h"
#include "suite.h"
#include "uki_images.h"

/* Each is silent in a guest. */
static const struct {
	enum flat flat;
	uint32_t kind;
	uint64_t gpa; /* from the start of RAM */
	enum pvhload_status status;
	const char *says;
} silent[] = {
	{ ARM64, PVHLOAD_REGION_KERNEL, 0x310000, PVHLOAD_E_RANGE,
	  "the kernel cannot be at 0x40310000: by its boot protocol it is at a multiple of 0x200000 "
	  "plus its text_offset, 0x0" },
	{ ARM64, PVHLOAD_REGION_KERNEL, 0x301000, PVHLOAD_E_RANGE, "a multiple of 0x200000" },
	{ RISCV64, PVHLOAD_REGION_KERNEL, 0x300000, PVHLOAD_E_RANGE,
	  "at a multiple of 0x200000 plus its text_offset, 0x200000" },
	{ RISCV64, PVHLOAD_REGION_KERNEL, 0x200001, PVHLOAD_E_RANGE, "a multiple of 0x200000" },
	{ RISCV64, PVHLOAD_REGION_KERNEL, 0x301000, PVHLOAD_E_RANGE, "a multiple of 0x200000" },
	{ RISCV64, PVHLOAD_REGION_KERNEL, 0x2310000, PVHLOAD_E_RANGE, "a multiple of 0x200000" },
	{ ARM64, PVHLOAD_REGION_KERNEL, (UINT64_C(1) << 48) - RAM_GPA, PVHLOAD_E_RANGE,
	  "the kernel, 0x3000 bytes at 0x1000000000000, does not end below 2^48" },
	{ RISCV64, PVHLOAD_REGION_KERNEL, (UINT64_C(1) << 56) - RAM_GPA, PVHLOAD_E_RANGE,
	  "bytes at 0x100000000000000, does not end below 2^56" },
	{ ARM64, PVHLOAD_REGION_KERNEL, MACHINE_RAM_SIZE, PVHLOAD_E_RANGE,
	  "kernel [0x50000000, 0x50003000)" },
	{ ARM64, PVHLOAD_REGION_FDT, 0x400004, PVHLOAD_E_RANGE,
	  "fdt at 0x40400004 is not at a multiple of 0x8" },
	{ RISCV64, PVHLOAD_REGION_FDT, 0x800004, PVHLOAD_E_RANGE, "not at a multiple of 0x8" },
	{ ARM64, PVHLOAD_REGION_FDT, MACHINE_RAM_SIZE - 8, PVHLOAD_E_RANGE, "fdt [0x4ffffff8, " },
	{ ARM64, PVHLOAD_REGION_INITRD, 0x400800, PVHLOAD_E_RANGE,
	  "initrd at 0x40400800 is not at a multiple of 0x1000" },
};

START_TEST(silent_places)
{
	struct flat_fixture t;

	flat_setup(&t, build_flat(silent[_i].flat, true));
	flat_use_initrd(&t, pvhload_source_buffer("initrd!", 7));
	set_place(&t.f, silent[_i].kind, 0, RAM_GPA + silent[_i].gpa);
	ck_says(refused(&t.f, silent[_i].status), silent[_i].says);
	flat_teardown(&t);
}
END_TEST

/* What the kernel needs after its bytes is its own. */
START_TEST(nothing_over_the_kernel)
{
	static const uint32_t kinds[] = { PVHLOAD_REGION_FDT, PVHLOAD_REGION_INITRD };
	struct flat_fixture t;

	flat_setup(&t, build_flat(ARM64, true));
	flat_use_initrd(&t, pvhload_source_buffer("initrd!", 7));
	set_place(&t.f, PVHLOAD_REGION_KERNEL, 0, RAM_GPA + 0x200000);
	for (size_t i = 0; i < 2; i++) {
		set_place(&t.f, kinds[i], 0, RAM_GPA + 0x202000);
		ck_says(refused(&t.f, PVHLOAD_E_OVERLAP),
			"kernel [0x40200000, 0x40203000) overlaps");
		set_place(&t.f, kinds[i], 0, 0);
	}
	expect_region(plan(&t.f), "kernel", RAM_GPA + 0x200000, FLAT_NEEDS);
	flat_teardown(&t);
}
END_TEST

/* Its tree is used if the caller has none. */
START_TEST(uki_with_a_tree)
{
	struct bytes flat = build_flat(ARM64, true), machine = machine_tree();
	struct uki_spec spec = small_uki(&flat);
	const struct pvhload_plan_info *info;
	struct flat_fixture t;

	spec.machine = 0xaa64;
	flat_setup(&t, build_uki(&spec));
	ck_assert_str_eq(plan(&t.f)->cmdline, UKI_CMDLINE);
	add_section(&spec, ".dtb", machine.data, machine.size);
	use_bytes(&t.f, build_uki(&spec));
	ck_assert_ptr_nonnull(strstr(plan(&t.f)->reason,
				     "the caller's device tree is used in place of its .dtb"));
	spec.section_count--;
	use_bytes(&t.f, build_uki(&spec));
	t.f.config.fdt = NULL;
	ck_says(refused(&t.f, PVHLOAD_E_PROTOCOL), "the boot config has none");
	add_section(&spec, ".dtb", machine.data, machine.size);
	use_bytes(&t.f, build_uki(&spec));
	/* Who does not say that his machine is for arm64 gets no plan that is. */
	t.f.config.arm64 = NULL;
	ck_says(refused(&t.f, PVHLOAD_E_PROTOCOL), "the boot config has none");
	t.f.config.arm64 = &t.arm64;
	info = plan(&t.f);
	ck_assert_str_eq(info->cmdline, UKI_CMDLINE);
	expect_region(info, "kernel", RAM_GPA, FLAT_NEEDS);
	expect_region(info, "initrd", RAM_END - 0x1000, strlen(UKI_INITRD));
	ck_assert_uint_eq(info->fdt_gpa, RAM_GPA + 0x200000);
	ck_assert_ptr_nonnull(
		strstr(info->reason, "from the UKI: .linux, .initrd, .cmdline, .dtb"));
	bytes_free(&machine);
	machine = bytes_zero(0x1000001);
	spec.sections[spec.section_count - 1].bytes = machine.data;
	spec.sections[spec.section_count - 1].size = machine.size;
	use_bytes(&t.f, build_uki(&spec));
	ck_says(refused(&t.f, PVHLOAD_E_LIMIT),
		"section .dtb has 16777217 bytes, more than the limit of 16777216");
	flat_teardown(&t);
	bytes_free(&machine);
	bytes_free(&flat);
}
END_TEST

/* Packed twice, it is the same plan. */
START_TEST(compressed_and_zboot)
{
	struct bytes zboot = small_zboot(GZIP), flat = build_flat(ARM64, true);
	const struct bytes images[] = { codecs[GZIP].compress(&flat), small_zboot(GZIP),
					codecs[GZIP].compress(&zboot) };

	for (size_t i = 0; i < 3; i++) {
		struct flat_fixture t;

		flat_setup(&t, images[i]);
		expect_region(plan(&t.f), "kernel", RAM_GPA, FLAT_NEEDS);
		ck_assert_uint_eq(
			pvhload_boot_cmdline_capacity(t.f.image, PVHLOAD_PROTOCOL_AUTO, 0), 2048);
		flat_teardown(&t);
	}
	bytes_free(&zboot);
	bytes_free(&flat);
}
END_TEST

static void no_tree(struct flat_fixture *t)
{
	t->f.config.fdt = NULL;
}

static void with_module(struct flat_fixture *t)
{
	static struct pvhload_boot_module module = { sizeof(module), NULL, NULL };

	t->f.config.modules = &module;
	t->f.config.module_count = 1;
}

static void with_rsdp(struct flat_fixture *t)
{
	t->f.config.rsdp_gpa = RAM_GPA;
}

static void with_loadflags(struct flat_fixture *t)
{
	t->f.x86.loadflags = PVHLOAD_LOADFLAG_QUIET;
}

static void decoded_by_guest(struct flat_fixture *t)
{
	t->f.config.decompress = PVHLOAD_DECOMPRESS_GUEST;
}

static void by_pvh(struct flat_fixture *t)
{
	t->f.config.protocol = PVHLOAD_PROTOCOL_PVH;
	t->f.config.fdt = NULL;
}

static void with_bda(struct flat_fixture *t)
{
	t->f.x86.flags = PVHLOAD_BOOT_X86_BDA;
	t->f.config.x86 = &t->f.x86;
}

static void by_linux64(struct flat_fixture *t)
{
	t->f.config.protocol = PVHLOAD_PROTOCOL_X86_LINUX64;
}

static void by_riscv64(struct flat_fixture *t)
{
	t->f.config.protocol = PVHLOAD_PROTOCOL_RISCV64_LINUX;
}

static void an_x86_kernel(struct flat_fixture *t)
{
	const struct elf_spec spec = small_kernel();

	use_bytes(&t->f, build_elf(&spec));
}

static void an_x86_kernel_by_arm64(struct flat_fixture *t)
{
	an_x86_kernel(t);
	t->f.config.fdt = NULL;
	t->f.config.protocol = PVHLOAD_PROTOCOL_ARM64_LINUX;
}

static void a_bzimage_by_arm64(struct flat_fixture *t)
{
	const struct bzimage_spec spec = undecoded_bzimage();

	use_bytes(&t->f, build_bzimage(&spec));
	t->f.config.fdt = NULL;
	t->f.config.protocol = PVHLOAD_PROTOCOL_ARM64_LINUX;
}

static void no_magic(struct flat_fixture *t)
{
	t->tree.data[0] = 0;
}

static const struct {
	void (*change)(struct flat_fixture *t);
	enum pvhload_status status;
	const char *says;
} refusals[] = {
	{ no_tree, PVHLOAD_E_PROTOCOL, "by a device tree, and the boot config has none" },
	{ with_module, PVHLOAD_E_PROTOCOL, "no place for modules beside the initrd" },
	{ with_rsdp, PVHLOAD_E_PROTOCOL, "no place for an RSDP" },
	{ with_loadflags, PVHLOAD_E_PROTOCOL, "no place for load flags" },
	{ with_bda, PVHLOAD_E_PROTOCOL, "no place for a BIOS data area" },
	{ decoded_by_guest, PVHLOAD_E_PROTOCOL, "the guest cannot decode the image" },
	{ by_pvh, PVHLOAD_E_PROTOCOL,
	  "no PVH entry: it is an arm64 Image; it could boot by the arm64 protocol" },
	{ by_linux64, PVHLOAD_E_PROTOCOL, "it could boot by the arm64 protocol" },
	{ by_riscv64, PVHLOAD_E_PROTOCOL,
	  "no riscv64 Linux entry: it is an arm64 Image; it could boot by the arm64 protocol" },
	{ an_x86_kernel, PVHLOAD_E_PROTOCOL,
	  "the boot config has a device tree, and the kernel is for x86" },
	{ an_x86_kernel_by_arm64, PVHLOAD_E_PROTOCOL,
	  "no arm64 Linux entry: it is an ELF file; it could boot by PVH" },
	{ a_bzimage_by_arm64, PVHLOAD_E_PROTOCOL, "no arm64 Linux entry: it is a bzImage" },
	{ no_magic, PVHLOAD_E_FORMAT, "device tree" },
};

START_TEST(refusal)
{
	struct flat_fixture t;

	flat_setup(&t, build_flat(ARM64, true));
	refusals[_i].change(&t);
	ck_says(refused(&t.f, refusals[_i].status), refusals[_i].says);
	flat_teardown(&t);
}
END_TEST

START_TEST(states_of_other_machines)
{
	struct pvhload_riscv64_cpu riscv64 = PVHLOAD_RISCV64_CPU_INIT;
	struct pvhload_arm64_cpu arm64 = PVHLOAD_ARM64_CPU_INIT;
	struct pvhload_x86_cpu x86 = PVHLOAD_X86_CPU_INIT;
	struct flat_fixture t;
	struct pvhload_error err;

	flat_setup(&t, build_flat(ARM64, true));
	(void)plan(&t.f);
	ck_status(PVHLOAD_E_PROTOCOL, err, pvhload_plan_get_x86_cpu(t.f.plan, &x86, &err));
	ck_assert_str_eq(err.message, "the plan is for arm64: it has no such processor state");
	ck_status(PVHLOAD_E_PROTOCOL, err, pvhload_plan_get_riscv64_cpu(t.f.plan, &riscv64, &err));
	ck_status(PVHLOAD_E_USAGE, err, pvhload_plan_get_arm64_cpu(t.f.plan, NULL, &err));
	ck_status(PVHLOAD_E_USAGE, err, pvhload_plan_get_riscv64_cpu(NULL, &riscv64, &err));
	ck_status(PVHLOAD_E_USAGE, err, pvhload_plan_get_arm64_cpu(NULL, &arm64, &err));
	arm64.struct_size = 8;
	ck_status(PVHLOAD_E_USAGE, err, pvhload_plan_get_arm64_cpu(t.f.plan, &arm64, &err));
	arm64.struct_size = sizeof(arm64);
	use_bytes(&t.f, build_flat(RISCV64, true));
	(void)plan(&t.f);
	ck_status(PVHLOAD_E_PROTOCOL, err, pvhload_plan_get_arm64_cpu(t.f.plan, &arm64, &err));
	flat_teardown(&t);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("plan_flat_rules");
	TCase *cases = tcase_create("tables");

	if (skip_without_fdt())
		return skipped_suite();
	tcase_add_loop_test(cases, silent_places, 0, (int)(sizeof(silent) / sizeof(silent[0])));
	tcase_add_loop_test(cases, refusal, 0, (int)(sizeof(refusals) / sizeof(refusals[0])));
	suite_add_tcase(suite, cases);
	ADD_TESTS(suite, "plan_flat_rules", nothing_over_the_kernel, uki_with_a_tree,
		  compressed_and_zboot, states_of_other_machines);
	return run_suite(suite);
}
