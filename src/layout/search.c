/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* Looking for a place among the gaps between claims, and saying why there is none. */
#include "core/checked.h"
#include "core/error.h"
#include "core/libc.h"
#include "layout/space.h"

struct search {
	const struct pvl_part *part;
	uint64_t page_size;
	bool highest;
	bool found;
	uint64_t gpa;             /* the best place so far */
	struct pvl_range largest; /* the largest usable gap, for the message */
	struct pvl_range free;    /* and all that is free there */
};

/* How far @gpa is above the last address at which @part may be. */
static uint64_t above_place(const struct pvl_part *part, uint64_t gpa)
{
	return (gpa - part->phase) & (part->align - 1);
}

/* Round up to the next address at which @part may be; false if that would pass 2^64. */
static bool next_place(const struct pvl_part *part, uint64_t gpa, uint64_t *ret)
{
	const uint64_t above = above_place(part, gpa);

	return pvl_add_u64(gpa, above == 0 ? 0 : part->align - above, ret);
}

/* Consider one range that is RAM and free. */
static void offer(struct search *s, struct pvl_range gap)
{
	const struct pvl_part *part = s->part;
	const struct pvl_range free = gap;
	uint64_t gpa;

	/*
	 * Padding to whole pages must be in the gap, but may pass the limit, which is for the bytes
	 * alone.
	 */
	if (part->whole_pages)
		gap.end = pvl_align_down(gap.end, s->page_size);
	gap.start = pvl_max_u64(gap.start, part->min);
	gap.end = pvl_min_u64(gap.end, part->limit);
	if (!next_place(part, gap.start, &gap.start) || gap.start >= gap.end)
		return;
	if (gap.end - gap.start > s->largest.end - s->largest.start) {
		s->largest = gap;
		s->free = free;
	}
	if (part->size > gap.end - gap.start)
		return;
	gpa = s->highest ? gap.end - part->size : gap.start;
	gpa -= above_place(part, gpa); /* not below gap.start, which is such an address */
	if (!s->found || (s->highest ? gpa > s->gpa : gpa < s->gpa))
		s->gpa = gpa;
	s->found = true;
}

/* Consider every free range in one range of RAM. */
static void offer_ram(const struct pvl_space *space, struct search *s, struct pvl_range ram)
{
	uint64_t from = ram.start;

	for (size_t i = pvl_space_above(space, ram.start); i < space->count; i++) {
		const struct pvl_range claim = space->claims[i].range;

		if (claim.start >= ram.end)
			break;
		if (claim.start > from)
			offer(s, (struct pvl_range){ from, claim.start });
		from = pvl_max_u64(from, claim.end);
	}
	if (from < ram.end)
		offer(s, (struct pvl_range){ from, ram.end });
}

/* The claim that ends at @gpa, if @end, or else begins there; NULL at an edge of RAM. */
static const char *neighbour(const struct pvl_space *space, uint64_t gpa, bool end)
{
	for (size_t i = 0; i < space->count; i++)
		if ((end ? space->claims[i].range.end : space->claims[i].range.start) == gpa)
			return space->claims[i].name;
	return NULL;
}

/* Append what is around the largest gap, if that is more than its addresses. */
static void describe_neighbours(const struct pvl_space *space, const struct search *s, char *text,
				size_t size)
{
	const char *below = neighbour(space, s->free.start, true);
	const char *above = neighbour(space, s->free.end, false);

	text[0] = '\0';
	/* the bounds of the search are told anyway */
	if (s->part->limit < s->free.end)
		above = NULL;
	if (s->part->min > s->free.start)
		below = NULL;
	if (below && above)
		snprintf(text, size, " between %s and %s", below, above);
	else if (below || above)
		snprintf(text, size, " %s %s", below ? "above" : "below", below ? below : above);
}

static enum pvhload_status no_room(const struct pvl_space *space, const struct search *s,
				   struct pvhload_error *err)
{
	const struct pvl_part *part = s->part;
	char bounds[120], multiple[64] = "", neighbours[2 * PVL_NAME_SIZE + 16];

	if (part->min > 0)
		snprintf(bounds, sizeof(bounds), "between 0x%" PRIx64 " and %s", part->min,
			 part->limit_name);
	else
		snprintf(bounds, sizeof(bounds), "below %s", part->limit_name);
	if (part->phase != 0)
		snprintf(multiple, sizeof(multiple),
			 " at 0x%" PRIx64 " plus a multiple of 0x%" PRIx64, part->phase,
			 part->align);
	else if (part->align > s->page_size)
		snprintf(multiple, sizeof(multiple), " at a multiple of 0x%" PRIx64, part->align);
	if (s->largest.end == 0)
		return pvl_fail(err, PVHLOAD_E_NO_ROOM, PVL_ANYWHERE,
				"no room for %s, %" PRIu64 " bytes: there is no free RAM %s%s",
				part->name, part->size, bounds, multiple);
	describe_neighbours(space, s, neighbours, sizeof(neighbours));
	return pvl_fail(err, PVHLOAD_E_NO_ROOM, PVL_GPA(s->largest.start),
			"no room for %s, %" PRIu64
			" bytes: the largest free range %s%s has %" PRIu64 " bytes, " PVL_RANGE_FMT
			"%s: %" PRIu64 " too few",
			part->name, part->size, bounds, multiple, s->largest.end - s->largest.start,
			PVL_RANGE_ARG(s->largest), neighbours,
			part->size - (s->largest.end - s->largest.start));
}

enum pvhload_status pvl_space_find(const struct pvl_space *space, const struct pvl_part *part,
				   bool highest, uint64_t *ret_gpa, struct pvhload_error *err)
{
	struct search s = { .part = part, .page_size = space->arch->page_size, .highest = highest };

	for (size_t i = 0; i < space->ram.count; i++)
		offer_ram(space, &s, space->ram.ranges[i]);
	if (!s.found)
		return no_room(space, &s, err);
	*ret_gpa = s.gpa;
	return PVHLOAD_OK;
}
