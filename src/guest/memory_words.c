/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * ABI source: Linux, arch/x86/kernel/e820.c, parse_memopt() and parse_memmap_one(); lib/cmdline.c, memparse();
 * lib/kstrtox.c, simple_strtoull().
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

/* mem=nopentium is about pages. */
static bool is_nopentium(const struct pvl_memory_words *w)
{
	static const char nopentium[] = "nopentium";
	const size_t length = w->word.value_end - w->at;

	return length == strlen(nopentium) && memcmp(w->text + w->at, nopentium, length) == 0;
}

/* Go to the value of the next mem= or memmap=, or to a mem without one. */
static bool find_word(struct pvl_memory_words *w)
{
	while (pvl_word_next(w->text, w->length, w->word.end, &w->word)) {
		if (pvl_word_is_dashes(w->text, &w->word)) {
			w->word.end = w->length;
			return false;
		}
		w->is_mem = has_key(w, "mem");
		w->at = w->word.value;
		if (w->is_mem ? !is_nopentium(w) : w->word.has_value && has_key(w, "memmap"))
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
	return (char)(t->left > 0 ? t->at[0] : '\0');
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

/* A number, 0 if there is none; what has more than 64 bits wraps, as in simple_strtoull(). */
static uint64_t read_number(struct text *t)
{
	const unsigned int base = read_base(t);
	uint64_t number = 0;

	for (; t->left > 0 && digit(first(t)) < base; skip(t, 1))
		number = number * base + digit(first(t));
	return number;
}

/* The same with a suffix; a suffix alone is a number, 0. */
static uint64_t read_size(struct text *t)
{
	const uint64_t number = read_number(t);
	const unsigned int bits = suffix_bits(first(t));

	if (bits > 0)
		skip(t, 1);
	return number << bits;
}

/* The type of a map entry after @sign, which may be missing. */
static uint32_t read_type(struct text *t, char sign)
{
	if (first(t) != sign)
		return 0;
	skip(t, 1);
	return (uint32_t)read_number(t);
}

/* What follows the size in a memmap=. */
static void read_start(struct text *t, struct pvl_memory_word *ret)
{
	const char sign = first(t);

	if (sign == '\0' || !strchr("$#!%@", sign))
		return;
	ret->kind = sign == '@'   ? PVL_MEMORY_GIVEN
		    : sign == '%' ? PVL_MEMORY_CHANGED
				  : PVL_MEMORY_TAKEN;
	skip(t, 1);
	ret->start = read_size(t);
	if (sign != '%')
		return;
	ret->from = read_type(t, '-');
	ret->to = read_type(t, '+');
	ret->trailing = t->left > 0;
}

static void read_value(struct text t, struct pvl_memory_word *ret)
{
	static const char exact[] = "exactmap";
	const size_t all = t.left;

	if (!ret->is_mem && all >= strlen(exact) && memcmp(t.at, exact, strlen(exact)) == 0) {
		ret->kind = PVL_MEMORY_EXACT;
		return;
	}
	ret->size = read_size(&t);
	if (!ret->is_mem && t.left == all)
		return;
	ret->kind = PVL_MEMORY_LIMIT;
	if (!ret->is_mem)
		read_start(&t, ret);
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
	const char *at, *comma;
	struct text t;

	if (!words->open && !find_word(words))
		return false;
	at = words->text + words->at;
	t = (struct text){ at, words->word.value_end - words->at };
	comma = words->is_mem ? NULL : memchr(at, ',', t.left);
	if (comma)
		t.left = (size_t)(comma - at);
	words->open = comma != NULL;
	words->at += t.left + 1;
	*ret = (struct pvl_memory_word){ .kind = PVL_MEMORY_UNREADABLE,
					 .is_mem = words->is_mem,
					 .word = words->word.start };
	read_value(t, ret);
	set_name(words, t, ret);
	return true;
}
