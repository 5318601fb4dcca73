/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * Sums, ranges and stores.
 *
 * Sums: the first number is each of the EDGE lowest and highest of 64 bits, the second any.  Alignments: each power of
 * two.  Ranges: all pairs in [0, SMALL].  Sorting and joining: all lists of 2 and of 3 ranges in [0, 2]; lists of 6
 * ranges, and of 3 items too large for the own sort, of any content.
 *
 * Proved: a sum is made just if it does not wrap, and is the sum; an aligned number is a multiple, the next one; ranges
 * overlap or contain each other as their bytes do; a sorted list is sorted; joined ranges have gaps between them, and the
 * bytes of those before; stores write their bytes and no other.
 *
 * with: src/core/range.c
 * eva: -eva-split-return auto -eva-slevel-merge-after-loop main,sums,ranges,lists,sort_few,any_ranges -warn-unsigned-overflow
 * proves: pvl_add_u64 pvl_align_up pvl_align_down pvl_min_u64 pvl_max_u64
 * proves: pvl_range_make pvl_range_overlap pvl_range_contains
 * proves: pvl_sort_by_start pvl_ranges_sort pvl_ranges_join_touching sort_few is_sorted compare_starts
 * proves: pvl_store_le16 pvl_store_le32 pvl_store_le64 pvl_store_be32 pvl_store_be64
 */
#include "core/checked.h"
#include "core/range.h"
#include "core/span.h"
#include "core/store.h"

#define EDGE  16u
#define SMALL 3u

static void sum(uint64_t a)
{
	const uint64_t b = any_u64();
	struct pvl_range range = { 1, 2 };
	uint64_t ret = 77;

	if (pvl_add_u64(a, b, &ret)) {
		/*@ assert a + b <= 0xffffffffffffffff; */
	} else {
		/*@ assert a + b > 0xffffffffffffffff && ret == 77; */
	}
	if (pvl_range_make(a, b, &range)) {
		/*@ assert range.start == a && range.start <= range.end; */
	} else {
		/*@ assert a + b > 0xffffffffffffffff && range.start == 1 && range.end == 2; */
	}
}

static void align(uint64_t value)
{
	for (unsigned int shift = 0; shift < 64; shift++) {
		const uint64_t one = (uint64_t)1 << shift, down = pvl_align_down(value, one);
		uint64_t up;

		/*@ assert down % one == 0 && down <= value < down + one; */
		if (pvl_align_up(value, one, &up)) {
			/*@ assert up % one == 0 && value <= up < value + one; */
		} else {
			/*@ assert value + one - 1 > 0xffffffffffffffff; */
		}
	}
}

static void sums(void)
{
	for (uint64_t edge = 0; edge < EDGE; edge++) {
		sum(edge);
		sum(UINT64_MAX - edge);
		align(edge);
		align(UINT64_MAX - edge);
	}
}

/* Is the byte at @at in the range? */
static bool has(struct pvl_range r, uint64_t at)
{
	return r.start <= at && at < r.end;
}

static void two(struct pvl_range a, struct pvl_range b)
{
	const uint64_t least = pvl_min_u64(a.start, b.start), most = pvl_max_u64(a.start, b.start);
	bool common = false, all = true;

	for (uint64_t at = 0; at < SMALL; at++) {
		common = common || (has(a, at) && has(b, at));
		all = all && (!has(b, at) || has(a, at));
	}
	/*@ assert least <= most && least + most == a.start + b.start; */
	if (a.start < a.end && b.start < b.end) {
		const bool overlap = pvl_range_overlap(a, b), contains = pvl_range_contains(a, b);

		/*@ assert overlap == common && contains == all; */
	}
}

static void ranges(void)
{
	for (uint64_t a = 0; a <= SMALL; a++)
		for (uint64_t b = a; b <= SMALL; b++)
			for (uint64_t c = 0; c <= SMALL; c++)
				for (uint64_t d = c; d <= SMALL; d++)
					two((struct pvl_range){ a, b }, (struct pvl_range){ c, d });
}

static bool any_has(const struct pvl_range *list, size_t count, uint64_t at)
{
	bool found = false;

	for (size_t i = 0; i < count; i++)
		found = found || has(list[i], at);
	return found;
}

static void join(const struct pvl_range *before, size_t count)
{
	struct pvl_range list[3] = { before[0], before[1], before[2] };
	size_t joined;

	pvl_ranges_sort(list, count);
	for (size_t i = 1; i < count; i++) {
		/*@ assert list[i - 1].start <= list[i].start; */
	}
	joined = pvl_ranges_join_touching(list, count);
	/*@ assert joined <= count; */
	for (size_t i = 1; i < joined; i++) {
		/*@ assert list[i - 1].end < list[i].start; */
	}
	for (uint64_t at = 0; at < SMALL; at++) {
		const bool was = any_has(before, count, at), is = any_has(list, joined, at);

		/*@ assert was == is; */
	}
}

static void lists(void)
{
	static const struct pvl_range all[] = { { 0, 0 }, { 0, 1 }, { 0, 2 },
						{ 1, 1 }, { 1, 2 }, { 2, 2 } };

	for (size_t a = 0; a < 6; a++)
		for (size_t b = 0; b < 6; b++)
			for (size_t c = 0; c < 6; c++) {
				const struct pvl_range list[] = { all[a], all[b], all[c] };

				join(list, 2);
				join(list, 3);
			}
}

static void any_ranges(void)
{
	struct pvl_range list[6];
	unsigned char large[3][136];

	any_bytes(list, sizeof(list));
	pvl_ranges_sort(list, 6);
	(void)pvl_ranges_join_touching(list, 6);
	any_bytes(large, sizeof(large));
	pvl_sort_by_start(large, 3, sizeof(large[0]));
}

static void stores(void)
{
	uint8_t le16[2], le32[4], le64[8], be32[4], be64[8];

	pvl_store_le16(le16, 0x0102);
	pvl_store_le32(le32, 0x01020304);
	pvl_store_le64(le64, 0x0102030405060708);
	pvl_store_be32(be32, 0x01020304);
	pvl_store_be64(be64, 0x0102030405060708);
	/*@ assert le16[0] == 2 && le16[1] == 1; */
	for (unsigned int i = 0; i < 4; i++) {
		/*@ assert le32[i] == 4 - i && be32[i] == i + 1; */
	}
	for (unsigned int i = 0; i < 8; i++) {
		/*@ assert le64[i] == 8 - i && be64[i] == i + 1; */
	}
}

int main(void)
{
	sums();
	ranges();
	lists();
	any_ranges();
	stores();
	return 0;
}
