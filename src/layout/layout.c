/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * Placing parts by one strategy: those that the caller gave a place, files if they go first, the
 * kernel, structures, files.  A part never moves for a later one.
 */
#include "layout/layout.h"

#include <pvhload/region.h>

#include "core/checked.h"
#include "core/error.h"
#include "core/libc.h"
#include "layout/strategy.h"

/* Structures that are not at their usual place are at multiples of this. */
#define LOW_ALIGN 8u

enum pvhload_status pvl_layout_init(struct pvl_layout *layout, size_t count,
				    struct pvhload_error *err)
{
	layout->parts = calloc(count, sizeof(*layout->parts) + sizeof(*layout->files));
	layout->capacity = count;
	layout->count = 0;
	if (!layout->parts)
		return pvl_fail_no_memory(err, count * sizeof(*layout->parts));
	layout->files = (size_t *)&layout->parts[count];
	return PVHLOAD_OK;
}

void pvl_layout_free(struct pvl_layout *layout)
{
	free(layout->parts);
	layout->parts = NULL;
	layout->files = NULL;
	layout->count = layout->capacity = 0;
}

size_t pvl_layout_append(struct pvl_layout *layout, const struct pvl_part *part)
{
	layout->parts[layout->count] = *part;
	return layout->count++;
}

/* Set the file that @status is about. */
static enum pvhload_status about(const struct pvl_part *part, enum pvhload_status status,
				 struct pvhload_error *err)
{
	if (part->subject == PVHLOAD_SUBJECT_NONE)
		return status;
	return pvl_fail_about(err, status, part->subject, part->subject_index);
}

static enum pvhload_status claim_at(struct pvl_layout *layout, struct pvl_part *part, uint64_t gpa,
				    uint32_t reason, struct pvhload_error *err)
{
	PVL_TRY(pvl_space_claim(&layout->space, part, gpa, reason, err));
	part->gpa = gpa;
	part->reason = reason;
	return PVHLOAD_OK;
}

/* At the place that was asked for; where there are two limits, it may be up to the higher one. */
static enum pvhload_status place_fixed(struct pvl_layout *layout, struct pvl_part *part,
				       struct pvhload_error *err)
{
	struct pvl_part asked = *part;

	if (part->higher_limit != 0) {
		asked.limit = part->higher_limit;
		asked.limit_name = part->higher_name;
	}
	PVL_TRY(pvl_space_claim(&layout->space, &asked, part->fixed, PVHLOAD_PLACED_ASKED, err));
	part->gpa = part->fixed;
	part->reason = PVHLOAD_PLACED_ASKED;
	return PVHLOAD_OK;
}

/* The usual place, which may depend on another part's; 0 if there is none. */
static uint64_t usual_place(const struct pvl_layout *layout, const struct pvl_part *part)
{
	const struct pvl_part *before;
	uint64_t usual = part->usual;

	if (part->after == 0)
		return usual;
	before = &layout->parts[part->after - 1];
	if (!pvl_add_u64(before->gpa, before->size, &usual) ||
	    !pvl_align_up(usual, pvl_max_u64(part->align, LOW_ALIGN), &usual))
		return 0;
	return usual < part->min ? 0 : usual;
}

static enum pvhload_status search_low(struct pvl_layout *layout, struct pvl_part *part,
				      struct pvhload_error *err)
{
	struct pvl_part anywhere = *part;
	uint64_t gpa;

	anywhere.align = pvl_max_u64(part->align, LOW_ALIGN);
	anywhere.min = pvl_max_u64(part->min, layout->space.arch->low_min);
	PVL_TRY(pvl_space_find(&layout->space, &anywhere, false, &gpa, err));
	return claim_at(layout, part, gpa, PVHLOAD_PLACED_MOVED, err);
}

static enum pvhload_status search_high(struct pvl_layout *layout, struct pvl_part *part,
				       struct pvhload_error *err)
{
	struct pvl_part higher = *part;
	enum pvhload_status status;
	uint64_t gpa;

	status = pvl_space_find(&layout->space, part, true, &gpa, err);
	if (status == PVHLOAD_OK)
		return claim_at(layout, part, gpa, PVHLOAD_PLACED_PREFERRED, err);
	if (part->higher_limit == 0)
		return status;
	higher.limit = part->higher_limit;
	higher.limit_name = part->higher_name;
	PVL_TRY(pvl_space_find(&layout->space, &higher, true, &gpa, err));
	PVL_TRY(pvl_space_claim(&layout->space, &higher, gpa, PVHLOAD_PLACED_MOVED, err));
	part->gpa = gpa;
	part->reason = PVHLOAD_PLACED_MOVED;
	return PVHLOAD_OK;
}

static enum pvhload_status place_free(struct pvl_layout *layout, struct pvl_part *part,
				      struct pvhload_error *err)
{
	const uint64_t usual = usual_place(layout, part);

	if (part->search == PVL_NOWHERE_ELSE && usual == 0)
		return pvl_fail(err, PVHLOAD_E_RANGE, PVL_ANYWHERE,
				"%s has no place: what it follows ends with the address space",
				part->name);
	if (part->search == PVL_NOWHERE_ELSE)
		return claim_at(layout, part, usual, PVHLOAD_PLACED_USUAL, err);
	if (usual != 0 && claim_at(layout, part, usual, PVHLOAD_PLACED_USUAL, NULL) == PVHLOAD_OK)
		return PVHLOAD_OK;
	return part->search == PVL_LOWEST ? search_low(layout, part, err)
					  : search_high(layout, part, err);
}

static enum pvhload_status place_prepared(struct pvl_layout *layout, struct pvl_part *part,
					  struct pvhload_error *err)
{
	return part->fixed != 0 ? place_fixed(layout, part, err) : place_free(layout, part, err);
}

static enum pvhload_status place_part(struct pvl_layout *layout, struct pvl_part *part,
				      struct pvhload_error *err)
{
	if (part->prepare)
		PVL_TRY(part->prepare(layout, part, err));
	if (part->size == 0)
		return PVHLOAD_OK;
	return about(part, place_prepared(layout, part, err), err);
}

enum pvhload_status pvl_layout_claim_fixed(struct pvl_layout *layout, size_t i,
					   struct pvhload_error *err)
{
	struct pvl_part *part = &layout->parts[i];

	return part->size == 0 ? PVHLOAD_OK : about(part, place_fixed(layout, part, err), err);
}

enum pvhload_status pvl_layout_place_structures(struct pvl_layout *layout, bool fixed,
						struct pvhload_error *err)
{
	for (size_t i = 0; i < layout->count; i++) {
		struct pvl_part *part = &layout->parts[i];

		if (part->class == PVL_STRUCTURE && (part->fixed != 0) == fixed)
			PVL_TRY(place_part(layout, part, err));
	}
	return PVHLOAD_OK;
}

static enum pvhload_status place_files(struct pvl_layout *layout, bool fixed,
				       struct pvhload_error *err)
{
	for (size_t i = 0; i < layout->file_count; i++) {
		struct pvl_part *part = &layout->parts[layout->files[i]];

		if ((part->fixed != 0) == fixed)
			PVL_TRY(place_part(layout, part, err));
	}
	return PVHLOAD_OK;
}

static enum pvhload_status place_the_kernel(struct pvl_layout *layout, enum pvl_kernel_goes goes,
					    struct pvhload_error *err)
{
	if (!layout->place_kernel)
		return PVHLOAD_OK;
	PVL_TRY(layout->place_kernel(layout->kernel, &layout->space, goes, &layout->kernel_movable,
				     err));
	layout->kernel_placed = true;
	return PVHLOAD_OK;
}

/* Place the parts with a fixed place whose size depends on the kernel's place. */
static enum pvhload_status measure_again(struct pvl_layout *layout, struct pvhload_error *err)
{
	for (size_t i = 0; i < layout->count; i++) {
		struct pvl_part *part = &layout->parts[i];

		if (!part->measured_late || part->fixed == 0 || part->gpa == 0)
			continue;
		PVL_TRY(pvl_space_release(&layout->space, part->gpa, err));
		part->gpa = 0;
		PVL_TRY(place_part(layout, part, err));
	}
	return PVHLOAD_OK;
}

static enum pvhload_status begin(struct pvl_layout *layout, struct pvhload_error *err)
{
	layout->kernel_placed = layout->kernel_movable = false;
	for (size_t i = 0; i < layout->count; i++)
		layout->parts[i].gpa = 0;
	return pvl_space_restore(&layout->space, err);
}

enum pvhload_status pvl_layout_try(struct pvl_layout *layout, const struct pvl_strategy *strategy,
				   struct pvhload_error *err)
{
	PVL_TRY(begin(layout, err));
	PVL_TRY(pvl_layout_place_structures(layout, true, err));
	PVL_TRY(place_files(layout, true, err));
	if (strategy->files_first)
		PVL_TRY(place_files(layout, false, err));
	PVL_TRY(place_the_kernel(layout, strategy->kernel, err));
	PVL_TRY(measure_again(layout, err));
	PVL_TRY(pvl_layout_place_structures(layout, false, err));
	return strategy->files_first ? PVHLOAD_OK : place_files(layout, false, err);
}
