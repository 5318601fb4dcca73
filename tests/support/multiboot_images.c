/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
#include "multiboot_images.h"

#include <stdlib.h>

static void put_words(struct bytes *bytes, size_t at, const uint32_t *words, size_t count)
{
	for (size_t i = 0; i < count; i++)
		poke(bytes, at + 4 * i, words[i], 4);
}

static void put_header1(struct bytes *bytes, const struct mb_spec *spec)
{
	const uint32_t words[3] = { 0x1badb002, spec->flags, 0u - 0x1badb002u - spec->flags };

	put_words(bytes, spec->at1, words, 3);
	if (spec->flags & 0x10000)
		put_words(bytes, spec->at1 + 12, spec->address, 5);
}

/* Returns where the next one goes. */
static size_t put_tag(struct bytes *bytes, size_t at, const struct mb_tag *tag)
{
	const size_t size = 8 + 4 * tag->count;

	poke(bytes, at, tag->type, 2);
	poke(bytes, at + 2, tag->flags, 2);
	poke(bytes, at + 4, tag->size != 0 ? tag->size : size, 4);
	put_words(bytes, at + 8, tag->words, tag->count);
	return at + (size + 7) / 8 * 8;
}

static void put_header2(struct bytes *bytes, const struct mb_spec *spec)
{
	const struct mb_tag end = { 0, 0, { 0 }, 0, 0 };
	size_t at = spec->at2 + 16;
	uint32_t words[4] = { 0xe85250d6, 0, 0, 0 };

	for (size_t i = 0; i < spec->tag_count; i++)
		at = put_tag(bytes, at, &spec->tags[i]);
	if (!spec->no_end)
		at = put_tag(bytes, at, &end);
	words[2] = (uint32_t)(at - spec->at2);
	words[3] = 0u - words[0] - words[2];
	put_words(bytes, spec->at2, words, 4);
}

void put_multiboot(struct bytes *bytes, const struct mb_spec *spec)
{
	if (spec->has1)
		put_header1(bytes, spec);
	if (spec->has2)
		put_header2(bytes, spec);
}

struct bytes build_multiboot_elf(const struct mb_spec *spec)
{
	struct elf_spec elf = { .is32 = true, .entry = MB_ELF_ENTRY, .segment_count = 1 };
	uint8_t *content = calloc(1, MB_ELF_SIZE);
	struct bytes bytes;

	elf.segments[0] = (struct part){
		PH_LOAD, MB_ELF_GPA, content, MB_ELF_SIZE, MB_ELF_END - MB_ELF_GPA, 4
	};
	bytes = build_elf(&elf);
	free(content);
	put_multiboot(&bytes, spec);
	return bytes;
}

struct mb_spec flat_spec(int version)
{
	const uint32_t header = MB_FLAT_GPA + MB_FLAT_AT - MB_FLAT_SKIP;
	const struct mb_spec spec = {
		.has1 = version == 1,
		.flags = 0x10003,
		.address = { header, MB_FLAT_GPA, MB_FLAT_LOAD_END, MB_FLAT_END, MB_FLAT_ENTRY },
		.at1 = MB_FLAT_AT,
		.has2 = version == 2,
		.tags = { { 2, 0, { header, MB_FLAT_GPA, MB_FLAT_LOAD_END, MB_FLAT_END }, 4, 0 },
			  { 3, 0, { MB_FLAT_ENTRY }, 1, 0 } },
		.tag_count = 2,
		.at2 = MB_FLAT_AT,
	};

	return spec;
}

struct bytes build_multiboot_flat(const struct mb_spec *spec)
{
	struct bytes bytes = bytes_zero(MB_FLAT_SIZE);

	for (size_t i = 0; i < bytes.size; i++)
		bytes.data[i] = (uint8_t)i;
	put_multiboot(&bytes, spec);
	return bytes;
}
