/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
#include "x86/limits.h"

const struct pvl_arch pvl_arch_x86 = {
	.page_size = PVL_X86_PAGE_SIZE,
	.low_min = PVL_X86_PAGE_SIZE,     /* page 0 is the BIOS's, and address 0 means absent */
	.high_min = PVL_X86_HIGH_RAM_GPA, /* low memory is left to what has to be there */
};
