/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* Where things are in the ROM of boot: what rom.S loads, and stub_rom.c fills in. */
#ifndef TOOL_ROM_LAYOUT_H
#define TOOL_ROM_LAYOUT_H

#define ROM_SIZE  0x10000
#define ROM_BASE  0xf0000 /* where QEMU shows it below 1 MiB */
#define ROM_STATE 0x0e00  /* the state, after the code */

/* In the state, little-endian; 8 bytes each unless it says otherwise. */
#define ROM_RAX        0x000
#define ROM_RCX        0x008
#define ROM_RDX        0x010
#define ROM_RBX        0x018
#define ROM_RSP        0x020
#define ROM_RBP        0x028
#define ROM_RSI        0x030
#define ROM_RDI        0x038
#define ROM_R8         0x040
#define ROM_R9         0x048
#define ROM_R10        0x050
#define ROM_R11        0x058
#define ROM_R12        0x060
#define ROM_R13        0x068
#define ROM_R14        0x070
#define ROM_R15        0x078
#define ROM_CR0        0x080
#define ROM_CR2        0x088
#define ROM_CR3        0x090
#define ROM_CR4        0x098
#define ROM_CR8        0x0a0
#define ROM_EFER       0x0a8 /* without LMA */
#define ROM_ES         0x0b0 /* selectors are 2 bytes */
#define ROM_SS         0x0b2
#define ROM_DS         0x0b4
#define ROM_FS         0x0b6
#define ROM_GS         0x0b8
#define ROM_TR         0x0ba
#define ROM_LDT        0x0bc
#define ROM_GDTR       0x0c0 /* as lgdt takes it: limit, 2 bytes, and base */
#define ROM_IDTR       0x0d0
#define ROM_FRAME      0x0e0 /* as iretq takes it: RIP, CS, RFLAGS, RSP, SS */
#define ROM_JUMP       0x108 /* as a far jump takes it: EIP, 4 bytes, and CS, 2 bytes */
#define ROM_TSS_TYPE   0x110 /* address of the type of the guest's TSS descriptor */
#define ROM_FLAGS      0x118 /* the low byte of RFLAGS, in bits 8 to 15; 4 bytes */
#define ROM_LONG_MODE  0x11c /* 1 for 64-bit code, 0 for 32-bit code; 4 bytes */
#define ROM_LINT0      0x120 /* the local APIC's; 4 bytes each */
#define ROM_LINT1      0x124
#define ROM_STATE_SIZE 0x128

#endif
