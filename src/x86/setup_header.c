/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* ABI source: Linux, Documentation/arch/x86/boot.rst. */
#include "x86/setup_header.h"

#include "core/libc.h"

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

struct field {
	uint16_t offset, size, since;
};

/* Those that the library reads. */
static const struct field fields[] = {
	{ PVHLOAD_SETUP_SECTS, 1, 0 },
	{ PVHLOAD_SETUP_SYSSIZE, 4, PVL_PROTOCOL_2_04 },
	{ PVHLOAD_SETUP_BOOT_FLAG, 2, 0 },
	{ PVHLOAD_SETUP_MAGIC, 4, PVL_PROTOCOL_2_00 },
	{ PVHLOAD_SETUP_VERSION, 2, PVL_PROTOCOL_2_00 },
	{ PVHLOAD_SETUP_KERNEL_VERSION, 2, PVL_PROTOCOL_2_00 },
	{ PVHLOAD_SETUP_TYPE_OF_LOADER, 1, PVL_PROTOCOL_2_00 },
	{ PVHLOAD_SETUP_LOADFLAGS, 1, PVL_PROTOCOL_2_00 },
	{ PVHLOAD_SETUP_CODE32_START, 4, PVL_PROTOCOL_2_00 },
	{ PVHLOAD_SETUP_RAMDISK_IMAGE, 4, PVL_PROTOCOL_2_00 },
	{ PVHLOAD_SETUP_RAMDISK_SIZE, 4, PVL_PROTOCOL_2_00 },
	{ PVHLOAD_SETUP_CMD_LINE_PTR, 4, PVL_PROTOCOL_2_02 },
	{ PVHLOAD_SETUP_INITRD_ADDR_MAX, 4, PVL_PROTOCOL_2_03 },
	{ PVHLOAD_SETUP_ALIGNMENT, 4, PVL_PROTOCOL_2_05 },
	{ PVHLOAD_SETUP_RELOCATABLE, 1, PVL_PROTOCOL_2_05 },
	{ PVHLOAD_SETUP_MIN_ALIGNMENT, 1, PVL_PROTOCOL_2_10 },
	{ PVHLOAD_SETUP_XLOADFLAGS, 2, PVL_PROTOCOL_2_12 },
	{ PVHLOAD_SETUP_CMDLINE_SIZE, 4, PVL_PROTOCOL_2_06 },
	{ PVHLOAD_SETUP_PAYLOAD_OFFSET, 4, PVL_PROTOCOL_2_08 },
	{ PVHLOAD_SETUP_PAYLOAD_LENGTH, 4, PVL_PROTOCOL_2_08 },
	{ PVHLOAD_SETUP_SETUP_DATA, 8, PVL_PROTOCOL_2_09 },
	{ PVHLOAD_SETUP_PREF_ADDRESS, 8, PVL_PROTOCOL_2_10 },
	{ PVHLOAD_SETUP_INIT_SIZE, 4, PVL_PROTOCOL_2_10 },
};

/* All zero for a field that is not in the table. */
static struct field field_at(uint32_t offset)
{
	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		if (fields[i].offset == offset)
			return fields[i];
	}
	return (struct field){ 0, 0, 0 };
}

uint64_t pvl_setup_field_of_any(const struct pvl_setup_header *h, uint32_t offset)
{
	const size_t size = field_at(offset).size;
	uint8_t bytes[sizeof(uint64_t)] = { 0 };
	struct pvl_span field;

	if (offset < h->base || !pvl_span_sub(h->bytes, offset - h->base, size, &field))
		return 0;
	memcpy(bytes, field.data, size);
	return pvl_span_get64((struct pvl_span){ bytes, sizeof(bytes) }, 0);
}

bool pvl_setup_has(const struct pvl_setup_header *h, uint32_t offset)
{
	const struct field field = field_at(offset);

	return field.size > 0 && field.since <= h->version;
}

uint64_t pvl_setup_field(const struct pvl_setup_header *h, uint32_t offset)
{
	return pvl_setup_has(h, offset) ? pvl_setup_field_of_any(h, offset) : 0;
}

uint32_t pvl_setup_cmdline_max(const struct pvl_setup_header *h)
{
	if (h->version < PVL_PROTOCOL_2_06)
		return CMDLINE_OLD;
	return (uint32_t)pvl_setup_field(h, PVHLOAD_SETUP_CMDLINE_SIZE);
}

uint64_t pvl_setup_initrd_max(const struct pvl_setup_header *h)
{
	if (h->version < PVL_PROTOCOL_2_03)
		return INITRD_MAX_OLD;
	return pvl_setup_field(h, PVHLOAD_SETUP_INITRD_ADDR_MAX);
}
