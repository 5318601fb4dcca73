/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* ABI source: Linux, Documentation/arch/x86/boot.rst. */
#include "x86/setup_header.h"

#define CMDLINE_OLD    255u        /* cmdline_size before 2.06 */
#define INITRD_MAX_OLD 0x37ffffffu /* initrd_addr_max before 2.03 */

uint32_t pvl_setup_end(const struct pvl_setup_header *h)
{
	uint8_t opcode = 0, displacement = 0;

	if (h->base > PVHLOAD_SETUP_JUMP ||
	    !pvl_span_u8(h->bytes, PVHLOAD_SETUP_JUMP - h->base, &opcode) ||
	    !pvl_span_u8(h->bytes, PVHLOAD_SETUP_JUMP + 1 - h->base, &displacement))
		return 0;
	/* A displacement is signed, and the largest one ends within the zero page's room. */
	if (opcode != PVL_JUMP_SHORT || displacement >= 0x80 ||
	    PVHLOAD_SETUP_MAGIC + displacement <= PVHLOAD_SETUP_LOADFLAGS)
		return 0;
	return PVHLOAD_SETUP_MAGIC + displacement;
}

uint64_t pvl_setup_field(const struct pvl_setup_header *h, uint32_t offset, size_t size,
			 uint16_t since)
{
	uint64_t at = (uint64_t)offset - h->base, v64 = 0;
	uint8_t v8 = 0;
	uint16_t v16 = 0;
	uint32_t v32 = 0;

	if (h->version < since || offset < h->base)
		return 0;
	switch (size) {
	case 1:
		return pvl_span_u8(h->bytes, at, &v8) ? v8 : 0;
	case 2:
		return pvl_span_le16(h->bytes, at, &v16) ? v16 : 0;
	case 4:
		return pvl_span_le32(h->bytes, at, &v32) ? v32 : 0;
	default:
		return pvl_span_le64(h->bytes, at, &v64) ? v64 : 0;
	}
}

uint32_t pvl_setup_cmdline_max(const struct pvl_setup_header *h)
{
	if (h->version < 0x206)
		return CMDLINE_OLD;
	return (uint32_t)pvl_setup_field(h, PVHLOAD_SETUP_CMDLINE_SIZE, 4, 0x206);
}

uint64_t pvl_setup_initrd_max(const struct pvl_setup_header *h)
{
	if (h->version < 0x203)
		return INITRD_MAX_OLD;
	return pvl_setup_field(h, PVHLOAD_SETUP_INITRD_ADDR_MAX, 4, 0x203);
}
