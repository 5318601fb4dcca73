/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * ELF: where the fields are that we read, and their values.
 *
 * ABI source: System V gABI, chapter 4 ("ELF Header") and chapter 5 ("Program Header", "Note Section");
 * machines: the registry of e_machine there.  The names after PVL_ are glibc's elf.h's, against which
 * test_elf_table.c holds every number.
 */
#ifndef PVL_ABI_ELF_LAYOUT_H
#define PVL_ABI_ELF_LAYOUT_H

/* e_ident */
#define PVL_ELFMAG      "\177ELF"
#define PVL_SELFMAG     4u
#define PVL_EI_CLASS    4u
#define PVL_EI_DATA     5u
#define PVL_EI_VERSION  6u
#define PVL_EI_NIDENT   16u
#define PVL_ELFCLASS32  1u
#define PVL_ELFCLASS64  2u
#define PVL_ELFDATA2LSB 1u
#define PVL_ELFDATA2MSB 2u
#define PVL_EV_CURRENT  1u

/* e_type */
#define PVL_ET_REL  1u
#define PVL_ET_EXEC 2u
#define PVL_ET_DYN  3u
#define PVL_ET_CORE 4u

/* e_machine */
#define PVL_EM_SPARC     2u
#define PVL_EM_386       3u
#define PVL_EM_68K       4u
#define PVL_EM_MIPS      8u
#define PVL_EM_PARISC    15u
#define PVL_EM_PPC       20u
#define PVL_EM_PPC64     21u
#define PVL_EM_S390      22u
#define PVL_EM_ARM       40u
#define PVL_EM_SH        42u
#define PVL_EM_SPARCV9   43u
#define PVL_EM_IA_64     50u
#define PVL_EM_X86_64    62u
#define PVL_EM_AARCH64   183u
#define PVL_EM_RISCV     243u
#define PVL_EM_LOONGARCH 258u
#define PVL_EM_ALPHA     0x9026u

/* e_phnum: the true number is elsewhere */
#define PVL_PN_XNUM 0xffffu

/* p_type, sh_type */
#define PVL_PT_LOAD    1u
#define PVL_PT_DYNAMIC 2u
#define PVL_PT_INTERP  3u
#define PVL_PT_NOTE    4u
#define PVL_SHT_NOTE   7u

/* The header: up to e_version the same for both classes. */
#define PVL_ELF_E_TYPE    16u
#define PVL_ELF_E_MACHINE 18u
#define PVL_ELF_E_VERSION 20u

/* The rest of the header of a 32-bit file. */
#define PVL_ELF32_E_ENTRY     24u
#define PVL_ELF32_E_PHOFF     28u
#define PVL_ELF32_E_SHOFF     32u
#define PVL_ELF32_E_PHENTSIZE 42u
#define PVL_ELF32_E_PHNUM     44u
#define PVL_ELF32_E_SHENTSIZE 46u
#define PVL_ELF32_E_SHNUM     48u
#define PVL_ELF32_EHDR_SIZE   52u

/* The rest of the header of a 64-bit file. */
#define PVL_ELF64_E_ENTRY     24u
#define PVL_ELF64_E_PHOFF     32u
#define PVL_ELF64_E_SHOFF     40u
#define PVL_ELF64_E_PHENTSIZE 54u
#define PVL_ELF64_E_PHNUM     56u
#define PVL_ELF64_E_SHENTSIZE 58u
#define PVL_ELF64_E_SHNUM     60u
#define PVL_ELF64_EHDR_SIZE   64u

/* A program header of a 32-bit file. */
#define PVL_ELF32_P_OFFSET  4u
#define PVL_ELF32_P_VADDR   8u
#define PVL_ELF32_P_PADDR   12u
#define PVL_ELF32_P_FILESZ  16u
#define PVL_ELF32_P_MEMSZ   20u
#define PVL_ELF32_P_FLAGS   24u
#define PVL_ELF32_P_ALIGN   28u
#define PVL_ELF32_PHDR_SIZE 32u

/* A program header of a 64-bit file. */
#define PVL_ELF64_P_FLAGS   4u
#define PVL_ELF64_P_OFFSET  8u
#define PVL_ELF64_P_VADDR   16u
#define PVL_ELF64_P_PADDR   24u
#define PVL_ELF64_P_FILESZ  32u
#define PVL_ELF64_P_MEMSZ   40u
#define PVL_ELF64_P_ALIGN   48u
#define PVL_ELF64_PHDR_SIZE 56u

/* A section header of a 32-bit file. */
#define PVL_ELF32_SH_OFFSET    16u
#define PVL_ELF32_SH_SIZE      20u
#define PVL_ELF32_SH_ADDRALIGN 32u
#define PVL_ELF32_SHDR_SIZE    40u

/* A section header of a 64-bit file. */
#define PVL_ELF64_SH_OFFSET    24u
#define PVL_ELF64_SH_SIZE      32u
#define PVL_ELF64_SH_ADDRALIGN 48u
#define PVL_ELF64_SHDR_SIZE    64u

/* The type comes first in a program header, after the name in a section header. */
#define PVL_ELF_P_TYPE  0u
#define PVL_ELF_SH_TYPE 4u

#endif
