/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * Multiboot: the headers that a kernel has in its file, and the information that it is given.
 *
 * ABI source: GNU Multiboot Specification 0.6.96, 3.1 and 3.3; Multiboot2 Specification 2.0, 3.1 and 3.6; GRUB,
 * include/multiboot.h and include/multiboot2.h.
 */
#ifndef PVL_ABI_MULTIBOOT_LAYOUT_H
#define PVL_ABI_MULTIBOOT_LAYOUT_H

/* EAX at the entry, by which a kernel knows who entered it. */
#define PVL_MB1_ENTERED 0x2badb002u
#define PVL_MB2_ENTERED 0x36d76289u

/* The header of version 1: words of 4 bytes.  The address fields are there if its flags say so. */
#define PVL_MB1_MAGIC         0x1badb002u
#define PVL_MB1_WITHIN        0x2000u /* first bytes of the file that hold the header */
#define PVL_MB1_ALIGNMENT     4u
#define PVL_MB1_WORDS         3u /* magic, flags, checksum: their sum is 0 */
#define PVL_MB1_FLAGS         4u
#define PVL_MB1_SIZE          12u
#define PVL_MB1_HEADER_ADDR   12u
#define PVL_MB1_LOAD_ADDR     16u
#define PVL_MB1_LOAD_END_ADDR 20u
#define PVL_MB1_BSS_END_ADDR  24u
#define PVL_MB1_ENTRY_ADDR    28u
#define PVL_MB1_ADDRESS_SIZE  32u /* with the address fields */

#define PVL_MB1_FLAG_ALIGN   0x1u /* modules at page boundaries */
#define PVL_MB1_FLAG_MEMORY  0x2u
#define PVL_MB1_FLAG_VIDEO   0x4u
#define PVL_MB1_FLAGS_DEMAND 0xffffu /* what is not known of these, a loader has to refuse */
#define PVL_MB1_FLAG_ADDRESS 0x10000u

/* The header of version 2: four words, whose sum is 0, and tags. */
#define PVL_MB2_MAGIC     0xe85250d6u
#define PVL_MB2_WITHIN    0x8000u
#define PVL_MB2_ALIGNMENT 8u
#define PVL_MB2_WORDS     4u /* magic, architecture, length, checksum */
#define PVL_MB2_ARCH      4u
#define PVL_MB2_LENGTH    8u
#define PVL_MB2_TAGS      16u
#define PVL_MB2_SIZE_MIN  24u /* with the tag that ends it */
#define PVL_MB2_ARCH_I386 0u

/* A tag of the header: type and flags of 2 bytes, size of 4, padded to 8 bytes. */
#define PVL_MB2_TAG_FLAGS       2u
#define PVL_MB2_TAG_SIZE        4u
#define PVL_MB2_TAG_HEADER      8u /* bytes */
#define PVL_MB2_TAG_OPTIONAL    0x1u
#define PVL_MB2_TAG_END         0u
#define PVL_MB2_TAG_REQUEST     1u
#define PVL_MB2_TAG_ADDRESS     2u
#define PVL_MB2_TAG_ENTRY       3u
#define PVL_MB2_TAG_CONSOLE     4u
#define PVL_MB2_TAG_FRAMEBUFFER 5u
#define PVL_MB2_TAG_ALIGN       6u
#define PVL_MB2_TAG_EFI_BS      7u
#define PVL_MB2_TAG_EFI32       8u
#define PVL_MB2_TAG_EFI64       9u
#define PVL_MB2_TAG_RELOCATABLE 10u

/* In the tags, after the header. */
#define PVL_MB2_ADDRESS_HEADER   8u
#define PVL_MB2_ADDRESS_LOAD     12u
#define PVL_MB2_ADDRESS_LOAD_END 16u
#define PVL_MB2_ADDRESS_BSS_END  20u
#define PVL_MB2_ADDRESS_SIZE     24u
#define PVL_MB2_LOAD_FROM_START  0xffffffffu /* as the load address: the whole file */
#define PVL_MB2_ENTRY_ADDR       8u
#define PVL_MB2_ENTRY_SIZE       12u
#define PVL_MB2_CONSOLE_FLAGS    8u
#define PVL_MB2_CONSOLE_SIZE     12u
#define PVL_MB2_CONSOLE_REQUIRED 0x1u
#define PVL_MB2_FRAMEBUFFER_SIZE 20u
#define PVL_MB2_RELOC_MIN        8u
#define PVL_MB2_RELOC_MAX        12u
#define PVL_MB2_RELOC_ALIGN      16u
#define PVL_MB2_RELOC_PREFERENCE 20u
#define PVL_MB2_RELOC_SIZE       24u
#define PVL_MB2_PREFERENCE_MAX   2u /* 0 none, 1 low, 2 high */

/* The information of version 1. */
#define PVL_MB1I_FLAGS        0u
#define PVL_MB1I_MEM_LOWER    4u
#define PVL_MB1I_MEM_UPPER    8u
#define PVL_MB1I_CMDLINE      16u
#define PVL_MB1I_MODS_COUNT   20u
#define PVL_MB1I_MODS_ADDR    24u
#define PVL_MB1I_MMAP_LENGTH  44u
#define PVL_MB1I_MMAP_ADDR    48u
#define PVL_MB1I_LOADER_NAME  64u
#define PVL_MB1I_SIZE         116u /* up to the framebuffer's colours */
#define PVL_MB1I_FLAG_MEMORY  0x1u
#define PVL_MB1I_FLAG_CMDLINE 0x4u
#define PVL_MB1I_FLAG_MODS    0x8u
#define PVL_MB1I_FLAG_MMAP    0x40u
#define PVL_MB1I_FLAG_LOADER  0x200u

/* A module, and an entry of the memory map, whose size does not count the field itself. */
#define PVL_MB1_MODULE_START   0u
#define PVL_MB1_MODULE_END     4u /* exclusive */
#define PVL_MB1_MODULE_CMDLINE 8u
#define PVL_MB1_MODULE_SIZE    16u
#define PVL_MB1_MMAP_SIZE      0u
#define PVL_MB1_MMAP_ADDR      4u
#define PVL_MB1_MMAP_LENGTH    12u
#define PVL_MB1_MMAP_TYPE      20u
#define PVL_MB1_MMAP_ENTRY     24u
#define PVL_MB1_MMAP_SAYS      20u

/* The information of version 2: total size and a word of 0, then tags of two words: type and size. */
#define PVL_MB2I_TAGS       8u
#define PVL_MB2I_TAG_SIZE   4u
#define PVL_MB2I_TAG_HEADER 8u
#define PVL_MB2I_END        0u
#define PVL_MB2I_CMDLINE    1u
#define PVL_MB2I_LOADER     2u
#define PVL_MB2I_MODULE     3u
#define PVL_MB2I_MEMORY     4u
#define PVL_MB2I_MMAP       6u
#define PVL_MB2I_RSDP1      14u
#define PVL_MB2I_RSDP2      15u
#define PVL_MB2I_LOAD_BASE  21u
#define PVL_MB2I_LAST       21u /* the highest that is known */

#define PVL_MB2I_MODULE_START  8u
#define PVL_MB2I_MODULE_END    12u
#define PVL_MB2I_MODULE_TEXT   16u
#define PVL_MB2I_MEMORY_LOWER  8u
#define PVL_MB2I_MEMORY_UPPER  12u
#define PVL_MB2I_MEMORY_SIZE   16u
#define PVL_MB2I_MMAP_ENTRY    8u
#define PVL_MB2I_MMAP_VERSION  12u
#define PVL_MB2I_MMAP_ENTRIES  16u
#define PVL_MB2_MMAP_ADDR      0u
#define PVL_MB2_MMAP_LENGTH    8u
#define PVL_MB2_MMAP_TYPE      16u
#define PVL_MB2_MMAP_SIZE      24u
#define PVL_MB2I_LOAD_BASE_GPA 8u
#define PVL_MB2I_LOAD_BASE_END 12u

#endif
