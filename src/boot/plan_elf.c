/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * An ELF kernel's place.  Each segment must be in free RAM; what lies between two of them belongs to
 * the kernel as well, as Linux gives those gaps to its page allocator.  A kernel that is moved is moved
 * as a whole, to where all of its extent is free.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "boot/plan.h"
#include "core/checked.h"
#include "core/error.h"

/*
 * Gaps from alignment are smaller than this (Linux: CONFIG_PHYSICAL_ALIGN is at most 16 MiB); an
 * image with segments further apart, or with something else than RAM between them, has several
 * regions.
 */
#define GAP_MAX (16u << 20)

/* A kernel that may be anywhere stays out of what a PC, Linux and VMMs need for themselves. */
#define MOVED_MIN 0x100000u

/* Ranges that are the kernel's, by address: segments, and what lies between those that are close. */
struct pieces {
	struct pvl_range *ranges; /* room for one for each segment */
	size_t count;
};

/* pvl_plan_elf() has made sure that no shifted address wraps. */
static struct pvl_range segment_range(const struct pvl_builder *b,
				      const struct pvhload_image_segment *s)
{
	return (struct pvl_range){ s->gpa + b->shift, s->gpa + b->shift + s->mem_size };
}

static int by_start(const void *a, const void *b)
{
	const struct pvl_range *x = a, *y = b;

	return (x->start > y->start) - (x->start < y->start);
}

static enum pvhload_status check_segments(const struct pvl_builder *b, struct pvhload_error *err)
{
	const struct pvhload_image_info *info = &b->kernel->info;
	enum pvhload_status status = PVHLOAD_OK;
	char name[PVL_NAME_SIZE];

	for (size_t i = 0; i < info->elf->segment_count && status == PVHLOAD_OK; i++) {
		snprintf(name, sizeof(name), "kernel segment %zu", i);
		status = pvl_space_check(&b->plan->space, name,
					 segment_range(b, info->elf->segments[i]), err);
	}
	return status;
}

/* Join neighbours that belong together; returns how many ranges are left. */
static size_t join(const struct pvl_ram *ram, struct pvl_range *ranges, size_t count)
{
	size_t out = 0;

	for (size_t i = 1; i < count; i++) {
		const struct pvl_range both = { ranges[out].start, ranges[i].end };

		if (ranges[i].start - ranges[out].end < GAP_MAX && pvl_ram_contains(ram, both))
			ranges[out] = both;
		else
			ranges[++out] = ranges[i];
	}
	return out + 1;
}

/* What belongs to the kernel where it is now. */
static void list_pieces(const struct pvl_builder *b, struct pieces *pieces)
{
	const struct pvhload_image_info *info = &b->kernel->info;

	for (size_t i = 0; i < info->elf->segment_count; i++)
		pieces->ranges[i] = segment_range(b, info->elf->segments[i]);
	qsort(pieces->ranges, info->elf->segment_count, sizeof(*pieces->ranges), by_start);
	pieces->count = join(&b->plan->space.ram, pieces->ranges, info->elf->segment_count);
}

static void name_piece(const struct pieces *pieces, size_t i, char name[PVL_NAME_SIZE])
{
	snprintf(name, PVL_NAME_SIZE, pieces->count == 1 ? "kernel" : "kernel %zu", i);
}

/* Is all of it free?  A refusal names the segment at fault, or, between two of them, the piece. */
static enum pvhload_status check_place(const struct pvl_builder *b, struct pieces *pieces,
				       struct pvhload_error *err)
{
	enum pvhload_status status = check_segments(b, err);
	char name[PVL_NAME_SIZE];

	if (status == PVHLOAD_OK)
		list_pieces(b, pieces);
	for (size_t i = 0; status == PVHLOAD_OK && i < pieces->count; i++) {
		name_piece(pieces, i, name);
		status = pvl_space_check(&b->plan->space, name, pieces->ranges[i], err);
	}
	return status;
}

static enum pvhload_status claim(struct pvl_builder *b, const struct pieces *pieces,
				 struct pvhload_error *err)
{
	enum pvhload_status status = PVHLOAD_OK;
	char name[PVL_NAME_SIZE];

	for (size_t i = 0; i < pieces->count && status == PVHLOAD_OK; i++) {
		const struct pvl_range range = pieces->ranges[i];
		const struct pvl_wish wish = { .name = name,
					       .kind = PVHLOAD_REGION_KERNEL,
					       .index = (uint32_t)i,
					       .size = range.end - range.start,
					       .align = 1,
					       .limit = UINT64_MAX,
					       .limit_name = "2^64" };

		name_piece(pieces, i, name);
		status = pvl_space_take(&b->plan->space, &wish, range.start, err);
	}
	return status;
}

static enum pvhload_status add_pieces(struct pvl_builder *b, struct pvhload_error *err)
{
	const struct pvhload_image_info *info = &b->kernel->info;
	enum pvhload_status status = PVHLOAD_OK;

	for (size_t i = 0; i < info->elf->segment_count && status == PVHLOAD_OK; i++) {
		const struct pvhload_image_segment *s = info->elf->segments[i];
		const struct pvl_write bytes = { .gpa = s->gpa + b->shift,
						 .size = s->file_size,
						 .source = &b->kernel->source,
						 .offset = s->offset,
						 .subject = PVHLOAD_SUBJECT_KERNEL };
		const struct pvl_write bss = { .gpa = bytes.gpa + s->file_size,
					       .size = s->mem_size - s->file_size };

		status = pvl_plan_add_write(b->plan, bytes, err);
		if (status == PVHLOAD_OK)
			status = pvl_plan_add_write(b->plan, bss, err);
	}
	return status;
}

/* Bytes of @extent from @gpa on that are not where the kernel can be. */
static uint64_t outside(const struct pvl_move *move, uint64_t gpa, uint64_t extent)
{
	const uint64_t from = pvl_max_u64(gpa, move->min);
	const uint64_t room = from < move->end ? move->end - from : 0;
	const uint64_t below = from - gpa;

	return below >= extent ? extent : extent - pvl_min_u64(extent - below, room);
}

/* The kernel is to start at @gpa: how far that is from where it is linked, if it may go there. */
static enum pvhload_status move_to(struct pvl_builder *b, const struct pvl_move *move, uint64_t gpa,
				   struct pvhload_error *err)
{
	const struct pvhload_image_info *info = &b->kernel->info;
	const uint64_t extent = info->elf->range.size;
	struct pvl_range range;

	if (gpa == info->elf->range.gpa)
		return PVHLOAD_OK;
	if (!move->may)
		return pvl_fail(err, PVHLOAD_E_RANGE, PVL_GPA(gpa),
				"the kernel cannot be moved from 0x%" PRIx64 " to 0x%" PRIx64
				": %s",
				info->elf->range.gpa, gpa, move->why_not);
	if (((gpa - (move->absolute ? 0 : info->elf->range.gpa)) & (move->align - 1)) != 0)
		return pvl_fail(err, PVHLOAD_E_RANGE, PVL_GPA(gpa),
				"the kernel cannot be moved from 0x%" PRIx64 " to 0x%" PRIx64
				": %s must be a multiple of 0x%" PRIx64,
				info->elf->range.gpa, gpa,
				move->absolute ? "its address" : "the distance", move->align);
	if (gpa < move->min || !pvl_range_make(gpa, extent, &range) || range.end > move->end)
		return pvl_fail(err, PVHLOAD_E_RANGE, PVL_GPA(gpa),
				"the kernel, 0x%" PRIx64 " bytes, cannot be moved to 0x%" PRIx64
				": it can be in [0x%" PRIx64 ", 0x%" PRIx64 "), and 0x%" PRIx64
				" bytes would be outside",
				extent, gpa, move->min, move->end, outside(move, gpa, extent));
	b->shift = gpa - info->elf->range.gpa;
	return PVHLOAD_OK;
}

/* The lowest place for all of a kernel that cannot have its own; or the highest. */
static enum pvhload_status find_place(struct pvl_builder *b, const struct pvl_move *move,
				      struct pvhload_error *err)
{
	char limit[32];
	const struct pvhload_image_info *info = &b->kernel->info;
	const struct pvl_wish wish = { .name = "kernel",
				       .size = info->elf->range.size,
				       .align = move->align,
				       .phase = move->absolute
							? 0
							: info->elf->range.gpa & (move->align - 1),
				       .min = pvl_max_u64(move->min, MOVED_MIN),
				       .limit = move->end,
				       .limit_name = limit };
	enum pvhload_status status;
	uint64_t gpa;

	snprintf(limit, sizeof(limit), "0x%" PRIx64, move->end);
	status = pvl_space_find(&b->plan->space, &wish, b->order.kernel == PVL_KERNEL_HIGH, &gpa,
				err);
	if (status == PVHLOAD_OK)
		b->shift = gpa - info->elf->range.gpa;
	return status;
}

/* The place of its own is not free, as @first says: another, or why not. */
static enum pvhload_status give_way(struct pvl_builder *b, const struct pvl_move *move,
				    struct pieces *pieces, const struct pvhload_error *first,
				    struct pvhload_error *err)
{
	enum pvhload_status status = (enum pvhload_status)first->status;

	if (!move->may)
		return pvl_fail(err, status, PVL_GPA(first->gpa),
				"%s; the kernel cannot be moved: %s", first->message,
				move->why_not);
	status = find_place(b, move, err);
	if (status != PVHLOAD_OK)
		return pvl_fail_in(err, status, "%s", first->message);
	list_pieces(b, pieces);
	return PVHLOAD_OK;
}

static enum pvhload_status place(struct pvl_builder *b, const struct pvl_move *move,
				 struct pieces *pieces, struct pvhload_error *err)
{
	struct pvhload_error first = PVHLOAD_ERROR_INIT;
	enum pvhload_status status;

	if (b->places.kernel_gpa != 0) {
		status = move_to(b, move, b->places.kernel_gpa, err);
		return status == PVHLOAD_OK ? check_place(b, pieces, err) : status;
	}
	status = check_place(b, pieces, &first);
	if (status == PVHLOAD_OK && b->order.kernel == PVL_KERNEL_OWN)
		return status;
	return give_way(b, move, pieces, &first, err);
}

enum pvhload_status pvl_plan_elf(struct pvl_builder *b, const struct pvl_move *move,
				 struct pvhload_error *err)
{
	const size_t most = b->kernel->info.elf->segment_count;
	struct pieces pieces = { calloc(most, sizeof(*pieces.ranges)), 0 };
	enum pvhload_status status;

	if (!pieces.ranges)
		return pvl_fail_no_memory(err, most * sizeof(*pieces.ranges));
	status = place(b, move, &pieces, err);
	if (status == PVHLOAD_OK)
		status = claim(b, &pieces, err);
	b->placed = status == PVHLOAD_OK;
	b->movable = b->placed && move->may && b->places.kernel_gpa == 0;
	free(pieces.ranges);
	if (status == PVHLOAD_OK)
		status = add_pieces(b, err);
	b->plan->info.kernel_gpa = b->kernel->info.elf->range.gpa + b->shift;
	return pvl_fail_about(err, status, PVHLOAD_SUBJECT_KERNEL, 0);
}
