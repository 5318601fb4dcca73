/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/**
 * @file
 * Multiboot 1 and 2: what a plan by these protocols takes besides what every plan takes, and its limits.
 *
 * A kernel is entered in flat 32-bit protected mode (pvhload_x86_cpu_init_multiboot()), whatever its class, with the
 * address of one block of information in EBX.  In it are:
 *
 * - the command line, after the kernel's name, which such kernels skip;
 * - the name of the boot loader, "libpvhload";
 * - the modules, page-aligned and above the kernel: the initrd, if there is one, with the text "initrd", then the
 *   caller's, each with its @c cmdline as it stands.  By convention that begins with a name as well;
 * - the memory map, with the KiB of RAM below 640 KiB, and from 1 MiB up to the first gap;
 * - Multiboot 2: the RSDP, if the caller gives its bytes, and where the image is loaded, if it could be moved.
 *
 * There is no boot device, no symbols, no ELF sections, no APM, no VBE, no framebuffer and nothing of EFI.
 *
 * @par ABI source
 * GNU Multiboot Specification 0.6.96; Multiboot2 Specification 2.0.
 *
 * @since 0.3
 */
#ifndef PVHLOAD_MULTIBOOT_H
#define PVHLOAD_MULTIBOOT_H

#include <stddef.h>
#include <stdint.h>

#include <pvhload/macros.h>

PVHLOAD_BEGIN_DECLS

/** Where the information is put, if there is room; the usual place of the GDT is PVHLOAD_PVH_GDT_GPA. */
#define PVHLOAD_MULTIBOOT_INFO_GPA 0x9000u

/** Most of each; modules: PVHLOAD_PVH_MODULES_MAX. */
#define PVHLOAD_MULTIBOOT_MEMMAP_MAX 4096u /**< map entries */
#define PVHLOAD_MULTIBOOT_CMDLINE_LENGTH_MAX \
	0xffffu /**< bytes of a command line, without the NUL */
#define PVHLOAD_MULTIBOOT_CMDLINE_TOTAL_MAX \
	0x100000u                        /**< bytes of all command lines, NULs included */
#define PVHLOAD_MULTIBOOT_NAME_MAX 4095u /**< bytes of the kernel's name, without the NUL */
#define PVHLOAD_MULTIBOOT_RSDP_MAX 4096u /**< bytes of the RSDP */

/** Options of Multiboot, for both versions.  0 in any member but @c struct_size is fine. */
struct pvhload_boot_multiboot {
	size_t struct_size; /**< sizeof(struct pvhload_boot_multiboot) */
	/**
	 * The first word of the command line, NUL-terminated: a path or name, not empty and without blanks.  NULL is
	 * "kernel".
	 */
	const char *kernel_name;
	/**
	 * The bytes of the ACPI RSDP: 20 of revision 0, or as many as it says of a later one.  They are copied, and
	 * Multiboot 2 hands them on; Multiboot 1 cannot, its guests search the BIOS areas.  NULL: none.
	 */
	const void *rsdp;
	size_t rsdp_size; /**< how many */
};

/** Initialiser for a struct pvhload_boot_multiboot. */
#define PVHLOAD_BOOT_MULTIBOOT_INIT PVHLOAD_SIZED_(pvhload_boot_multiboot)

PVHLOAD_END_DECLS

#endif
