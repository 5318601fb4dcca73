/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * Kernels for other machines than x86: flat Images, and EFI zboot images around them.  Layouts are written out here by
 * offset, independently of the library's own.
 */
#ifndef SUPPORT_FLAT_IMAGES_H
#define SUPPORT_FLAT_IMAGES_H

#include "images.h"

enum flat { ARM64, RISCV64, LOONGARCH64, FLATS };

/* Of FLAT_SIZE bytes, the header first; FLAT_VERSION, after "Linux version ", is among them. */
#define FLAT_SIZE    0x800u
#define FLAT_NEEDS   0x3000u /* image_size */
#define FLAT_VERSION "6.1.0-flat (a@b) #1 SMP"
/* Where it has its PE header, and where the last section's bytes end. */
#define FLAT_PE_AT   0x40u
#define FLAT_PE_ENDS 0x700u

/* @efi: an EFI program as well, as loongarch64's always are. */
struct bytes build_flat(enum flat flat, bool efi);

/* As Makefile.zboot makes it of a payload; what a build calls the codec is @name, NULL for the codec's own name. */
#define ZBOOT_PAYLOAD_AT 0x200u
#define ZBOOT_TAIL       0x40u /* bytes after the payload and its trailer */
struct bytes build_zboot(const struct bytes *payload, enum codec codec, const char *name);

/* Of a flat Image for arm64. */
struct bytes small_zboot(enum codec codec);

#endif
