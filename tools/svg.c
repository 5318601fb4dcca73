/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * A strip of addresses from top to bottom, part by part; on its left the map's ranges, on its right
 * what is kept free and the plan's regions.  A label is as near to what it names as its neighbours let
 * it be, with a line between the two.  The font is monospaced, so that widths are known here.
 */
#include "svg.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "output.h"
#include "svg_label.h"
#include "svg_scale.h"

#define MARGIN      16u
#define STRIP       96u /* width */
#define INSET       10u /* of a region in it */
#define LEADER      40u /* from the strip to the labels */
#define PART_MIN    72u /* height */
#define PART_BREAK  48u /* above each */
#define BREAK_OVER  4u  /* how a break of the scale is drawn: over the strip's edges, */
#define BREAK_SLANT 8u  /* from lower left to upper right, */
#define BREAK_GAP   5u  /* and so wide */
#define HEAD_LINES  4u  /* of one paragraph, at most */
#define SIZE_CHARS  10u
#define BY_CHARS    9u
#define RANGE_SIZE  48u

/* The labels on one side of the strip. */
struct side {
	bool ranges;        /* or regions */
	unsigned int x;     /* of the first column */
	unsigned int names; /* characters */
	unsigned int edge;  /* where the lines start: the strip's */
	unsigned int ends;  /* and where they end */
};

struct svg {
	const struct picture *picture;
	FILE *file;
	struct side sides[2];
	unsigned int range_chars;
	unsigned int strip_x;
	unsigned int width;
	unsigned int y;                    /* down to here it is drawn */
	unsigned int *middle;              /* of the labels of a part */
	struct svg_scale scale;            /* of the part that is drawn */
	const struct picture_item **order; /* of its items on the right: which is drawn when */
};

static const char *const classes[PICTURE_KINDS] = {
	[PICTURE_HOLE] = "h",  [PICTURE_RAM] = "r",    [PICTURE_RESERVED] = "v",
	[PICTURE_CLAIM] = "c", [PICTURE_KERNEL] = "k", [PICTURE_FILE] = "f",
	[PICTURE_DATA] = "d",
};

static const char style[] =
	"<style>"
	"text{font:12px monospace;fill:#1f2328}"
	".b{font-weight:bold}.e{text-anchor:end}.m{text-anchor:middle}"
	".g{fill:#fff}.h{fill:#f0f1f3}.r{fill:#d5dbe3}.v{fill:#e5534b}.c{fill:#a371f7}"
	".k{fill:#2da44e}.f{fill:#218bff}.d{fill:#d4a72c}"
	".s{fill:none;stroke:#6e7781}.c,.k,.f,.d{stroke:#fff}"
	"@media(prefers-color-scheme:dark){"
	"text{fill:#e6edf3}.g{fill:#0d1117}.h{fill:#1b2027}.r{fill:#3a434e}.v{fill:#b62324}.c{fill:#8957e5}"
	".k{fill:#238636}.f{fill:#1f6feb}.d{fill:#bb8009}.s{stroke:#8b949e}"
	".c,.k,.f,.d{stroke:#0d1117}}"
	"</style>\n";

static bool is_range(const struct picture_item *item)
{
	return item->kind <= PICTURE_RESERVED;
}

static int range_text(const struct picture_item *item, char buffer[RANGE_SIZE])
{
	return snprintf(buffer, RANGE_SIZE, "0x%010" PRIx64 "-0x%010" PRIx64, item->gpa,
			item->end - 1);
}

static void put_text(const struct svg *s, unsigned int x, unsigned int y, const char *class,
		     const char *text, size_t length)
{
	fprintf(s->file, "<text x=\"%u\" y=\"%u\"", x, y);
	if (*class)
		fprintf(s->file, " class=\"%s\"", class);
	fputs(">", s->file);
	svg_put_text(s->file, text, length);
	fputs("</text>\n", s->file);
}

static void put_rect(const struct svg *s, unsigned int x, unsigned int y, unsigned int width,
		     unsigned int height, const char *class)
{
	fprintf(s->file, "<rect x=\"%u\" y=\"%u\" width=\"%u\" height=\"%u\" class=\"%s\"/>\n", x,
		y, width, height, class);
}

/* What stands above the strip; "@what @text", in HEAD_LINES at most. */
static void put_paragraph(struct svg *s, const char *class, const char *what, const char *text)
{
	const size_t most = (s->width - 2 * MARGIN) / SVG_CHAR;
	char *all, *at;

	if (asprintf(&all, "%s%s", what, text) < 0)
		return;
	at = all;
	for (size_t i = 0; *at && i < HEAD_LINES; i++) {
		const size_t length = svg_line_length(at, most);
		const bool more = i + 1 == HEAD_LINES && at[length];

		s->y += SVG_LINE;
		put_text(s, MARGIN, s->y, class, more ? "..." : at, more ? 3 : length);
		at += length + (at[length] == ' ');
	}
	free(all);
}

static void put_ranges(const struct svg *s, const struct picture_part *part, unsigned int height)
{
	unsigned int drawn = 0; /* down to here */

	for (size_t i = 0; i < s->picture->range_count; i++) {
		const struct pvhload_memmap_entry *r = &s->picture->ranges[i];
		unsigned int from = svg_scale_y(&s->scale, r->gpa);
		unsigned int to = svg_scale_y(&s->scale, r->gpa + r->size);

		if (r->gpa >= part->end || r->gpa + r->size <= part->start)
			continue;
		if (to == from && r->type > PVHLOAD_MEMMAP_RAM && to < height)
			to++; /* a claim of the VMM is to be seen */
		if (from < drawn)
			from = drawn;
		if (to <= from)
			continue;
		put_rect(s, s->strip_x, s->y + from, STRIP, to - from,
			 classes[r->type == 0                    ? PICTURE_HOLE
				 : r->type == PVHLOAD_MEMMAP_RAM ? PICTURE_RAM
								 : PICTURE_RESERVED]);
		drawn = to;
	}
}

static void put_region(const struct svg *s, const struct picture_item *item, unsigned int height)
{
	unsigned int from = svg_scale_y(&s->scale, item->gpa);
	unsigned int to = svg_scale_y(&s->scale, item->end);

	if (to < from + 2)
		to = from + 2;
	if (to > height) {
		from = height - (to - from);
		to = height;
	}
	put_rect(s, s->strip_x + INSET, s->y + from, STRIP - 2 * INSET, to - from,
		 classes[item->kind]);
}

static int thickest_first(const void *a, const void *b)
{
	const struct picture_item *x = *(const struct picture_item *const *)a;
	const struct picture_item *y = *(const struct picture_item *const *)b;

	if (x->size != y->size)
		return x->size > y->size ? -1 : 1;
	return (x->gpa > y->gpa) - (x->gpa < y->gpa);
}

/* The thin ones last: none is under one that is larger. */
static void put_regions(const struct svg *s, const struct picture_part *part, unsigned int height)
{
	size_t count = 0;

	for (size_t i = part->first; i < part->first + part->count; i++)
		if (!is_range(&s->picture->items[i]))
			s->order[count++] = &s->picture->items[i];
	qsort(s->order, count, sizeof(*s->order), thickest_first);
	for (size_t i = 0; i < count; i++)
		put_region(s, s->order[i], height);
}

/* A gap through the strip, slanted, where the scale is broken. */
static void put_breaks(const struct svg *s)
{
	const unsigned int left = s->strip_x - BREAK_OVER, right = s->strip_x + STRIP + BREAK_OVER;

	for (size_t i = 0; i + 1 < s->scale.count; i++) {
		const struct svg_knot *k = &s->scale.knots[i];
		const unsigned int y = s->y + (unsigned int)((k[0].y + k[1].y) / 2);

		if (!k->broken)
			continue;
		fprintf(s->file, "<path d=\"M%u %uL%u %uv%uL%u %uz\" class=\"g\"/>\n", left,
			y + BREAK_SLANT / 2, right, y - BREAK_SLANT / 2, BREAK_GAP, left,
			y + BREAK_SLANT / 2 + BREAK_GAP);
		fprintf(s->file, "<path d=\"M%u %uL%u %uM%u %uL%u %u\" class=\"s\"/>\n", left,
			y + BREAK_SLANT / 2, right, y - BREAK_SLANT / 2, left,
			y + BREAK_SLANT / 2 + BREAK_GAP, right, y - BREAK_SLANT / 2 + BREAK_GAP);
	}
}

/* The line of a label from @from, at the strip, to @to, and its columns. */
static void put_label(const struct svg *s, const struct side *side, const struct picture_item *item,
		      unsigned int from, unsigned int to)
{
	const unsigned int x_range = side->x + (side->names + 1) * SVG_CHAR;
	const unsigned int x_size = x_range + (s->range_chars + 1 + SIZE_CHARS) * SVG_CHAR;
	const unsigned int base = s->y + to + 4;
	char range[RANGE_SIZE], size[32];

	(void)range_text(item, range);
	fprintf(s->file, "<path d=\"M%u %uL%u %u\" class=\"s\"/>\n", side->edge, s->y + from,
		side->ends, s->y + to);
	put_text(s, side->x, base, "b", item->name, SIZE_MAX);
	put_text(s, x_range, base, "", range, SIZE_MAX);
	put_text(s, x_size, base, "e", tool_size_text(item->size, size), SIZE_MAX);
	if (*item->by)
		put_text(s, x_size + SVG_CHAR, base, "", item->by, SIZE_MAX);
}

static size_t side_count(const struct svg *s, const struct picture_part *part,
			 const struct side *side)
{
	size_t count = 0;

	for (size_t i = 0; i < part->count; i++)
		count += is_range(&s->picture->items[part->first + i]) == side->ranges;
	return count;
}

static void put_side(const struct svg *s, const struct picture_part *part, const struct side *side,
		     unsigned int height)
{
	const struct picture_item *items = &s->picture->items[part->first];
	size_t count = 0, label = 0;

	for (size_t i = 0; i < part->count; i++) {
		const unsigned int from = svg_scale_y(&s->scale, items[i].gpa);
		const unsigned int to = svg_scale_y(&s->scale, items[i].end);

		if (is_range(&items[i]) == side->ranges)
			s->middle[count++] = items[i].pieces > 1 ? from : from + (to - from) / 2;
	}
	svg_spread(s->middle, count, 0, height);
	for (size_t i = 0; i < part->count; i++) {
		const unsigned int from = svg_scale_y(&s->scale, items[i].gpa);
		const unsigned int to = svg_scale_y(&s->scale, items[i].end);

		if (is_range(&items[i]) == side->ranges)
			put_label(s, side, &items[i],
				  items[i].pieces > 1 ? from : from + (to - from) / 2,
				  s->middle[label++]);
	}
}

static bool is_broken(const struct svg_scale *scale)
{
	for (size_t i = 0; i < scale->count; i++)
		if (scale->knots[i].broken)
			return true;
	return false;
}

/* Above a part: what is left out before it, and from where to where it is. */
static void put_part_head(struct svg *s, size_t index)
{
	const struct picture_part *part = &s->picture->parts[index];
	const unsigned int centre = s->strip_x + STRIP / 2;
	char start[32], end[32], text[96];

	s->y += PART_BREAK;
	if (index > 0 && part[-1].end < part->start) {
		snprintf(text, sizeof(text), "hole of %s, not to scale",
			 tool_size_text(part->start - part[-1].end, start));
		put_text(s, centre, s->y - 8 - SVG_LINE, "m", text, SIZE_MAX);
	}
	snprintf(text, sizeof(text), "%s to %s%s", picture_address(part->start, start),
		 picture_address(part->end, end), is_broken(&s->scale) ? ", scale broken" : "");
	put_text(s, centre, s->y - 8, "b m", text, SIZE_MAX);
}

/* False if there is no memory. */
static bool put_part(struct svg *s, size_t index)
{
	const struct picture_part *part = &s->picture->parts[index];
	const size_t left = side_count(s, part, &s->sides[0]);
	const size_t right = side_count(s, part, &s->sides[1]);
	const unsigned int needed = (unsigned int)((left > right ? left : right) + 1) * SVG_LINE;
	unsigned int height;

	if (!svg_scale_make(s->picture, part, needed > PART_MIN ? needed : PART_MIN, &s->scale))
		return false;
	height = svg_scale_height(&s->scale);
	put_part_head(s, index);
	put_ranges(s, part, height);
	put_regions(s, part, height);
	put_rect(s, s->strip_x, s->y, STRIP, height, "s");
	put_breaks(s);
	put_side(s, part, &s->sides[0], height);
	put_side(s, part, &s->sides[1], height);
	s->y += height;
	svg_scale_free(&s->scale);
	return true;
}

/* What the columns of the labels are. */
static void put_column_heads(struct svg *s)
{
	s->y += 2 * SVG_LINE;
	for (size_t i = 0; i < sizeof(s->sides) / sizeof(s->sides[0]); i++) {
		const struct side *side = &s->sides[i];
		const unsigned int x_range = side->x + (side->names + 1) * SVG_CHAR;
		const unsigned int x_size = x_range + (s->range_chars + 1 + SIZE_CHARS) * SVG_CHAR;

		put_text(s, side->x, s->y, "", side->ranges ? "map" : "what", SIZE_MAX);
		put_text(s, x_range, s->y, "", "addresses", SIZE_MAX);
		put_text(s, x_size, s->y, "e", "size", SIZE_MAX);
		put_text(s, x_size + SVG_CHAR, s->y, "", side->ranges ? "said by" : "placed by",
			 SIZE_MAX);
	}
}

static void put_legend(struct svg *s)
{
	unsigned int x = MARGIN;

	s->y += 2 * SVG_LINE;
	for (unsigned int kind = 0; kind < PICTURE_KINDS; kind++) {
		const char *name = picture_kind_name(kind);

		put_rect(s, x, s->y - 10, 12, 12, classes[kind]);
		put_text(s, x + 18, s->y, "", name, SIZE_MAX);
		x += 18 + ((unsigned int)strlen(name) + 2) * SVG_CHAR;
	}
	s->y += MARGIN;
}

/* Where everything goes from left to right. */
static void measure(struct svg *s)
{
	struct side *left = &s->sides[0], *right = &s->sides[1];
	unsigned int block;

	left->ranges = true;
	for (size_t i = 0; i < s->picture->item_count; i++) {
		const struct picture_item *item = &s->picture->items[i];
		struct side *side = is_range(item) ? left : right;
		char range[RANGE_SIZE];
		const unsigned int chars = (unsigned int)range_text(item, range);
		const unsigned int name = (unsigned int)strlen(item->name);

		side->names = name > side->names ? name : side->names;
		s->range_chars = chars > s->range_chars ? chars : s->range_chars;
	}
	block = (1 + s->range_chars + 1 + SIZE_CHARS + 1 + BY_CHARS) * SVG_CHAR;
	left->x = MARGIN;
	left->ends = left->x + left->names * SVG_CHAR + block;
	left->edge = s->strip_x = left->ends + LEADER;
	right->edge = s->strip_x + STRIP;
	right->ends = right->edge + LEADER - 4;
	right->x = right->edge + LEADER;
	s->width = right->x + right->names * SVG_CHAR + block + MARGIN;
}

static void put_document(const struct svg *s, const struct pvhload_plan_info *info,
			 const char *title, const char *body, FILE *file)
{
	fprintf(file,
		"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%u\" height=\"%u\" "
		"viewBox=\"0 0 %u %u\" role=\"img\" aria-labelledby=\"title desc\">\n"
		"<title id=\"title\">%s</title>\n<desc id=\"desc\">Guest-physical memory as "
		"planned, because ",
		s->width, s->y, s->width, s->y, title);
	svg_put_text(file, info->reason, SIZE_MAX);
	fputs("; command line: ", file);
	svg_put_text(file, info->cmdline, SIZE_MAX);
	fprintf(file, "</desc>\n%s<rect width=\"%u\" height=\"%u\" class=\"g\"/>\n%s</svg>\n",
		style, s->width, s->y, body);
}

/* All of it, in memory: the caller's to free; NULL if there is none. */
static char *make(const struct picture *picture, const struct pvhload_plan_info *info, size_t *size)
{
	struct svg s = { .picture = picture, .y = MARGIN };
	char *body = NULL, *text = NULL, title[96];
	bool complete = true;
	size_t body_size;
	FILE *file = NULL;

	snprintf(title, sizeof(title), "pvhload plan: protocol %s, entry 0x%" PRIx64,
		 pvhload_protocol_name(info->protocol), info->entry);
	s.middle = calloc(picture->item_count, sizeof(*s.middle));
	s.order = calloc(picture->item_count, sizeof(*s.order));
	s.file = open_memstream(&body, &body_size);
	if (s.file && s.middle && s.order) {
		measure(&s);
		put_paragraph(&s, "b", title, "");
		put_paragraph(&s, "", "because ", info->reason);
		put_paragraph(&s, "", "command line: ", info->cmdline);
		put_column_heads(&s);
		for (size_t i = 0; i < picture->part_count; i++)
			complete = complete && put_part(&s, i);
		put_legend(&s);
		file = complete ? open_memstream(&text, size) : NULL;
	}
	if (s.file && fclose(s.file) == 0 && file)
		put_document(&s, info, title, body, file);
	if (file && fclose(file) != 0) {
		free(text);
		text = NULL;
	}
	free(s.middle);
	free(s.order);
	free(body);
	return text;
}

int svg_write(const struct picture *picture, const struct pvhload_plan_info *info, const char *path)
{
	size_t size = 0;
	char *text = make(picture, info, &size);
	struct output output;
	int result = text ? output_open(&output, path) : tool_fail(path, "no memory");

	if (result == TOOL_DONE)
		result = output_close(&output, output_write(&output, text, size));
	free(text);
	return result;
}
