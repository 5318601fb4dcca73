/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
#include "flat_images.h"

#include <string.h>

#define OPTIONAL   160u
#define SECTION_AT (FLAT_PE_AT + 24u + OPTIONAL)
#define BANNER     "Linux version " FLAT_VERSION

static const uint16_t machines[FLATS] = { 0xaa64, 0x5064, 0x6264 };

static void put_section(struct bytes *out, size_t at, const char *name, uint64_t offset,
			uint64_t size)
{
	memcpy(out->data + at, name, strlen(name));
	poke(out, at + 8, size, 4);
	poke(out, at + 12, offset, 4);
	poke(out, at + 16, size, 4);
	poke(out, at + 20, offset, 4);
}

/* "MZ", and a PE header with two sections. */
static void put_pe(struct bytes *out, uint16_t machine)
{
	poke(out, 0, 0x5a4d, 2);
	poke(out, 60, FLAT_PE_AT, 4);
	poke(out, FLAT_PE_AT, 0x4550, 4);
	poke(out, FLAT_PE_AT + 4, machine, 2);
	poke(out, FLAT_PE_AT + 6, 2, 2);
	poke(out, FLAT_PE_AT + 20, OPTIONAL, 2);
	put_section(out, SECTION_AT, ".text", 0x200, 0x200);
	put_section(out, SECTION_AT + 40, ".data", 0x400, FLAT_PE_ENDS - 0x400);
}

struct bytes build_flat(enum flat flat, bool efi)
{
	struct bytes out = bytes_zero(FLAT_SIZE);

	poke(&out, 16, FLAT_NEEDS, 8);
	memcpy(out.data + 0x300, BANNER, sizeof(BANNER));
	if (efi || flat == LOONGARCH64)
		put_pe(&out, machines[flat]);
	switch (flat) {
	case ARM64:
		poke(&out, 24, 0xa, 8); /* 4 KiB pages, anywhere */
		poke(&out, 56, 0x644d5241, 4);
		break;
	case RISCV64:
		poke(&out, 8, 0x200000, 8);
		poke(&out, 32, 2, 4);
		poke(&out, 48, 0x5643534952, 8);
		poke(&out, 56, 0x05435352, 4);
		break;
	default:
		poke(&out, 8, 0x200400, 8); /* kernel_entry */
		poke(&out, 24, 0x200000, 8);
		poke(&out, 56, 0x818223cd, 4);
		break;
	}
	return out;
}

struct bytes build_zboot(const struct bytes *payload, enum codec codec, const char *name)
{
	struct bytes stream = codecs[codec].compress(payload);
	const size_t trailer = codec == GZIP ? 0 : 4;
	struct bytes out = bytes_zero(ZBOOT_PAYLOAD_AT + stream.size + trailer + ZBOOT_TAIL);

	name = name ? name : codecs[codec].name;
	put_pe(&out, machines[ARM64]);
	memcpy(out.data + 4, "zimg", 4);
	poke(&out, 8, ZBOOT_PAYLOAD_AT, 4);
	poke(&out, 12, stream.size, 4);
	memcpy(out.data + 24, name, strlen(name));
	poke(&out, 56, 0x818223cd, 4);
	memcpy(out.data + ZBOOT_PAYLOAD_AT, stream.data, stream.size);
	if (trailer > 0)
		poke(&out, ZBOOT_PAYLOAD_AT + stream.size, payload->size, 4);
	memset(out.data + out.size - ZBOOT_TAIL, 0xcc, ZBOOT_TAIL);
	bytes_free(&stream);
	return out;
}

struct bytes small_zboot(enum codec codec)
{
	struct bytes payload = build_flat(ARM64, true), out = build_zboot(&payload, codec, NULL);

	bytes_free(&payload);
	return out;
}
