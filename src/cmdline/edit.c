/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* Adding to a command line, and replacing all of it.  All text is measured before any is copied. */
#include "cmdline/cmdline.h"
#include "core/error.h"
#include "core/libc.h"

/* The content of a text.  Lengths are of the words with one space between them. */
struct scan {
	size_t boot;       /* length of the words before the first "--" */
	size_t init;       /* and of those after it */
	size_t boot_count; /* words before the first "--" */
	size_t init_count; /* and after it, up to a second one */
	bool init_ended;   /* there is a second one */
	size_t dashes;     /* offset of the first "--", or NONE */
	size_t open;       /* offset of the word whose quotes are not closed, or NONE */
};
#define NONE SIZE_MAX

static enum pvhload_status check_word(const char *text, const struct pvl_word *word,
				      struct pvhload_error *err)
{
	for (size_t i = word->start; i < word->end; i++)
		if (text[i] < ' ' || text[i] > '~')
			return pvl_fail(err, PVHLOAD_E_CMDLINE, PVL_AT(i),
					"character 0x%02x at offset %zu is not printable ASCII%s",
					(unsigned char)text[i], i,
					pvl_cmdline_is_space(text[i]) ? ", and it is within quotes"
								      : "");
	return PVHLOAD_OK;
}

/* Count a word that is not the first "--". */
static void count_word(const char *text, const struct pvl_word *word, struct scan *scan)
{
	const bool init = scan->dashes != NONE;
	size_t *part = init ? &scan->init : &scan->boot;

	*part += word->end - word->start + (*part > 0);
	if (word->open)
		scan->open = word->start;
	scan->init_ended = scan->init_ended || (init && pvl_word_is_dashes(text, word));
	scan->boot_count += !init;
	scan->init_count += init && !scan->init_ended;
}

static enum pvhload_status scan_text(const char *text, struct scan *ret, struct pvhload_error *err)
{
	const size_t length = strlen(text);
	struct pvl_word word = { .end = 0 };

	*ret = (struct scan){ .dashes = NONE, .open = NONE };
	while (pvl_word_next(text, length, word.end, &word)) {
		PVL_TRY(check_word(text, &word, err));
		if (ret->dashes == NONE && pvl_word_is_dashes(text, &word))
			ret->dashes = word.start;
		else
			count_word(text, &word, ret);
	}
	return PVHLOAD_OK;
}

/* Copy the words from @at on with one space between them; up to a "--" if @stops. */
static void put_words(char *to, const char *text, size_t at, bool stops)
{
	const size_t length = strlen(text);
	struct pvl_word word = { .end = at };
	bool first = true;

	while (pvl_word_next(text, length, word.end, &word)) {
		if (stops && pvl_word_is_dashes(text, &word))
			return;
		if (!first)
			*to++ = ' ';
		memcpy(to, text + word.start, word.end - word.start);
		to += word.end - word.start;
		first = false;
	}
}

/* Scan text that is to be one or more whole words, none of them a "--". */
static enum pvhload_status scan_fragment(const char *text, struct scan *ret,
					 struct pvhload_error *err)
{
	PVL_TRY(scan_text(text, ret, err));
	if (ret->dashes != NONE)
		return pvl_fail(err, PVHLOAD_E_CMDLINE, PVL_AT(ret->dashes),
				"the word \"--\" at offset %zu is a separator, not text to add",
				ret->dashes);
	if (ret->open != NONE)
		return pvl_fail(err, PVHLOAD_E_CMDLINE, PVL_AT(ret->open),
				"the quotes in the word at offset %zu are not closed", ret->open);
	return PVHLOAD_OK;
}

enum pvhload_status pvhload_cmdline_add(struct pvhload_cmdline *line, const char *key,
					const char *value, struct pvhload_error *err)
{
	struct pvl_param param;

	PVL_TRY(pvl_param_init_one(line, key, &value, &param, err));
	return pvl_cmdline_add_param(line, &param, err);
}

enum pvhload_status pvhload_cmdline_add_list(struct pvhload_cmdline *line, const char *key,
					     const char *const *values, size_t count,
					     struct pvhload_error *err)
{
	static const char *const none = "";
	struct pvl_param param;

	PVL_TRY(pvl_cmdline_usable(line, key, err));
	if (!values && count > 0)
		return pvl_cmdline_usable(line, NULL, err);
	for (size_t i = 0; i < count; i++)
		PVL_TRY(pvl_cmdline_usable(line, values[i], err));
	PVL_TRY(pvl_param_init(key, count > 0 ? values : &none, count, true, &param, err));
	if (count == 0)
		return pvl_fail(err, PVHLOAD_E_CMDLINE, PVL_ANYWHERE, "the list has no values");
	return pvl_cmdline_add_param(line, &param, err);
}

enum pvhload_status pvhload_cmdline_append(struct pvhload_cmdline *line, const char *text,
					   struct pvhload_error *err)
{
	struct scan scan;

	PVL_TRY(pvl_cmdline_usable(line, text, err));
	PVL_TRY(scan_fragment(text, &scan, err));
	if (scan.boot == 0)
		return PVHLOAD_OK;
	PVL_TRY(pvl_cmdline_takes_param(line, scan.boot, err));
	put_words(pvl_cmdline_room_for_param(line, scan.boot), text, 0, false);
	return PVHLOAD_OK;
}

/* Linux drops what follows a second "--". */
static enum pvhload_status check_init_open(const struct pvhload_cmdline *line,
					   struct pvhload_error *err)
{
	struct pvl_word word = { .end = line->length - line->init_length };

	if (!line->init_ended)
		return pvl_cmdline_closed(line, err);
	while (pvl_word_next(line->text, line->length, word.end, &word))
		if (pvl_word_is_dashes(line->text, &word))
			break;
	return pvl_fail(
		err, PVHLOAD_E_CMDLINE, PVL_ANYWHERE,
		"Linux ignores what follows the second \"--\", at byte %zu of the command line",
		word.start);
}

/* Linux panics when init would get more. */
static enum pvhload_status check_init_count(size_t count, struct pvhload_error *err)
{
	if (count <= PVHLOAD_CMDLINE_INIT_ARGS_MAX)
		return PVHLOAD_OK;
	return pvl_fail(
		err, PVHLOAD_E_CMDLINE, PVL_ANYWHERE,
		"init would get %zu arguments, %zu more than the %u that Linux takes without a panic",
		count, count - PVHLOAD_CMDLINE_INIT_ARGS_MAX, PVHLOAD_CMDLINE_INIT_ARGS_MAX);
}

/* Room for arguments of init, with the "--" if they are the first. */
static char *room_for_init(struct pvhload_cmdline *line, size_t length)
{
	const size_t growth = pvl_cmdline_init_growth(line, length);
	const char *before = line->init_length > 0 ? " " : line->boot_length > 0 ? " -- " : "-- ";
	char *room = pvl_cmdline_room(line, line->length, growth);

	memcpy(room, before, growth - length);
	line->init_length += length + (line->init_length > 0);
	return room + (growth - length);
}

enum pvhload_status pvhload_cmdline_append_init_args(struct pvhload_cmdline *line, const char *text,
						     struct pvhload_error *err)
{
	struct scan scan;

	PVL_TRY(pvl_cmdline_usable(line, text, err));
	PVL_TRY(scan_fragment(text, &scan, err));
	if (scan.boot == 0)
		return PVHLOAD_OK;
	PVL_TRY(check_init_open(line, err));
	PVL_TRY(check_init_count(line->init_count + scan.boot_count, err));
	PVL_TRY(pvl_cmdline_fits(line, line->length + pvl_cmdline_init_growth(line, scan.boot),
				 err));
	put_words(room_for_init(line, scan.boot), text, 0, false);
	line->init_count += scan.boot_count;
	return PVHLOAD_OK;
}

enum pvhload_status pvhload_cmdline_parse(struct pvhload_cmdline *line, const char *text,
					  struct pvhload_error *err)
{
	struct pvl_word dashes;
	struct scan scan;
	size_t length;

	PVL_TRY(pvl_cmdline_usable(line, text, err));
	PVL_TRY(scan_text(text, &scan, err));
	length = scan.boot;
	if (scan.init > 0)
		length += pvl_cmdline_init_growth(
			&(const struct pvhload_cmdline){ .boot_length = scan.boot }, scan.init);
	PVL_TRY(pvl_cmdline_fits(line, length, err));
	line->length = line->boot_length = line->init_length = 0;
	line->text[0] = '\0';
	line->init_count = scan.init_count;
	line->init_ended = scan.init_ended;
	line->open = scan.open != NONE;
	if (scan.boot > 0)
		put_words(pvl_cmdline_room_for_param(line, scan.boot), text, 0, true);
	if (scan.init > 0 && pvl_word_next(text, strlen(text), scan.dashes, &dashes))
		put_words(room_for_init(line, scan.init), text, dashes.end, false);
	return PVHLOAD_OK;
}
