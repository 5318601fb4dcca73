/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* Making a plan: take the caller's config apart, choose the protocol, put the result together. */
#include "boot/plan.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "abi/sizes.h"
#include "core/error.h"
#include "core/sized.h"
#include "protocol/pvh.h"

static enum pvhload_status take_config(const struct pvhload_boot_config *caller,
				       struct pvl_builder *b, struct pvhload_error *err)
{
	struct pvhload_boot_config *c = &b->config;

	if (!pvl_sized_in(c, sizeof(*c), caller, PVL_V1_BOOT_CONFIG) || !c->image || !c->memmap)
		return pvl_fail(
			err, PVHLOAD_E_USAGE, PVL_ANYWHERE,
			"the boot config is NULL or has a wrong size, no image or no memory "
			"map");
	if ((c->initrd_count > 0 && !c->initrds) || (c->module_count > 0 && !c->modules) ||
	    (c->reservation_count > 0 && !c->reservations))
		return pvl_fail(
			err, PVHLOAD_E_USAGE, PVL_ANYWHERE,
			"the boot config counts initrds, modules or reservations, but names "
			"none");
	if (c->places &&
	    !pvl_sized_in(&b->places, sizeof(b->places), c->places, PVL_V1_BOOT_PLACES))
		return pvl_fail(err, PVHLOAD_E_USAGE, PVL_ANYWHERE, "the places have a wrong size");
	if ((c->flags & ~PVHLOAD_BOOT_NOT_LINUX) != 0 || c->protocol > PVHLOAD_PROTOCOL_PVH)
		return pvl_fail(err, PVHLOAD_E_USAGE, PVL_ANYWHERE,
				"an unknown flag (0x%" PRIx32 ") or protocol (%" PRIu32 ")",
				c->flags, c->protocol);
	if (c->initrd_count > PVHLOAD_BOOT_INITRDS_MAX ||
	    c->module_count > PVHLOAD_PVH_MODULES_MAX ||
	    c->reservation_count > PVHLOAD_BOOT_RESERVATIONS_MAX)
		return pvl_fail(
			err, PVHLOAD_E_LIMIT, PVL_ANYWHERE,
			"%zu initrds, %zu modules, %zu reservations: the limits are %u, %u and "
			"%u",
			c->initrd_count, c->module_count, c->reservation_count,
			PVHLOAD_BOOT_INITRDS_MAX, PVHLOAD_PVH_MODULES_MAX,
			PVHLOAD_BOOT_RESERVATIONS_MAX);
	if (!c->cmdline)
		c->cmdline = "";
	return PVHLOAD_OK;
}

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
	plan->memmap.size = sizeof(plan->memmap);
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

static enum pvhload_status reserve(struct pvl_builder *b, struct pvhload_error *err)
{
	enum pvhload_status status = PVHLOAD_OK;

	for (size_t i = 0; i < b->config.reservation_count && status == PVHLOAD_OK; i++) {
		struct pvhload_boot_reservation r = PVHLOAD_BOOT_RESERVATION_INIT;

		if (!pvl_element(b->config.reservations, i, &r, sizeof(r), PVL_V1_BOOT_RESERVATION))
			return pvl_fail(err, PVHLOAD_E_USAGE, PVL_ANYWHERE,
					"reservation %zu has a wrong size", i);
		status = pvl_space_reserve(&b->plan->space, r.name ? r.name : "reserved", r.gpa,
					   r.length, err);
	}
	return status;
}

/* The VMM's ACPI tables are not ours to write over; a reservation of theirs may cover it already. */
static enum pvhload_status keep_rsdp_clear(struct pvl_builder *b, struct pvhload_error *err)
{
	struct pvl_range range;

	if (b->config.rsdp_gpa == 0 || !pvl_range_make(b->config.rsdp_gpa, PVL_RSDP_SIZE, &range) ||
	    pvl_space_is_claimed(&b->plan->space, range))
		return PVHLOAD_OK;
	return pvl_space_reserve(&b->plan->space, "the RSDP", range.start, PVL_RSDP_SIZE, err);
}

/* A PVH entry lies in the ELF file: a bzImage has to be unpacked, to no more than fits the guest. */
static enum pvhload_status choose_kernel(struct pvl_builder *b, struct pvhload_error *err)
{
	struct pvhload_image *image = b->config.image;
	enum pvhload_status status =
		pvl_image_decode(image, pvhload_memmap_ram_size(&b->plan->memmap),
				 "the guest's RAM", err);

	if (status == PVHLOAD_OK) {
		b->kernel = pvl_image_kernel(image);
		if (!b->kernel->info.has_pvh_entry)
			status = pvl_no_pvh_entry(image, b->kernel, err);
	}
	return pvl_fail_about(err, status, PVHLOAD_SUBJECT_KERNEL, 0);
}

static uint32_t cmdline_max(const struct pvl_builder *b)
{
	const struct pvhload_image_info *info = &b->config.image->info;

	if (info->format != PVHLOAD_FORMAT_BZIMAGE && b->config.flags & PVHLOAD_BOOT_NOT_LINUX)
		return PVHLOAD_PVH_CMDLINE_LENGTH_MAX;
	return info->cmdline_max < PVHLOAD_PVH_CMDLINE_LENGTH_MAX ? info->cmdline_max
								  : PVHLOAD_PVH_CMDLINE_LENGTH_MAX;
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

static enum pvhload_status build(const struct pvhload_boot_config *caller, struct pvl_builder *b,
				 struct pvhload_error *err)
{
	enum pvhload_status status = take_config(caller, b, err);

	if (status == PVHLOAD_OK)
		status = copy_memmap(b, err);
	if (status == PVHLOAD_OK)
		status = choose_kernel(b, err);
	if (status == PVHLOAD_OK)
		status = copy_cmdline(b, err);
	if (status != PVHLOAD_OK)
		return status;
	b->plan->info.cmdline_max = cmdline_max(b);
	b->plan->info.cmdline = b->plan->cmdline;
	b->plan->info.memmap = &b->plan->memmap;
	b->plan->info.cpu = &b->plan->cpu;

	status = reserve(b, err);
	if (status == PVHLOAD_OK)
		status = keep_rsdp_clear(b, err);
	if (status == PVHLOAD_OK)
		status = pvl_plan_kernel(b, err);
	if (status == PVHLOAD_OK)
		status = pvl_plan_pvh(b, err);
	if (status == PVHLOAD_OK)
		status = make_regions(b->plan, err);
	return status;
}

enum pvhload_status pvhload_boot_plan(const struct pvhload_boot_config *config,
				      struct pvhload_plan **plan, struct pvhload_error *err)
{
	struct pvl_builder b = { .places = PVHLOAD_BOOT_PLACES_INIT };
	enum pvhload_status status;

	if (!pvl_error_usable(err))
		return PVHLOAD_E_USAGE;
	if (!plan)
		return pvl_fail(err, PVHLOAD_E_USAGE, PVL_ANYWHERE,
				"there is no place for the plan");
	b.plan = calloc(1, sizeof(*b.plan));
	if (!b.plan)
		return pvl_fail_no_memory(err, sizeof(*b.plan));
	status = build(config, &b, err);
	if (status != PVHLOAD_OK) {
		pvhload_plan_free(b.plan);
		return status;
	}
	*plan = b.plan;
	return PVHLOAD_OK;
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

const char *pvhload_protocol_name(uint32_t protocol)
{
	static const char *const names[] = { "auto", "pvh" };

	return protocol < sizeof(names) / sizeof(names[0]) ? names[protocol] : "unknown";
}
