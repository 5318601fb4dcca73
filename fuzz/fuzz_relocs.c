/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * Any bytes after the ELF file of a payload as its relocation tables: what is counted adds up to the bytes that are said
 * to be tables, which end with the file.
 *
 * Input: a byte of switches, then words; with the switches, these are tables as the kernel's build makes them, whose
 * counts are known.
 */
#include <string.h>

#include <pvhload/pvhload.h>

#include "fuzz.h"
#include "images.h"
#include "fuzz_input.h"

#define TABLES_MAX 3u
#define WORDS_MAX  40u

enum { IS_32 = 1, MADE = 2, OLD_FORM = 4 };

struct tables {
	struct bytes words;
	uint64_t counts[TABLES_MAX];
	size_t count;
};

static void put_word(struct bytes *words, uint32_t word)
{
	poke(words, words->size, word, 4);
	words->size += 4;
}

/* Tables with a zero word before each; entries of one ascend, in the kernel's half of 32 bits. */
static void make_tables(struct input *in, uint8_t switches, struct tables *t)
{
	t->words = bytes_zero(4 * TABLES_MAX * (WORDS_MAX + 1));
	t->words.size = 0;
	t->count = switches & IS_32 ? 1 : switches & OLD_FORM ? 3 : 2;
	for (size_t i = 0; i < t->count; i++) {
		uint32_t word = 0x81000000;

		put_word(&t->words, 0);
		t->counts[i] = input_below(in, WORDS_MAX);
		for (uint64_t k = 0; k < t->counts[i]; k++)
			put_word(&t->words, word += 1 + input_byte(in));
	}
}

static void check_counts(const struct pvhload_image_relocations *r, const struct tables *t,
			 uint64_t size)
{
	const uint64_t found = r->r64 + r->r32 + r->r32_inverse;

	MUST(r->size <= size && r->offset == size - r->size);
	MUST(r->size % 4 == 0 && found * 4 < r->size && r->size - found * 4 <= 4 * TABLES_MAX);
	if (t->count == 0)
		return;
	MUST(found <= t->counts[0] + t->counts[1] + t->counts[2]);
	if (t->count == 3 && found == t->counts[0] + t->counts[1] + t->counts[2])
		MUST(r->r32_inverse == t->counts[1] || t->counts[0] * t->counts[1] == 0 ||
		     t->counts[2] == 0);
}

static void count(const struct bytes *file, const struct tables *t)
{
	struct pvhload_image_relocations r = PVHLOAD_IMAGE_RELOCATIONS_INIT, before;
	const struct pvhload_source source = pvhload_source_buffer(file->data, file->size);
	struct pvhload_image *image = NULL;
	enum pvhload_status status;

	MUST(pvhload_image_open(&source, NULL, &image, NULL) == PVHLOAD_OK);
	before = r;
	status = pvhload_image_count_relocations(image, &r, NULL);
	MUST(status == PVHLOAD_OK || status == PVHLOAD_E_NOT_FOUND);
	if (status == PVHLOAD_OK)
		check_counts(&r, t, file->size);
	else
		MUST(memcmp(&r, &before, sizeof(r)) == 0);
	pvhload_image_close(image);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = { data, size, 0 };
	const uint8_t switches = input_byte(&in);
	struct elf_spec spec = small_kernel();
	struct tables tables = { .count = 0 };
	struct bytes file;

	if (switches & MADE)
		make_tables(&in, switches, &tables);
	else
		tables.words = input_rest(&in);
	spec.is32 = (switches & IS_32) != 0;
	spec.tail = tables.words.data;
	spec.tail_size = tables.words.size;
	file = build_elf(&spec);
	count(&file, &tables);
	bytes_free(&file);
	bytes_free(&tables.words);
	return 0;
}
