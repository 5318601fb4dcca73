/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * Each item is a line: its name, a bar that is to scale in its part of the addresses, how large it is,
 * and who wanted it there.  Where there is little room, that last goes first, and then the bar.
 */
#include "draw.h"

#include <langinfo.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define WIDTH_DEFAULT 80u
#define WIDTH_MIN     16u /* for three characters of a name, and the size */
#define WIDTH_MAX     240u
#define WIDTH_BARS    36u /* from here on there is room for bars */
#define WIDTH_BY      60u /* and from here on for who it was */
#define INDENT        2u
#define SIZE_COLUMNS  10u
#define BY_COLUMNS    9u

static unsigned int output_width(void)
{
	const char *columns = getenv("COLUMNS");
	struct winsize size;
	uint64_t width = 0;

	if (columns && tool_parse_number(columns, false, &width) && width > 0)
		;
	else if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
		width = size.ws_col;
	else
		width = WIDTH_DEFAULT;
	return width < WIDTH_MIN ? WIDTH_MIN : width > WIDTH_MAX ? WIDTH_MAX : (unsigned int)width;
}

struct draw_style draw_style_of_output(void)
{
	const char *no_colour = getenv("NO_COLOR"), *term = getenv("TERM");

	return (struct draw_style){
		.width = output_width(),
		.blocks = strcmp(nl_langinfo(CODESET), "UTF-8") == 0,
		.colour = isatty(STDOUT_FILENO) && !(no_colour && *no_colour) && term && *term &&
			  strcmp(term, "dumb") != 0,
	};
}

/* What one part is drawn with. */
struct canvas {
	const struct picture *picture;
	const struct draw_style *style;
	const struct picture_part *part;
	unsigned int names; /* columns */
	unsigned int cells; /* of a bar; 0 without */
	bool by;
	FILE *file;
};

/* Where half cell @i starts; the part is less than 2^64 bytes, so this does not wrap. */
static uint64_t half_start(const struct canvas *c, unsigned int i)
{
	const uint64_t size = c->part->end - c->part->start, halves = (uint64_t)2 * c->cells;

	return c->part->start + size / halves * i + size % halves * i / halves;
}

/* Any byte in it counts: what is there is to be seen, however small. */
static bool half_covered(const struct canvas *c, const struct picture_item *item, unsigned int i)
{
	const uint64_t start = half_start(c, i), end = half_start(c, i + 1);

	return picture_covers(c->picture, item, start, end > start ? end : start + 1);
}

static bool cell_is_ram(const struct canvas *c, unsigned int cell)
{
	const uint64_t start = half_start(c, 2 * cell), end = half_start(c, 2 * cell + 2);

	for (size_t i = 0; i < c->picture->range_count; i++) {
		const struct pvhload_memmap_entry *r = &c->picture->ranges[i];

		if (r->type == PVHLOAD_MEMMAP_RAM && r->gpa < end && r->gpa + r->size > start)
			return true;
	}
	return false;
}

static const char *cell_text(const struct canvas *c, const struct picture_item *item,
			     unsigned int cell)
{
	static const char *const ascii[] = {
		[PICTURE_HOLE] = "-",  [PICTURE_RAM] = ":",    [PICTURE_RESERVED] = "x",
		[PICTURE_CLAIM] = "%", [PICTURE_KERNEL] = "#", [PICTURE_FILE] = "#",
		[PICTURE_DATA] = "#"
	};
	static const char *const blocks[] = { [PICTURE_HOLE] = "\u2500",     /* a line */
					      [PICTURE_RAM] = "\u2591",      /* light shade */
					      [PICTURE_RESERVED] = "\u2592", /* medium shade */
					      [PICTURE_CLAIM] = "\u2593" /* dark shade */ };
	const bool left = half_covered(c, item, 2 * cell);
	const bool right = half_covered(c, item, 2 * cell + 1);

	if (!left && !right)
		return !cell_is_ram(c, cell) ? " " : c->style->blocks ? "\u00b7" : ".";
	if (!c->style->blocks)
		return ascii[item->kind];
	if (item->kind <= PICTURE_CLAIM)
		return blocks[item->kind];
	return left && right ? "\u2588" : left ? "\u258c" : "\u2590"; /* full, left or right half */
}

static void put_bar(const struct canvas *c, const struct picture_item *item)
{
	static const char *const colours[] = {
		[PICTURE_HOLE] = "\x1b[90m",     [PICTURE_RAM] = "\x1b[90m",
		[PICTURE_RESERVED] = "\x1b[31m", [PICTURE_CLAIM] = "\x1b[35m",
		[PICTURE_KERNEL] = "\x1b[32m",   [PICTURE_FILE] = "\x1b[36m",
		[PICTURE_DATA] = "\x1b[33m"
	};

	if (c->style->colour)
		fputs(colours[item->kind], c->file);
	for (unsigned int i = 0; i < c->cells; i++)
		fputs(cell_text(c, item, i), c->file);
	if (c->style->colour)
		fputs("\x1b[0m", c->file);
}

static void put_item(const struct canvas *c, const struct picture_item *item)
{
	const bool cut = strlen(item->name) > c->names;
	char size[32];

	fprintf(c->file, "%*s%-*.*s%s", (int)INDENT, "", (int)(cut ? c->names - 1 : c->names),
		(int)(cut ? c->names - 1 : c->names), item->name, cut ? "~" : "");
	if (c->cells > 0) {
		fputs(" |", c->file);
		put_bar(c, item);
		fputs("|", c->file);
	}
	fprintf(c->file, " %*s", (int)SIZE_COLUMNS, tool_size_text(item->size, size));
	fprintf(c->file, "%s%s\n", c->by && *item->by ? " " : "", c->by ? item->by : "");
}

/* From where to where, in two lines if need be, and to which scale, if there is one, and room. */
static void put_heading(const struct canvas *c)
{
	const uint64_t size = c->part->end - c->part->start;
	char start[32], end[32], cell[32], scale[48] = "";
	size_t length;

	(void)picture_address(c->part->start, start);
	(void)picture_address(c->part->end, end);
	length = strlen(start) + strlen(" to ") + strlen(end);
	if (c->cells > 0 && size >= c->cells)
		snprintf(scale, sizeof(scale), ", %s a column",
			 tool_size_text(size / c->cells, cell));
	fprintf(c->file, "%s to%s%s%s\n", start, length > c->style->width ? "\n" : " ", end,
		length + strlen(scale) > c->style->width ? "" : scale);
}

static void put_part(const struct canvas *c, size_t i)
{
	const struct picture_part *part = c->part;
	char size[32];

	put_heading(c);
	for (size_t k = part->first; k < part->first + part->count; k++)
		put_item(c, &c->picture->items[k]);
	if (i + 1 < c->picture->part_count && part[1].start > part->end)
		fprintf(c->file, "hole of %s%s\n", tool_size_text(part[1].start - part->end, size),
			c->cells > 0 ? ", not to scale" : "");
}

void draw_picture(const struct picture *picture, const struct draw_style *style, FILE *file)
{
	struct canvas c = { .picture = picture, .style = style, .file = file };
	const bool bars = style->width >= WIDTH_BARS;
	unsigned int rest = INDENT + 1 + SIZE_COLUMNS, most;

	c.by = style->width >= WIDTH_BY;
	fputs(c.by   ? "picture, each part to a scale of its own; on the right, who put it there:\n"
	      : bars ? "picture, each part to its own scale:\n"
		     : "picture, as a list:\n",
	      file);
	if (bars)
		rest += 3;
	if (c.by)
		rest += 1 + BY_COLUMNS;
	most = bars ? style->width / 3 : style->width - rest;
	for (size_t i = 0; i < picture->item_count; i++) {
		const size_t length = strlen(picture->items[i].name);

		if (length > c.names)
			c.names = length < most ? (unsigned int)length : most;
	}
	if (bars)
		c.cells = style->width - rest - c.names;
	for (size_t i = 0; i < picture->part_count; i++) {
		c.part = &picture->parts[i];
		put_part(&c, i);
	}
}
