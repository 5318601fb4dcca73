/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * The place of a bzImage that unpacks itself.  Two ranges are its own: where its bytes are loaded, and
 * where it unpacks to and runs; mostly the first lies in the second.
 *
 * ABI source: Linux, Documentation/arch/x86/boot.rst: relocatable_kernel, kernel_alignment,
 * min_alignment, pref_address, init_size.
 */
#include <inttypes.h>

#include "boot/plan.h"
#include "core/checked.h"
#include "core/error.h"

#define LOAD_MIN 0x100000u /* where a bzImage goes at the lowest */

/* What one load address means. */
struct extent {
	struct pvl_range image;  /* the bytes as loaded */
	struct pvl_range window; /* run-time start, and what it needs from there */
};

/* Protocols before 2.10 do not say what they need: what is packed, and what it unpacks to. */
static uint64_t window_size(const struct pvhload_image_info *info)
{
	if (info->init_size != 0)
		return pvl_max_u64(info->init_size, info->code_size);
	return info->code_size + info->payload_decoded_size;
}

static bool make_extent(const struct pvl_builder *b, uint64_t load, uint64_t alignment,
			struct extent *ret)
{
	const struct pvhload_image_info *info = &b->image->info;
	uint64_t start = info->preferred_address;

	if (info->relocatable && !pvl_align_up(pvl_max_u64(load, start), alignment, &start))
		return false;
	return pvl_range_make(load, info->code_size, &ret->image) &&
	       pvl_range_make(start, window_size(info), &ret->window);
}

static struct pvl_wish wish_of(const char *name, uint32_t kind, struct pvl_range range,
			       const struct pvl_builder *b)
{
	const bool above = b->way.protocol == PVHLOAD_PROTOCOL_LINUX64 &&
			   b->image->info.xloadflags & PVHLOAD_XLF_CAN_BE_LOADED_ABOVE_4G;

	return (struct pvl_wish){ .name = name,
				  .kind = kind,
				  .size = range.end - range.start,
				  .align = 1,
				  .min = LOAD_MIN,
				  .limit = above ? UINT64_MAX : PVL_4GIB,
				  .limit_is = above ? "2^64" : "4 GiB" };
}

static enum pvhload_status claim(struct pvl_builder *b, const struct extent *e,
				 struct pvhload_error *err)
{
	struct pvl_space *space = &b->plan->space;
	const bool apart = e->image.end < e->window.start || e->window.end < e->image.start;
	const struct pvl_range all = { pvl_min_u64(e->image.start, e->window.start),
				       pvl_max_u64(e->image.end, e->window.end) };
	const struct pvl_range window = apart ? e->window : all;
	const struct pvl_wish run = wish_of("kernel", PVHLOAD_REGION_KERNEL, window, b);
	const struct pvl_wish image =
		wish_of("kernel image", PVHLOAD_REGION_KERNEL_IMAGE, e->image, b);
	enum pvhload_status status = PVHLOAD_OK;

	if (apart)
		status = pvl_space_take(space, &image, e->image.start, err);
	return status == PVHLOAD_OK ? pvl_space_take(space, &run, window.start, err) : status;
}

/* Take what the load address @load implies, if it is free. */
static enum pvhload_status take_at(struct pvl_builder *b, uint64_t load, uint64_t alignment,
				   struct pvhload_error *err)
{
	struct extent e;
	enum pvhload_status status;

	if (!make_extent(b, load, alignment, &e))
		return pvl_fail(err, PVHLOAD_E_RANGE, PVL_GPA(load),
				"the kernel at 0x%" PRIx64 " passes the end of the address space",
				load);
	status = claim(b, &e, err);
	if (status == PVHLOAD_OK) {
		b->load_gpa = load;
		b->alignment = alignment;
	}
	return status;
}

static enum pvhload_status take_fixed_load(struct pvl_builder *b, struct pvhload_error *err)
{
	const struct pvhload_image_info *info = &b->image->info;
	enum pvhload_status status = take_at(b, info->entry, info->alignment, err);

	if (status != PVHLOAD_OK)
		status = pvl_fail_in(err, status, "the kernel is not relocatable");
	return status;
}

/* Where the caller wants it. */
static enum pvhload_status take_asked(struct pvl_builder *b, struct pvhload_error *err)
{
	const struct pvhload_image_info *info = &b->image->info;
	const uint64_t gpa = b->places.kernel_gpa;

	if (!info->relocatable && gpa != info->entry)
		return pvl_fail(err, PVHLOAD_E_RANGE, PVL_GPA(gpa),
				"the kernel is not relocatable: it must be loaded at 0x%" PRIx64
				", not at 0x%" PRIx64,
				info->entry, gpa);
	if (info->relocatable && (gpa & (info->min_alignment - 1)) != 0)
		return pvl_fail(err, PVHLOAD_E_RANGE, PVL_GPA(gpa),
				"the kernel at 0x%" PRIx64
				" is not at a multiple of its least alignment, 0x%" PRIx32,
				gpa, info->min_alignment);
	if ((gpa & (info->alignment - 1)) == 0)
		return take_at(b, gpa, info->alignment, err);
	return take_at(b, gpa, info->relocatable ? info->min_alignment : info->alignment, err);
}

/* Where it prefers to be, else as low above that as it fits. */
static enum pvhload_status take_somewhere(struct pvl_builder *b, struct pvhload_error *err)
{
	const struct pvhload_image_info *info = &b->image->info;
	const uint64_t alignments[] = { info->alignment, info->min_alignment };
	enum pvhload_status status;
	uint64_t gpa;

	if ((info->preferred_address & (info->alignment - 1)) == 0) {
		status = take_at(b, info->preferred_address, info->alignment, err);
		if (status == PVHLOAD_OK)
			return status;
	} else {
		status = pvl_fail(err, PVHLOAD_E_RANGE, PVL_GPA(info->preferred_address),
				  "pref_address 0x%" PRIx64 " is no multiple of kernel_alignment",
				  info->preferred_address);
	}
	for (size_t i = 0; i < sizeof(alignments) / sizeof(alignments[0]); i++) {
		struct pvl_wish wish = wish_of("kernel", PVHLOAD_REGION_KERNEL,
					       (struct pvl_range){ 0, window_size(info) }, b);

		wish.align = alignments[i];
		wish.min = pvl_max_u64(wish.min, info->preferred_address);
		if (pvl_space_find_lowest(&b->plan->space, &wish, &gpa, err) == PVHLOAD_OK)
			return take_at(b, gpa, alignments[i], err);
	}
	return PVHLOAD_E_NO_ROOM;
}

enum pvhload_status pvl_plan_bzimage(struct pvl_builder *b, struct pvhload_error *err)
{
	const struct pvhload_image_info *info = &b->image->info;
	struct pvl_piece piece = { .size = info->code_size,
				   .source = &b->image->source,
				   .offset = info->code_offset,
				   .subject = PVHLOAD_SUBJECT_KERNEL };
	enum pvhload_status status;

	if (b->places.kernel_gpa != 0)
		status = take_asked(b, err);
	else if (info->relocatable)
		status = take_somewhere(b, err);
	else
		status = take_fixed_load(b, err);
	if (status == PVHLOAD_OK) {
		piece.gpa = b->plan->info.kernel_gpa = b->load_gpa;
		status = pvl_plan_add_piece(b->plan, piece, err);
	}
	return pvl_fail_about(err, status, PVHLOAD_SUBJECT_KERNEL, 0);
}
