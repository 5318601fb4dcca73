/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * Numbers of arm64 that a plan is made by.
 *
 * ABI source: Linux, Documentation/arch/arm64/booting.rst.
 */
#ifndef PVL_ARM64_ARM64_LIMITS_H
#define PVL_ARM64_ARM64_LIMITS_H

#include <stddef.h>

#include "core/arch.h"

/* The kernel and its initrd lie in one window of this size, which begins at a multiple of 1 GiB. */
#define PVL_ARM64_WINDOW       0x800000000u
#define PVL_ARM64_WINDOW_ALIGN 0x40000000u

/* For a kernel with pages of @page_size bytes; 0: it does not say. */
const struct pvl_arch *pvl_arch_arm64(uint32_t page_size);

#endif
