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
};

/* The largest gap that could be used, for the message, and all that is free there. */
struct largest {
	struct pvl_range usable;
	struct pvl_range free;
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

/* What of @gap the part may take, from the first address at which it may be; false if nothing. */
static bool usable(const struct search *s, struct pvl_range *gap)
{
	const struct pvl_part *part = s->part;

	/*
	 * Padding to whole pages must be in the gap, but may pass the limit, which is for the bytes
	 * alone.
	 */
	if (part->whole_pages)
		gap->end = pvl_align_down(gap->end, s->page_size);
	gap->start = pvl_max_u64(gap->start, part->min);
	gap->end = pvl_min_u64(gap->end, part->limit);
	return next_place(part, gap->start, &gap->start) && gap->start < gap->end;
}

static bool fits(const struct search *s, struct pvl_range gap, uint64_t *ret)
{
	const struct pvl_part *part = s->part;

	if (!usable(s, &gap) || part->size > gap.end - gap.start)
		return false;
	*ret = s->highest ? gap.end - part->size : gap.start;
	*ret -= above_place(part, *ret); /* not below gap.start, which is such an address */
	return true;
}

/* In whole pages, the part fits nowhere in @block. */
static bool too_small(const struct search *s, const struct pvl_gap_block *block)
{
	return s->part->whole_pages && s->part->align >= s->page_size &&
	       block->most < s->part->size;
}

/* In vain, it learns how large the block's gaps are. */
static bool find_in_block(const struct search *s, struct pvl_gap_block *block, uint64_t *ret)
{
	uint64_t most = 0;

	for (size_t n = 0; n < block->count; n++) {
		const size_t i = s->highest ? block->count - 1 - n : n;

		if (fits(s, block->gaps[i], ret))
			return true;
		most = pvl_max_u64(most, pvl_gap_pages(block->gaps[i], s->page_size));
	}
	block->most = most;
	return false;
}

/* The blocks with a gap between the part's bounds: from *@ret_first up to the one before what is returned. */
static size_t bound_blocks(const struct pvl_gaps *free, const struct pvl_part *part,
			   size_t *ret_first)
{
	const size_t last = pvl_gaps_block_above(free, part->limit);

	*ret_first = pvl_gaps_block_above(free, part->min);
	return last < free->count ? last + 1 : last;
}

static bool find_place(const struct search *s, const struct pvl_gaps *free, uint64_t *ret)
{
	size_t first;
	const size_t end = bound_blocks(free, s->part, &first);

	for (size_t n = first; n < end; n++) {
		struct pvl_gap_block *block = &free->blocks[s->highest ? end - 1 - (n - first) : n];

		if (!too_small(s, block) && find_in_block(s, block, ret))
			return true;
	}
	return false;
}

static struct largest find_largest(const struct search *s, const struct pvl_gaps *free)
{
	struct largest largest = { { 0, 0 }, { 0, 0 } };
	size_t first;
	const size_t end = bound_blocks(free, s->part, &first);

	for (size_t n = first; n < end; n++)
		for (size_t i = 0; i < free->blocks[n].count; i++) {
			struct pvl_range gap = free->blocks[n].gaps[i];

			if (usable(s, &gap) &&
			    gap.end - gap.start > largest.usable.end - largest.usable.start)
				largest = (struct largest){ gap, free->blocks[n].gaps[i] };
		}
	return largest;
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
static void describe_neighbours(const struct pvl_space *space, const struct pvl_part *part,
				struct pvl_range free, char *text, size_t size)
{
	const char *below = neighbour(space, free.start, true);
	const char *above = neighbour(space, free.end, false);

	text[0] = '\0';
	/* the bounds of the search are told anyway */
	if (part->limit < free.end)
		above = NULL;
	if (part->min > free.start)
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
	const struct largest largest = find_largest(s, &space->free);
	const uint64_t most = largest.usable.end - largest.usable.start;
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
	if (most == 0)
		return pvl_fail(err, PVHLOAD_E_NO_ROOM, PVL_ANYWHERE,
				"no room for %s, %" PRIu64 " bytes: there is no free RAM %s%s",
				part->name, part->size, bounds, multiple);
	describe_neighbours(space, part, largest.free, neighbours, sizeof(neighbours));
	return pvl_fail(err, PVHLOAD_E_NO_ROOM, PVL_GPA(largest.usable.start),
			"no room for %s, %" PRIu64
			" bytes: the largest free range %s%s has %" PRIu64 " bytes, " PVL_RANGE_FMT
			"%s: %" PRIu64 " too few",
			part->name, part->size, bounds, multiple, most,
			PVL_RANGE_ARG(largest.usable), neighbours, part->size - most);
}

enum pvhload_status pvl_space_find(const struct pvl_space *space, const struct pvl_part *part,
				   bool highest, uint64_t *ret_gpa, struct pvhload_error *err)
{
	const struct search s = { part, space->arch->page_size, highest };

	return find_place(&s, &space->free, ret_gpa) ? PVHLOAD_OK : no_room(space, &s, err);
}
