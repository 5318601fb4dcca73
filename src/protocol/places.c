/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
#include "protocol/places.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/checked.h"
#include "core/error.h"
#include "core/grow.h"

static enum pvhload_status add(struct pvl_places *places, const char *name, struct pvl_range range,
			       struct pvhload_error *err)
{
	struct pvl_place *place;

	if (!pvl_grow((void **)&places->items, &places->capacity, places->count,
		      sizeof(*places->items)))
		return pvl_fail_no_memory(err, sizeof(*places->items));
	place = &places->items[places->count++];
	place->range = range;
	snprintf(place->name, sizeof(place->name), "%s", name);
	return PVHLOAD_OK;
}

enum pvhload_status pvl_places_add(struct pvl_places *places, const char *name, uint64_t gpa,
				   uint64_t size, uint64_t limit, const char *limit_name,
				   struct pvhload_error *err)
{
	struct pvl_range range;

	if (size == 0)
		return pvl_fail(err, PVHLOAD_E_RANGE, PVL_GPA(gpa), "%s at 0x%" PRIx64 " is empty",
				name, gpa);
	if (gpa == 0)
		return pvl_fail(err, PVHLOAD_E_RANGE, PVL_GPA(gpa),
				"%s, 0x%" PRIx64 " bytes, is at address 0, which means absent",
				name, size);
	if (!pvl_range_make(gpa, size, &range) || range.end > limit)
		return pvl_fail(err, PVHLOAD_E_RANGE, PVL_GPA(gpa),
				"%s, 0x%" PRIx64 " bytes at 0x%" PRIx64
				", does not end below %s: 0x%" PRIx64 " bytes are beyond it",
				name, size, gpa, limit_name,
				gpa < limit ? size - (limit - gpa) : size);
	if (!pvl_ram_contains(places->ram, range))
		return pvl_fail(err, PVHLOAD_E_RANGE, PVL_GPA(gpa),
				"%s " PVL_RANGE_FMT
				" is not all in RAM: there is none at 0x%" PRIx64,
				name, PVL_RANGE_ARG(range), pvl_ram_until(places->ram, gpa));
	return add(places, name, range, err);
}

enum pvhload_status pvl_places_add_foreign(struct pvl_places *places, const char *name,
					   uint64_t gpa, uint64_t size, struct pvhload_error *err)
{
	struct pvl_range range;

	return pvl_range_make(gpa, size, &range) ? add(places, name, range, err) : PVHLOAD_OK;
}

static int by_start(const void *a, const void *b)
{
	const struct pvl_place *x = a, *y = b;

	return (x->range.start > y->range.start) - (x->range.start < y->range.start);
}

enum pvhload_status pvl_places_check(struct pvl_places *places, struct pvhload_error *err)
{
	if (places->count > 0)
		qsort(places->items, places->count, sizeof(*places->items), by_start);
	for (size_t i = 1; i < places->count; i++) {
		const struct pvl_place *a = &places->items[i - 1], *b = &places->items[i];

		if (pvl_range_overlap(a->range, b->range))
			return pvl_fail(err, PVHLOAD_E_OVERLAP, PVL_GPA(b->range.start),
					"%s " PVL_RANGE_FMT " overlaps %s " PVL_RANGE_FMT
					" by 0x%" PRIx64 " bytes",
					a->name, PVL_RANGE_ARG(a->range), b->name,
					PVL_RANGE_ARG(b->range),
					pvl_min_u64(a->range.end, b->range.end) - b->range.start);
	}
	return PVHLOAD_OK;
}

void pvl_places_free(struct pvl_places *places)
{
	free(places->items);
	places->items = NULL;
}
