/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * The header of a Multiboot guest: of VERSION 1 or 2, with address fields if it is to be loaded as a FLAT file.
 *
 * Layouts: GNU Multiboot Specification 0.6.96, 3.1; Multiboot2 Specification 2.0, 3.1.
 */
	.section .multiboot, "a"
	.balign	8
header:
#if VERSION == 1
#ifdef FLAT
#define FLAGS 0x10003
#else
#define FLAGS 0x3
#endif
	.long	0x1badb002, FLAGS, -(0x1badb002 + FLAGS)
#ifdef FLAT
	.long	header, image_start, data_end, bss_end, entry
#endif
#else
	.long	0xe85250d6, 0, header_end - header, -(0xe85250d6 + header_end - header)
	.short	1, 0				/* it wants to be told these */
	.long	24, 1, 3, 4, 6
#ifdef FLAT
	.short	2, 0
	.long	24, header, image_start, data_end, bss_end
	.short	3, 0
	.long	12, entry
	.balign	8
#endif
	.short	6, 0				/* modules at page boundaries */
	.long	8
	.short	0, 0
	.long	8
header_end:
#endif

	.section .note.GNU-stack, "", @progbits
