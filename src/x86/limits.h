/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * Addresses, sizes and alignments of an x86 PC that several files use.  What belongs to one
 * structure of one protocol is in abi/ or with that structure.
 */
#ifndef PVL_X86_LIMITS_H
#define PVL_X86_LIMITS_H

#include "core/arch.h"

/* Physical addresses below 1 MiB: RAM, then video memory and ROMs.  IBM PC. */
#define PVL_X86_LOW_RAM_END  0xa0000u
#define PVL_X86_HIGH_RAM_GPA 0x100000u

/*
 * Where the processor begins, and a firmware with it, whose last bytes are below 1 MiB as well: how many is what QEMU
 * and the chipsets of PCs do.  Intel SDM, volume 3, "First Instruction Executed".
 */
#define PVL_X86_RESET_VECTOR       0xfffffff0u
#define PVL_X86_RESET_CS           0xf000u
#define PVL_X86_RESET_CS_BASE      0xffff0000u
#define PVL_X86_RESET_IP           0xfff0u
#define PVL_X86_FIRMWARE_ALIAS_END 0x100000u
#define PVL_X86_FIRMWARE_ALIAS_MAX 0x20000u

/* The smallest page.  Intel SDM, volume 3, "Paging". */
#define PVL_X86_PAGE_SHIFT 12u
#define PVL_X86_PAGE_SIZE  4096u

/* Bits of an address that a page table entry can hold.  Intel SDM, volume 3, "4-Level Paging". */
#define PVL_X86_PHYSICAL_BITS 52u

/*
 * Bits of the memory that Linux manages, by the levels of its page tables: MAX_PHYSMEM_BITS of
 * arch/x86/include/asm/sparsemem.h.
 */
#define PVL_X86_LINUX_BITS_4_LEVELS 46u
#define PVL_X86_LINUX_BITS_5_LEVELS 52u

/* A 64-bit Linux is moved by multiples of this: PMD_SIZE, arch/x86/kernel/head64.c. */
#define PVL_X86_LINUX_STEP 0x200000u

/*
 * Linux needs RAM below 1 MiB for its real-mode trampoline (arch/x86/realmode/init.c) and keeps the first
 * 64 KiB for itself.  How much was found by booting: Debian's 6.1 and 6.12 kernels start with 28 KiB in one
 * piece and panic with 24 KiB.
 */
#define PVL_X86_LINUX_LOW_START  0x10000u
#define PVL_X86_LINUX_LOW_NEEDED 0x7000u

extern const struct pvl_arch pvl_arch_x86;

#endif
