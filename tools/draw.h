/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* A plan's picture in the terminal. */
#ifndef TOOL_DRAW_H
#define TOOL_DRAW_H

#include <stdio.h>

#include "picture.h"

struct draw_style {
	unsigned int width; /* columns */
	bool blocks;        /* the locale has block characters */
	bool colour;
};

/* As standard output is: its width, its locale, and colour if it is a terminal that wants it. */
struct draw_style draw_style_of_output(void);

void draw_picture(const struct picture *picture, const struct draw_style *style, FILE *file);

#endif
