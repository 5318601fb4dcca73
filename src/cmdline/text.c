/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* The text of a command line: what fits into it, making room in it, and removing words from it. */
#include <stdint.h>

#include "cmdline/cmdline.h"
#include "core/error.h"
#include "core/libc.h"

/* Bytes of " -- ", and without the space before it. */
#define DASHES       4u
#define DASHES_FIRST 3u

enum pvhload_status pvl_cmdline_usable(const struct pvhload_cmdline *line, const char *text,
				       struct pvhload_error *err)
{
	uintptr_t own;

	if (!pvl_error_usable(err))
		return PVHLOAD_E_USAGE;
	if (!line || !text)
		return pvl_fail(err, PVHLOAD_E_USAGE, PVL_ANYWHERE,
				"the command line or a text is NULL");
	own = (uintptr_t)line->text;
	if ((uintptr_t)text >= own && (uintptr_t)text - own < line->capacity)
		return pvl_fail(err, PVHLOAD_E_USAGE, PVL_ANYWHERE,
				"a text lies inside the command line that is to be changed");
	return PVHLOAD_OK;
}

enum pvhload_status pvl_cmdline_fits(const struct pvhload_cmdline *line, size_t length,
				     struct pvhload_error *err)
{
	if (length < line->capacity)
		return PVHLOAD_OK;
	return pvl_fail(
		err, PVHLOAD_E_CMDLINE, PVL_ANYWHERE,
		"the command line would need %zu bytes with its NUL, %zu more than its capacity",
		length + 1, length + 1 - line->capacity);
}

enum pvhload_status pvl_cmdline_closed(const struct pvhload_cmdline *line,
				       struct pvhload_error *err)
{
	size_t last = line->length;

	if (!line->open)
		return PVHLOAD_OK;
	while (line->text[last] != '"')
		last--;
	return pvl_fail(err, PVHLOAD_E_CMDLINE, PVL_ANYWHERE,
			"the quotes that byte %zu of the command line opens are not closed", last);
}

enum pvhload_status pvl_cmdline_takes_param(const struct pvhload_cmdline *line, size_t length,
					    struct pvhload_error *err)
{
	/* Open quotes in init's arguments do not matter, as parameters are inserted before them. */
	if (line->init_length == 0)
		PVL_TRY(pvl_cmdline_closed(line, err));
	return pvl_cmdline_fits(line, line->length + pvl_cmdline_growth(line, length), err);
}

char *pvl_cmdline_room(struct pvhload_cmdline *line, size_t at, size_t count)
{
	memmove(line->text + at + count, line->text + at, line->length - at + 1);
	line->length += count;
	return line->text + at;
}

size_t pvl_cmdline_growth(const struct pvhload_cmdline *line, size_t length)
{
	return length + (line->boot_length > 0 || line->init_length > 0);
}

size_t pvl_cmdline_init_growth(const struct pvhload_cmdline *line, size_t length)
{
	if (line->init_length > 0)
		return length + 1;
	return length + (line->boot_length > 0 ? DASHES : DASHES_FIRST);
}

char *pvl_cmdline_room_for_param(struct pvhload_cmdline *line, size_t length)
{
	const size_t growth = pvl_cmdline_growth(line, length);
	char *room = pvl_cmdline_room(line, line->boot_length, growth);

	if (line->boot_length > 0) {
		*room++ = ' ';
		line->boot_length++;
	} else if (growth > length) {
		room[length] = ' ';
	}
	line->boot_length += length;
	return room;
}

void pvl_cmdline_cut(struct pvhload_cmdline *line, const struct pvl_word *word)
{
	const size_t length = word->end - word->start;
	const bool alone = length == line->boot_length;
	size_t from = word->start, to = word->end;

	if (to < line->length)
		to++;
	else if (from > 0)
		from--;
	memmove(line->text + from, line->text + to, line->length - to + 1);
	line->length -= to - from;
	line->boot_length -= alone ? length : length + 1;
	line->open = line->open && !word->open;
}

void pvl_cmdline_exchange(struct pvhload_cmdline *line, const struct pvl_word *word, size_t length)
{
	const size_t old = word->end - word->start;

	memmove(line->text + word->start + length, line->text + word->end,
		line->length - word->end + 1);
	line->length = line->length - old + length;
	line->boot_length = line->boot_length - old + length;
	line->open = line->open && !word->open;
}
