/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/**
 * @file
 * The Linux/x86 zero page (struct boot_params) and its setup_data list, as byte offsets.
 *
 * ABI source: Linux, arch/x86/include/uapi/asm/bootparam.h and setup_data.h,
 * Documentation/arch/x86/zero-page.rst and boot.rst.  Every field is little-endian, at an address
 * that need not be aligned.  The setup_header within has its own file, setup_header.h.
 *
 * @since 0.1
 */
#ifndef PVHLOAD_ABI_BOOT_PARAMS_H
#define PVHLOAD_ABI_BOOT_PARAMS_H

/** Bytes of the zero page. */
#define PVHLOAD_ZERO_PAGE_SIZE 4096u

/* Fields that a loader fills or a reader wants: offset, then size in bytes. */
#define PVHLOAD_ZERO_SCREEN_INFO       0x000u /**< 64: struct screen_info */
#define PVHLOAD_ZERO_ACPI_RSDP_ADDR    0x070u /**< 8: RSDP, 0 for the kernel's own search */
#define PVHLOAD_ZERO_EXT_RAMDISK_IMAGE 0x0c0u /**< 4: high half of the initrd's address */
#define PVHLOAD_ZERO_EXT_RAMDISK_SIZE  0x0c4u /**< 4: high half of the initrd's size */
#define PVHLOAD_ZERO_EXT_CMD_LINE_PTR  0x0c8u /**< 4: high half of the command line's address */
#define PVHLOAD_ZERO_CC_BLOB_ADDRESS   0x13cu /**< 4: confidential-computing blob */
#define PVHLOAD_ZERO_EFI_INFO          0x1c0u /**< 32: struct efi_info */
#define PVHLOAD_ZERO_ALT_MEM_K         0x1e0u /**< 4: KiB above 1 MiB, when there is no e820 table */
#define PVHLOAD_ZERO_SCRATCH           0x1e4u /**< 4: the 32-bit entry's first stack */
#define PVHLOAD_ZERO_E820_ENTRIES      0x1e8u /**< 1: entries in the table below */
#define PVHLOAD_ZERO_SECURE_BOOT       0x1ecu /**< 1 */
#define PVHLOAD_ZERO_SENTINEL          0x1efu /**< 1: 0, or the kernel wipes most of the page */
#define PVHLOAD_ZERO_E820_TABLE        0x2d0u /**< 128 * 20 */

/** Bytes of struct screen_info and of struct efi_info. */
#define PVHLOAD_SCREEN_INFO_SIZE 64u
#define PVHLOAD_EFI_INFO_SIZE    32u

/** Entries in the zero page's e820 table; the rest go to nodes of type PVHLOAD_SETUP_E820_EXT. */
#define PVHLOAD_E820_TABLE_MAX 128u

/** An e820 entry: u64 address, u64 size, u32 type, packed. */
#define PVHLOAD_E820_ENTRY_SIZE 20u

/* A setup_data node: offset, then size in bytes. */
#define PVHLOAD_SETUP_DATA_NEXT        0u  /**< 8: address of the next node; 0 ends the list */
#define PVHLOAD_SETUP_DATA_TYPE        8u  /**< 4: PVHLOAD_SETUP_* */
#define PVHLOAD_SETUP_DATA_LEN         12u /**< 4: bytes of data, the header not counted */
#define PVHLOAD_SETUP_DATA_HEADER_SIZE 16u /**< the data follow */

/* struct setup_indirect, the data of a node of type PVHLOAD_SETUP_INDIRECT (since 2.15). */
#define PVHLOAD_SETUP_INDIRECT_TYPE 0u  /**< 4: PVHLOAD_SETUP_INDIRECT | real type */
#define PVHLOAD_SETUP_INDIRECT_LEN  8u  /**< 8: bytes of data */
#define PVHLOAD_SETUP_INDIRECT_ADDR 16u /**< 8: where they are */
#define PVHLOAD_SETUP_INDIRECT_SIZE 24u /**< bytes of the struct */

/* Types of setup_data.  A kernel passes over those it does not know. */
#define PVHLOAD_SETUP_NONE             0u
#define PVHLOAD_SETUP_E820_EXT         1u /**< e820 entries beyond the table's */
#define PVHLOAD_SETUP_DTB              2u /**< flattened device tree */
#define PVHLOAD_SETUP_PCI              3u /**< PCI option ROM */
#define PVHLOAD_SETUP_EFI              4u
#define PVHLOAD_SETUP_APPLE_PROPERTIES 5u
#define PVHLOAD_SETUP_JAILHOUSE        6u
#define PVHLOAD_SETUP_CC_BLOB          7u /**< u32 address of the blob */
#define PVHLOAD_SETUP_IMA              8u /**< u64 address, u64 size of the measurement list */
#define PVHLOAD_SETUP_RNG_SEED         9u /**< random bytes, credited at early boot; Linux 6.1 on */
#define PVHLOAD_SETUP_KEXEC_KHO        10u /**< kexec handover; Linux 6.16 on */
#define PVHLOAD_SETUP_INDIRECT         0x80000000u

#endif
