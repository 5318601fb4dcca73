/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/**
 * @file
 * The Xen ELF notes by which a kernel announces its PVH entry.
 *
 * An assembler reads it as well: the numbers have no suffix.
 *
 * ABI source: Xen, xen/include/public/elfnote.h and docs/misc/pvh.pandoc.
 *
 * @since 0.1
 */
#ifndef PVHLOAD_ABI_ELF_NOTE_H
#define PVHLOAD_ABI_ELF_NOTE_H

/** Owner of the notes; n_namesz is 4, the NUL included. */
#define PVHLOAD_XEN_NOTE_NAME "Xen"

/** XEN_ELFNOTE_GUEST_OS: the guest's name, "linux" for Linux. */
#define PVHLOAD_XEN_NOTE_GUEST_OS 6

/** XEN_ELFNOTE_PHYS32_ENTRY: physical address of the 32-bit entry, 4 or 8 bytes. */
#define PVHLOAD_XEN_NOTE_PHYS32_ENTRY 18

/** XEN_ELFNOTE_PHYS32_RELOC: the image may be moved; up to three uint32_t: align, min, max. */
#define PVHLOAD_XEN_NOTE_PHYS32_RELOC 19

#endif
