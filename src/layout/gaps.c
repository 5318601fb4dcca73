/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
#include "layout/gaps.h"

#include "core/checked.h"
#include "core/grow.h"
#include "core/libc.h"

/* Of a block as it is made: the rest is for gaps that are cut in two. */
#define FILL (PVL_GAPS_PER_BLOCK * 3u / 4u)

uint64_t pvl_gap_pages(struct pvl_range gap, uint64_t page_size)
{
	const uint64_t end = pvl_align_down(gap.end, page_size);

	if (!pvl_align_up(gap.start, page_size, &gap.start) || gap.start > end)
		return 0;
	return end - gap.start;
}

/* Append a gap that is above all others; there is room. */
static void append(struct pvl_gaps *gaps, struct pvl_range gap)
{
	struct pvl_gap_block *block;

	if (gaps->count == 0 || gaps->blocks[gaps->count - 1].count == FILL) {
		block = &gaps->blocks[gaps->count++];
		block->count = 0;
		block->most = 0;
	}
	block = &gaps->blocks[gaps->count - 1];
	block->gaps[block->count++] = gap;
	block->most = pvl_max_u64(block->most, pvl_gap_pages(gap, gaps->page_size));
}

bool pvl_gaps_init(struct pvl_gaps *gaps, const struct pvl_range *ranges, size_t count,
		   uint64_t page_size)
{
	const size_t blocks = count / FILL + 2; /* one to cut in two */

	gaps->page_size = page_size;
	gaps->count = 0;
	if (blocks > gaps->capacity) {
		pvl_gaps_free(gaps);
		gaps->blocks = blocks <= SIZE_MAX / sizeof(*gaps->blocks)
				       ? malloc(blocks * sizeof(*gaps->blocks))
				       : NULL;
		if (!gaps->blocks)
			return false;
		gaps->capacity = blocks;
	}
	for (size_t i = 0; i < count; i++)
		append(gaps, ranges[i]);
	return true;
}

void pvl_gaps_free(struct pvl_gaps *gaps)
{
	free(gaps->blocks);
	gaps->blocks = NULL;
	gaps->count = gaps->capacity = 0;
}

bool pvl_gaps_make_room(struct pvl_gaps *gaps)
{
	return pvl_grow((void **)&gaps->blocks, &gaps->capacity, gaps->count,
			sizeof(*gaps->blocks));
}

size_t pvl_gaps_block_above(const struct pvl_gaps *gaps, uint64_t gpa)
{
	size_t low = 0, high = gaps->count;

	while (low < high) {
		const size_t middle = low + (high - low) / 2;
		const struct pvl_gap_block *block = &gaps->blocks[middle];

		if (block->gaps[block->count - 1].end <= gpa)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

struct pvl_gap_at pvl_gaps_above(const struct pvl_gaps *gaps, uint64_t gpa)
{
	const size_t at = pvl_gaps_block_above(gaps, gpa);
	size_t low = 0, high = at < gaps->count ? gaps->blocks[at].count : 0;

	while (low < high) {
		const size_t middle = low + (high - low) / 2;

		if (gaps->blocks[at].gaps[middle].end <= gpa)
			low = middle + 1;
		else
			high = middle;
	}
	return (struct pvl_gap_at){ at, low };
}

bool pvl_gaps_contain(const struct pvl_gaps *gaps, struct pvl_range range)
{
	const struct pvl_gap_at at = pvl_gaps_above(gaps, range.start);

	return at.block < gaps->count &&
	       pvl_range_contains(gaps->blocks[at.block].gaps[at.index], range);
}

/* To the next gap; false after the last. */
static bool step(const struct pvl_gaps *gaps, struct pvl_gap_at *at)
{
	if (++at->index == gaps->blocks[at->block].count)
		*at = (struct pvl_gap_at){ at->block + 1, 0 };
	return at->block < gaps->count;
}

bool pvl_gaps_next(const struct pvl_gaps *gaps, struct pvl_range range, struct pvl_range *ret)
{
	struct pvl_gap_at at = pvl_gaps_above(gaps, range.start);

	for (bool more = at.block < gaps->count; more; more = step(gaps, &at)) {
		const struct pvl_range gap = gaps->blocks[at.block].gaps[at.index];

		if (gap.start >= range.end)
			return false;
		ret->start = pvl_max_u64(gap.start, range.start);
		ret->end = pvl_min_u64(gap.end, range.end);
		if (ret->start < ret->end)
			return true;
	}
	return false;
}

/* Move the upper half of a full block to a new one; there is room. */
static void halve(struct pvl_gaps *gaps, size_t at)
{
	struct pvl_gap_block *lower = &gaps->blocks[at], *upper = lower + 1;

	memmove(upper, lower, (gaps->count - at) * sizeof(*lower));
	gaps->count++;
	lower->count = PVL_GAPS_PER_BLOCK / 2;
	upper->count -= lower->count;
	memmove(upper->gaps, upper->gaps + lower->count, upper->count * sizeof(upper->gaps[0]));
}

/* Insert @gap after the one that is at @at. */
static void insert_after(struct pvl_gaps *gaps, struct pvl_gap_at at, struct pvl_range gap)
{
	struct pvl_gap_block *block = &gaps->blocks[at.block];
	size_t i = at.index + 1;

	if (block->count == PVL_GAPS_PER_BLOCK) {
		halve(gaps, at.block);
		if (i > block->count) {
			i -= block->count;
			block++;
		}
	}
	memmove(&block->gaps[i + 1], &block->gaps[i], (block->count - i) * sizeof(gap));
	block->gaps[i] = gap;
	block->count++;
}

/* A gap may become empty; it stays, so that nothing moves. */
void pvl_gaps_take(struct pvl_gaps *gaps, struct pvl_range range)
{
	struct pvl_gap_at at = pvl_gaps_above(gaps, range.start);
	bool more = at.block < gaps->count;

	while (more) {
		struct pvl_range *gap = &gaps->blocks[at.block].gaps[at.index];

		if (gap->start >= range.end)
			return;
		if (gap->start < range.start && gap->end > range.end) {
			const struct pvl_range above = { range.end, gap->end };

			gap->end = range.start;
			insert_after(gaps, at, above);
			return;
		}
		if (gap->start < range.start)
			gap->end = range.start;
		else
			gap->start = pvl_min_u64(gap->end, range.end);
		more = step(gaps, &at);
	}
}
