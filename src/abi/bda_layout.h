/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * The BIOS data area: the words of it that say where RAM below 640 KiB ends.
 *
 * ABI source: IBM PC AT Technical Reference, "BIOS data areas"; read by Xen, arch/x86/boot/head.S.
 */
#ifndef PVL_ABI_BDA_LAYOUT_H
#define PVL_ABI_BDA_LAYOUT_H

#define PVL_BDA_GPA  0x400u
#define PVL_BDA_SIZE 256u
#define PVL_BDA_EBDA_SEGMENT \
	0x0eu /* of the extended BIOS data area: its address in units of 16 bytes */
#define PVL_BDA_BASE_KIB      0x13u
#define PVL_BDA_SEGMENT_SHIFT 4u

#endif
