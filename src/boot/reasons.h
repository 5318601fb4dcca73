/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* In words: why an image can, or cannot, be entered by a protocol, whatever the memory map. */
#ifndef PVL_BOOT_REASONS_H
#define PVL_BOOT_REASONS_H

#include <stddef.h>

#include "image/image.h"

/* @kernel is what would be loaded: a bzImage as it is, or an ELF file. */
bool pvl_has_entry(const struct pvhload_image *kernel, uint32_t protocol);

/* One line for an entry that is there, and for one that is not. */
void pvl_why(const struct pvhload_image *kernel, uint32_t protocol, char *text, size_t size);
void pvl_why_not(const struct pvhload_image *kernel, uint32_t protocol, char *text, size_t size);

#endif
