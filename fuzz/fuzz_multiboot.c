/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * A file with Multiboot headers of any flags, fields and tags, as an ELF file or by address fields: what is loaded is in
 * the file and entered where it is loaded.
 *
 * Input: switches, flags, five addresses, tags of a byte each with their words; then up to three numbers that overwrite
 * any of the file.
 */
#include "image_check.h"
#include "fuzz_input.h"
#include "multiboot_images.h"

enum { HAS_1 = 1, HAS_2 = 2, IS_ELF = 4, RAW_ADDRESSES = 8 };

static void look_at(const struct pvhload_image_multiboot *mb, const struct bytes *file)
{
	if (!mb)
		return;
	MUST(mb->header_offset % 4 == 0 && mb->header_offset < file->size);
	MUST(mb->header_size <= file->size - mb->header_offset);
	if (mb->problem[0] != '\0')
		return;
	MUST(mb->loads && mb->loads->segment_count > 0);
	for (size_t i = 0; i < mb->loads->segment_count; i++) {
		const struct pvhload_image_segment *s = mb->loads->segments[i];

		MUST(s->file_size <= s->mem_size);
		MUST(s->file_size == 0 ||
		     (s->offset <= file->size && s->file_size <= file->size - s->offset));
	}
	MUST(mb->entry >= mb->loads->range.gpa &&
	     mb->entry - mb->loads->range.gpa < mb->loads->range.size);
}

static void look(struct pvhload_image *image, const struct bytes *file)
{
	look_at(pvhload_image_get_info(image)->multiboot1, file);
	look_at(pvhload_image_get_info(image)->multiboot2, file);
}

/* An address in or near what is loaded. */
static uint32_t address(struct input *in, bool raw)
{
	return raw ? (uint32_t)input_number(in, 4)
		   : MB_FLAT_GPA + (uint32_t)input_number(in, 2) % 0x8000;
}

static void make_spec(struct input *in, uint8_t switches, struct mb_spec *spec)
{
	const bool raw = (switches & RAW_ADDRESSES) != 0;

	*spec = (struct mb_spec){ .has1 = (switches & HAS_1) != 0,
				  .has2 = (switches & HAS_2) != 0,
				  .at1 = switches & IS_ELF ? MB_AT1 : MB_FLAT_AT,
				  .at2 = switches & IS_ELF ? MB_AT2 : MB_FLAT_AT + 0x40 };
	spec->flags = (uint32_t)input_number(in, 3);
	for (size_t i = 0; i < 5; i++)
		spec->address[i] = address(in, raw);
	spec->tag_count = (size_t)input_below(in, MB_TAGS_MAX + 1);
	for (size_t i = 0; i < spec->tag_count; i++) {
		struct mb_tag *tag = &spec->tags[i];

		tag->type = input_byte(in) % 12;
		tag->flags = input_byte(in) % 2;
		tag->count = (size_t)input_below(in, 6);
		for (size_t k = 0; k < tag->count; k++)
			tag->words[k] = address(in, raw);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = { data, size, 0 };
	const uint8_t switches = input_byte(&in);
	struct mb_spec spec;
	struct bytes file;

	make_spec(&in, switches, &spec);
	file = switches & IS_ELF ? build_multiboot_elf(&spec) : build_multiboot_flat(&spec);
	input_damage(&in, &file);
	image_check(&file, look, switches >> 4);
	bytes_free(&file);
	return 0;
}
