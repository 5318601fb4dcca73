/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/**
 * @file
 * The notes by which a kernel says that it can be entered by PVH.
 *
 * For kernels, in C or in assembly that is preprocessed (a file.S).  Each macro stands once in one file of the
 * kernel, outside of any function; in C a semicolon follows it:
 *
 *     PVHLOAD_GUEST_NOTE_ENTRY32(pvh_entry);
 *
 * Each makes a note in the section .note.Xen.  A linker makes a PT_NOTE segment of it without being told; a linker
 * script that names its segments names that one as well, and keeps the section:
 *
 *     .note.Xen : { KEEP(*(.note.Xen)) } :text :note
 *
 * With --gc-sections GNU ld and lld keep the note, as every section of type SHT_NOTE that is in no group, and what
 * its expression names.  KEEP() says so to a reader; a flag of the section, as SHF_GNU_RETAIN, is not needed.
 *
 * A loader reads the note in the file and applies no relocation, so what an entry's expression is depends on the link:
 *
 * - Linked at its physical address and not position-independent, ELF32 or ELF64: the entry's symbol.
 * - Linked at other virtual addresses (a kernel in the higher half): the symbol minus the difference, as in
 *   "pvh_entry - 0xffffffff80000000".
 * - Position-independent (-pie, static-pie): PVHLOAD_GUEST_NOTE_ENTRY_PIE and a symbol of the linker script.  The
 *   entry's own symbol is refused there (R_X86_64_32), or makes a relocation that nobody applies.
 *
 * The section is kept as it is by a relocatable link (ld -r).
 *
 * ABI source: Xen, docs/misc/pvh.pandoc and xen/include/public/elfnote.h.
 *
 * @since 0.3
 */
#ifndef PVHLOAD_GUEST_NOTE_H
#define PVHLOAD_GUEST_NOTE_H

#include <pvhload/abi/elf_note.h>

/** Not part of the interface: lines of the assembler, in C and in assembly. */
#ifdef __ASSEMBLER__
#define PVHLOAD_GUEST_LINES_(...) __VA_ARGS__
#else
#define PVHLOAD_GUEST_TEXT_(...)  #__VA_ARGS__
#define PVHLOAD_GUEST_LINES_(...) __asm__(PVHLOAD_GUEST_TEXT_(__VA_ARGS__))
#endif

/* clang-format off */
/** Not part of the interface: a note of a type, whose descriptor is what the lines after it make. */
#define PVHLOAD_GUEST_NOTE_(type, ...)      \
	PVHLOAD_GUEST_LINES_(               \
	.pushsection .note.Xen, "a", @note; \
	.balign 4;                          \
	.long 2f - 1f, 4f - 3f, type;       \
1:	.asciz PVHLOAD_XEN_NOTE_NAME;       \
2:	.balign 4;                          \
3:	__VA_ARGS__;                        \
4:	.balign 4;                          \
	.popsection)

/** Not part of the interface: the entry's note; the words are its descriptor. */
#define PVHLOAD_GUEST_ENTRY_(...)                          \
	PVHLOAD_GUEST_NOTE_(PVHLOAD_XEN_NOTE_PHYS32_ENTRY, \
	.globl pvhload_guest_entry_note;                   \
	.hidden pvhload_guest_entry_note;                  \
	pvhload_guest_entry_note: .long __VA_ARGS__)
/**
 * PHYS32_ENTRY with a descriptor of four bytes, as Xen, GRUB, FreeBSD and 32-bit Linux have it.
 *
 * The argument is the entry's physical address, as an expression of the assembler: numbers in it have no suffix.  At
 * the descriptor is the symbol pvhload_guest_entry_note, so that a second entry in one kernel does not link.
 */
#define PVHLOAD_GUEST_NOTE_ENTRY32(address) PVHLOAD_GUEST_ENTRY_(address)

/**
 * PHYS32_ENTRY with a descriptor of eight bytes, as 64-bit Linux has it; else as PVHLOAD_GUEST_NOTE_ENTRY32.
 *
 * The upper half is 0: the entry is below 4 GiB, and one that is not does not link.
 */
#define PVHLOAD_GUEST_NOTE_ENTRY64(address) PVHLOAD_GUEST_ENTRY_(address, 0)

/**
 * The same for every kind of link, and without a relocation in the result.
 *
 * The first argument is the entry's symbol, which is made global.  The second is one that the linker script makes;
 * BASE is what virtual addresses are above physical ones:
 *
 *     pvh_note = ABSOLUTE(pvhload_guest_entry_note) + ABSOLUTE(pvh_entry) - BASE;
 *
 * Its distance from the descriptor, which is what is stored, is the entry's physical address.
 */
#define PVHLOAD_GUEST_NOTE_ENTRY_PIE(entry, symbol) \
	PVHLOAD_GUEST_ENTRY_(symbol - ., 0;         \
	.globl entry;                               \
	.reloc pvhload_guest_entry_note, BFD_RELOC_NONE, entry)

/**
 * PHYS32_RELOC: the kernel may be loaded elsewhere, and is then entered as far from PHYS32_ENTRY.
 *
 * Expressions of the assembler, of 32 bits: what its first address is a multiple of, the lowest first address, and
 * the highest last address.
 */
#define PVHLOAD_GUEST_NOTE_RELOC(align, min, max) \
	PVHLOAD_GUEST_NOTE_(PVHLOAD_XEN_NOTE_PHYS32_RELOC, .long align, min, max)
/* clang-format on */

#endif
