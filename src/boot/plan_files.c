/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* Initrd and modules: high in RAM, at page boundaries, each with whole pages of its own. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "abi/sizes.h"
#include "boot/plan.h"
#include "core/checked.h"
#include "core/error.h"
#include "core/sized.h"
#include "protocol/pvh.h"

#define PAGE      4096u
#define FILES_MIN 0x100000u /* low memory is left to what has to be there */

static struct pvl_wish wish_for(const char *name, uint32_t kind, size_t index, uint64_t size)
{
	return (struct pvl_wish){ .name = name,
				  .kind = kind,
				  .index = (uint32_t)index,
				  .size = size,
				  .align = PAGE,
				  .min = FILES_MIN,
				  .limit = PVL_4GIB,
				  .limit_name = "4 GiB",
				  .whole_pages = true };
}

static enum pvl_round round_of(uint64_t fixed)
{
	return fixed != 0 ? PVL_FIXED : PVL_FREE;
}

/* The plan keeps the opened source; an empty file is nothing a guest could be given. */
static enum pvhload_status open_source(struct pvl_builder *b, const struct pvhload_source *from,
				       const char *name, struct pvl_source **ret,
				       struct pvhload_error *err)
{
	struct pvhload_plan *plan = b->plan;
	struct pvl_source *source = &plan->sources[plan->source_count];
	enum pvhload_status status = pvl_source_open(from, source, err);

	if (status == PVHLOAD_OK && source->length == 0)
		status = pvl_fail(err, PVHLOAD_E_MALFORMED, PVL_ANYWHERE, "it is empty");
	if (status != PVHLOAD_OK)
		return pvl_fail_in(err, status, "%s", name);
	plan->source_count++;
	*ret = source;
	return PVHLOAD_OK;
}

static enum pvhload_status open_initrd(struct pvl_builder *b, size_t i, struct pvl_source **ret,
				       struct pvhload_error *err)
{
	struct pvhload_source from;
	enum pvhload_status status;
	char name[PVL_NAME_SIZE];

	snprintf(name, sizeof(name), b->config.initrd_count == 1 ? "initrd" : "initrd %zu", i);
	if (pvl_element(b->config.initrds, i, &from, sizeof(from), PVL_V1_SOURCE))
		status = open_source(b, &from, name, ret, err);
	else
		status = pvl_fail(err, PVHLOAD_E_USAGE, PVL_ANYWHERE, "%s has a wrong size", name);
	return pvl_fail_about(err, status, PVHLOAD_SUBJECT_INITRD, i);
}

/* Open the parts and add up what they take, padding included. */
static enum pvhload_status open_initrds(struct pvl_builder *b, struct pvl_source **parts,
					uint64_t *ret_size, struct pvhload_error *err)
{
	enum pvhload_status status = PVHLOAD_OK;
	uint64_t size = 0;

	for (size_t i = 0; i < b->config.initrd_count && status == PVHLOAD_OK; i++) {
		status = open_initrd(b, i, &parts[i], err);
		if (status == PVHLOAD_OK && (!pvl_align_up(size, PVL_INITRD_PAD, &size) ||
					     !pvl_add_u64(size, parts[i]->length, &size)))
			status = pvl_fail(err, PVHLOAD_E_NO_ROOM, PVL_ANYWHERE,
					  "the initrds together pass 2^64 bytes");
	}
	*ret_size = size;
	return status;
}

static enum pvhload_status add_initrd_pieces(struct pvl_builder *b, struct pvl_source *const *parts,
					     uint64_t gpa, struct pvhload_error *err)
{
	enum pvhload_status status = PVHLOAD_OK;
	uint64_t at = gpa;

	for (size_t i = 0; i < b->config.initrd_count && status == PVHLOAD_OK; i++) {
		const struct pvl_write padding = {
			.gpa = at, .size = (PVL_INITRD_PAD - at % PVL_INITRD_PAD) % PVL_INITRD_PAD
		};
		const struct pvl_write bytes = { .gpa = at + padding.size,
						 .size = parts[i]->length,
						 .source = parts[i],
						 .subject = PVHLOAD_SUBJECT_INITRD,
						 .index = (uint32_t)i };

		status = pvl_plan_add_write(b->plan, padding, err);
		if (status == PVHLOAD_OK)
			status = pvl_plan_add_write(b->plan, bytes, err);
		at = bytes.gpa + bytes.size;
	}
	return status;
}

static enum pvhload_status take(struct pvl_builder *b, const struct pvl_wish *wish, uint64_t fixed,
				struct pvl_file *file, struct pvhload_error *err)
{
	if (fixed == 0)
		return pvl_space_take_highest(&b->plan->space, wish, &file->gpa, err);
	file->gpa = fixed;
	return pvl_space_take(&b->plan->space, wish, fixed, err);
}

/* Where the joined initrds go; what does not fit is laid at the first one's door. */
static enum pvhload_status place_initrd(struct pvl_builder *b, const struct pvl_initrd_rule *rule,
					struct pvl_file *file, struct pvhload_error *err)
{
	const uint64_t fixed = b->places.initrd_gpa;
	struct pvl_wish wish = wish_for("initrd", PVHLOAD_REGION_INITRD, 0, file->size);
	enum pvhload_status status = PVHLOAD_E_NO_ROOM;

	wish.limit = rule->limit;
	wish.limit_name = rule->limit_name;
	if (fixed == 0 || rule->above == 0)
		status = take(b, &wish, fixed, file, err);
	if (status != PVHLOAD_OK && rule->above != 0) {
		wish.limit = rule->above;
		wish.limit_name = rule->above_name;
		status = take(b, &wish, fixed, file, err);
	}
	return pvl_fail_about(err, status, PVHLOAD_SUBJECT_INITRD, 0);
}

enum pvhload_status pvl_plan_initrd(struct pvl_builder *b, enum pvl_round round,
				    const struct pvl_initrd_rule *rule, struct pvl_file *file,
				    struct pvhload_error *err)
{
	struct pvl_source *parts[PVHLOAD_BOOT_INITRDS_MAX];
	enum pvhload_status status;

	if (b->config.initrd_count == 0 || round != round_of(b->places.initrd_gpa))
		return PVHLOAD_OK;
	status = open_initrds(b, parts, &file->size, err);
	if (status == PVHLOAD_OK)
		status = place_initrd(b, rule, file, err);
	return status == PVHLOAD_OK ? add_initrd_pieces(b, parts, file->gpa, err) : status;
}

enum pvhload_status pvl_plan_module(struct pvl_builder *b, enum pvl_round round, size_t number,
				    struct pvl_file *file, struct pvhload_error *err)
{
	const size_t i = number - (b->config.initrd_count > 0 ? 1 : 0);
	struct pvhload_boot_module module = PVHLOAD_BOOT_MODULE_INIT;
	enum pvhload_status status = pvl_config_module(&b->config, i, &module, err);
	struct pvl_source *source = NULL;
	char name[PVL_NAME_SIZE];
	struct pvl_wish wish;

	if (status == PVHLOAD_OK && round != round_of(module.gpa))
		return PVHLOAD_OK;
	snprintf(name, sizeof(name), "module %zu", number);
	if (status == PVHLOAD_OK)
		status = open_source(b, module.source, name, &source, err);
	if (status == PVHLOAD_OK) {
		file->size = source->length;
		wish = wish_for(name, PVHLOAD_REGION_MODULE, number, file->size);
		status = take(b, &wish, module.gpa, file, err);
	}
	if (status == PVHLOAD_OK)
		status = pvl_plan_add_write(b->plan,
					    (struct pvl_write){ .gpa = file->gpa,
								.size = file->size,
								.source = source,
								.subject = PVHLOAD_SUBJECT_MODULE,
								.index = (uint32_t)i },
					    err);
	return pvl_fail_about(err, status, PVHLOAD_SUBJECT_MODULE, i);
}
