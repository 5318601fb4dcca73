/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
#include "core/range.h"

#include "core/checked.h"
#include "core/libc.h"

/* Items to be sorted without qsort(), and bytes of one. */
#define FEW      128u
#define ITEM_MAX 128u

static int compare_starts(const void *a, const void *b)
{
	uint64_t x, y;

	memcpy(&x, a, sizeof(x));
	memcpy(&y, b, sizeof(y));
	return (x > y) - (x < y);
}

static bool is_sorted(const unsigned char *items, size_t count, size_t size)
{
	for (size_t i = 1; i < count; i++)
		if (compare_starts(items + (i - 1) * size, items + i * size) > 0)
			return false;
	return true;
}

/* In place, as qsort() may take memory from the heap. */
static void sort_few(unsigned char *items, size_t count, size_t size)
{
	unsigned char item[ITEM_MAX];

	for (size_t i = 1; i < count; i++) {
		size_t at = i;

		while (at > 0 && compare_starts(items + (at - 1) * size, items + i * size) > 0)
			at--;
		if (at == i)
			continue;
		memcpy(item, items + i * size, size);
		memmove(items + (at + 1) * size, items + at * size, (i - at) * size);
		memcpy(items + at * size, item, size);
	}
}

void pvl_sort_by_start(void *items, size_t count, size_t size)
{
	if (count <= FEW && size <= ITEM_MAX)
		sort_few(items, count, size);
	else if (!is_sorted(items, count, size))
		qsort(items, count, size, compare_starts);
}

void pvl_ranges_sort(struct pvl_range *ranges, size_t count)
{
	pvl_sort_by_start(ranges, count, sizeof(*ranges));
}

size_t pvl_ranges_join_touching(struct pvl_range *ranges, size_t count)
{
	size_t joined = 0;

	for (size_t i = 0; i < count; i++) {
		struct pvl_range *last = joined > 0 ? &ranges[joined - 1] : NULL;

		if (last && ranges[i].start <= last->end)
			last->end = pvl_max_u64(last->end, ranges[i].end);
		else
			ranges[joined++] = ranges[i];
	}
	return joined;
}
