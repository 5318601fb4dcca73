/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * Where an address of a part is in its drawing.  The scale changes from span to span, so that in a guest of any
 * size what has been placed can be seen: a span that something lies in is never thinner than a line of text,
 * and one that nothing lies in never thicker than a few, which breaks the scale.
 */
#ifndef TOOL_SVG_SCALE_H
#define TOOL_SVG_SCALE_H

#include "picture.h"

/* From this address on; the last is the part's end. */
struct svg_knot {
	uint64_t gpa;
	double y;    /* pixels from the top of the part */
	bool broken; /* the span that begins here is drawn shorter than the others */
};

struct svg_scale {
	struct svg_knot *knots;
	size_t count; /* 2 at least */
};

/* Make the scale of a part, @least pixels high at least.  False if there is no memory; to be freed in either case. */
bool svg_scale_make(const struct picture *picture, const struct picture_part *part,
		    unsigned int least, struct svg_scale *ret);
void svg_scale_free(struct svg_scale *scale);

/* Pixels from the top of the part; what is outside of it is at its edge. */
unsigned int svg_scale_y(const struct svg_scale *scale, uint64_t gpa);

/* Of the whole part. */
unsigned int svg_scale_height(const struct svg_scale *scale);

#endif
