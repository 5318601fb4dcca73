/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
#include "svg_scale.h"

#include <stdlib.h>

#include "svg_label.h"

#define UNBROKEN    240.0 /* pixels of a part drawn to one scale */
#define COVERED_MIN ((double)SVG_LINE)
#define EMPTY_MIN   4.0
#define EMPTY_MAX   72.0

/* What was placed, kept or reserved; RAM and holes are what it lies in. */
static bool is_placed(const struct picture_item *item)
{
	return item->kind >= PICTURE_RESERVED && item->pieces == 1;
}

/* Ranges that are one item: their borders are in its span, which has to show them. */
static bool is_in_pieces(const struct picture_item *item)
{
	return item->pieces > 1;
}

static int by_gpa(const void *a, const void *b)
{
	const struct svg_knot *x = a, *y = b;

	return (x->gpa > y->gpa) - (x->gpa < y->gpa);
}

static void add_knot(struct svg_scale *scale, const struct picture_part *part, uint64_t gpa)
{
	if (gpa >= part->start && gpa <= part->end)
		scale->knots[scale->count++].gpa = gpa;
}

/* The borders of all that is in the part, each once. */
static void make_knots(const struct picture *p, const struct picture_part *part,
		       struct svg_scale *scale)
{
	size_t count = 1;

	add_knot(scale, part, part->start);
	add_knot(scale, part, part->end);
	for (size_t i = part->first; i < part->first + part->count; i++)
		if (p->items[i].pieces == 1) {
			add_knot(scale, part, p->items[i].gpa);
			add_knot(scale, part, p->items[i].end);
		}
	qsort(scale->knots, scale->count, sizeof(*scale->knots), by_gpa);
	for (size_t i = 1; i < scale->count; i++)
		if (scale->knots[i].gpa != scale->knots[count - 1].gpa)
			scale->knots[count++] = scale->knots[i];
	scale->count = count;
}

/* Is there such an item in the span? */
static bool span_has(const struct picture *p, const struct picture_part *part, uint64_t start,
		     uint64_t end, bool (*is_such)(const struct picture_item *item))
{
	for (size_t i = part->first; i < part->first + part->count; i++)
		if (is_such(&p->items[i]) && p->items[i].gpa < end && p->items[i].end > start)
			return true;
	return false;
}

/* How high the span of @knot is. */
static double span_height(const struct picture *p, const struct picture_part *part,
			  struct svg_knot *knot, uint64_t end)
{
	const double share = (double)(end - knot->gpa) / (double)(part->end - part->start);
	const double height = UNBROKEN * share;

	if (span_has(p, part, knot->gpa, end, is_placed))
		return height < COVERED_MIN ? COVERED_MIN : height;
	knot->broken = height > EMPTY_MAX && !span_has(p, part, knot->gpa, end, is_in_pieces);
	return knot->broken ? EMPTY_MAX : height < EMPTY_MIN ? EMPTY_MIN : height;
}

bool svg_scale_make(const struct picture *p, const struct picture_part *part, unsigned int least,
		    struct svg_scale *ret)
{
	double y = 0;

	ret->count = 0;
	ret->knots = calloc(2 * part->count + 2, sizeof(*ret->knots));
	if (!ret->knots)
		return false;
	make_knots(p, part, ret);
	for (size_t i = 0; i + 1 < ret->count; i++) {
		ret->knots[i].y = y;
		y += span_height(p, part, &ret->knots[i], ret->knots[i + 1].gpa);
	}
	ret->knots[ret->count - 1].y = y;
	/* One span alone is to scale, however high. */
	if (ret->count == 2)
		ret->knots[0].broken = false;
	for (size_t i = 0; i < ret->count && y < least; i++)
		ret->knots[i].y *= least / y;
	return true;
}

void svg_scale_free(struct svg_scale *scale)
{
	free(scale->knots);
}

unsigned int svg_scale_y(const struct svg_scale *scale, uint64_t gpa)
{
	const struct svg_knot *k = scale->knots;
	size_t i = 1;

	if (gpa <= k[0].gpa)
		return 0;
	if (gpa >= k[scale->count - 1].gpa)
		return svg_scale_height(scale);
	while (k[i].gpa < gpa)
		i++;
	return (unsigned int)(k[i - 1].y +
			      (k[i].y - k[i - 1].y) * (double)(gpa - k[i - 1].gpa) /
				      (double)(k[i].gpa - k[i - 1].gpa) +
			      0.5);
}

unsigned int svg_scale_height(const struct svg_scale *scale)
{
	return (unsigned int)(scale->knots[scale->count - 1].y + 0.5);
}
