/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* Command lines with words that change a Linux guest's memory map; what they mean is kept beside the text. */
#include <stdio.h>
#include <string.h>

#include "scene.h"

#define KIB UINT64_C(1024)
#define MIB (UINT64_C(1) << 20)

static uint64_t some_address(const struct scene *s, struct random *r)
{
	const struct pvhload_memmap_entry *e = &s->map.entries[random_below(r, s->map.count)];

	if (random_one_in(r, 4))
		return s->image->is_bzimage ? s->image->bzimage.preferred : s->image->elf.low;
	return (e->gpa + random_below(r, e->size)) & ~UINT64_C(0xfff);
}

/* The number, or the same with a suffix where that says it. */
static void print_size(char *text, size_t size, uint64_t number, struct random *r)
{
	if (number % MIB == 0 && random_one_in(r, 2))
		snprintf(text, size, "%" PRIu64 "M", number / MIB);
	else if (number % KIB == 0 && random_one_in(r, 2))
		snprintf(text, size, "0x%" PRIx64 "k", number / KIB);
	else
		snprintf(text, size, random_one_in(r, 3) ? "0%" PRIo64 : "0x%" PRIx64, number);
}

/* The end of a word with a '%', by what it does. */
static const char *some_types(enum scene_word_kind kind, struct random *r)
{
	static const char *const taken[] = { "", "-1", "+2", "-1+2", "-01+0xc" };
	static const char *const nothing[] = { "-2", "-2+1", "-3+2", "-1+2x", "x" };

	return kind == SCENE_WORD_GIVEN   ? "+1"
	       : kind == SCENE_WORD_TAKEN ? random_of(r, taken)
					  : random_of(r, nothing);
}

static void print_value(const struct scene_word *w, struct random *r, char *text, size_t size)
{
	static const char signs[] = { '$', '#', '!' };
	char first[32], second[32];

	print_size(first, sizeof(first), w->kind == SCENE_WORD_LIMIT ? w->start : w->size, r);
	print_size(second, sizeof(second), w->start, r);
	if (w->kind == SCENE_WORD_EXACT)
		snprintf(text, size, "exactmap");
	else if (w->kind == SCENE_WORD_LIMIT)
		snprintf(text, size, "%s%s", first, random_one_in(r, 3) ? "?" : "");
	else if (w->percent)
		snprintf(text, size, "%s%%%s%s", first, second, some_types(w->kind, r));
	else if (w->kind == SCENE_WORD_NOTHING)
		snprintf(text, size, "%s", random_one_in(r, 2) ? "" : "?");
	else
		snprintf(text, size, "%s%c%s", first,
			 w->kind == SCENE_WORD_GIVEN ? '@' : random_of(r, signs), second);
}

/* One effect, and its text without the key. */
static struct scene_word make_word(const struct scene *s, struct random *r, char *text, size_t size)
{
	struct scene_word w = { .kind = (enum scene_word_kind)random_below(r, SCENE_WORD_KINDS),
				.start = some_address(s, r),
				.size = random_size(r, 12, 30) & ~UINT64_C(0xfff) };

	if (w.kind == SCENE_WORD_LIMIT) {
		w.start = some_address(s, r) + random_size(r, 12, 34);
		w.size = UINT64_MAX - w.start;
	} else if (w.kind != SCENE_WORD_EXACT) {
		w.percent = random_one_in(r, 3);
	}
	w.mem = (w.kind == SCENE_WORD_LIMIT || w.kind == SCENE_WORD_NOTHING) && !w.percent &&
		random_one_in(r, 2);
	print_value(&w, r, text, size);
	w.adds = w.percent ? strchr(text, '+') && !strchr(text, '-')
			   : w.kind == SCENE_WORD_TAKEN || w.kind == SCENE_WORD_GIVEN;
	return w;
}

/* After an exactmap, what a kernel can live in. */
static size_t give_much(struct scene *s, bool counts, size_t used)
{
	const struct scene_word low = {
		.kind = SCENE_WORD_GIVEN, .size = 640 * KIB, .joined = true, .adds = true
	};
	struct scene_word high = low;

	high.start = MIB;
	high.size = 2048 * MIB;
	if (counts) {
		s->words[s->word_count++] = low;
		s->words[s->word_count++] = high;
	}
	return (size_t)snprintf(s->cmdline + used, SCENE_WORDS_SIZE - used, ",640K@0,2G@1M");
}

void scene_words_make(struct scene *s, struct random *r)
{
	size_t used = 0;
	bool ended = false, list = false;

	memset(s->cmdline, 'x', SCENE_WORDS_SIZE);
	s->word_count = 0;
	s->nokaslr = random_one_in(r, 2);
	if (s->nokaslr)
		used += (size_t)snprintf(s->cmdline, SCENE_WORDS_SIZE, "nokaslr ");
	for (uint64_t n = random_one_in(r, 4) ? 1 + random_below(r, SCENE_WORDS_MAX / 3) : 0; n > 0;
	     n--) {
		char text[80];
		struct scene_word w = make_word(s, r, text, sizeof(text));

		w.joined = list && !w.mem && random_one_in(r, 3);
		if (!w.joined && random_one_in(r, 12)) {
			used += (size_t)snprintf(s->cmdline + used, SCENE_WORDS_SIZE - used, " --");
			ended = true;
		}
		used += (size_t)snprintf(s->cmdline + used, SCENE_WORDS_SIZE - used, "%s%s",
					 w.joined ? ","
					 : w.mem  ? " mem="
						  : " memmap=",
					 text);
		list = !w.mem;
		if (!ended)
			s->words[s->word_count++] = w;
		if (w.kind == SCENE_WORD_EXACT && !random_one_in(r, 3))
			used += give_much(s, !ended, used);
	}
	if (used > 0)
		s->cmdline[used++] = ' ';
	s->words_length = used;
}
