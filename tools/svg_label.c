/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
#include "svg_label.h"

#include <string.h>

void svg_put_text(FILE *file, const char *text, size_t length)
{
	for (size_t i = 0; i < length && text[i]; i++) {
		switch (text[i]) {
		case '&':
			fputs("&amp;", file);
			break;
		case '<':
			fputs("&lt;", file);
			break;
		case '>':
			fputs("&gt;", file);
			break;
		default:
			fputc(text[i] >= 0x20 && text[i] < 0x7f ? text[i] : '?', file);
		}
	}
}

size_t svg_line_length(const char *text, size_t most)
{
	const size_t length = strlen(text);

	if (length <= most)
		return length;
	for (size_t i = most; i > 0; i--)
		if (text[i] == ' ')
			return i;
	return most;
}

void svg_spread(unsigned int *y, size_t count, unsigned int top, unsigned int bottom)
{
	unsigned int free_from = top + SVG_LINE / 2, free_to = bottom - SVG_LINE / 2;

	for (size_t i = 0; i < count; i++) {
		if (y[i] < free_from)
			y[i] = free_from;
		free_from = y[i] + SVG_LINE;
	}
	for (size_t i = count; i-- > 0;) {
		if (y[i] > free_to)
			y[i] = free_to;
		free_to = y[i] - SVG_LINE;
	}
}
