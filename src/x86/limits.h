/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * Addresses, sizes and steps of an x86 PC that several files go by.  What belongs to one structure of one
 * protocol is in abi/ or with that structure.
 */
#ifndef PVL_X86_LIMITS_H
#define PVL_X86_LIMITS_H

/* Physical addresses below 1 MiB: RAM, then video memory and ROMs.  IBM PC. */
#define PVL_X86_LOW_RAM_END  0xa0000u
#define PVL_X86_HIGH_RAM_GPA 0x100000u

/* The smallest page.  Intel SDM, volume 3, "Paging". */
#define PVL_X86_PAGE_SIZE 4096u

#endif
