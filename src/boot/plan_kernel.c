/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * The kernel's place.  Each segment must be in free RAM; what lies between two of them belongs to the
 * kernel as well, as Linux gives those gaps to its page allocator.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "boot/plan.h"
#include "core/error.h"

/*
 * Gaps from alignment are smaller than this (Linux: CONFIG_PHYSICAL_ALIGN is at most 16 MiB); an
 * image with segments further apart, or with something else than RAM between them, has several
 * regions.
 */
#define GAP_MAX (16u << 20)

static struct pvl_range segment_range(const struct pvhload_image_segment *s)
{
	return (struct pvl_range){ s->gpa, s->gpa + s->mem_size };
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

	for (size_t i = 0; i < info->segment_count && status == PVHLOAD_OK; i++) {
		snprintf(name, sizeof(name), "kernel segment %zu", i);
		status = pvl_space_check(&b->plan->space, name, segment_range(info->segments[i]),
					 err);
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

static enum pvhload_status claim(struct pvl_builder *b, struct pvhload_error *err)
{
	const struct pvhload_image_info *info = &b->kernel->info;
	struct pvl_range *ranges = calloc(info->segment_count, sizeof(*ranges));
	enum pvhload_status status = PVHLOAD_OK;
	char name[PVL_NAME_SIZE];
	size_t count;

	if (!ranges)
		return pvl_fail_no_memory(err, info->segment_count * sizeof(*ranges));
	for (size_t i = 0; i < info->segment_count; i++)
		ranges[i] = segment_range(info->segments[i]);
	qsort(ranges, info->segment_count, sizeof(*ranges), by_start);
	count = join(&b->plan->space.ram, ranges, info->segment_count);
	for (size_t i = 0; i < count && status == PVHLOAD_OK; i++) {
		const struct pvl_wish wish = { .name = name,
					       .kind = PVHLOAD_REGION_KERNEL,
					       .index = (uint32_t)i,
					       .size = ranges[i].end - ranges[i].start,
					       .align = 1,
					       .limit = UINT64_MAX,
					       .limit_is = "2^64" };

		snprintf(name, sizeof(name), count == 1 ? "kernel" : "kernel %zu", i);
		status = pvl_space_take(&b->plan->space, &wish, ranges[i].start, err);
	}
	free(ranges);
	return status;
}

static enum pvhload_status add_pieces(struct pvl_builder *b, struct pvhload_error *err)
{
	const struct pvhload_image_info *info = &b->kernel->info;
	enum pvhload_status status = PVHLOAD_OK;

	for (size_t i = 0; i < info->segment_count && status == PVHLOAD_OK; i++) {
		const struct pvhload_image_segment *s = info->segments[i];
		const struct pvl_piece bytes = { .gpa = s->gpa,
						 .size = s->file_size,
						 .source = &b->kernel->source,
						 .offset = s->offset,
						 .subject = PVHLOAD_SUBJECT_KERNEL };
		const struct pvl_piece bss = { .gpa = s->gpa + s->file_size,
					       .size = s->mem_size - s->file_size };

		status = pvl_plan_add_piece(b->plan, bytes, err);
		if (status == PVHLOAD_OK)
			status = pvl_plan_add_piece(b->plan, bss, err);
	}
	return status;
}

enum pvhload_status pvl_plan_kernel(struct pvl_builder *b, struct pvhload_error *err)
{
	enum pvhload_status status = check_segments(b, err);

	if (status == PVHLOAD_OK)
		status = claim(b, err);
	if (status == PVHLOAD_OK)
		status = add_pieces(b, err);
	return pvl_fail_about(err, status, PVHLOAD_SUBJECT_KERNEL, 0);
}
