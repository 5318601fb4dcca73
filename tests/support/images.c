/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
#include "images.h"

#include <stdlib.h>
#include <string.h>

static size_t header_size(const struct elf_spec *spec)
{
	return spec->is32 ? 52 : 64;
}

static size_t phdr_size(const struct elf_spec *spec)
{
	return spec->is32 ? 32 : 56;
}

static size_t shdr_size(const struct elf_spec *spec)
{
	return spec->is32 ? 40 : 64;
}

size_t elf_phdr_offset(const struct elf_spec *spec, size_t i)
{
	return header_size(spec) + i * phdr_size(spec);
}

size_t elf_segment_offset(const struct elf_spec *spec, size_t i)
{
	size_t at = elf_phdr_offset(spec, spec->segment_count);

	for (size_t k = 0; k < i; k++)
		at += spec->segments[k].file_size;
	return at;
}

static void put_header(struct bytes *out, const struct elf_spec *spec, size_t shoff)
{
	static const uint8_t ident[16] = { 0x7f, 'E', 'L', 'F', 2, 1, 1 };
	const uint16_t machine = spec->machine ? spec->machine
				 : spec->is32  ? MACHINE_386
					       : MACHINE_X86_64;
	const size_t word = spec->is32 ? 4 : 8;
	const size_t after = 24 + 3 * word; /* e_flags */

	memcpy(out->data, ident, sizeof(ident));
	out->data[4] = spec->is32 ? 1 : 2;
	poke(out, 16, spec->type ? spec->type : TYPE_EXEC, 2);
	poke(out, 18, machine, 2);
	poke(out, 20, 1, 4);
	poke(out, 24, spec->entry, word);
	poke(out, 24 + word, header_size(spec), word);
	poke(out, 24 + 2 * word, shoff, word);
	poke(out, after + 4, header_size(spec), 2);
	poke(out, after + 6, phdr_size(spec), 2);
	poke(out, after + 8, spec->segment_count, 2);
	poke(out, after + 10, shdr_size(spec), 2);
	poke(out, after + 12, shoff ? spec->section_count + 1 : 0, 2);
}

static void put_phdr(struct bytes *out, const struct elf_spec *spec, size_t i, size_t offset)
{
	const struct part *p = &spec->segments[i];
	const size_t at = elf_phdr_offset(spec, i);

	poke(out, at, p->type, 4);
	if (spec->is32) {
		poke(out, at + 4, offset, 4);
		poke(out, at + 12, p->paddr, 4);
		poke(out, at + 16, p->file_size, 4);
		poke(out, at + 20, p->mem_size, 4);
		poke(out, at + 28, p->align, 4);
	} else {
		poke(out, at + 8, offset, 8);
		poke(out, at + 24, p->paddr, 8);
		poke(out, at + 32, p->file_size, 8);
		poke(out, at + 40, p->mem_size, 8);
		poke(out, at + 48, p->align, 8);
	}
}

static void put_shdr(struct bytes *out, const struct elf_spec *spec, size_t at,
		     const struct part *p, size_t offset)
{
	poke(out, at + 4, p->type, 4);
	if (spec->is32) {
		poke(out, at + 16, offset, 4);
		poke(out, at + 20, p->file_size, 4);
		poke(out, at + 32, p->align, 4);
	} else {
		poke(out, at + 24, offset, 8);
		poke(out, at + 32, p->file_size, 8);
		poke(out, at + 48, p->align, 8);
	}
}

struct bytes build_elf(const struct elf_spec *spec)
{
	size_t size = elf_segment_offset(spec, spec->segment_count), at, shoff;
	struct bytes out;

	for (size_t i = 0; i < spec->section_count; i++)
		size += spec->sections[i].file_size;
	shoff = spec->section_count || spec->tail_size ? size : 0;
	if (shoff)
		size += (spec->section_count + 1) * shdr_size(spec);
	out = bytes_zero(size + spec->tail_size);

	put_header(&out, spec, shoff);
	at = elf_segment_offset(spec, 0);
	for (size_t i = 0; i < spec->segment_count; i++) {
		const struct part *p = &spec->segments[i];

		put_phdr(&out, spec, i, at);
		if (p->bytes)
			memcpy(out.data + at, p->bytes, p->file_size);
		at += p->file_size;
	}
	for (size_t i = 0; i < spec->section_count; i++) {
		const struct part *p = &spec->sections[i];

		put_shdr(&out, spec, shoff + (i + 1) * shdr_size(spec), p, at);
		memcpy(out.data + at, p->bytes, p->file_size);
		at += p->file_size;
	}
	if (spec->tail_size)
		memcpy(out.data + size, spec->tail, spec->tail_size);
	return out;
}

static size_t round_up(size_t value, size_t align)
{
	return (value + align - 1) / align * align;
}

size_t put_note(uint8_t *buffer, size_t used, const char *name, uint32_t type, const void *desc,
		size_t desc_size, size_t align)
{
	const size_t name_size = strlen(name) + 1;
	const size_t desc_at = used + round_up(12 + name_size, align);
	const size_t end = used + round_up(desc_at - used + desc_size, align);
	struct bytes out = { buffer, 0 };

	memset(buffer + used, 0, end - used);
	poke(&out, used, name_size, 4);
	poke(&out, used + 4, desc_size, 4);
	poke(&out, used + 8, type, 4);
	memcpy(buffer + used + 12, name, name_size);
	memcpy(buffer + desc_at, desc, desc_size);
	return end;
}

struct elf_spec small_kernel(void)
{
	static uint8_t text[0x40], data[0x20], notes[64];
	static const uint8_t entry[8] = { 0x10, 0x00, 0x10, 0x00 };
	const size_t notes_size = put_note(notes, 0, "Xen", 18, entry, sizeof(entry), 4);

	for (size_t i = 0; i < sizeof(text); i++)
		text[i] = (uint8_t)(0x11 + i);
	for (size_t i = 0; i < sizeof(data); i++)
		data[i] = (uint8_t)(0xd0 + i);
	memcpy(data + SMALL_SIGN_AT, SMALL_SIGN, sizeof(SMALL_SIGN));
	return (struct elf_spec){
		.entry = 0x100000,
		.segments = {
			{ PH_LOAD, 0x100000, text, sizeof(text), sizeof(text), 0x1000 },
			{ PH_LOAD, 0x200000, data, sizeof(data), 0x3000, 0x1000 },
			{ PH_NOTE, 0, notes, notes_size, notes_size, 4 },
		},
		.segment_count = 3,
	};
}

#define HEADER_END   0x26c
#define PAYLOAD_SKIP 0x400 /* from the protected-mode code to the payload */

size_t bzimage_payload_offset(const struct bzimage_spec *spec)
{
	return (size_t)((spec->setup_sects ? spec->setup_sects : 4) + 1) * 512 + PAYLOAD_SKIP;
}

struct bzimage_spec undecoded_bzimage(void)
{
	static uint8_t payload[PROBE_SIZE];

	memcpy(payload, "\x28\xb5\x2f\xfd", 4);
	return (struct bzimage_spec){ .payload = payload,
				      .payload_size = sizeof(payload),
				      .decoded_size = 0x345,
				      .kernel_version = "6.1.0-test (x@y) #1 SMP" };
}

struct bytes build_bzimage(const struct bzimage_spec *spec)
{
	const size_t payload_at = bzimage_payload_offset(spec);
	const size_t stored = spec->payload_size + (spec->no_trailer ? 0 : 4);
	const uint16_t version = spec->version ? spec->version : 0x20f;
	struct bytes out = bytes_zero(payload_at + stored + spec->tail_size);
	const size_t version_at = 0x300;

	memset(out.data + 0x1ef, 0xff, 2);
	poke(&out, 0x1f1, spec->setup_sects, 1);
	poke(&out, 0x1f4, (PAYLOAD_SKIP + stored + 15) / 16, 4);
	poke(&out, 0x1fe, 0xaa55, 2);
	poke(&out, 0x200, 0xeb, 1);
	poke(&out, 0x201, HEADER_END - 0x202, 1);
	poke(&out, 0x202, 0x53726448, 4);
	poke(&out, 0x206, version, 2);
	poke(&out, 0x20e, spec->kernel_version ? version_at - 0x200 : 0, 2);
	poke(&out, 0x211, 1, 1);
	poke(&out, 0x214, 0x100000, 4);
	poke(&out, 0x22c, 0x7fffffff, 4);
	poke(&out, 0x230, 0x200000, 4);
	poke(&out, 0x234, 1, 1);
	poke(&out, 0x235, 21, 1);
	poke(&out, 0x236, 0x7f, 2);
	poke(&out, 0x238, spec->cmdline_size ? spec->cmdline_size : 2047, 4);
	poke(&out, 0x248, spec->payload_size ? PAYLOAD_SKIP : 0, 4);
	poke(&out, 0x24c, spec->payload_size ? stored : 0, 4);
	poke(&out, 0x258, 0x1000000, 8);
	poke(&out, 0x260, 0x3000000, 4);
	if (spec->kernel_version)
		memcpy(out.data + version_at, spec->kernel_version,
		       strlen(spec->kernel_version) + 1);
	if (spec->payload_size)
		memcpy(out.data + payload_at, spec->payload, spec->payload_size);
	if (spec->payload_size && !spec->no_trailer)
		poke(&out, payload_at + spec->payload_size, spec->decoded_size, 4);
	return out;
}

struct bytes build_compressed(const struct bytes *raw, enum codec codec)
{
	struct bytes payload = codecs[codec].compress(raw);
	const struct bzimage_spec spec = { .payload = payload.data,
					   .payload_size = payload.size,
					   .no_trailer = codec == GZIP,
					   .decoded_size = (uint32_t)raw->size,
					   .kernel_version = "1.2.3-test (a@b) #1" };
	struct bytes out = build_bzimage(&spec);

	bytes_free(&payload);
	return out;
}
