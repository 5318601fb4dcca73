/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* Edits of a bzImage, or of its setup header alone. */
#include <pvhload/abi/setup_header.h>

#include "mutate.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#define SECTOR  512u
#define TRAILER 4u /* after the payload: the decoded size */

static const uint32_t booleans[] = { 0, 1 };
static const uint32_t command_lines[] = { 0, 1, 255, 2047, 2048, 4096 };
static const uint32_t loaders[] = { 0, 1, 0x21, 0xb0, 0xe0, 0xff };
static const uint32_t logs[] = { 0, 12, 13, 20, 21, 31, 32, 63, 64 };

static const struct field header[] = {
	{ "setup_sects", PVHLOAD_SETUP_SECTS, 1, FIELD_COUNT, { NULL, 0 } },
	{ "root_flags", PVHLOAD_SETUP_ROOT_FLAGS, 2, FIELD_NUMBER, { NULL, 0 } },
	{ "syssize", PVHLOAD_SETUP_SYSSIZE, 4, FIELD_PLACE, { NULL, 0 } },
	{ "vid_mode", PVHLOAD_SETUP_VID_MODE, 2, FIELD_NUMBER, { NULL, 0 } },
	{ "kernel_version", PVHLOAD_SETUP_KERNEL_VERSION, 2, FIELD_PLACE, { NULL, 0 } },
	{ "type_of_loader", PVHLOAD_SETUP_TYPE_OF_LOADER, 1, FIELD_CHOICE, CHOICES(loaders) },
	{ "loadflags", PVHLOAD_SETUP_LOADFLAGS, 1, FIELD_FLAGS, { NULL, 0 } },
	{ "code32_start", PVHLOAD_SETUP_CODE32_START, 4, FIELD_ADDRESS, { NULL, 0 } },
	{ "ramdisk_image", PVHLOAD_SETUP_RAMDISK_IMAGE, 4, FIELD_ADDRESS, { NULL, 0 } },
	{ "ramdisk_size", PVHLOAD_SETUP_RAMDISK_SIZE, 4, FIELD_NUMBER, { NULL, 0 } },
	{ "cmd_line_ptr", PVHLOAD_SETUP_CMD_LINE_PTR, 4, FIELD_ADDRESS, { NULL, 0 } },
	{ "initrd_addr_max", PVHLOAD_SETUP_INITRD_ADDR_MAX, 4, FIELD_ADDRESS, { NULL, 0 } },
	{ "kernel_alignment", PVHLOAD_SETUP_ALIGNMENT, 4, FIELD_ALIGN, { NULL, 0 } },
	{ "relocatable_kernel", PVHLOAD_SETUP_RELOCATABLE, 1, FIELD_CHOICE, CHOICES(booleans) },
	{ "min_alignment", PVHLOAD_SETUP_MIN_ALIGNMENT, 1, FIELD_CHOICE, CHOICES(logs) },
	{ "xloadflags", PVHLOAD_SETUP_XLOADFLAGS, 2, FIELD_FLAGS, { NULL, 0 } },
	{ "cmdline_size", PVHLOAD_SETUP_CMDLINE_SIZE, 4, FIELD_CHOICE, CHOICES(command_lines) },
	{ "payload_offset", PVHLOAD_SETUP_PAYLOAD_OFFSET, 4, FIELD_PLACE, { NULL, 0 } },
	{ "payload_length", PVHLOAD_SETUP_PAYLOAD_LENGTH, 4, FIELD_PLACE, { NULL, 0 } },
	{ "setup_data", PVHLOAD_SETUP_SETUP_DATA, 8, FIELD_ADDRESS, { NULL, 0 } },
	{ "pref_address", PVHLOAD_SETUP_PREF_ADDRESS, 8, FIELD_ADDRESS, { NULL, 0 } },
	{ "init_size", PVHLOAD_SETUP_INIT_SIZE, 4, FIELD_ADDRESS, { NULL, 0 } },
	{ "handover_offset", PVHLOAD_SETUP_HANDOVER_OFFSET, 4, FIELD_PLACE, { NULL, 0 } },
	{ "kernel_info_offset", PVHLOAD_SETUP_KERNEL_INFO, 4, FIELD_PLACE, { NULL, 0 } },
};

/* Where the header of a protocol version ends, as kernels of it have it. */
static const struct {
	uint16_t version, end;
} versions[] = {
	{ 0x1ff, 0x214 }, { 0x200, 0x224 }, { 0x201, 0x228 }, { 0x202, 0x22c }, { 0x203, 0x230 },
	{ 0x204, 0x230 }, { 0x205, 0x236 }, { 0x206, 0x23c }, { 0x207, 0x248 }, { 0x208, 0x250 },
	{ 0x209, 0x258 }, { 0x20a, 0x264 }, { 0x20b, 0x268 }, { 0x20c, 0x268 }, { 0x20d, 0x268 },
	{ 0x20e, 0x268 }, { 0x20f, 0x26c }, { 0x210, 0x281 },
};

static void edit_field(struct mutated *m)
{
	mutate_one_of(m, 0, header, COUNT(header));
}

/* Another version, with the length that goes with it or without. */
static void edit_version(struct mutated *m)
{
	const size_t i = (size_t)mutate_below(m, COUNT(versions));

	mutate_put(m, PVHLOAD_SETUP_VERSION, 2, versions[i].version);
	if (mutate_below(m, 4) != 0)
		mutate_put(m, PVHLOAD_SETUP_JUMP + 1, 1,
			   versions[i].end - (uint64_t)PVHLOAD_SETUP_MAGIC);
}

/* Where the header ends, by its jump: within a field, or beyond its room. */
static void edit_end(struct mutated *m)
{
	mutate_put(m, PVHLOAD_SETUP_JUMP + 1, 1, mutate_below(m, 0x90));
}

static uint64_t code_offset(const struct mutated *m)
{
	const uint64_t sectors = mutate_get(m, PVHLOAD_SETUP_SECTS, 1);

	return SECTOR * ((sectors ? sectors : 4) + 1);
}

/* A few bytes before or after where it is. */
static void edit_payload(struct mutated *m)
{
	const uint32_t field = mutate_below(m, 2) == 0 ? PVHLOAD_SETUP_PAYLOAD_OFFSET
						       : PVHLOAD_SETUP_PAYLOAD_LENGTH;

	mutate_put(m, field, 4, mutate_get(m, field, 4) - 16 + mutate_below(m, 33));
}

/* The payload to the end of the file, and no byte further, or one. */
static void end_payload(struct mutated *m)
{
	const uint64_t start = code_offset(m) + mutate_get(m, PVHLOAD_SETUP_PAYLOAD_OFFSET, 4);

	mutate_put(m, PVHLOAD_SETUP_PAYLOAD_LENGTH, 4,
		   m->base + m->size - start + mutate_below(m, 2));
}

/* The size that it is to decode to. */
static void edit_trailer(struct mutated *m)
{
	const uint64_t end = code_offset(m) + mutate_get(m, PVHLOAD_SETUP_PAYLOAD_OFFSET, 4) +
			     mutate_get(m, PVHLOAD_SETUP_PAYLOAD_LENGTH, 4);
	static const struct field size = { "decoded size", 0, 4, FIELD_NUMBER, { NULL, 0 } };

	mutate_field(m, end - TRAILER, &size);
}

void mutate_bzimage(struct mutated *m)
{
	static void (*const edits[])(struct mutated *) = {
		edit_field,   edit_field, edit_field,   edit_field,  edit_version,
		edit_version, edit_end,   edit_payload, end_payload, edit_trailer,
	};

	edits[mutate_below(m, COUNT(edits))](m);
}
