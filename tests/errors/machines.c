/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* Kernels for arm64 and riscv64, and device trees that a plan is made with. */
#include "errors.h"
#include "flat_plan.h"

static struct pvhload_error try_flat(struct flat_fixture *t)
{
	struct pvhload_error err = PVHLOAD_ERROR_INIT;
	struct pvhload_plan *made = NULL;

	err = failed(pvhload_boot_plan(&t->f.config, &made, &err), &err);
	flat_teardown(t);
	return err;
}

static struct pvhload_error at_place(enum flat flat, uint32_t kind, uint64_t gpa)
{
	struct flat_fixture t;

	flat_setup(&t, build_flat(flat, true));
	flat_use_initrd(&t, pvhload_source_buffer("initrd!", 7));
	set_place(&t.f, kind, 0, gpa);
	return try_flat(&t);
}

static struct pvhload_error misaligned_kernel(void)
{
	return at_place(ARM64, PVHLOAD_REGION_KERNEL, RAM_GPA + 0x310000);
}

static struct pvhload_error misaligned_tree(void)
{
	return at_place(RISCV64, PVHLOAD_REGION_FDT, RAM_GPA + 0x800004);
}

static struct pvhload_error tree_in_kernel(void)
{
	struct flat_fixture t;

	flat_setup(&t, build_flat(ARM64, true));
	set_place(&t.f, PVHLOAD_REGION_KERNEL, 0, RAM_GPA);
	set_place(&t.f, PVHLOAD_REGION_FDT, 0, RAM_GPA + FLAT_SIZE);
	return try_flat(&t);
}

static struct pvhload_error no_tree(void)
{
	struct flat_fixture t;

	flat_setup(&t, small_zboot(GZIP));
	t.f.config.fdt = NULL;
	return try_flat(&t);
}

static struct pvhload_error tree_for_x86(void)
{
	struct flat_fixture t;

	flat_setup(&t, small_elf());
	return try_flat(&t);
}

static struct pvhload_error with_rsdp(void)
{
	struct flat_fixture t;

	flat_setup(&t, build_flat(ARM64, true));
	t.f.config.rsdp_gpa = RAM_GPA;
	return try_flat(&t);
}

static struct pvhload_error other_memory(void)
{
	struct flat_fixture t;

	flat_setup(&t, build_flat(RISCV64, true));
	t.f.entries[0].gpa = 0x80000000;
	return try_flat(&t);
}

static struct pvhload_error out_of_window(void)
{
	struct flat_fixture t;

	flat_setup(&t, build_flat(ARM64, true));
	t.fdt.flags = PVHLOAD_FDT_WRITE_MEMORY;
	t.f.entries[1] = (struct pvhload_memmap_entry){ 64 * GIB, GIB, PVHLOAD_MEMMAP_RAM, 0 };
	t.f.map.count = 2;
	flat_use_initrd(&t, pvhload_source_buffer("initrd!", 7));
	set_place(&t.f, PVHLOAD_REGION_INITRD, 0, 64 * GIB);
	return try_flat(&t);
}

static struct pvhload_error below_old_kernel(void)
{
	struct flat_fixture t;

	flat_setup(&t, build_flat(ARM64, true));
	set_field(&t.f, 24, 0x2, 8);
	set_field(&t.f, 8, 0x80000, 8);
	set_place(&t.f, PVHLOAD_REGION_FDT, 0, RAM_GPA + 0x1000);
	return try_flat(&t);
}

static const struct mistake mistakes[] = {
	{ "A kernel for arm64 without a device tree", no_tree, PVHLOAD_E_PROTOCOL,
	  "the arm64 protocol tells the kernel of its machine by a device tree, and the boot config has "
	  "none",
	  "Set `pvhload_boot_config::fdt` to the tree of the VMM's machine; the program takes "
	  "`--dtb`." },
	{ "A device tree for an x86 kernel", tree_for_x86, PVHLOAD_E_PROTOCOL,
	  "the boot config has a device tree, and the kernel is for x86, where it goes into a "
	  "setup_data",
	  "Hand it over as setup_data of type PVHLOAD_SETUP_DTB, or take the kernel that the "
	  "machine is for." },
	{ "ACPI tables for a kernel with a device tree", with_rsdp, PVHLOAD_E_PROTOCOL,
	  "the arm64 protocol has no place for an RSDP",
	  "Describe the machine in the device tree: ACPI takes an EFI firmware there." },
	{ "A kernel at a place that its code does not take", misaligned_kernel, PVHLOAD_E_RANGE,
	  "the kernel cannot be at 0x40310000: by its boot protocol it is at a multiple of 0x200000 "
	  "plus its text_offset, 0x0",
	  "Leave the place to the library, or take a multiple of 2 MiB and add text_offset." },
	{ "A device tree at a place that no kernel reads it from", misaligned_tree, PVHLOAD_E_RANGE,
	  "fdt at 0x40800004 is not at a multiple of 0x8",
	  "Take a multiple of 8: from any other address the guest stops without a word." },
	{ "A device tree in what the kernel needs after its bytes", tree_in_kernel,
	  PVHLOAD_E_OVERLAP,
	  "kernel [0x40000000, 0x40003000) overlaps fdt [0x40000800, 0x40001000) by 0x800 bytes",
	  "Look at the image's image_size: the kernel has .bss there, which it clears before it "
	  "reads the tree." },
	{ "RAM that the device tree does not have", other_memory, PVHLOAD_E_MEMMAP,
	  "kernel [0x80200000, 0x80203000) is RAM by the memory map, and not in the device tree's memory: "
	  "the two must agree, or PVHLOAD_FDT_WRITE_MEMORY put the map there",
	  "Make both of one description of the machine, or set PVHLOAD_FDT_WRITE_MEMORY." },
	{ "An initrd too far from an arm64 kernel", out_of_window, PVHLOAD_E_RANGE,
	  "the kernel at 0x40000000 and the initrd at 0x1000000000 are not in one window of 32 GiB "
	  "that begins at a multiple of 1 GiB",
	  "Ask for a place nearer to the kernel, or for none." },
	{ "Something below an old arm64 kernel", below_old_kernel, PVHLOAD_E_RANGE,
	  "fdt at 0x40001000 is below the kernel at 0x40080000, whose flags say that memory there is "
	  "lost to it",
	  "Put it above the kernel: before Linux 4.6 the kernel cannot reach what is below." },
};

THEME(machines_theme, "Kernels for arm64 and riscv64", mistakes);
