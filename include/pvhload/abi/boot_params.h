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

/*
 * struct screen_info: offset, then size in bytes.  Linux, include/uapi/linux/screen_info.h.  @since 0.2
 */
#define PVHLOAD_SCREEN_MODE         0x06u /**< 1: number of the BIOS's video mode */
#define PVHLOAD_SCREEN_COLUMNS      0x07u /**< 1: characters of a line */
#define PVHLOAD_SCREEN_LINES        0x0eu /**< 1: lines of characters */
#define PVHLOAD_SCREEN_TYPE         0x0fu /**< 1: PVHLOAD_SCREEN_TYPE_* */
#define PVHLOAD_SCREEN_POINTS       0x10u /**< 2: height of a character */
#define PVHLOAD_SCREEN_LFB_WIDTH    0x12u /**< 2: pixels of a line */
#define PVHLOAD_SCREEN_LFB_HEIGHT   0x14u /**< 2: lines */
#define PVHLOAD_SCREEN_LFB_DEPTH    0x16u /**< 2: bits of a pixel */
#define PVHLOAD_SCREEN_LFB_BASE     0x18u /**< 4: low half of the framebuffer's address */
#define PVHLOAD_SCREEN_LFB_SIZE     0x1cu /**< 4: video memory, in units of the type */
#define PVHLOAD_SCREEN_LFB_STRIDE   0x24u /**< 2: bytes from line to line */
#define PVHLOAD_SCREEN_RED          0x26u /**< 2: bits, then the lowest bit's number */
#define PVHLOAD_SCREEN_GREEN        0x28u /**< 2: the same */
#define PVHLOAD_SCREEN_BLUE         0x2au /**< 2: the same */
#define PVHLOAD_SCREEN_UNUSED       0x2cu /**< 2: the same, of bits that are no colour */
#define PVHLOAD_SCREEN_CAPABILITIES 0x36u /**< 4: PVHLOAD_SCREEN_CAP_* */
#define PVHLOAD_SCREEN_EXT_LFB_BASE 0x3au /**< 4: high half of the framebuffer's address */

#define PVHLOAD_SCREEN_TYPE_VGA       0x01u /**< text mode of a VGA */
#define PVHLOAD_SCREEN_TYPE_LINEAR    0x23u /**< VIDEO_TYPE_VLFB: a framebuffer below 4 GiB */
#define PVHLOAD_SCREEN_TYPE_EFI       0x70u /**< VIDEO_TYPE_EFI: a framebuffer anywhere */
#define PVHLOAD_SCREEN_CAP_64BIT_BASE 0x2u  /**< PVHLOAD_SCREEN_EXT_LFB_BASE counts */

/** What lfb_size counts in, for PVHLOAD_SCREEN_TYPE_LINEAR; for PVHLOAD_SCREEN_TYPE_EFI it is bytes. */
#define PVHLOAD_SCREEN_LFB_SIZE_UNIT 0x10000u

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
