/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
#include "cmdline/word.h"

/*
 * Not isspace(), which depends on the locale.  For Linux, 0xa0 is white space as well, but it is not
 * ASCII and so in no text here.
 */
bool pvl_cmdline_is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

/* Split a word whose ends are known into key and value; without a '=', @equals is the word's end. */
static void split_word(const char *text, bool opened, size_t equals, struct pvl_word *w)
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
	for (at = ret->key; at < length; at++) {
		const char c = text[at];

		if (c > '=') /* letters, mostly */
			continue;
		if (c == '"')
			in_quotes = !in_quotes;
		else if (!in_quotes && pvl_cmdline_is_space(c))
			break;
		/* A name has at least one character, even if that is a '='. */
		else if (c == '=' && equals == 0 && at > ret->key)
			equals = at;
	}
	ret->end = at;
	ret->open = in_quotes;
	split_word(text, opened, equals ? equals : at, ret);
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
	return (char)(c == '-' ? '_' : c);
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
