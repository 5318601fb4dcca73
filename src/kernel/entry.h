/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* The entries of a kernel: whether an image has one, and why or why not, independent of the memory map. */
#ifndef PVL_KERNEL_ENTRY_H
#define PVL_KERNEL_ENTRY_H

#include <stddef.h>

#include "image/image.h"

enum pvl_entry {
	PVL_ENTRY_PVH,
	PVL_ENTRY_64,
	PVL_ENTRY_32,
	PVL_ENTRY_ARM64,
	PVL_ENTRY_RISCV64,
	PVL_ENTRY_RESET,
	PVL_ENTRY_MULTIBOOT1,
	PVL_ENTRY_MULTIBOOT2,
	PVL_ENTRIES
};

static inline bool pvl_is_multiboot(enum pvl_entry entry)
{
	return entry == PVL_ENTRY_MULTIBOOT1 || entry == PVL_ENTRY_MULTIBOOT2;
}

/* The Multiboot header of @entry; NULL if the image has none. */
static inline const struct pvhload_image_multiboot *
pvl_multiboot_header(const struct pvhload_image *kernel, enum pvl_entry entry)
{
	return entry == PVL_ENTRY_MULTIBOOT1 ? kernel->info.multiboot1 : kernel->info.multiboot2;
}

/* @kernel is what would be loaded: a bzImage as it is, or an ELF file. */
bool pvl_has_entry(const struct pvhload_image *kernel, enum pvl_entry entry);

/*
 * Is it taken without being asked for?  An ELF file's entry is Linux's only with a sign of Linux: it may be
 * Multiboot's, or a program's.
 */
bool pvl_offers_entry(const struct pvhload_image *kernel, enum pvl_entry entry);

/* One line for an entry that is there, and for one that is not. */
void pvl_why(const struct pvhload_image *kernel, enum pvl_entry entry, char *text, size_t size);
void pvl_why_not(const struct pvhload_image *kernel, enum pvl_entry entry, char *text, size_t size);

#endif
