/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * What is read of a PE file: its headers, where its certificates are, and its table of sections.
 *
 * ABI source: Microsoft, PE Format; the names of sections: UAPI Group, Unified Kernel Image.
 */
#ifndef PVL_ABI_PE_LAYOUT_H
#define PVL_ABI_PE_LAYOUT_H

#define PVL_MZ_MAGIC  0x5a4du     /* "MZ", at 0 */
#define PVL_PE_OFFSET 0x3cu       /* where the offset of the PE header is */
#define PVL_PE_MAGIC  0x00004550u /* "PE", two NULs */

/* Offsets from the PE header. */
#define PVL_PE_MACHINE       4u
#define PVL_PE_SECTION_COUNT 6u
#define PVL_PE_OPTIONAL_SIZE 20u
#define PVL_PE_OPTIONAL      24u

/* Offsets from the optional header, and its two forms. */
#define PVL_PE_SUBSYSTEM          68u
#define PVL_PE32_MAGIC            0x10bu
#define PVL_PE32_DIRECTORY_COUNT  92u
#define PVL_PE32P_MAGIC           0x20bu
#define PVL_PE32P_DIRECTORY_COUNT 108u

/* The data directories follow their number.  The certificates' has an offset in the file, not an address. */
#define PVL_PE_DIRECTORY_SIZE         8u
#define PVL_PE_DIRECTORY_CERTIFICATES 4u

#define PVL_PE_SUBSYSTEM_EFI 10u

#define PVL_PE_MACHINE_I386        0x14cu
#define PVL_PE_MACHINE_X86_64      0x8664u
#define PVL_PE_MACHINE_ARM64       0xaa64u
#define PVL_PE_MACHINE_RISCV64     0x5064u
#define PVL_PE_MACHINE_LOONGARCH64 0x6264u

/* A section's header. */
#define PVL_PE_SECTION_SIZE 40u
#define PVL_PE_NAME_SIZE    8u
#define PVL_PE_VIRTUAL_SIZE 8u
#define PVL_PE_RAW_SIZE     16u
#define PVL_PE_RAW_OFFSET   20u

#endif
