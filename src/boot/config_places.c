/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* Where the caller wants regions to be: copied, sorted by kind and index, and looked up by them. */
#include "abi/sizes.h"
#include "boot/plan.h"
#include "core/error.h"
#include "core/libc.h"
#include "core/sized.h"

static int by_region(const void *a, const void *b)
{
	const struct pvl_boot_place *x = a, *y = b;

	if (x->kind != y->kind)
		return x->kind < y->kind ? -1 : 1;
	return x->index < y->index ? -1 : x->index > y->index;
}

/* The same; equal ones by address, so that the message does not depend on their order. */
static int by_place(const void *a, const void *b)
{
	const struct pvl_boot_place *x = a, *y = b;
	const int order = by_region(a, b);

	if (order != 0)
		return order;
	return x->gpa < y->gpa ? -1 : x->gpa > y->gpa;
}

/* Places of what the caller does not place elsewhere: PVHLOAD_REGION_KEPT and _X86_BDA have one. */
static bool is_known(uint32_t kind)
{
	return (kind > 0 && kind <= PVHLOAD_REGION_X86_SETUP_DATA_BYTES) ||
	       kind == PVHLOAD_REGION_FDT || kind == PVHLOAD_REGION_MULTIBOOT_INFO;
}

static enum pvhload_status check_place(const struct pvl_boot_place *place, size_t i,
				       struct pvhload_error *err)
{
	if (!is_known(place->kind))
		return pvl_fail(err, PVHLOAD_E_USAGE, PVL_ANYWHERE,
				"place %zu is for an unknown kind of region (%" PRIu32 ")", i,
				place->kind);
	if (place->kind == PVHLOAD_REGION_KERNEL_IMAGE ||
	    (place->kind == PVHLOAD_REGION_KERNEL && place->index != 0))
		return pvl_fail(
			err, PVHLOAD_E_USAGE, PVL_GPA(place->gpa),
			"place %zu is for a part of the kernel, which has one place: that of "
			"PVHLOAD_REGION_KERNEL, index 0",
			i);
	if (place->gpa == 0)
		return pvl_fail(err, PVHLOAD_E_USAGE, PVL_ANYWHERE,
				"place %zu is address 0, which means absent", i);
	return PVHLOAD_OK;
}

static enum pvhload_status copy_place(struct pvl_builder *b, size_t i, struct pvhload_error *err)
{
	struct pvhload_boot_place place;

	if (!pvl_element(b->config.places, i, &place, sizeof(place), PVL_V1_BOOT_PLACE))
		return pvl_fail(err, PVHLOAD_E_USAGE, PVL_ANYWHERE, "place %zu has a wrong size",
				i);
	b->places[i] = (struct pvl_boot_place){ place.kind, place.index, place.gpa };
	b->place_count++;
	return check_place(&b->places[i], i, err);
}

static enum pvhload_status check_twins(const struct pvl_builder *b, struct pvhload_error *err)
{
	for (size_t i = 1; i < b->place_count; i++) {
		const struct pvl_boot_place *p = &b->places[i];

		if (by_region(p - 1, p) == 0)
			return pvl_fail(err, PVHLOAD_E_USAGE, PVL_GPA(p->gpa),
					"region kind %" PRIu32 ", index %" PRIu32
					", has two places: 0x%" PRIx64 " and 0x%" PRIx64,
					p->kind, p->index, p[-1].gpa, p->gpa);
	}
	return PVHLOAD_OK;
}

enum pvhload_status pvl_copy_places(struct pvl_builder *b, struct pvhload_error *err)
{
	const size_t count = b->config.place_count;

	if (count == 0)
		return PVHLOAD_OK;
	b->places = calloc(count, sizeof(*b->places));
	if (!b->places)
		return pvl_fail_no_memory(err, count * sizeof(*b->places));
	for (size_t i = 0; i < count; i++)
		PVL_TRY(copy_place(b, i, err));
	qsort(b->places, count, sizeof(*b->places), by_place);
	return check_twins(b, err);
}

void pvl_free_places(struct pvl_builder *b)
{
	free(b->places);
	b->places = NULL;
	b->place_count = 0;
}

uint64_t pvl_config_place(const struct pvl_builder *b, uint32_t kind, uint32_t index)
{
	const struct pvl_boot_place key = { kind, index, 0 };
	const struct pvl_boot_place *place = NULL;

	if (b->place_count > 0)
		place = bsearch(&key, b->places, b->place_count, sizeof(key), by_region);
	return place ? place->gpa : 0;
}
