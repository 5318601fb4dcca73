/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/**
 * @file
 * Regions: the ranges of guest memory that a boot uses, what each is for, and why it is where
 * it is.  And places: where the caller wants a region to be.
 */
#ifndef PVHLOAD_REGION_H
#define PVHLOAD_REGION_H

#include <stddef.h>
#include <stdint.h>

#include <pvhload/macros.h>

/** pvhload_plan_region::reason: why a region is where it is. */
#define PVHLOAD_PLACED_ASKED 1u /**< the caller asked for this place */
#define PVHLOAD_PLACED_USUAL 2u /**< its usual place (PVHLOAD_PVH_..._GPA, PVHLOAD_LINUX_..._GPA) */
#define PVHLOAD_PLACED_PREFERRED \
	3u /**< the place it prefers: the kernel's own, or as high as it fits */
#define PVHLOAD_PLACED_MOVED 4u /**< its usual or preferred place is taken, or leaves no room */
#define PVHLOAD_PLACED_ONLY  5u /**< the kernel cannot be anywhere else */

/** pvhload_plan_region::kind, and the names that regions of that kind have. */
#define PVHLOAD_REGION_KERNEL              1u /**< "kernel"; of several ranges "kernel 0", ... */
#define PVHLOAD_REGION_INITRD              2u /**< "initrd" */
#define PVHLOAD_REGION_MODULE              3u /**< "module N", N as the guest counts: an initrd is 0 */
#define PVHLOAD_REGION_PVH_START_INFO      4u  /**< "start_info" */
#define PVHLOAD_REGION_PVH_MODLIST         5u  /**< "modlist" */
#define PVHLOAD_REGION_PVH_MEMMAP          6u  /**< "memmap" */
#define PVHLOAD_REGION_CMDLINE             7u  /**< "cmdline" */
#define PVHLOAD_REGION_PVH_MODULE_CMDLINES 8u  /**< "module cmdlines" */
#define PVHLOAD_REGION_X86_GDT             9u  /**< "gdt" */
#define PVHLOAD_REGION_X86_ZERO_PAGE       10u /**< "zero page" */
#define PVHLOAD_REGION_X86_SETUP_DATA      11u /**< "setup_data N TYPE", N as the list has it */
#define PVHLOAD_REGION_X86_PAGE_TABLES     12u /**< "page tables" */
#define PVHLOAD_REGION_KERNEL_IMAGE \
	13u /**< "kernel image": a bzImage that decodes itself to another place */
#define PVHLOAD_REGION_X86_SETUP_DATA_BYTES \
	14u /**< "setup_data N TYPE data": the bytes of one that is indirect */
#define PVHLOAD_REGION_KEPT \
	15u /**< a range of pvhload_boot_config::keep_free that has bytes, by its name.  @since 0.3 */
#define PVHLOAD_REGION_FDT \
	16u /**< "fdt": the device tree of an arm64 or riscv64 guest.  @since 0.3 */
#define PVHLOAD_REGION_MULTIBOOT_INFO 17u /**< "multiboot info".  @since 0.3 */
#define PVHLOAD_REGION_X86_BDA        18u /**< "bios data area", PVHLOAD_BOOT_X86_BDA.  @since 0.3 */
#define PVHLOAD_REGION_FIRMWARE \
	19u /**< "firmware", and, as index 1, "firmware variables": ROM, not RAM.  @since 0.3 */
#define PVHLOAD_REGION_FIRMWARE_ALIAS \
	20u /**< "firmware alias": the firmware's last bytes below 1 MiB, RAM or ROM.  @since 0.3 */

/** A range of guest memory and what it is for.  Made by the library, which may append members. */
struct pvhload_plan_region {
	const char *name; /**< for people and scripts */
	uint64_t gpa;     /**< first address */
	uint64_t size;    /**< bytes */
	uint32_t kind;    /**< PVHLOAD_REGION_*; later versions may add kinds */
	uint32_t index;   /**< of a kernel range, module, setup_data or keep_free range; else 0 */
	uint32_t reason;  /**< PVHLOAD_PLACED_*: why it is there */
};

/**
 * Where one region is to be: the mirror of struct pvhload_plan_region.  @c kind and @c index are those that the
 * region has in the plan; the first byte of the region will be at @c gpa:
 *
 * - PVHLOAD_REGION_KERNEL: where the image's lowest byte is loaded; see pvhload_boot_plan().  Give only
 *   index 0: all ranges of a kernel move together.  PVHLOAD_REGION_KERNEL_IMAGE cannot be given a place,
 *   PVHLOAD_REGION_KEPT and PVHLOAD_REGION_X86_BDA have one, and PVHLOAD_REGION_FIRMWARE and _FIRMWARE_ALIAS have no
 *   other than their own.
 * - _INITRD: a multiple of 4096 (of the kernel's page size on arm64).  On arm64 in one window of 32 GiB with the
 *   kernel, which begins at a multiple of 1 GiB.  On x86 below 4 GiB; by a Linux protocol, the last byte of a bzImage's
 *   initrd is at most at initrd_addr_max.  By the 64-bit entry, a bzImage that has XLF_CAN_BE_LOADED_ABOVE_4G, and an ELF
 *   file, which cannot say so, take it above 4 GiB as well.
 * - _MODULE, @c index as the guest counts, so that an initrd is module 0: a multiple of 4096, below 4 GiB.
 * - _PVH_MODLIST, _PVH_MEMMAP: below 1 GiB, as Linux reads them while only that is mapped; of another guest
 *   (PVHLOAD_BOOT_NOT_LINUX) below 4 GiB.
 * - _PVH_START_INFO, _CMDLINE, _PVH_MODULE_CMDLINES, _X86_GDT, _X86_ZERO_PAGE: below 4 GiB.  PVH's may
 *   lie above 1 GiB: Linux reads them before paging is on, or after everything is mapped (found by booting).
 * - _X86_SETUP_DATA, @c index as the list has it: a multiple of 8, below 4 GiB.  The node that the library
 *   makes for a map of more than PVHLOAD_E820_TABLE_MAX entries is the first, and so index 0.  A node
 *   without a place goes after the one before it.
 * - _FDT: a multiple of 8; of an arm64 kernel whose Image says that memory below it is lost, above the kernel.
 * - _X86_SETUP_DATA_BYTES, @c index as its node's, for one with PVHLOAD_SETUP_DATA_INDIRECT, and
 *   _X86_PAGE_TABLES: a multiple of 4096, below 4 GiB.
 * - _MULTIBOOT_INFO: a multiple of 8, below 4 GiB.  By Multiboot, initrd and modules are above the kernel.
 *
 * Entries for structures this boot does not use are ignored, so that one array does for every protocol.
 */
struct pvhload_boot_place {
	size_t struct_size; /**< sizeof(struct pvhload_boot_place) */
	uint32_t kind;      /**< PVHLOAD_REGION_* */
	uint32_t index;     /**< which region of this kind */
	uint64_t gpa;       /**< where it is to be; not 0 */
};

/** Initialiser for a struct pvhload_boot_place. */
#define PVHLOAD_BOOT_PLACE_INIT PVHLOAD_SIZED_(pvhload_boot_place)

#endif
