/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
#include "cmdline/word.h"

/* Not isspace(): that depends on the locale.  Linux's has 0xa0 as well, which no text here has. */
bool pvl_cmdline_is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

/* Where key and value are, once the word's ends are known; @equals is the word's end if none. */
static void take_apart(const char *text, bool opened, size_t equals, struct pvl_word *w)
{
	const bool closes = w->end > w->key && text[w->end - 1] == '"';

	w->has_value = equals < w->end;
	w->key_end = equals;
	w->value = w->value_end = w->end;
	if (!w->has_value) {
		if (opened && closes)
			w->key_end--;
		return;
	}
	w->value = equals + 1;
	if (w->value < w->end && text[w->value] == '"') {
		w->value++;
		opened = true;
	}
	/* One quote alone both opens and ends the value. */
	if (opened && closes && w->value < w->end)
		w->value_end--;
}

bool pvl_word_next(const char *text, size_t length, size_t at, struct pvl_word *ret)
{
	bool opened, in_quotes;
	size_t equals = 0;

	while (at < length && pvl_cmdline_is_space(text[at]))
		at++;
	if (at >= length)
		return false;
	opened = in_quotes = text[at] == '"';
	ret->start = at;
	ret->key = at + opened;
	for (at = ret->key; at < length && (in_quotes || !pvl_cmdline_is_space(text[at])); at++) {
		/* A name has at least one character, be it a '='. */
		if (text[at] == '=' && equals == 0 && at > ret->key)
			equals = at;
		if (text[at] == '"')
			in_quotes = !in_quotes;
	}
	ret->end = at;
	ret->open = in_quotes;
	take_apart(text, opened, equals ? equals : at, ret);
	return true;
}

bool pvl_word_is_dashes(const char *text, const struct pvl_word *word)
{
	return !word->has_value && word->key_end - word->key == 2 && text[word->key] == '-' &&
	       text[word->key + 1] == '-';
}

size_t pvl_word_count_init(const char *text, size_t length)
{
	struct pvl_word word = { .end = 0 };
	size_t count = 0, dashes = 0;

	while (dashes < 2 && pvl_word_next(text, length, word.end, &word)) {
		if (pvl_word_is_dashes(text, &word))
			dashes++;
		else
			count += dashes;
	}
	return count;
}

static char name_char(char c)
{
	return c == '-' ? '_' : c;
}

bool pvl_key_equal(const char *a, size_t a_length, const char *b, size_t b_length)
{
	if (a_length != b_length)
		return false;
	for (size_t i = 0; i < a_length; i++)
		if (name_char(a[i]) != name_char(b[i]))
			return false;
	return true;
}
