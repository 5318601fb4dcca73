/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* The image: a kernel of some format, in none, one or two containers. */
#include <string.h>

#include "flat_images.h"
#include "multiboot_images.h"
#include "flow_scene.h"
#include "uki_images.h"

#define KIB        UINT64_C(1024)
#define MIB        (KIB * KIB)
#define CONTENT    0x4000u
#define PAGE       0x1000u
#define PVH_ENTRY  18u
#define PVH_RELOC  19u
#define DECODE_MAX (2u << 20)

/* Bytes of segments, that compress, but not to nothing; the first of them is the sign of Linux, or is not. */
static const uint8_t *content(bool linux)
{
	static uint8_t bytes[2][CONTENT];

	if (bytes[0][1] == 0) {
		for (size_t i = 0; i < CONTENT; i++)
			bytes[0][i] = bytes[1][i] = (uint8_t)(i * i / 64 + i / 7 + 1);
		memcpy(bytes[1], SMALL_SIGN, sizeof(SMALL_SIGN));
	}
	return bytes[linux];
}

static size_t put_number_note(uint8_t *notes, size_t used, uint32_t type, const uint32_t *words,
			      size_t count)
{
	struct bytes desc = bytes_zero(4 * count);

	for (size_t i = 0; i < count; i++)
		poke(&desc, 4 * i, words[i], 4);
	used = put_note(notes, used, "Xen", type, desc.data, desc.size, 4);
	bytes_free(&desc);
	return used;
}

/* Notes for the entry and for where the kernel may be; or none of them. */
static void add_notes(struct input *in, struct elf_spec *spec)
{
	static uint8_t notes[128];
	const uint8_t which = input_byte(in);
	const uint32_t entry[2] = { (uint32_t)spec->entry + input_byte(in) % 0x10u, 0 };
	const uint32_t reloc[3] = { 0x1000u << input_byte(in) % 12, 0, 0x40000000 };
	size_t used = 0;

	if ((which & 1) == 0)
		used = put_number_note(notes, used, PVH_ENTRY, entry, 1 + (which >> 1 & 1));
	if (which & 4)
		used = put_number_note(notes, used, PVH_RELOC, reloc, which & 8 ? 3 : 0);
	spec->segments[spec->segment_count++] = (struct part){ PH_NOTE, 0, notes, used, used, 4 };
}

static struct bytes make_elf(struct input *in)
{
	static const uint64_t bases[] = { 1 * MIB, 2 * MIB, 16 * MIB, 0x10000, 6 * MIB, 15 * MIB };
	static const uint64_t steps[] = { 0, PAGE, 0x10, 64 * KIB, 2 * MIB };
	struct elf_spec spec = { .is32 = input_one_in(in, 4) };
	const bool linux = !input_one_in(in, 3);
	uint64_t gpa = input_of(in, bases);
	const size_t count = 1 + (size_t)input_below(in, 4);

	spec.entry = gpa;
	for (size_t i = 0; i < count; i++) {
		const size_t size = 0x20 + (size_t)input_below(in, CONTENT - 0x20 + 1);
		const uint64_t bss = input_below(in, 256) * (input_one_in(in, 8) ? PAGE : 0x31);

		spec.segments[i] = (struct part){ PH_LOAD, gpa,        content(linux && i == 0),
						  size,    size + bss, PAGE };
		gpa += size + bss + input_of(in, steps);
		gpa = input_one_in(in, 4) ? gpa : (gpa + PAGE - 1) / PAGE * PAGE;
	}
	spec.segment_count = count;
	add_notes(in, &spec);
	spec.tail = content(false);
	spec.tail_size = input_byte(in);
	return build_elf(&spec);
}

static enum codec any_codec(struct input *in)
{
	const enum codec codec = (enum codec)input_below(in, CODECS);

	return codecs[codec].compress ? codec : GZIP;
}

/* What the setup header says besides where the payload is. */
static void put_setup_header(struct input *in, struct bytes *file, const struct bytes *elf)
{
	static const uint64_t preferred[] = { 1 * MIB, 2 * MIB, 16 * MIB, 0x10000, 0 };
	static const uint32_t alignments[] = { 0x200000, 0x1000, 0x1000000, 0x10000 };
	const uint8_t which = input_byte(in);

	if (which == 0)
		return;
	poke(file, 0x230, input_of(in, alignments), 4);
	poke(file, 0x234, (which & 1) == 0, 1);
	poke(file, 0x235, 12 + input_below(in, 10), 1);
	poke(file, 0x236, which & 2 ? 0x7f : which >> 2, 2);
	poke(file, 0x258, input_of(in, preferred), 8);
	poke(file, 0x260, which & 4 ? 4 * MIB : elf->size + input_number(in, 3), 4);
	if (which & 8)
		poke(file, 0x22c, input_number(in, 4), 4);
	if (which & 16)
		poke(file, 0x238, input_number(in, 2), 4);
}

static struct bytes make_bzimage(struct input *in)
{
	static const uint16_t versions[] = { 0x20f, 0x20c, 0x20a, 0x209, 0x208, 0x206, 0x202 };
	struct bytes elf = make_elf(in);
	const enum codec codec = any_codec(in);
	struct bytes payload = codecs[codec].compress(&elf), file;
	struct bzimage_spec spec = { .payload = payload.data,
				     .payload_size = payload.size,
				     .no_trailer = codec == GZIP,
				     .decoded_size = (uint32_t)elf.size,
				     .kernel_version = "1.2.3-test (a@b) #1" };

	spec.version = input_of(in, versions);
	spec.tail_size = input_byte(in);
	if (input_one_in(in, 16)) /* of 0 to 255 bytes less */
		spec.payload_size -= (size_t)input_below(in, payload.size / 2);
	file = build_bzimage(&spec);
	put_setup_header(in, &file, &elf);
	bytes_free(&payload);
	bytes_free(&elf);
	return file;
}

static struct bytes make_flat(struct scene *s, struct input *in)
{
	struct bytes file;

	s->flat = input_one_in(in, 2) ? RISCV64 : ARM64;
	file = build_flat(s->flat, input_one_in(in, 2));
	if (input_one_in(in, 2))
		poke(&file, 8, input_number(in, 2) * PAGE, 8); /* text_offset */
	if (input_one_in(in, 2))
		poke(&file, 16, FLAT_SIZE + input_number(in, 3), 8);
	if (input_one_in(in, 4))
		poke(&file, 24, input_below(in, s->flat == ARM64 ? 16 : 2), 8);
	if (s->flat == ARM64 && input_one_in(in, 3)) {
		const enum codec codec = any_codec(in);
		struct bytes zboot = build_zboot(&file, codec == BZIP2 ? GZIP : codec, NULL);

		bytes_free(&file);
		file = zboot;
	}
	return file;
}

static struct bytes make_multiboot(struct input *in)
{
	struct mb_spec spec = flat_spec(1 + input_one_in(in, 2));

	if (input_one_in(in, 2))
		return build_multiboot_flat(&spec);
	spec.has1 = spec.has2 = true;
	spec.flags = input_byte(in) % 8;
	spec.at1 = MB_AT1;
	spec.at2 = MB_AT2;
	spec.tags[spec.tag_count = 0] =
		(struct mb_tag){ 10, 0, { 0x100000, 0xffffffff, 0x1000, 2 }, 4, 0 };
	spec.tag_count = input_one_in(in, 2);
	return build_multiboot_elf(&spec);
}

/* 64 KiB or more, with a jump at the end. */
static struct bytes make_firmware(struct input *in)
{
	static const uint8_t code[16] = { 0xea, 0x5b, 0xe0, 0x00, 0xf0 };
	struct bytes file = bytes_zero((size_t)(16 + input_below(in, 48)) * PAGE);

	memcpy(file.data, content(false), CONTENT);
	memcpy(file.data + file.size - sizeof(code), code, sizeof(code));
	return file;
}

/* Around the kernel, with what else a guest gets of it. */
static struct bytes make_uki(const struct scene *s, struct input *in, const struct bytes *kernel)
{
	static const uint16_t machines[] = { 0, 0x14c, 0xaa64, 0x5064 };
	static const uint16_t flats[FLATS] = { 0xaa64, 0x5064, 0x6264 };
	struct uki_spec spec = { .section_count = 0 };
	const uint8_t which = input_byte(in);

	add_text(&spec, ".text", "code of the stub");
	if (which & 1)
		add_text(&spec, ".cmdline", UKI_CMDLINE);
	add_section(&spec, ".linux", kernel->data, kernel->size);
	if (which & 2)
		add_section(&spec, ".initrd", content(false), 1 + (size_t)input_number(in, 1));
	if (which & 4)
		add_text(&spec, ".ucode", "microcode");
	if (which & 8) {
		add_text(&spec, ".profile", "ID=main");
		add_text(&spec, ".profile", "ID=other");
		add_text(&spec, ".cmdline", "other\n");
	}
	spec.machine = s->kind == SCENE_FLAT ? flats[s->flat] : 0;
	if (input_one_in(in, 8))
		spec.machine = input_of(in, machines);
	return build_uki(&spec);
}

static struct bytes make_inner(struct scene *s, struct input *in)
{
	s->kind = (enum scene_kind)input_below(in, SCENE_KINDS);
	switch (s->kind) {
	case SCENE_BZIMAGE:
		return make_bzimage(in);
	case SCENE_FLAT:
		return make_flat(s, in);
	case SCENE_MULTIBOOT:
		return make_multiboot(in);
	case SCENE_FIRMWARE:
		return make_firmware(in);
	default:
		return make_elf(in);
	}
}

static void put_in(struct scene *s, struct bytes outer)
{
	bytes_free(&s->kernel.bytes);
	s->kernel.bytes = outer;
}

void scene_make_kernel(struct scene *s, struct input *in)
{
	static const uint64_t limits[] = { DECODE_MAX, 0x8000, 0x4000 };
	const uint8_t around = input_byte(in);

	s->kernel.bytes = make_inner(s, in);
	s->is_uki = around % 4 == 3 && s->kind != SCENE_FIRMWARE;
	if (s->is_uki)
		put_in(s, make_uki(s, in, &s->kernel.bytes));
	if (around / 4 % 4 == 3 && (!s->is_uki || around >= 0x80) && s->kind != SCENE_FIRMWARE)
		put_in(s, codecs[any_codec(in)].compress(&s->kernel.bytes));
	s->odd = input_one_in(in, 8);
	s->damaged = input_one_in(in, 8);
	if (s->damaged)
		input_damage(in, &s->kernel.bytes);
	s->image_options = (struct pvhload_image_options)PVHLOAD_IMAGE_OPTIONS_INIT;
	s->image_options.decode_limit = input_of(in, limits);
	s->image_options.format = s->kind == SCENE_FIRMWARE ? PVHLOAD_FORMAT_FIRMWARE : 0;
	s->kernel.source = world_open(&s->world, &s->kernel.world, &s->kernel.bytes,
				      (enum world_kind)input_below(in, WORLD_KINDS));
}
