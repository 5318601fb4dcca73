/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * The code at the reset vector, as far as it is read: the last bytes of a firmware.
 *
 * ABI source: Intel SDM, volume 2, "Opcode Map"; volume 3, "First Instruction Executed".
 */
#ifndef PVL_ABI_RESET_CODE_H
#define PVL_ABI_RESET_CODE_H

#define PVL_RESET_CODE_SIZE 16u /* bytes from the reset vector to 4 GiB */

/* Instructions before the jump, by their first byte, or, of two, by the second. */
#define PVL_OP_TWO_BYTES   0x0fu
#define PVL_OP_WBINVD      0x09u
#define PVL_OP_MOV_FROM_CR 0x20u
#define PVL_OP_JUMP_ZERO   0x74u
#define PVL_OP_NOP         0x90u
#define PVL_OP_TEST_AL     0xa8u
#define PVL_OP_MOV_AX      0xb8u /* of a word to a register: eight of them */
#define PVL_OP_MOV_DI      0xbfu
#define PVL_OP_CLI         0xfau
#define PVL_OP_CLD         0xfcu

/* Jumps, and the prefix for one with 4 bytes of offset. */
#define PVL_OP_OPERAND32  0x66u
#define PVL_OP_JUMP_NEAR  0xe9u
#define PVL_OP_JUMP_FAR   0xeau
#define PVL_OP_JUMP_SHORT 0xebu

/* Real mode: an address is the segment, shifted, and the offset in it. */
#define PVL_SEGMENT_SHIFT 4u
#define PVL_SEGMENT_SIZE  0x10000u

#endif
