/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
#include "pool.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MIB      (UINT64_C(1) << 20)
#define SETUP_AT 0x400u /* from the protected-mode code to the payload, in build_bzimage() */

static uint8_t text[256];
static uint8_t linux_text[256]; /* the same with Linux's version text after its first byte */

bool model_has_code_at(const struct model_elf *elf, uint64_t gpa)
{
	for (size_t i = 0; i < elf->count; i++)
		if (gpa >= elf->segments[i].gpa &&
		    gpa - elf->segments[i].gpa < elf->segments[i].file_size)
			return true;
	return false;
}

bool model_has_room(const struct model_bzimage *bz)
{
	return bz->version < 0x20a || bz->payload == PAYLOAD_NONE ||
	       bz->init_size >= bz->payload_decoded;
}

/* image.h says nothing of kernels without init_size: these are the library's assumptions. */
uint64_t model_window(const struct model_bzimage *bz)
{
	if (bz->init_size != 0)
		return bz->init_size;
	return bz->payload != PAYLOAD_NONE ? bz->payload_decoded + 8 * MIB : bz->code_size * 5;
}

/* Where the first segment is. */
static uint64_t first_gpa(struct random *r, bool is32)
{
	static const uint64_t usual[] = { MIB,      MIB,    2 * MIB, 16 * MIB,
					  16 * MIB, 0x1000, 0x8000,  64 * MIB };

	uint64_t gpa;

	if (!random_one_in(r, 3))
		return random_of(r, usual);
	gpa = random_size(r, 12, is32 || !random_one_in(r, 4) ? 29 : 40);
	return gpa & ~(random_one_in(r, 3) ? UINT64_C(7) : UINT64_C(0xfff));
}

/* From the end of one to the start of the next. */
static uint64_t gap(struct random *r)
{
	static const uint64_t gaps[] = { 0, 0, 8, 0x1000, 16 * MIB - 1, 16 * MIB, 16 * MIB + 1 };

	return random_one_in(r, 3) ? random_size(r, 3, 26) : random_of(r, gaps);
}

static void make_segments(struct model_elf *elf, struct random *r)
{
	uint64_t at = first_gpa(r, elf->is32);

	elf->count = 1 + (size_t)random_below(r, SEGMENTS_MAX);
	elf->low = at;
	for (size_t i = 0; i < elf->count; i++) {
		struct model_segment *s = &elf->segments[i];

		s->gpa = at;
		s->file_size = i == 0 ? 16 + random_below(r, sizeof(text) - 16)
				      : random_below(r, sizeof(text) + 1);
		s->mem_size = s->file_size + (random_one_in(r, 3) ? 0 : random_size(r, 4, 24));
		if (!elf->is32 && random_one_in(r, 40))
			s->mem_size += random_size(r, 30, 36);
		if (s->mem_size == 0)
			s->mem_size = 1;
		elf->end = elf->end > at + s->mem_size ? elf->end : at + s->mem_size;
		/* a .bss may reach over the bytes that follow, but bytes not over bytes */
		if (random_one_in(r, 6))
			at += s->file_size + random_below(r, s->mem_size - s->file_size + 1);
		else
			at = elf->end + gap(r);
	}
}

/* In a segment, mostly; sometimes after its bytes, or nowhere. */
static uint64_t make_entry(const struct model_elf *elf, struct random *r)
{
	const struct model_segment *s = &elf->segments[random_below(r, elf->count)];

	if (random_one_in(r, 30))
		return random_size(r, 4, 31);
	return s->gpa + (s->file_size > 0 ? random_below(r, s->file_size) : 0);
}

/* What is said of the guest's kind, if anything; the first segment's bytes may be another sign. */
static size_t make_sign(struct model_elf *elf, struct random *r, uint8_t *notes, size_t used)
{
	elf->has_sign = true;
	switch (random_below(r, 5)) {
	case 0:
		return put_note(notes, used, "Linux", 0x100, "salt", 4, 4);
	case 1:
		return put_note(notes, used, "Xen", 6, "linux", 6, 4);
	case 2:
		elf->has_sign = false;
		return put_note(notes, used, "Xen", 6, "other", 6, 4);
	case 3:
		elf->has_sign = false;
		return used;
	default:
		elf->has_text = true;
		return used;
	}
}

static size_t make_notes(struct model_elf *elf, struct random *r, uint8_t *notes)
{
	static const uint64_t aligns[] = { 0x1000, 0x10000, MIB, 2 * MIB, 2 * MIB, 16 * MIB };
	uint8_t desc[12] = { 0 };
	struct bytes words = { desc, sizeof(desc) };
	const size_t count = (size_t)random_below(r, 4);
	size_t used = make_sign(elf, r, notes, 0);

	elf->has_pvh = !random_one_in(r, 5);
	elf->pvh_entry = make_entry(elf, r) & UINT32_MAX;
	elf->has_reloc = !random_one_in(r, 3);
	if (!elf->has_pvh)
		return used;
	poke(&words, 0, elf->pvh_entry, 4);
	used = put_note(notes, used, "Xen", 18, desc, random_one_in(r, 2) ? 4 : 8, 4);
	if (!elf->has_reloc)
		return used;
	elf->reloc_align = count > 0 ? random_of(r, aligns) : 2 * MIB;
	elf->reloc_min = count > 1 ? (random_one_in(r, 3) ? 0 : random_size(r, 12, 26)) : 0;
	elf->reloc_end = count > 2 ? random_size(r, 20, 31) : UINT64_C(1) << 32;
	poke(&words, 0, elf->reloc_align, 4);
	poke(&words, 4, elf->reloc_min, 4);
	poke(&words, 8, elf->reloc_end - 1, 4);
	return put_note(notes, used, "Xen", 19, desc, count * 4, 4);
}

struct bytes pool_elf(struct model_elf *elf, struct random *r, bool is32)
{
	uint8_t notes[128];
	size_t notes_size;
	struct elf_spec spec = { .is32 = is32 };

	do {
		*elf = (struct model_elf){ .is32 = is32 };
		make_segments(elf, r);
	} while (is32 && elf->end > UINT32_MAX);
	spec.entry = elf->entry = make_entry(elf, r);
	notes_size = make_notes(elf, r, notes);
	for (size_t i = 0; i < elf->count; i++) {
		const struct model_segment *s = &elf->segments[i];

		/* 2 MiB is what a note without an alignment means, too */
		spec.segments[spec.segment_count++] =
			(struct part){ PH_LOAD,
				       s->gpa,
				       i == 0 && elf->has_text ? linux_text : text,
				       (size_t)s->file_size,
				       s->mem_size,
				       2 * MIB };
	}
	if (elf->count > 1 && random_one_in(r, 4)) {
		const struct part first = spec.segments[0];

		spec.segments[0] = spec.segments[1];
		spec.segments[1] = first;
	}
	if (notes_size > 0)
		spec.segments[spec.segment_count++] =
			(struct part){ PH_NOTE, 0, notes, notes_size, notes_size, 4 };
	return build_elf(&spec);
}

static void make_place(struct model_bzimage *bz, struct random *r)
{
	static const uint64_t preferred[] = {
		0, 0x1000, MIB, 2 * MIB, 16 * MIB, 16 * MIB, 16 * MIB
	};
	static const uint64_t aligns[] = { 0x1000, 0x2000, MIB, 2 * MIB, 2 * MIB, 16 * MIB };

	bz->relocatable = bz->version >= 0x205 && !random_one_in(r, 4);
	bz->alignment = bz->version >= 0x205 ? random_of(r, aligns) : 0;
	bz->preferred = random_of(r, preferred);
	if (random_one_in(r, 6))
		bz->preferred = random_size(r, 12, random_one_in(r, 4) ? 40 : 30);
	if (bz->version < 0x20a)
		bz->preferred = MIB;
	bz->init_size = bz->version < 0x20a || random_one_in(r, 24) ? 0 : random_size(r, 10, 27);
	if (bz->version >= 0x20a && bz->init_size < bz->payload_decoded && !random_one_in(r, 12))
		bz->init_size = bz->payload_decoded + random_size(r, 10, 24);
	bz->code32_start = random_one_in(r, 8)   ? 0
			   : random_one_in(r, 4) ? random_size(r, 12, 28)
						 : MIB;
	bz->xloadflags = 0;
	if (bz->version < 0x20c)
		return;
	bz->xloadflags = (uint32_t)random_below(r, 4) << 5;
	bz->xloadflags |= (uint32_t)random_below(r, 4);
	if (!random_one_in(r, 8))
		bz->xloadflags |= PVHLOAD_XLF_KERNEL_64;
}

static void make_limits(struct model_bzimage *bz, struct random *r)
{
	static const uint64_t initrd_max[] = { 0x7fffffff, 0x7fffffff, 0xffffffff,
					       0x37ffffff, 0x1fffff,   0x80000123 };
	static const uint64_t cmdline_max[] = { 255, 2047, 2047, 4095, 65535, 70000, 0x7fffffff };

	bz->initrd_end = (bz->version < 0x203 ? 0x37ffffff : random_of(r, initrd_max)) + 1;
	bz->cmdline_max = bz->version < 0x206 ? 255 : random_of(r, cmdline_max);
}

static void poke_header(struct bytes *file, const struct model_bzimage *bz, unsigned int shift)
{
	poke(file, 0x214, bz->code32_start, 4);
	poke(file, 0x22c, bz->initrd_end - 1, 4);
	poke(file, 0x230, bz->alignment, 4);
	poke(file, 0x234, bz->relocatable, 1);
	poke(file, 0x235, shift, 1);
	poke(file, 0x236, bz->xloadflags, 2);
	poke(file, 0x238, bz->cmdline_max, 4);
	poke(file, 0x258, bz->preferred, 8);
	poke(file, 0x260, bz->init_size, 4);
}

static struct bytes make_bzimage(struct model_image *image, struct random *r)
{
	static const uint32_t versions[] = { 0x200, 0x203, 0x205, 0x206, 0x208, 0x209,
					     0x20a, 0x20a, 0x20c, 0x20d, 0x20e, 0x20f,
					     0x20f, 0x20f, 0x20f, 0x20f, 0x20f, 0x20f };
	struct model_bzimage *bz = &image->bzimage;
	struct bytes elf = pool_elf(&image->elf, r, random_one_in(r, 4)), file;
	const unsigned int shift =
		(unsigned int)random_of(r, ((unsigned int[]){ 0, 12, 13, 21, 24 }));
	const uint64_t declared = random_size(r, 10, 26);
	struct bzimage_spec spec = { .no_trailer = true };

	*bz = (struct model_bzimage){ .version = random_of(r, versions) };
	spec.version = (uint16_t)bz->version;
	if (!random_one_in(r, 6)) {
		spec.payload = elf.data;
		spec.payload_size = elf.size;
		bz->payload = bz->version >= 0x208 ? PAYLOAD_ELF : PAYLOAD_NONE;
	}
	if (spec.payload && random_one_in(r, 12)) {
		memset(elf.data, 0xee, elf.size);
		poke(&elf, elf.size - 4, declared, 4);
		bz->payload = bz->version >= 0x208 ? PAYLOAD_OF_NO_CODEC : PAYLOAD_NONE;
	}
	bz->payload_decoded = bz->payload == PAYLOAD_NONE  ? 0
			      : bz->payload == PAYLOAD_ELF ? elf.size
							   : declared;
	bz->code_size = SETUP_AT + spec.payload_size;
	make_place(bz, r);
	make_limits(bz, r);
	bz->min_alignment = bz->alignment;
	if (bz->version >= 0x20a && shift >= 12 && UINT64_C(1) << shift <= bz->alignment)
		bz->min_alignment = UINT64_C(1) << shift;
	file = build_bzimage(&spec);
	poke_header(&file, bz, shift);
	if (spec.payload_size == 0)
		poke(&file, 0x1f4, SETUP_AT / 16, 4);
	bytes_free(&elf);
	/* What the library makes of it: Linux itself has far less. */
	if (bz->cmdline_max > 64 * 1024)
		bz->cmdline_max = 64 * 1024;
	return file;
}

void model_open(struct model_image *image)
{
	const struct pvhload_source source =
		pvhload_source_buffer(image->bytes.data, image->bytes.size);
	struct pvhload_error err = PVHLOAD_ERROR_INIT;

	if (pvhload_image_open(&source, NULL, &image->image, &err) == PVHLOAD_OK)
		return;
	fprintf(stderr, "an image of the pool: %s\n", err.message);
	abort();
}

void pool_make(struct model_image pool[POOL_SIZE], struct random *r)
{
	for (size_t i = 0; i < sizeof(text); i++)
		text[i] = (uint8_t)(1 + i);
	memcpy(linux_text, text, sizeof(text));
	memcpy(linux_text + 1, "Linux version 6", 15);
	for (size_t i = 0; i < POOL_SIZE; i++) {
		struct model_image *image = &pool[i];

		image->is_flat = image->has_multiboot = false;
		image->is_bzimage = i % 8 < 4;
		image->bytes = image->is_bzimage ? make_bzimage(image, r)
						 : pool_elf(&image->elf, r, i % 8 == 7);
		model_open(image);
	}
}

void pool_free(struct model_image pool[POOL_SIZE])
{
	for (size_t i = 0; i < POOL_SIZE; i++) {
		pvhload_image_close(pool[i].image);
		bytes_free(&pool[i].bytes);
	}
}
