/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* Fields of a setup_header, each only where the protocol has it and the header reaches that far. */
#ifndef PVL_X86_SETUP_HEADER_H
#define PVL_X86_SETUP_HEADER_H

#include <pvhload/abi/setup_header.h>

#include "core/span.h"

/* The opcode of the jump at the header's start; its displacement gives the end of the header. */
#define PVL_JUMP_SHORT 0xebu

/* Bytes in which syssize counts. */
#define PVL_SETUP_PARAGRAPH 16u

/* Versions of the boot protocol, and what they brought. */
#define PVL_PROTOCOL_2_00 0x200u
#define PVL_PROTOCOL_2_02 0x202u /* cmd_line_ptr */
#define PVL_PROTOCOL_2_03 0x203u /* initrd_addr_max */
#define PVL_PROTOCOL_2_04 0x204u /* syssize of 32 bits */
#define PVL_PROTOCOL_2_05 0x205u /* relocatable_kernel, kernel_alignment */
#define PVL_PROTOCOL_2_06 0x206u /* cmdline_size */
#define PVL_PROTOCOL_2_08 0x208u /* payload_offset, payload_length */
#define PVL_PROTOCOL_2_09 0x209u /* setup_data */
#define PVL_PROTOCOL_2_10 0x20au /* pref_address, init_size */
#define PVL_PROTOCOL_2_12 0x20cu /* xloadflags */
#define PVL_PROTOCOL_2_15 0x20fu /* kernel_info, setup_indirect */

struct pvl_setup_header {
	struct pvl_span bytes; /* to the header's end */
	uint32_t base;         /* offset of the first of them in the file or zero page */
	uint16_t version;
};

/*
 * One past the last byte of the header, as its jump has it, at most the room for it; 0 if the jump
 * is not valid, or ends the header before loadflags.  The bytes may end before that.  The protocol
 * version is not used.
 */
uint32_t pvl_setup_end(const struct pvl_setup_header *h);

/* True if @offset is that of a field the library knows, and the protocol has it. */
bool pvl_setup_has(const struct pvl_setup_header *h, uint32_t offset);

/* The field at PVHLOAD_SETUP_... @offset; 0 if the protocol or this header does not have it. */
uint64_t pvl_setup_field(const struct pvl_setup_header *h, uint32_t offset);

/* The same, whatever the protocol's version. */
uint64_t pvl_setup_field_of_any(const struct pvl_setup_header *h, uint32_t offset);

/* cmdline_size and initrd_addr_max, or what holds for protocols that do not have them. */
uint32_t pvl_setup_cmdline_max(const struct pvl_setup_header *h);
uint64_t pvl_setup_initrd_max(const struct pvl_setup_header *h);

#endif
