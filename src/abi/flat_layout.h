/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * The headers of flat Images, 64 bytes each, and of EFI zboot images.  All fields are little-endian.
 *
 * ABI source: Linux, Documentation/arch/arm64/booting.rst, Documentation/arch/riscv/boot-image-header.rst,
 * arch/loongarch/include/asm/image.h, drivers/firmware/efi/libstub/zboot-header.S.
 */
#ifndef PVL_ABI_FLAT_LAYOUT_H
#define PVL_ABI_FLAT_LAYOUT_H

#define PVL_FLAT_HEADER_SIZE 64u

#define PVL_FLAT_TEXT_OFFSET 8u
#define PVL_FLAT_IMAGE_SIZE  16u
#define PVL_FLAT_FLAGS       24u
#define PVL_FLAT_MAGIC       56u

#define PVL_FLAT_FLAG_BIG_ENDIAN 0x1u

#define PVL_ARM64_MAGIC           0x644d5241u /* "ARMd" */
#define PVL_ARM64_RESERVED        32u         /* three words of 8 bytes */
#define PVL_ARM64_RESERVED_COUNT  3u
#define PVL_ARM64_FLAG_PAGE_SIZE  0x6u  /* 0: unspecified; 1: 4 KiB; 2: 16 KiB; 3: 64 KiB */
#define PVL_ARM64_PAGE_SIZE_UNIT  1024u /* times 4 for each step of these */
#define PVL_ARM64_FLAG_ANYWHERE   0x8u
#define PVL_ARM64_FLAGS           0xfu     /* all that are known */
#define PVL_ARM64_OLD_TEXT_OFFSET 0x80000u /* where image_size is 0, as before Linux 3.17 */
#define PVL_ARM64_ADDRESS_BITS    48u      /* the Image ends within */
#define PVL_ARM64_ALIGN           0x200000u

#define PVL_RISCV_MAGIC         0x05435352u /* "RSC", 5 */
#define PVL_RISCV_VERSION       32u
#define PVL_RISCV_VERSION_MAJOR 16u /* its lowest bit in the version */
#define PVL_RISCV64_ALIGN       0x200000u

#define PVL_LOONGARCH_ENTRY       8u
#define PVL_LOONGARCH_LOAD_OFFSET 24u
#define PVL_LINUX_PE_MAGIC        0x818223cdu /* at PVL_FLAT_MAGIC */

#define PVL_ZBOOT_AT             4u
#define PVL_ZBOOT_MAGIC          0x676d697au /* "zimg" */
#define PVL_ZBOOT_PAYLOAD_OFFSET 8u
#define PVL_ZBOOT_PAYLOAD_SIZE   12u
#define PVL_ZBOOT_CODEC          24u
#define PVL_ZBOOT_CODEC_SIZE     32u
#define PVL_ZBOOT_HEADER_SIZE    64u

#endif
