/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* What is in a shadow memory after a commit. */
#include <string.h>

#include "shadow_memory.h"

#define PAGE  4096u
#define BLOCK 512u /* bytes that are looked at at once */

static uint64_t max_u64(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

static uint64_t min_u64(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

static bool all_are(const uint8_t *bytes, uint64_t size, uint8_t value)
{
	return size == 0 || (bytes[0] == value && memcmp(bytes, bytes + 1, (size_t)size - 1) == 0);
}

static void fill_stale(struct shadow *s, uint64_t start, uint64_t end)
{
	for (size_t i = 0; i < s->bank_count; i++) {
		const struct pvhload_range r = s->banks[i].range;
		const uint64_t from = max_u64(start, r.gpa), to = min_u64(end, r.gpa + r.size);
		const size_t at = s->banks[i].at + (size_t)(from - r.gpa);

		if (from >= to)
			continue;
		memset(s->block + at, SHADOW_STALE, (size_t)(to - from));
		MUST(s->dirty_count < SHADOW_DIRTY_MAX);
		s->dirty[s->dirty_count++] = (struct shadow_dirty){ at, (size_t)(to - from) };
	}
	s->primed = s->dirty_count;
}

void shadow_make_stale(struct shadow *s, const struct pvhload_plan_info *info)
{
	for (size_t i = 0; i < info->region_count; i++) {
		const uint64_t gpa = info->regions[i]->gpa;

		fill_stale(s, gpa - min_u64(gpa, PAGE), gpa + info->regions[i]->size + PAGE);
	}
}

/* Where the address that a byte of the block has is. */
static uint64_t gpa_of(const struct shadow *s, size_t at, size_t *ret_left)
{
	for (size_t i = 0; i < s->bank_count; i++) {
		const struct shadow_bank *b = &s->banks[i];

		if (at >= b->at && at - b->at < b->range.size) {
			*ret_left = (size_t)(b->range.size - (at - b->at));
			return b->range.gpa + (at - b->at);
		}
	}
	*ret_left = SHADOW_SIZE - at;
	return UINT64_MAX;
}

/* How many bytes from @gpa on are in no region; 0, and *@ret_skip of them, if it is in one. */
static uint64_t outside(const struct pvhload_plan_info *info, uint64_t gpa, uint64_t size,
			uint64_t *ret_skip)
{
	for (size_t i = 0; i < info->region_count; i++) {
		const struct pvhload_plan_region *r = info->regions[i];

		if (gpa >= r->gpa && gpa - r->gpa < r->size) {
			*ret_skip = r->size - (gpa - r->gpa);
			return 0;
		}
		if (r->gpa > gpa)
			return min_u64(size, r->gpa - gpa);
	}
	return size;
}

static bool is_in(const struct pvhload_range *ranges, size_t count, uint64_t gpa)
{
	for (size_t i = 0; i < count; i++)
		if (gpa >= ranges[i].gpa && gpa - ranges[i].gpa < ranges[i].size)
			return true;
	return false;
}

void shadow_check_zeros(const struct shadow *s, struct pvhload_range range)
{
	const uint8_t *at = shadow_at(s, range.gpa, range.size);

	MUST(range.size == 0 || at != NULL);
	MUST(range.size == 0 || all_are(at, range.size, 0));
}

static bool is_rom(const struct shadow *s, uint64_t gpa)
{
	for (size_t i = 0; i < s->bank_count; i++)
		if (is_in(&s->banks[i].range, 1, gpa))
			return s->banks[i].rom;
	return false;
}

void shadow_check_zeroed(const struct shadow *s, const struct pvhload_plan_info *info,
			 const struct pvhload_range *kept, size_t kept_count)
{
	for (size_t i = 0; i < s->primed; i++) {
		const struct shadow_dirty d = s->dirty[i];
		size_t left, step;

		for (size_t at = d.at; at < d.at + d.size; at += step) {
			uint64_t gpa, skip = 1;

			step = (size_t)min_u64(d.at + d.size - at, BLOCK);
			if (all_are(s->block + at, step, 0))
				continue;
			gpa = gpa_of(s, at, &left);
			step = 1;
			if (outside(info, gpa, 1, &skip) == 0)
				step = (size_t)min_u64(skip, left);
			else
				MUST(s->block[at] == 0 || is_in(kept, kept_count, gpa) ||
				     is_rom(s, gpa));
		}
	}
}

static void check_bytes(const uint8_t *bytes, uint64_t gpa, uint64_t size, bool primed,
			struct pvhload_range cleared)
{
	if (primed && all_are(bytes, size, SHADOW_STALE) &&
	    (gpa >= cleared.gpa + cleared.size || gpa + size <= cleared.gpa))
		return;
	for (uint64_t i = 0; i < size; i++) {
		if (is_in(&cleared, 1, gpa + i))
			MUST(bytes[i] == 0);
		else
			MUST(primed && bytes[i] == SHADOW_STALE);
	}
}

/* @size bytes of one bank. */
static void check_piece(const uint8_t *bytes, const struct pvhload_plan_info *info, uint64_t gpa,
			uint64_t size, bool primed, struct pvhload_range cleared)
{
	for (uint64_t done = 0, n; done < size; done += n) {
		uint64_t skip = size - done;

		n = outside(info, gpa + done, size - done, &skip);
		if (n > 0)
			check_bytes(bytes + done, gpa + done, n, primed, cleared);
		else
			n = skip;
	}
}

void shadow_check_outside(const struct shadow *s, const struct pvhload_plan_info *info,
			  struct pvhload_range cleared)
{
	for (size_t i = 0; i < s->dirty_count; i++) {
		const struct shadow_dirty d = s->dirty[i];

		for (size_t at = d.at, left; at < d.at + d.size; at += left) {
			const uint64_t gpa = gpa_of(s, at, &left);

			left = (size_t)min_u64(left, d.at + d.size - at);
			MUST(gpa != UINT64_MAX);
			check_piece(s->block + at, info, gpa, left, i < s->primed, cleared);
		}
	}
}

void shadow_check_untouched(const struct shadow *s, struct pvhload_range cleared)
{
	const struct pvhload_plan_info nothing = { .region_count = 0 };

	shadow_check_outside(s, &nothing, cleared);
}

/* The same, but that what was decoded to, and never written in the other memory, is zeros. */
static void same_bytes(const uint8_t *a, const uint8_t *b, uint64_t gpa, uint64_t size,
		       struct pvhload_range window)
{
	if (memcmp(a, b, (size_t)size) == 0)
		return;
	for (uint64_t i = 0; i < size; i++)
		MUST(a[i] == b[i] || (is_in(&window, 1, gpa + i) && (a[i] == 0 || b[i] == 0) &&
				      (a[i] == SHADOW_STALE || b[i] == SHADOW_STALE)));
}

/* What is dirty in either of them. */
static void compare_dirty(const struct shadow *dirty, const struct shadow *other,
			  const struct pvhload_plan_region *r, struct pvhload_range window)
{
	const uint8_t *base = shadow_at(dirty, r->gpa, r->size);
	const uint8_t *others = shadow_at(other, r->gpa, r->size);
	size_t first;

	MUST(base && others);
	first = (size_t)(base - dirty->block);
	for (size_t i = 0; i < dirty->dirty_count; i++) {
		const struct shadow_dirty d = dirty->dirty[i];
		const uint64_t from = max_u64(d.at, first);
		const uint64_t to = min_u64(d.at + d.size, first + r->size);

		if (from < to)
			same_bytes(dirty->block + from, others + (from - first),
				   r->gpa + (from - first), to - from, window);
	}
}

void shadow_compare(const struct shadow *a, const struct shadow *b,
		    const struct pvhload_plan_info *info)
{
	for (size_t i = 0; i < info->region_count; i++) {
		compare_dirty(a, b, info->regions[i], b->window);
		compare_dirty(b, a, info->regions[i], b->window);
	}
}
