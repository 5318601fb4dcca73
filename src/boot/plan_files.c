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

#define PAGE       4096u
#define INITRD_PAD 4u        /* concatenated cpio archives start at multiples of this */
#define FILES_MIN  0x100000u /* low memory is left to what has to be there */

/* Element @i of a caller's array whose elements have the size the first one declares. */
static const void *element(const void *array, size_t i)
{
	const size_t stride = *(const size_t *)array;

	return (const char *)array + i * stride;
}

static struct pvl_wish wish_for(const char *name, uint64_t size)
{
	/* The padding to whole pages must not pass the limit either: it would not be RAM. */
	return (struct pvl_wish){ .name = name,
				  .size = size,
				  .align = PAGE,
				  .min = FILES_MIN,
				  .limit = PVL_4GIB,
				  .limit_is = "4 GiB",
				  .whole_pages = true };
}

static enum pvhload_status open_source(struct pvl_builder *b, const struct pvhload_source *from,
				       const char *name, struct pvl_source **ret,
				       struct pvhload_error *err)
{
	struct pvhload_plan *plan = b->plan;
	struct pvl_source *source = &plan->sources[plan->source_count];
	enum pvhload_status status = pvl_source_open(from, source, err);

	if (status != PVHLOAD_OK)
		return pvl_fail_in(err, status, "%s", name);
	plan->source_count++;
	*ret = source;
	return PVHLOAD_OK;
}

/* Open the parts and add up what they take, padding included; no part may be empty. */
static enum pvhload_status open_initrds(struct pvl_builder *b, struct pvl_source **parts,
					uint64_t *ret_size, struct pvhload_error *err)
{
	uint64_t size = 0;

	for (size_t i = 0; i < b->config.initrd_count; i++) {
		const struct pvhload_source *from = element(b->config.initrds, i);
		enum pvhload_status status;
		char name[PVL_NAME_SIZE];

		snprintf(name, sizeof(name), b->config.initrd_count == 1 ? "initrd" : "initrd %zu",
			 i);
		status = open_source(b, from, name, &parts[i], err);
		if (status != PVHLOAD_OK)
			return status;
		if (parts[i]->length == 0)
			return pvl_fail(err, PVHLOAD_E_MALFORMED, PVL_ANYWHERE, "%s is empty",
					name);
		if (!pvl_align_up(size, INITRD_PAD, &size) ||
		    !pvl_add_u64(size, parts[i]->length, &size))
			return pvl_fail(err, PVHLOAD_E_NO_ROOM, PVL_ANYWHERE,
					"the initrds together pass 2^64 bytes");
	}
	*ret_size = size;
	return PVHLOAD_OK;
}

static enum pvhload_status add_initrd_pieces(struct pvl_builder *b, struct pvl_source *const *parts,
					     uint64_t gpa, struct pvhload_error *err)
{
	enum pvhload_status status = PVHLOAD_OK;
	uint64_t at = gpa;

	for (size_t i = 0; i < b->config.initrd_count && status == PVHLOAD_OK; i++) {
		const struct pvl_piece padding = {
			.gpa = at, .size = (INITRD_PAD - at % INITRD_PAD) % INITRD_PAD
		};
		const struct pvl_piece bytes = { .gpa = at + padding.size,
						 .size = parts[i]->length,
						 .source = parts[i] };

		status = pvl_plan_add_piece(b->plan, padding, err);
		if (status == PVHLOAD_OK)
			status = pvl_plan_add_piece(b->plan, bytes, err);
		at = bytes.gpa + bytes.size;
	}
	return status;
}

static enum pvhload_status plan_initrd(struct pvl_builder *b, struct pvl_file *file,
				       struct pvhload_error *err)
{
	struct pvl_source *parts[PVHLOAD_BOOT_INITRDS_MAX];
	enum pvhload_status status = open_initrds(b, parts, &file->size, err);
	const struct pvl_wish wish = wish_for("initrd", file->size);

	if (status != PVHLOAD_OK)
		return status;
	file->gpa = b->places.initrd_gpa;
	if (file->gpa != 0)
		status = pvl_space_take(&b->plan->space, &wish, file->gpa, err);
	else
		status = pvl_space_take_highest(&b->plan->space, &wish, &file->gpa, err);
	return status == PVHLOAD_OK ? add_initrd_pieces(b, parts, file->gpa, err) : status;
}

/* @number is the module's place in the guest's list. */
static enum pvhload_status plan_module(struct pvl_builder *b, const struct pvhload_source *from,
				       size_t number, struct pvl_file *file,
				       struct pvhload_error *err)
{
	struct pvl_source *source = NULL;
	enum pvhload_status status;
	char name[PVL_NAME_SIZE];
	struct pvl_piece piece;
	struct pvl_wish wish;

	snprintf(name, sizeof(name), "module %zu", number);
	status = open_source(b, from, name, &source, err);
	if (status != PVHLOAD_OK)
		return status;
	if (source->length == 0)
		return pvl_fail(err, PVHLOAD_E_MALFORMED, PVL_ANYWHERE, "%s is empty", name);
	file->size = source->length;
	wish = wish_for(name, file->size);
	status = pvl_space_take_highest(&b->plan->space, &wish, &file->gpa, err);
	if (status != PVHLOAD_OK)
		return status;
	piece = (struct pvl_piece){ .gpa = file->gpa, .size = file->size, .source = source };
	return pvl_plan_add_piece(b->plan, piece, err);
}

enum pvhload_status pvl_config_module(const struct pvhload_boot_config *config, size_t i,
				      struct pvhload_boot_module *ret, struct pvhload_error *err)
{
	if (!pvl_sized_in(ret, sizeof(*ret), element(config->modules, i), PVL_V1_BOOT_MODULE))
		return pvl_fail(err, PVHLOAD_E_USAGE, PVL_ANYWHERE, "module %zu has a wrong size",
				i);
	return PVHLOAD_OK;
}

enum pvhload_status pvl_plan_files(struct pvl_builder *b, struct pvl_file *files,
				   struct pvhload_error *err)
{
	const size_t sources = b->config.initrd_count + b->config.module_count;
	enum pvhload_status status = PVHLOAD_OK;
	size_t count = 0;

	if (sources == 0)
		return PVHLOAD_OK;
	b->plan->sources = calloc(sources, sizeof(*b->plan->sources));
	if (!b->plan->sources)
		return pvl_fail_no_memory(err, sources * sizeof(*b->plan->sources));
	if (b->config.initrd_count > 0)
		status = plan_initrd(b, &files[count++], err);
	for (size_t i = 0; i < b->config.module_count && status == PVHLOAD_OK; i++) {
		struct pvhload_boot_module module;

		status = pvl_config_module(&b->config, i, &module, err);
		if (status == PVHLOAD_OK)
			status = plan_module(b, &module.source, count, &files[count], err);
		count++;
	}
	return status;
}
