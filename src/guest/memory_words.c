/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * ABI source: Linux, arch/x86/kernel/e820.c, parse_memopt() and parse_memmap_one(); lib/cmdline.c, memparse().
 */
#include "guest/memory_words.h"

#include "core/libc.h"

void pvl_memory_words_begin(const char *cmdline, struct pvl_memory_words *ret)
{
	*ret = (struct pvl_memory_words){ .text = cmdline, .length = strlen(cmdline) };
}

static bool has_key(const struct pvl_memory_words *w, const char *key)
{
	return pvl_key_equal(w->text + w->word.key, w->word.key_end - w->word.key, key,
			     strlen(key));
}

/* Go to the value of the next mem= or memmap=. */
static bool find_word(struct pvl_memory_words *w)
{
	while (pvl_word_next(w->text, w->length, w->word.end, &w->word)) {
		if (pvl_word_is_dashes(w->text, &w->word)) {
			w->word.end = w->length;
			return false;
		}
		w->is_mem = has_key(w, "mem");
		w->at = w->word.value;
		if (w->word.has_value && (w->is_mem || has_key(w, "memmap")))
			return true;
	}
	return false;
}

/* The value of a digit; 16 if it is none. */
static unsigned int digit(char c)
{
	if (c >= '0' && c <= '9')
		return (unsigned int)(c - '0');
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? (unsigned int)(c - 'a') + 10 : 16;
}

/* What is read of a value: its bytes from @at on. */
struct text {
	const char *at;
	size_t left;
};

static char first(const struct text *t)
{
	return t->left > 0 ? t->at[0] : '\0';
}

static void skip(struct text *t, size_t count)
{
	t->at += count;
	t->left -= count;
}

/* How many bits the suffix of a size moves it, K, M, G, T, P and E; 0 if there is none. */
static unsigned int suffix_bits(char c)
{
	static const char suffixes[] = "kmgtpe";
	const char *found = c != '\0' ? strchr(suffixes, c | 0x20) : NULL;

	return found ? 10u * (unsigned int)(found - suffixes + 1) : 0;
}

static unsigned int read_base(struct text *t)
{
	if (first(t) != '0')
		return 10;
	if (t->left < 3 || (t->at[1] | 0x20) != 'x' || digit(t->at[2]) == 16)
		return 8;
	skip(t, 2);
	return 16;
}

/* A number with its suffix, as memparse() reads it; false if there is none, or one of more than 64 bits. */
static bool read_size(struct text *t, uint64_t *ret)
{
	const unsigned int base = read_base(t);
	const size_t before = t->left;
	unsigned int bits;

	*ret = 0;
	for (; t->left > 0 && digit(first(t)) < base; skip(t, 1)) {
		if (*ret > (UINT64_MAX - digit(first(t))) / base)
			return false;
		*ret = *ret * base + digit(first(t));
	}
	bits = suffix_bits(first(t));
	if (t->left == before || *ret > UINT64_MAX >> bits)
		return false;
	*ret <<= bits;
	if (bits > 0)
		skip(t, 1);
	return true;
}

/* From @start on, @size bytes, or as many as there are addresses; false if that is none. */
static bool set_range(struct pvl_memory_word *ret, uint64_t start, uint64_t size)
{
	if (!pvl_range_make(start, size, &ret->range))
		ret->range = (struct pvl_range){ start, UINT64_MAX };
	return ret->range.start < ret->range.end;
}

static bool read_limit(struct pvl_memory_word *ret, uint64_t size)
{
	ret->effect = PVL_MEMORY_LIMIT;
	/* Linux passes over a mem=0. */
	return size > 0 && set_range(ret, size, UINT64_MAX - size);
}

/* What follows the size in a memmap=. */
static bool read_start(struct text *t, uint64_t size, struct pvl_memory_word *ret)
{
	const char sign = first(t);
	uint64_t start;

	if (sign == '\0' || !strchr("$#!%@", sign))
		return false;
	ret->effect = sign == '@'   ? PVL_MEMORY_GIVEN
		      : sign == '%' ? PVL_MEMORY_CHANGED
				    : PVL_MEMORY_TAKEN;
	skip(t, 1);
	return read_size(t, &start) && set_range(ret, start, size);
}

static bool read_effect(struct text t, bool is_mem, struct pvl_memory_word *ret)
{
	static const char exact[] = "exactmap";
	uint64_t size;

	if (!is_mem && t.left >= strlen(exact) && memcmp(t.at, exact, strlen(exact)) == 0) {
		ret->effect = PVL_MEMORY_EXACT;
		ret->range = (struct pvl_range){ 0, 0 };
		return true;
	}
	if (!read_size(&t, &size))
		return false;
	if (is_mem || t.left == 0)
		return read_limit(ret, size);
	return read_start(&t, size, ret);
}

static void set_name(const struct pvl_memory_words *w, struct text t, struct pvl_memory_word *ret)
{
	const int length = snprintf(ret->name, sizeof(ret->name), "%s=%.*s",
				    w->is_mem ? "mem" : "memmap", (int)t.left, t.at);

	if (length >= (int)sizeof(ret->name))
		ret->name[sizeof(ret->name) - 2] = '~';
}

bool pvl_memory_words_next(struct pvl_memory_words *words, struct pvl_memory_word *ret)
{
	while (words->open || find_word(words)) {
		const size_t end = words->word.value_end;
		const char *at = words->text + words->at;
		const char *comma = words->is_mem ? NULL : memchr(at, ',', end - words->at);
		const struct text t = { at, comma ? (size_t)(comma - at) : end - words->at };

		words->open = comma != NULL;
		words->at += t.left + 1;
		ret->start = words->word.start;
		if (!read_effect(t, words->is_mem, ret))
			continue;
		set_name(words, t, ret);
		return true;
	}
	return false;
}
