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
#include "image/bzimage_place.h"

/* Below it, a PC has what is not RAM, and what Linux and VMMs need for themselves. */
#define LOAD_MIN 0x100000u

static struct pvl_wish wish_of(const char *name, uint32_t kind, struct pvl_range range,
			       const struct pvl_builder *b)
{
	const bool above = b->way.protocol == PVHLOAD_PROTOCOL_X86_LINUX64 &&
			   b->image->info.bzimage->xloadflags & PVHLOAD_XLF_CAN_BE_LOADED_ABOVE_4G;

	return (struct pvl_wish){ .name = name,
				  .kind = kind,
				  .size = range.end - range.start,
				  .align = 1,
				  .min = LOAD_MIN,
				  .limit = above ? pvl_linux_end(b) : PVL_4GIB,
				  .limit_name = above ? pvl_linux_end_name(b) : "4 GiB" };
}

static enum pvhload_status claim(struct pvl_builder *b, const struct pvl_bzimage_extent *e,
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
	const struct pvhload_image_info *info = &b->image->info;
	struct pvl_bzimage_extent e;
	enum pvhload_status status =
		pvl_bzimage_extent(info, load, alignment, pvl_bzimage_window_size(info), &e, err);

	if (status == PVHLOAD_OK && (e.image.start < LOAD_MIN || e.window.start < LOAD_MIN))
		return pvl_fail(err, PVHLOAD_E_RANGE, PVL_GPA(load),
				"the kernel at 0x%" PRIx64 ", running from 0x%" PRIx64
				" on, is below 1 MiB",
				load, e.window.start);
	if (status == PVHLOAD_OK)
		status = claim(b, &e, err);
	if (status == PVHLOAD_OK) {
		b->load_gpa = load;
		b->alignment = alignment;
	}
	return status;
}

/*
 * As low as it fits from where it prefers to be, or as high; what @first says of that place is kept in
 * mind.
 */
static enum pvhload_status take_elsewhere(struct pvl_builder *b, const struct pvhload_error *first,
					  struct pvhload_error *err)
{
	const struct pvhload_image_info *info = &b->image->info;
	const uint64_t alignments[] = { info->alignment, info->bzimage->min_alignment };
	const bool tight = b->order.kernel != PVL_KERNEL_OWN;
	const struct pvl_range window = { 0, pvl_max_u64(pvl_bzimage_window_size(info),
							 info->bzimage->code_size) };
	enum pvhload_status status = PVHLOAD_E_NO_ROOM;
	uint64_t gpa;

	/* Where every byte counts, the smaller one is better. */
	for (size_t i = tight ? 1 : 0; i < sizeof(alignments) / sizeof(alignments[0]); i++) {
		struct pvl_wish wish = wish_of("kernel", PVHLOAD_REGION_KERNEL, window, b);

		wish.align = alignments[i];
		wish.min = pvl_max_u64(wish.min, info->preferred_address);
		status = pvl_space_find(&b->plan->space, &wish, b->order.kernel == PVL_KERNEL_HIGH,
					&gpa, err);
		if (status == PVHLOAD_OK)
			return take_at(b, gpa, pvl_bzimage_alignment(info, gpa), err);
	}
	return pvl_fail_in(err, status, "%s", first->message);
}

static enum pvhload_status take_relocatable(struct pvl_builder *b, struct pvhload_error *err)
{
	const struct pvhload_image_info *info = &b->image->info;
	const uint64_t own = pvl_max_u64(info->preferred_address, LOAD_MIN);
	struct pvhload_error first = PVHLOAD_ERROR_INIT;

	if (b->order.kernel != PVL_KERNEL_OWN)
		return take_elsewhere(b, &first, err);
	if (own % info->alignment != 0)
		(void)pvl_fail(&first, PVHLOAD_E_RANGE, PVL_GPA(own),
			       "0x%" PRIx64 " is no multiple of kernel_alignment, 0x%" PRIx64, own,
			       info->alignment);
	else if (take_at(b, own, info->alignment, &first) == PVHLOAD_OK)
		return PVHLOAD_OK;
	return take_elsewhere(b, &first, err);
}

static enum pvhload_status take(struct pvl_builder *b, struct pvhload_error *err)
{
	const struct pvhload_image_info *info = &b->image->info;
	const uint64_t asked = b->places.kernel_gpa;
	enum pvhload_status status;

	if (asked != 0)
		return take_at(b, asked, pvl_bzimage_alignment(info, asked), err);
	if (info->relocatable)
		return take_relocatable(b, err);
	status = take_at(b, info->entry, info->alignment, err);
	return status == PVHLOAD_OK ? status
				    : pvl_fail_in(err, status, "the kernel is not relocatable");
}

/* What is inside would not fit, whoever unpacks it. */
static enum pvhload_status check_payload(const struct pvl_builder *b, struct pvhload_error *err)
{
	const struct pvhload_image_part *part = pvl_image_payload_part(&b->image->info);
	const uint64_t ram = pvhload_memmap_ram_size(&b->plan->memmap);

	if (!part || part->decoded_size <= ram)
		return PVHLOAD_OK;
	return pvl_fail(err, PVHLOAD_E_LIMIT, PVL_AT(part->offset),
			"%s payload: it declares %" PRIu64 " decoded bytes, %" PRIu64
			" more than the guest's RAM, %" PRIu64,
			pvhload_codec_name(part->codec), part->decoded_size,
			part->decoded_size - ram, ram);
}

enum pvhload_status pvl_plan_bzimage(struct pvl_builder *b, struct pvhload_error *err)
{
	const struct pvhload_image_info *info = &b->image->info;
	struct pvl_write piece = { .size = info->bzimage->code_size,
				   .source = &b->image->source,
				   .offset = info->bzimage->code_offset,
				   .subject = PVHLOAD_SUBJECT_KERNEL };
	enum pvhload_status status = check_payload(b, err);

	if (status == PVHLOAD_OK)
		status = take(b, err);
	b->placed = status == PVHLOAD_OK;
	b->movable = b->placed && b->image->info.relocatable && b->places.kernel_gpa == 0;
	if (status == PVHLOAD_OK) {
		piece.gpa = b->plan->info.kernel_gpa = b->load_gpa;
		status = pvl_plan_add_write(b->plan, piece, err);
	}
	return pvl_fail_about(err, status, PVHLOAD_SUBJECT_KERNEL, 0);
}
