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

/* Fields: file offset, size in bytes, first protocol version. */
#define PVHLOAD_SETUP_SECTS           0x1f1u /**< 1, all: 512-byte sectors after the first; 0 is 4 */
#define PVHLOAD_SETUP_ROOT_FLAGS      0x1f2u /**< 2, all: not 0 mounts the root read-only */
#define PVHLOAD_SETUP_SYSSIZE         0x1f4u /**< 4, 2.04: protected-mode code, 16-byte units */
#define PVHLOAD_SETUP_VID_MODE        0x1fau /**< 2, all: 0xffff is the normal text mode */
#define PVHLOAD_SETUP_BOOT_FLAG       0x1feu /**< 2, all */
#define PVHLOAD_SETUP_JUMP            0x200u /**< 2, 2.00: the header ends at 0x202 + its 2nd byte */
#define PVHLOAD_SETUP_MAGIC           0x202u /**< 4, 2.00: "HdrS" */
#define PVHLOAD_SETUP_VERSION         0x206u /**< 2, 2.00: major << 8 | minor */
#define PVHLOAD_SETUP_KERNEL_VERSION  0x20eu /**< 2, 2.00: version text at this value + 0x200 */
#define PVHLOAD_SETUP_TYPE_OF_LOADER  0x210u /**< 1, 2.00: 0 makes Linux ignore the initrd */
#define PVHLOAD_SETUP_LOADFLAGS       0x211u /**< 1, 2.00 */
#define PVHLOAD_SETUP_CODE32_START    0x214u /**< 4, 2.00: 32-bit entry */
#define PVHLOAD_SETUP_RAMDISK_IMAGE   0x218u /**< 4, 2.00: initrd, low half of its address */
#define PVHLOAD_SETUP_RAMDISK_SIZE    0x21cu /**< 4, 2.00: and of its size */
#define PVHLOAD_SETUP_HEAP_END_PTR    0x224u /**< 2, 2.01: for the 16-bit entry */
#define PVHLOAD_SETUP_CMD_LINE_PTR    0x228u /**< 4, 2.02: command line, low half of its address */
#define PVHLOAD_SETUP_INITRD_ADDR_MAX 0x22cu /**< 4, 2.03: highest byte of an initrd */
#define PVHLOAD_SETUP_ALIGNMENT       0x230u /**< 4, 2.05: kernel_alignment */
#define PVHLOAD_SETUP_RELOCATABLE     0x234u /**< 1, 2.05: relocatable_kernel */
#define PVHLOAD_SETUP_MIN_ALIGNMENT   0x235u /**< 1, 2.10: log2 of the least alignment */
#define PVHLOAD_SETUP_XLOADFLAGS      0x236u /**< 2, 2.12 */
#define PVHLOAD_SETUP_CMDLINE_SIZE    0x238u /**< 4, 2.06: most characters, without the NUL */
#define PVHLOAD_SETUP_PAYLOAD_OFFSET  0x248u /**< 4, 2.08: from the protected-mode code */
#define PVHLOAD_SETUP_PAYLOAD_LENGTH  0x24cu /**< 4, 2.08: bytes, the size trailer included */
#define PVHLOAD_SETUP_SETUP_DATA      0x250u /**< 8, 2.09: address of the first setup_data node */
#define PVHLOAD_SETUP_PREF_ADDRESS    0x258u /**< 8, 2.10: preferred load address */
#define PVHLOAD_SETUP_INIT_SIZE       0x260u /**< 4, 2.10: bytes needed from the run-time start */
#define PVHLOAD_SETUP_HANDOVER_OFFSET 0x264u /**< 4, 2.11: EFI handover entry */
#define PVHLOAD_SETUP_KERNEL_INFO     0x268u /**< 4, 2.15: kernel_info, from the protected-mode code */

/** What PVHLOAD_SETUP_KERNEL_VERSION counts from: a file offset.  @since 0.2 */
#define PVHLOAD_SETUP_KERNEL_VERSION_BASE 0x200u

/** One past the last field of protocol 2.15, the newest. */
#define PVHLOAD_SETUP_HEADER_END 0x26cu

/* PVHLOAD_SETUP_LOADFLAGS. */
#define PVHLOAD_LOADFLAG_LOADED_HIGH 0x01u /**< the protected-mode code belongs at 0x100000 */
#define PVHLOAD_LOADFLAG_KASLR       0x02u /**< whoever relocated the kernel chose at random */
#define PVHLOAD_LOADFLAG_QUIET       0x20u /**< no early messages */
#define PVHLOAD_LOADFLAG_KEEP_SEGMENTS \
	0x40u /**< 32-bit entry: keep the loader's segments; obsolete */
#define PVHLOAD_LOADFLAG_CAN_USE_HEAP 0x80u /**< 16-bit entry: heap_end_ptr is valid */

/* PVHLOAD_SETUP_XLOADFLAGS. */
#define PVHLOAD_XLF_KERNEL_64              0x01u /**< there is a 64-bit entry at load address + 0x200 */
#define PVHLOAD_XLF_CAN_BE_LOADED_ABOVE_4G 0x02u /**< everything may lie above 4 GiB for it */
#define PVHLOAD_XLF_EFI_HANDOVER_32        0x04u
#define PVHLOAD_XLF_EFI_HANDOVER_64        0x08u
#define PVHLOAD_XLF_EFI_KEXEC              0x10u
#define PVHLOAD_XLF_5LEVEL                 0x20u /**< it can be entered with 5-level paging */
#define PVHLOAD_XLF_5LEVEL_ENABLED         0x40u
#define PVHLOAD_XLF_MEM_ENCRYPTION         0x80u

/** The 64-bit entry, from the load address. */
#define PVHLOAD_SETUP_ENTRY64 0x200u

/**
 * COMMAND_LINE_SIZE of x86 (arch/x86/include/asm/setup.h): the bytes that Linux copies from the
 * command line's address, and the most it keeps, the NUL included.
 */
#define PVHLOAD_LINUX_COMMAND_LINE_SIZE 2048u

#endif
