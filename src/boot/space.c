/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
#include "boot/space.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/checked.h"
#include "core/error.h"
#include "core/grow.h"

#define PAGE      4096u
#define LOW_ALIGN 8u
#define LOW_MIN   0x1000u /* page 0 is the BIOS's, and address 0 means absent */

enum pvhload_status pvl_space_init(struct pvl_space *space, const struct pvhload_memmap *memmap,
				   struct pvhload_error *err)
{
	memset(space, 0, sizeof(*space));
	space->memmap = memmap;
	return pvl_ram_init(memmap, &space->ram, err);
}

void pvl_space_free(struct pvl_space *space)
{
	pvl_ram_free(&space->ram);
	free(space->claims);
	space->claims = NULL;
}

/* The first claim that ends above @gpa: an index, or count. */
static size_t claim_above(const struct pvl_space *space, uint64_t gpa)
{
	size_t low = 0, high = space->count;

	while (low < high) {
		const size_t middle = low + (high - low) / 2;

		if (space->claims[middle].range.end <= gpa)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static enum pvhload_status add(struct pvl_space *space, const struct pvl_wish *wish,
			       struct pvl_range range, struct pvhload_error *err)
{
	const size_t at = claim_above(space, range.start);
	struct pvl_claim *claim;

	if (!pvl_grow((void **)&space->claims, &space->capacity, space->count,
		      sizeof(*space->claims)))
		return pvl_fail_no_memory(err, sizeof(*space->claims));
	claim = &space->claims[at];
	memmove(claim + 1, claim, (space->count - at) * sizeof(*claim));
	claim->range = range;
	claim->size = wish->size;
	claim->kind = wish->kind;
	claim->index = wish->index;
	if (snprintf(claim->name, sizeof(claim->name), "%s", wish->name) >=
	    (int)sizeof(claim->name))
		claim->name[sizeof(claim->name) - 2] = '~'; /* a name of the caller's that is cut */
	space->count++;
	return PVHLOAD_OK;
}

/* The first address of @range that is not RAM; @range is known to have one. */
static uint64_t first_not_ram(const struct pvl_space *space, struct pvl_range range)
{
	uint64_t at = range.start;

	for (size_t i = 0; i < space->ram.count; i++)
		if (at >= space->ram.ranges[i].start && at < space->ram.ranges[i].end)
			at = space->ram.ranges[i].end;
	return at;
}

static uint64_t count_not_ram(const struct pvl_space *space, struct pvl_range range)
{
	uint64_t count = range.end - range.start;

	for (size_t i = 0; i < space->ram.count; i++) {
		const uint64_t start = pvl_max_u64(range.start, space->ram.ranges[i].start);
		const uint64_t end = pvl_min_u64(range.end, space->ram.ranges[i].end);

		count -= start < end ? end - start : 0;
	}
	return count;
}

static enum pvhload_status not_ram(const struct pvl_space *space, const char *name,
				   struct pvl_range range, struct pvhload_error *err)
{
	const uint64_t at = first_not_ram(space, range), missing = count_not_ram(space, range);
	struct pvl_range hole = { 0, UINT64_MAX };

	for (size_t i = 0; i < space->memmap->count; i++) {
		const struct pvhload_memmap_entry *e = &space->memmap->entries[i];
		const struct pvl_range r = pvl_memmap_range(e);

		if (at >= r.start && at < r.end)
			return pvl_fail(err, PVHLOAD_E_RANGE, PVL_GPA(at),
					"%s " PVL_RANGE_FMT
					" leaves RAM: it runs into %s " PVL_RANGE_FMT "; 0x%" PRIx64
					" of its bytes are not RAM",
					name, PVL_RANGE_ARG(range), pvl_memmap_type_name(e->type),
					PVL_RANGE_ARG(r), missing);
		if (r.end <= at)
			hole.start = pvl_max_u64(hole.start, r.end);
		else
			hole.end = pvl_min_u64(hole.end, r.start);
	}
	if (hole.end == UINT64_MAX)
		return pvl_fail(err, PVHLOAD_E_RANGE, PVL_GPA(at),
				"%s " PVL_RANGE_FMT " leaves RAM: the memory map ends at 0x%" PRIx64
				"; 0x%" PRIx64 " of its bytes are not RAM",
				name, PVL_RANGE_ARG(range), hole.start, missing);
	return pvl_fail(err, PVHLOAD_E_RANGE, PVL_GPA(at),
			"%s " PVL_RANGE_FMT " leaves RAM: it runs into the hole " PVL_RANGE_FMT
			"; 0x%" PRIx64 " of its bytes are not RAM",
			name, PVL_RANGE_ARG(range), PVL_RANGE_ARG(hole), missing);
}

static enum pvhload_status check_claims(const struct pvl_space *space, const char *name,
					struct pvl_range range, struct pvhload_error *err)
{
	const size_t i = claim_above(space, range.start);
	struct pvl_range other, both;

	if (i == space->count || !pvl_range_overlap(space->claims[i].range, range))
		return PVHLOAD_OK;
	other = space->claims[i].range;
	both = (struct pvl_range){ pvl_max_u64(range.start, other.start),
				   pvl_min_u64(range.end, other.end) };
	return pvl_fail(err, PVHLOAD_E_OVERLAP, PVL_GPA(both.start),
			"%s " PVL_RANGE_FMT " overlaps %s " PVL_RANGE_FMT " by 0x%" PRIx64 " bytes",
			name, PVL_RANGE_ARG(range), space->claims[i].name, PVL_RANGE_ARG(other),
			both.end - both.start);
}

enum pvhload_status pvl_space_check(const struct pvl_space *space, const char *name,
				    struct pvl_range range, struct pvhload_error *err)
{
	if (!pvl_ram_contains(&space->ram, range))
		return not_ram(space, name, range, err);
	return check_claims(space, name, range, err);
}

enum pvhload_status pvl_space_reserve(struct pvl_space *space, const char *name, uint64_t gpa,
				      uint64_t size, struct pvhload_error *err)
{
	const struct pvl_wish wish = { .name = name, .size = size };
	enum pvhload_status status;
	struct pvl_range range;

	if (size == 0)
		return pvl_fail(err, PVHLOAD_E_RANGE, PVL_GPA(gpa),
				"the reservation \"%s\" at 0x%" PRIx64 " is empty", name, gpa);
	if (!pvl_range_make(gpa, size, &range))
		return pvl_fail(err, PVHLOAD_E_RANGE, PVL_GPA(gpa),
				"the reservation \"%s\", 0x%" PRIx64 " bytes at 0x%" PRIx64
				", passes the end of the address space",
				name, size, gpa);
	status = check_claims(space, name, range, err);
	return status == PVHLOAD_OK ? add(space, &wish, range, err) : status;
}

bool pvl_space_is_claimed(const struct pvl_space *space, struct pvl_range range)
{
	const size_t i = claim_above(space, range.start);

	return i < space->count && pvl_range_contains(space->claims[i].range, range);
}

/* What @wish claims when it starts at @gpa; false if that wraps. */
static bool claimed(const struct pvl_wish *wish, uint64_t gpa, struct pvl_range *ret)
{
	if (!pvl_range_make(gpa, wish->size, ret))
		return false;
	return !wish->whole_pages || pvl_align_up(ret->end, PAGE, &ret->end);
}

enum pvhload_status pvl_space_take(struct pvl_space *space, const struct pvl_wish *wish,
				   uint64_t gpa, struct pvhload_error *err)
{
	enum pvhload_status status;
	struct pvl_range range;

	if (!claimed(wish, gpa, &range) || gpa + wish->size > wish->limit)
		return pvl_fail(err, PVHLOAD_E_RANGE, PVL_GPA(gpa),
				"%s, 0x%" PRIx64 " bytes at 0x%" PRIx64
				", does not end below %s: 0x%" PRIx64 " bytes are beyond it",
				wish->name, wish->size, gpa, wish->limit_name,
				gpa < wish->limit ? wish->size - (wish->limit - gpa) : wish->size);
	if ((gpa & (wish->align - 1)) != 0)
		return pvl_fail(err, PVHLOAD_E_RANGE, PVL_GPA(gpa),
				"%s at 0x%" PRIx64 " is not at a multiple of 0x%" PRIx64,
				wish->name, gpa, wish->align);
	status = pvl_space_check(space, wish->name, range, err);
	return status == PVHLOAD_OK ? add(space, wish, range, err) : status;
}

/* A search for a place, gap by gap. */
struct search {
	const struct pvl_wish *wish;
	bool highest;
	bool found;
	uint64_t gpa;          /* the best place so far */
	struct pvl_range most; /* the largest usable gap, for the message */
	struct pvl_range free; /* and all that is free there */
};

/* How far @gpa is above the last address that may be @wish's. */
static uint64_t above_place(const struct pvl_wish *wish, uint64_t gpa)
{
	return (gpa - wish->phase) & (wish->align - 1);
}

/* Up to the next address that may be @wish's; false if that would pass 2^64. */
static bool next_place(const struct pvl_wish *wish, uint64_t gpa, uint64_t *ret)
{
	const uint64_t above = above_place(wish, gpa);

	return pvl_add_u64(gpa, above == 0 ? 0 : wish->align - above, ret);
}

/* Consider one range that is RAM and free. */
static void consider(struct search *s, struct pvl_range gap)
{
	const struct pvl_wish *wish = s->wish;
	const struct pvl_range free = gap;
	uint64_t gpa;

	/* Padding to whole pages may not leave the gap, but may pass the limit on the bytes themselves. */
	if (wish->whole_pages)
		gap.end = pvl_align_down(gap.end, PAGE);
	gap.start = pvl_max_u64(gap.start, wish->min);
	gap.end = pvl_min_u64(gap.end, wish->limit);
	if (!next_place(wish, gap.start, &gap.start) || gap.start >= gap.end)
		return;
	if (gap.end - gap.start > s->most.end - s->most.start) {
		s->most = gap;
		s->free = free;
	}
	if (wish->size > gap.end - gap.start)
		return;
	gpa = s->highest ? gap.end - wish->size : gap.start;
	gpa -= above_place(wish, gpa); /* gap.start is such a place, so this is none below it */
	if (!s->found || (s->highest ? gpa > s->gpa : gpa < s->gpa))
		s->gpa = gpa;
	s->found = true;
}

/* Offer every free part of one range of RAM. */
static void consider_ram(const struct pvl_space *space, struct search *s, struct pvl_range ram)
{
	uint64_t from = ram.start;

	for (size_t i = claim_above(space, ram.start); i < space->count; i++) {
		const struct pvl_range claim = space->claims[i].range;

		if (claim.start >= ram.end)
			break;
		if (claim.start > from)
			consider(s, (struct pvl_range){ from, claim.start });
		from = pvl_max_u64(from, claim.end);
	}
	if (from < ram.end)
		consider(s, (struct pvl_range){ from, ram.end });
}

/* Who ends at @gpa, if @end, or begins there; NULL if it is an edge of RAM. */
static const char *neighbour(const struct pvl_space *space, uint64_t gpa, bool end)
{
	for (size_t i = 0; i < space->count; i++)
		if ((end ? space->claims[i].range.end : space->claims[i].range.start) == gpa)
			return space->claims[i].name;
	return NULL;
}

/* What the largest gap lies between, if there is more to say of it than its addresses. */
static void describe_neighbours(const struct pvl_space *space, const struct search *s, char *text,
				size_t size)
{
	const char *below = neighbour(space, s->free.start, true);
	const char *above = neighbour(space, s->free.end, false);

	text[0] = '\0';
	/* the bounds of the search are told anyway */
	if (s->wish->limit < s->free.end)
		above = NULL;
	if (s->wish->min > s->free.start)
		below = NULL;
	if (below && above)
		snprintf(text, size, " between %s and %s", below, above);
	else if (below || above)
		snprintf(text, size, " %s %s", below ? "above" : "below", below ? below : above);
}

static enum pvhload_status no_room(const struct pvl_space *space, const struct search *s,
				   struct pvhload_error *err)
{
	const struct pvl_wish *wish = s->wish;
	char bounds[120], multiple[64] = "", neighbours[2 * PVL_NAME_SIZE + 16];

	if (wish->min > 0)
		snprintf(bounds, sizeof(bounds), "between 0x%" PRIx64 " and %s", wish->min,
			 wish->limit_name);
	else
		snprintf(bounds, sizeof(bounds), "below %s", wish->limit_name);
	if (wish->phase != 0)
		snprintf(multiple, sizeof(multiple),
			 " at 0x%" PRIx64 " plus a multiple of 0x%" PRIx64, wish->phase,
			 wish->align);
	else if (wish->align > PAGE)
		snprintf(multiple, sizeof(multiple), " at a multiple of 0x%" PRIx64, wish->align);
	if (s->most.end == 0)
		return pvl_fail(err, PVHLOAD_E_NO_ROOM, PVL_ANYWHERE,
				"no room for %s, %" PRIu64 " bytes: there is no free RAM %s%s",
				wish->name, wish->size, bounds, multiple);
	describe_neighbours(space, s, neighbours, sizeof(neighbours));
	return pvl_fail(err, PVHLOAD_E_NO_ROOM, PVL_GPA(s->most.start),
			"no room for %s, %" PRIu64
			" bytes: the largest free range %s%s has %" PRIu64 " bytes, " PVL_RANGE_FMT
			"%s: %" PRIu64 " too few",
			wish->name, wish->size, bounds, multiple, s->most.end - s->most.start,
			PVL_RANGE_ARG(s->most), neighbours,
			wish->size - (s->most.end - s->most.start));
}

enum pvhload_status pvl_space_find(const struct pvl_space *space, const struct pvl_wish *wish,
				   bool highest, uint64_t *ret_gpa, struct pvhload_error *err)
{
	struct search s = { .wish = wish, .highest = highest };

	for (size_t i = 0; i < space->ram.count; i++)
		consider_ram(space, &s, space->ram.ranges[i]);
	if (!s.found)
		return no_room(space, &s, err);
	*ret_gpa = s.gpa;
	return PVHLOAD_OK;
}

static enum pvhload_status take_somewhere(struct pvl_space *space, const struct pvl_wish *wish,
					  bool highest, uint64_t *ret_gpa,
					  struct pvhload_error *err)
{
	uint64_t gpa;
	enum pvhload_status status = pvl_space_find(space, wish, highest, &gpa, err);

	if (status == PVHLOAD_OK)
		status = pvl_space_take(space, wish, gpa, err);
	if (status == PVHLOAD_OK)
		*ret_gpa = gpa;
	return status;
}

enum pvhload_status pvl_space_take_lowest(struct pvl_space *space, const struct pvl_wish *wish,
					  uint64_t *ret_gpa, struct pvhload_error *err)
{
	return take_somewhere(space, wish, false, ret_gpa, err);
}

enum pvhload_status pvl_space_take_highest(struct pvl_space *space, const struct pvl_wish *wish,
					   uint64_t *ret_gpa, struct pvhload_error *err)
{
	return take_somewhere(space, wish, true, ret_gpa, err);
}

enum pvhload_status pvl_space_take_usual(struct pvl_space *space, const struct pvl_wish *wish,
					 uint64_t fixed, uint64_t usual, uint64_t *gpa,
					 struct pvhload_error *err)
{
	struct pvl_wish anywhere = *wish;

	*gpa = fixed != 0 ? fixed : usual;
	if (fixed != 0)
		return pvl_space_take(space, wish, fixed, err);
	if (usual != 0 && pvl_space_take(space, wish, usual, NULL) == PVHLOAD_OK)
		return PVHLOAD_OK;
	anywhere.align = pvl_max_u64(wish->align, LOW_ALIGN);
	anywhere.min = pvl_max_u64(wish->min, LOW_MIN);
	return pvl_space_take_lowest(space, &anywhere, gpa, err);
}

void pvl_space_release(struct pvl_space *space, uint64_t gpa)
{
	const size_t i = claim_above(space, gpa);
	struct pvl_claim *claim = &space->claims[i];

	memmove(claim, claim + 1, (space->count - i - 1) * sizeof(*claim));
	space->count--;
}
