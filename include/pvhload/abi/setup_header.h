/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/**
 * @file
 * The Linux/x86 setup header of a bzImage, as file offsets.
 *
 * ABI source: Linux, Documentation/arch/x86/boot.rst and
 * arch/x86/include/uapi/asm/bootparam.h.  Every field is little-endian.  A field may be read only if
 * the protocol version has it and it lies before the header's own end: images exist that keep text
 * or code where a newer protocol has fields.
 *
 * @since 0.1
 */
#ifndef PVHLOAD_ABI_SETUP_HEADER_H
#define PVHLOAD_ABI_SETUP_HEADER_H

/** File offset of the header, which is also its offset in the zero page. */
#define PVHLOAD_SETUP_HEADER_OFFSET 0x1f1u

/** Bytes from the header's start to the zero page's next field: no header is longer. */
#define PVHLOAD_SETUP_HEADER_ROOM (0x290u - PVHLOAD_SETUP_HEADER_OFFSET)

/** Values at PVHLOAD_SETUP_BOOT_FLAG and PVHLOAD_SETUP_MAGIC. */
#define PVHLOAD_SETUP_BOOT_FLAG_VALUE 0xaa55u
#define PVHLOAD_SETUP_MAGIC_VALUE     0x53726448u

/* Fields read by this library: file offset, size in bytes, first protocol version. */
#define PVHLOAD_SETUP_SECTS           0x1f1u /**< 1, all: 512-byte sectors after the first; 0 is 4 */
#define PVHLOAD_SETUP_SYSSIZE         0x1f4u /**< 4, 2.04: protected-mode code, 16-byte units */
#define PVHLOAD_SETUP_BOOT_FLAG       0x1feu /**< 2, all */
#define PVHLOAD_SETUP_JUMP            0x200u /**< 2, 2.00: the header ends at 0x202 + its 2nd byte */
#define PVHLOAD_SETUP_MAGIC           0x202u /**< 4, 2.00: "HdrS" */
#define PVHLOAD_SETUP_VERSION         0x206u /**< 2, 2.00: major << 8 | minor */
#define PVHLOAD_SETUP_KERNEL_VERSION  0x20eu /**< 2, 2.00: version text at this value + 0x200 */
#define PVHLOAD_SETUP_LOADFLAGS       0x211u /**< 1, 2.00 */
#define PVHLOAD_SETUP_CODE32_START    0x214u /**< 4, 2.00: 32-bit entry */
#define PVHLOAD_SETUP_INITRD_ADDR_MAX 0x22cu /**< 4, 2.03: highest byte of an initrd */
#define PVHLOAD_SETUP_ALIGNMENT       0x230u /**< 4, 2.05: kernel_alignment */
#define PVHLOAD_SETUP_RELOCATABLE     0x234u /**< 1, 2.05: relocatable_kernel */
#define PVHLOAD_SETUP_MIN_ALIGNMENT   0x235u /**< 1, 2.10: log2 of the least alignment */
#define PVHLOAD_SETUP_XLOADFLAGS      0x236u /**< 2, 2.12 */
#define PVHLOAD_SETUP_CMDLINE_SIZE    0x238u /**< 4, 2.06: most characters, without the NUL */
#define PVHLOAD_SETUP_PAYLOAD_OFFSET  0x248u /**< 4, 2.08: from the protected-mode code */
#define PVHLOAD_SETUP_PAYLOAD_LENGTH  0x24cu /**< 4, 2.08: bytes, the size trailer included */
#define PVHLOAD_SETUP_PREF_ADDRESS    0x258u /**< 8, 2.10: preferred load address */
#define PVHLOAD_SETUP_INIT_SIZE       0x260u /**< 4, 2.10: bytes needed from the run-time start */

/** PVHLOAD_SETUP_LOADFLAGS, bit 0: the protected-mode code belongs at 0x100000. */
#define PVHLOAD_LOADFLAG_LOADED_HIGH 0x01u

/** PVHLOAD_SETUP_XLOADFLAGS, bit 0: there is a 64-bit entry at load address + 0x200. */
#define PVHLOAD_XLF_KERNEL_64 0x0001u

/** PVHLOAD_SETUP_XLOADFLAGS, bit 1: everything may lie above 4 GiB for the 64-bit entry. */
#define PVHLOAD_XLF_CAN_BE_LOADED_ABOVE_4G 0x0002u

/**
 * COMMAND_LINE_SIZE of x86 (arch/x86/include/asm/setup.h): the bytes that Linux copies from the
 * command line's address, and the most it keeps, the NUL included.
 */
#define PVHLOAD_LINUX_COMMAND_LINE_SIZE 2048u

#endif
