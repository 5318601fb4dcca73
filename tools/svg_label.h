/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* Text in an SVG: escaped, broken into lines, and labels that keep clear of each other. */
#ifndef TOOL_SVG_LABEL_H
#define TOOL_SVG_LABEL_H

#include <stdio.h>

/* Pixels: a character of the monospaced font, generously, and from line to line. */
#define SVG_CHAR 8u
#define SVG_LINE 18u

/* Text as XML has it, @length bytes of it; what is no printable ASCII becomes '?'. */
void svg_put_text(FILE *file, const char *text, size_t length);

/*
 * Bytes of @text that go to a line of @most characters: up to a space if there is one, else as many as
 * fit.
 */
size_t svg_line_length(const char *text, size_t most);

/*
 * Move labels, whose middles are at @y in ascending order, until each is SVG_LINE or more from the
 * next, none of them further than needed, all between @top and @bottom: there must be room.
 */
void svg_spread(unsigned int *y, size_t count, unsigned int top, unsigned int bottom);

#endif
