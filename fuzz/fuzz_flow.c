/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * The whole flow: a scene (flow_scene.h) is opened, planned, committed, loaded in one step and read back; one in CHOSEN is
 * planned a second time, shared, and what it does not write cleared.  All ways give the same plan and the same bytes, or
 * the same failure.  In a world that changes (world.h), they may fail, and
 * nothing else.
 */
#include <string.h>

#include "flow.h"
#include "heap.h"

#define COMPARED (64u << 10)
#define CHOSEN   3u

static struct shadow staged, loaded;

/* Bytes of the regions as pvhload_plan_read_region() gives them are those that were written. */
static void check_regions(const struct scene *s, const struct flow_result *r)
{
	static uint8_t bytes[COMPARED];

	for (size_t i = 0; i < r->info->region_count && !s->ways.stale; i++) {
		const struct pvhload_plan_region *region = r->info->regions[i];
		const size_t size = region->size < COMPARED ? (size_t)region->size : COMPARED;

		MUST(pvhload_plan_read_region(r->plan, i, 0, bytes, size, NULL) == PVHLOAD_OK);
		MUST(memcmp(shadow_at(&staged, region->gpa, size), bytes, size) == 0);
	}
}

static void sorted_and_apart(const struct scene *s, const struct pvhload_plan_info *info)
{
	uint64_t end = 0;

	for (size_t i = 0; i < info->region_count; i++) {
		const struct pvhload_plan_region *r = info->regions[i];

		MUST(r->size > 0 && r->gpa >= end && r->size <= UINT64_MAX - r->gpa);
		end = r->gpa + r->size;
		MUST(shadow_at(&staged, r->gpa, r->size) != NULL);
		for (size_t k = 0; k < s->config.keep_free_count; k++)
			MUST(r->kind == PVHLOAD_REGION_KEPT ||
			     r->gpa >= s->keep_free[k].gpa + s->keep_free[k].size ||
			     end <= s->keep_free[k].gpa);
	}
}

/* A commit that failed has changed nothing of the plan: once nothing fails any more, memory becomes what it is to be. */
static void commit_again(struct scene *s, struct pvhload_image *image, const struct flow_result *r)
{
	const struct world before = s->world;

	/* A plan of files that have changed has sizes and headers of neither. */
	if (s->world.event_at != 0 || s->damaged)
		return;
	world_heal(&s->world);
	staged.faults = s->world.memory;
	staged.memory.flags = 0;
	MUST(flow_commit(s, r->plan, &staged) == PVHLOAD_OK);
	/* Unless what was read meanwhile, anywhere, changed by that. */
	if (before.memory.change_at == 0)
		shadow_check_outside(&staged, r->info, (struct pvhload_range){ 0, 0 });
	if (!s->ways.by_source)
		read_back(s, image, r->info, &staged);
	s->world = before;
}

static void commit(struct scene *s, struct pvhload_image *image, const struct flow_result *r)
{
	const struct pvhload_range nowhere = { 0, 0 };
	enum pvhload_status status;

	flow_memory(s, &staged, s->ways.callbacks, r->info);
	sorted_and_apart(s, r->info);
	status = flow_commit(s, r->plan, &staged);
	shadow_check_outside(&staged, r->info, nowhere);
	if (s->world.changes) {
		if (status == PVHLOAD_OK)
			read_anything(s, r->info, &staged);
		shadow_settle(&staged);
		commit_again(s, image, r);
		return;
	}
	MUST(status == PVHLOAD_OK);
	if (!s->ways.by_source)
		read_back(s, image, r->info, &staged);
	check_regions(s, r);
}

/* In one step, from an image that is not decoded yet; then the plan of it once more. */
static void load(struct scene *s, struct pvhload_image *image, const struct flow_result *planned)
{
	const struct pvhload_range nowhere = { 0, 0 };
	struct pvhload_range cleared;
	struct flow_result r;

	pvhload_image_drop_payload(image);
	flow_memory(s, &loaded, s->ways.callbacks | SHADOW_BEGIN, planned->info);
	r = flow_load(s, image, &loaded);
	cleared = flow_cut_cleared(&r.err);
	if (!s->world.changes) {
		flow_same(planned, &r);
		if (r.plan) {
			shadow_check_outside(&loaded, r.info, loaded.window);
			shadow_compare(&staged, &loaded, r.info);
			flow_memory(s, &loaded, s->ways.callbacks, r.info);
			MUST(flow_commit(s, r.plan, &loaded) == PVHLOAD_OK);
			shadow_check_outside(&loaded, r.info, nowhere);
			shadow_compare(&staged, &loaded, r.info);
		} else {
			shadow_check_untouched(&loaded, cleared);
		}
	} else if (r.plan) {
		if (s->world.touch_at == 0)
			shadow_check_outside(&loaded, r.info, loaded.window);
		read_anything(s, r.info, &loaded);
	} else {
		MUST(loaded.window.size == cleared.size);
		shadow_check_zeros(&loaded, cleared);
	}
	pvhload_plan_free(r.plan);
}

/* From a kernel in a sealed memfd. */
static void share(struct scene *s, struct pvhload_image *image, const struct flow_result *planned)
{
	struct flow_result r;

	pvhload_image_drop_payload(image);
	if (!flow_share(s, image))
		return;
	r = flow_plan(s, image);
	MUST(s->world.changes || r.status == planned->status);
	if (!s->world.changes && r.plan)
		flow_same_guests(planned->info, r.info);
	if (r.plan) {
		flow_memory(s, &loaded, s->ways.callbacks | SHADOW_MAP_FILE, r.info);
		MUST(flow_commit(s, r.plan, &loaded) == PVHLOAD_OK || s->world.changes);
		shadow_check_outside(&loaded, r.info, (struct pvhload_range){ 0, 0 });
		if (!s->world.changes)
			shadow_compare(&staged, &loaded, r.info);
	}
	pvhload_plan_free(r.plan);
}

/* What stays as it is: the VMM's. */
static size_t kept_ranges(const struct scene *s, struct pvhload_range kept[SCENE_FILES_MAX + 1])
{
	size_t count = 0;

	for (; count < s->config.keep_free_count; count++)
		kept[count] =
			(struct pvhload_range){ s->keep_free[count].gpa, s->keep_free[count].size };
	if (s->config.rsdp_gpa != 0)
		kept[count++] = (struct pvhload_range){ s->config.rsdp_gpa, 36 };
	return count;
}

/* What the plan does not write is zeros then; what it wrote is left. */
static void clear(struct scene *s, const struct flow_result *r)
{
	struct pvhload_range kept[SCENE_FILES_MAX + 1];
	const size_t count = kept_ranges(s, kept);
	enum pvhload_status status;

	shadow_make_zeroing(&staged);
	status = flow_clear(s, r->plan, &staged);
	MUST(status == PVHLOAD_OK || s->world.changes);
	if (s->world.changes)
		return;
	check_regions(s, r);
	if (!s->config.fdt) /* whose reservations are kept as well */
		shadow_check_zeroed(&staged, r->info, kept, count);
}

/* A second plan is the same.  By what else a kernel could boot is said only as far as it has been decoded. */
static void plan_again(struct scene *s, struct pvhload_image *image,
		       const struct flow_result *first)
{
	struct flow_result second;

	pvhload_image_drop_payload(image);
	second = flow_plan(s, image);
	if (!s->world.changes)
		flow_same(first, &second);
	pvhload_plan_free(second.plan);
}

static void try_ways(struct scene *s, bool all)
{
	struct pvhload_image *image = flow_open(s);
	struct flow_result first;

	if (!image)
		return;
	first = flow_plan(s, image);
	if (all)
		plan_again(s, image, &first);
	if (first.plan)
		commit(s, image, &first);
	load(s, image, &first);
	if (all && !s->ways.by_source)
		share(s, image, &first);
	if (all && first.plan)
		clear(s, &first);
	pvhload_plan_free(first.plan);
	pvhload_image_close(image);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct scene s;
	struct input in = { data, size, 0 };

	scene_make(&s, &in);
	try_ways(&s, input_is_chosen(data, size, CHOSEN));
	scene_free(&s);
	return 0;
}
