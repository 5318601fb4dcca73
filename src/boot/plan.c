/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* Making the plan of one way to boot: the map and what is kept clear, the protocol, the result. */
#include "boot/plan.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "abi/sizes.h"
#include "core/error.h"
#include "core/sized.h"
#include "protocol/places.h"

#define ORDERS_MAX 12u

static enum pvhload_status copy_memmap(struct pvl_builder *b, struct pvhload_error *err)
{
	struct pvhload_plan *plan = b->plan;
	const struct pvhload_memmap *from = b->config.memmap;
	enum pvhload_status status = pvl_memmap_check(from, err);

	if (status != PVHLOAD_OK)
		return status;
	plan->memmap.entries = calloc(from->count, sizeof(*from->entries));
	if (!plan->memmap.entries)
		return pvl_fail_no_memory(err, from->count * sizeof(*from->entries));
	memcpy(plan->memmap.entries, from->entries, from->count * sizeof(*from->entries));
	plan->memmap.struct_size = sizeof(plan->memmap);
	plan->memmap.capacity = from->count;
	plan->memmap.count = from->count;
	pvl_memmap_sort(plan->memmap.entries, plan->memmap.count);
	return pvl_space_init(&plan->space, &plan->memmap, err);
}

static enum pvhload_status copy_cmdline(struct pvl_builder *b, struct pvhload_error *err)
{
	b->plan->cmdline = strdup(b->config.cmdline);
	return b->plan->cmdline ? PVHLOAD_OK
				: pvl_fail_no_memory(err, strlen(b->config.cmdline) + 1);
}

/* Room for every file that pieces will come from: pieces point there, so it never moves. */
static enum pvhload_status make_sources(struct pvl_builder *b, struct pvhload_error *err)
{
	const size_t count =
		b->config.initrd_count + b->config.module_count + b->x86.setup_data_count;

	b->plan->sources = calloc(count + 1, sizeof(*b->plan->sources)); /* never 0 bytes */
	return b->plan->sources ? PVHLOAD_OK
				: pvl_fail_no_memory(err, count * sizeof(*b->plan->sources));
}

static enum pvhload_status reserve(struct pvl_builder *b, struct pvhload_error *err)
{
	enum pvhload_status status = PVHLOAD_OK;

	for (size_t i = 0; i < b->config.keep_free_count && status == PVHLOAD_OK; i++) {
		struct pvhload_boot_keep_free r = PVHLOAD_BOOT_KEEP_FREE_INIT;

		if (!pvl_element(b->config.keep_free, i, &r, sizeof(r), PVL_V1_BOOT_KEEP_FREE))
			return pvl_fail(err, PVHLOAD_E_USAGE, PVL_ANYWHERE,
					"reservation %zu has a wrong size", i);
		status = pvl_space_reserve(&b->plan->space, r.name ? r.name : "reserved", r.gpa,
					   r.size, err);
	}
	return status;
}

/* The VMM's ACPI tables are not ours to write over; a reservation of theirs may cover it already. */
static enum pvhload_status keep_rsdp_clear(struct pvl_builder *b, struct pvhload_error *err)
{
	struct pvl_range range;

	if (b->config.rsdp_gpa == 0)
		return PVHLOAD_OK;
	if (!pvl_range_make(b->config.rsdp_gpa, PVL_RSDP_SIZE, &range))
		return pvl_fail(err, PVHLOAD_E_RANGE, PVL_GPA(b->config.rsdp_gpa),
				"the RSDP, %u bytes at 0x%" PRIx64
				", passes the end of the address space",
				PVL_RSDP_SIZE, b->config.rsdp_gpa);
	if (pvl_space_is_claimed(&b->plan->space, range))
		return PVHLOAD_OK;
	return pvl_space_reserve(&b->plan->space, "the RSDP", range.start, PVL_RSDP_SIZE, err);
}

/* What is loaded: for a bzImage that the host unpacks, to no more than fits the guest, its payload. */
static enum pvhload_status choose_kernel(struct pvl_builder *b, struct pvhload_error *err)
{
	enum pvhload_status status = PVHLOAD_OK;

	if (b->way.decompress == PVHLOAD_DECOMPRESS_HOST)
		status = pvl_image_decode(b->image, pvhload_memmap_ram_size(&b->plan->memmap),
					  "the guest's RAM", err);
	if (status == PVHLOAD_OK)
		b->kernel = b->way.decompress == PVHLOAD_DECOMPRESS_HOST
				    ? pvl_image_kernel(b->image)
				    : b->image;
	return pvl_fail_about(err, status, PVHLOAD_SUBJECT_KERNEL, 0);
}

static enum pvhload_status make_regions(struct pvhload_plan *plan, struct pvhload_error *err)
{
	const size_t most = plan->space.count;
	size_t count = 0;

	plan->regions = calloc(most, sizeof(*plan->regions));
	plan->region_list = calloc(most, sizeof(*plan->region_list));
	if (!plan->regions || !plan->region_list)
		return pvl_fail_no_memory(err, most * sizeof(*plan->regions));
	for (size_t i = 0; i < most; i++) {
		const struct pvl_claim *claim = &plan->space.claims[i];

		if (claim->kind == 0)
			continue;
		plan->regions[count] = (struct pvhload_plan_region){ .name = claim->name,
								     .gpa = claim->range.start,
								     .size = claim->size,
								     .kind = claim->kind,
								     .index = claim->index };
		plan->region_list[count] = &plan->regions[count];
		count++;
	}
	plan->info.regions = plan->region_list;
	plan->info.region_count = count;
	return PVHLOAD_OK;
}

static enum pvhload_status build(struct pvl_builder *b, struct pvhload_error *err)
{
	const bool pvh = b->way.protocol == PVHLOAD_PROTOCOL_PVH;
	struct pvhload_plan_info *info = &b->plan->info;
	enum pvhload_status status = copy_memmap(b, err);

	if (status == PVHLOAD_OK)
		status = pvh ? pvl_pvh_possible(b, err) : pvl_linux_possible(b, err);
	if (status == PVHLOAD_OK)
		status = choose_kernel(b, err);
	if (status == PVHLOAD_OK)
		status = copy_cmdline(b, err);
	if (status == PVHLOAD_OK)
		status = make_sources(b, err);
	if (status != PVHLOAD_OK)
		return status;
	info->protocol = b->way.protocol;
	info->decompress = pvl_image_payload_part(&b->image->info) ? b->way.decompress : 0;
	info->cmdline = b->plan->cmdline;
	info->memmap = &b->plan->memmap;
	info->cpu = &b->plan->cpu;
	info->reason = b->plan->reason;
	b->plan->cpu.struct_size = sizeof(b->plan->cpu);

	status = reserve(b, err);
	if (status == PVHLOAD_OK)
		status = keep_rsdp_clear(b, err);
	if (status == PVHLOAD_OK)
		status = pvh ? pvl_plan_pvh(b, err) : pvl_plan_linux(b, err);
	if (status == PVHLOAD_OK)
		status = make_regions(b->plan, err);
	return status;
}

static enum pvhload_status build_ordered(struct pvl_builder *b, struct pvl_order order,
					 struct pvhload_error *err)
{
	enum pvhload_status status;

	b->plan = calloc(1, sizeof(*b->plan));
	if (!b->plan)
		return pvl_fail_no_memory(err, sizeof(*b->plan));
	b->order = order;
	b->placed = b->movable = false;
	b->kernel = NULL;
	b->shift = b->load_gpa = b->alignment = 0;
	status = build(b, err);
	if (status != PVHLOAD_OK) {
		pvhload_plan_free(b->plan);
		b->plan = NULL;
	}
	return status;
}

/* The orders of boot.h behind the usual one, as far as there is something that could change places. */
static size_t list_orders(bool movable, bool files, struct pvl_order orders[ORDERS_MAX])
{
	size_t count = 0;

	for (int by_size = 0; by_size <= files; by_size++)
		for (unsigned int kernel = PVL_KERNEL_OWN; kernel <= PVL_KERNEL_HIGH; kernel++)
			for (int first = 0; first <= 1; first++) {
				const bool usual = !by_size && kernel == PVL_KERNEL_OWN && !first;

				if (!usual && (movable || (kernel == PVL_KERNEL_OWN && !first)))
					orders[count++] =
						(struct pvl_order){ by_size, first, kernel };
			}
	return count;
}

/*
 * A kernel takes most of the room and mostly has a choice: what has no place beside it in the usual
 * order may have one in another; and so may a large file after small ones.  That one has none says
 * nothing new; any other failure is the caller's to know.
 */
enum pvhload_status pvl_plan_build(struct pvl_builder *b, struct pvhload_error *err)
{
	static const struct pvl_order usual = { false, false, PVL_KERNEL_OWN };
	enum pvhload_status status = build_ordered(b, usual, err);
	const bool movable = b->movable;
	const bool files = b->placed && b->config.module_count + (b->config.initrd_count > 0) > 1;
	struct pvl_order orders[ORDERS_MAX];
	size_t count;

	if (status != PVHLOAD_E_NO_ROOM || (!movable && !files))
		return status;
	count = list_orders(movable, files, orders);
	for (size_t i = 0; i < count; i++) {
		struct pvhload_error other = PVHLOAD_ERROR_INIT;

		status = build_ordered(b, orders[i], &other);
		if (status == PVHLOAD_OK || pvl_is_of_no_way(status))
			return pvl_fail_as(err, status, &other);
	}
	return pvl_fail_but(err, PVHLOAD_E_NO_ROOM,
			    movable && files
				    ? "nor in another order of the files, or with the kernel as "
				      "low or as high as it fits"
			    : movable ? "nor with the kernel as low or as high as it fits"
				      : "nor in another order of the files");
}

const struct pvhload_plan_info *pvhload_plan_get_info(const struct pvhload_plan *plan)
{
	return plan ? &plan->info : NULL;
}

void pvhload_plan_free(struct pvhload_plan *plan)
{
	if (!plan)
		return;
	pvl_space_free(&plan->space);
	free(plan->memmap.entries);
	free(plan->regions);
	free(plan->region_list);
	free(plan->sources);
	free(plan->cmdline);
	free(plan->pieces);
	free(plan->blob);
	free(plan);
}
