/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
#include "boot/files.h"

#include "abi/sizes.h"
#include "boot/protocols.h"
#include "core/checked.h"
#include "core/error.h"
#include "core/libc.h"
#include "core/sized.h"

enum pvhload_status pvl_files_init(struct pvl_builder *b, struct pvhload_error *err)
{
	const size_t count = b->config.initrd_count + b->config.module_count;

	b->plan->file_count = count;
	b->plan->initrd_count = b->config.initrd_count;
	b->plan->files = pvl_plan_new(b, count, sizeof(*b->plan->files));
	return b->plan->files ? PVHLOAD_OK
			      : pvl_fail_no_memory(err, count * sizeof(*b->plan->files));
}

static enum pvhload_status open_file(struct pvl_file *file, const struct pvhload_source *from,
				     const char *name, struct pvhload_error *err)
{
	enum pvhload_status status = PVHLOAD_OK;

	if (file->opened)
		return PVHLOAD_OK;
	status = pvl_source_open(from, &file->source, err);
	if (status != PVHLOAD_OK)
		return pvl_fail_in(err, status, "%s", name);
	file->opened = true;
	return PVHLOAD_OK;
}

/* An empty one cannot be told from none, which PVH does not have. */
static enum pvhload_status open_module(struct pvl_file *file, const struct pvhload_source *from,
				       const char *name, struct pvhload_error *err)
{
	PVL_TRY(open_file(file, from, name, err));
	if (file->source.length > 0)
		return PVHLOAD_OK;
	return pvl_fail(err, PVHLOAD_E_MALFORMED, PVL_ANYWHERE, "%s: it is empty", name);
}

/* What cannot be opened is found again, and said, where the initrd is placed. */
void pvl_drop_empty_initrds(struct pvl_builder *b)
{
	const size_t count = b->config.initrd_count;
	struct pvhload_source from;
	struct pvl_source source;

	for (size_t i = 0; i < count; i++)
		if (!pvl_element(b->config.initrds, i, &from, sizeof(from), PVL_V1_SOURCE) ||
		    pvl_source_open(&from, &source, NULL) != PVHLOAD_OK || source.length > 0)
			return;
	b->config.initrd_count = 0;
	b->initrds_dropped = count > 0;
}

static enum pvhload_status open_initrd(struct pvl_builder *b, size_t i, struct pvhload_error *err)
{
	struct pvhload_source from;
	enum pvhload_status status;
	char name[PVL_NAME_SIZE];

	snprintf(name, sizeof(name), b->config.initrd_count == 1 ? "initrd" : "initrd %zu", i);
	if (pvl_element(b->config.initrds, i, &from, sizeof(from), PVL_V1_SOURCE))
		status = open_file(&b->plan->files[i], &from, name, err);
	else
		status = pvl_fail(err, PVHLOAD_E_USAGE, PVL_ANYWHERE, "%s has a wrong size", name);
	return pvl_fail_about(err, status, PVHLOAD_SUBJECT_INITRD, i);
}

static bool is_module_usable(struct pvl_builder *b, size_t i)
{
	struct pvhload_boot_module module = PVHLOAD_BOOT_MODULE_INIT;

	return pvl_config_module(&b->config, i, &module, NULL) == PVHLOAD_OK &&
	       open_module(&b->plan->files[b->config.initrd_count + i], module.source, "module",
			   NULL) == PVHLOAD_OK;
}

bool pvl_files_are_usable(struct pvl_builder *b)
{
	for (size_t i = 0; i < b->config.initrd_count; i++)
		if (open_initrd(b, i, NULL) != PVHLOAD_OK)
			return false;
	for (size_t i = 0; i < b->config.module_count; i++)
		if (!is_module_usable(b, i))
			return false;
	return true;
}

static void bound(const struct pvl_builder *b, struct pvl_part *part)
{
	const struct pvl_protocol_ops *protocol = b->method.protocol->ops;

	if (protocol->bound_file)
		protocol->bound_file(b, part);
}

/* An empty part adds nothing: no padding before it either. */
static bool add_padded(uint64_t length, uint64_t *size)
{
	return length == 0 ||
	       (pvl_align_up(*size, PVL_INITRD_PAD, size) && pvl_add_u64(*size, length, size));
}

/* Open the parts and add up their sizes, padding included. */
static enum pvhload_status prepare_initrd(struct pvl_layout *layout, struct pvl_part *part,
					  struct pvhload_error *err)
{
	struct pvl_builder *b = part->user;
	uint64_t size = 0;

	(void)layout;
	bound(b, part);
	for (size_t i = 0; i < b->config.initrd_count; i++) {
		PVL_TRY(open_initrd(b, i, err));
		if (!add_padded(b->plan->files[i].source.length, &size))
			return pvl_fail(err, PVHLOAD_E_NO_ROOM, PVL_ANYWHERE,
					"the initrds together pass 2^64 bytes");
	}
	part->size = size;
	return PVHLOAD_OK;
}

static struct pvl_part file_part(struct pvl_builder *b)
{
	const struct pvl_arch *arch = b->layout.space.arch;

	return (struct pvl_part){ .class = PVL_FILE,
				  .align = arch->page_size,
				  .min = arch->high_min,
				  .limit = PVL_4GIB,
				  .limit_name = PVL_4GIB_NAME,
				  .whole_pages = true,
				  .search = PVL_HIGHEST,
				  .user = b };
}

size_t pvl_append_initrd(struct pvl_builder *b, const struct pvl_initrd_rule *rule)
{
	struct pvl_part part = file_part(b);

	if (b->config.initrd_count == 0)
		return b->layout.count;
	snprintf(part.name, sizeof(part.name), "initrd");
	part.kind = PVHLOAD_REGION_INITRD;
	part.subject = PVHLOAD_SUBJECT_INITRD; /* a failure to place it is about the first one */
	part.limit = rule->limit;
	part.limit_name = rule->limit_name;
	part.higher_limit = rule->higher_limit;
	part.higher_name = rule->higher_name;
	part.prepare = prepare_initrd;
	return pvl_layout_append(&b->layout, &part);
}

static size_t modules_from(const struct pvl_builder *b)
{
	return b->config.initrd_count > 0 ? 1 : 0;
}

static enum pvhload_status prepare_module(struct pvl_layout *layout, struct pvl_part *part,
					  struct pvhload_error *err)
{
	struct pvl_builder *b = part->user;
	const size_t i = part->index - modules_from(b);
	struct pvl_file *file = &b->plan->files[b->config.initrd_count + i];
	struct pvhload_boot_module module = PVHLOAD_BOOT_MODULE_INIT;

	(void)layout;
	bound(b, part);
	PVL_TRY(pvl_config_module(&b->config, i, &module, err));
	PVL_TRY(pvl_fail_about(err, open_module(file, module.source, part->name, err),
			       PVHLOAD_SUBJECT_MODULE, i));
	part->size = file->source.length;
	return PVHLOAD_OK;
}

enum pvhload_status pvl_append_module(struct pvl_builder *b, size_t i, struct pvhload_error *err)
{
	struct pvhload_boot_module module = PVHLOAD_BOOT_MODULE_INIT;
	const size_t number = i + modules_from(b);
	struct pvl_part part = file_part(b);

	PVL_TRY(pvl_config_module(&b->config, i, &module, err));
	snprintf(part.name, sizeof(part.name), "module %zu", number);
	part.kind = PVHLOAD_REGION_MODULE;
	part.index = (uint32_t)number;
	part.subject = PVHLOAD_SUBJECT_MODULE;
	part.subject_index = (uint32_t)i;
	part.prepare = prepare_module;
	(void)pvl_layout_append(&b->layout, &part);
	return PVHLOAD_OK;
}

enum pvhload_status pvl_write_initrd(struct pvl_builder *b, uint64_t gpa, struct pvhload_error *err)
{
	uint64_t at = gpa;

	for (size_t i = 0; i < b->config.initrd_count; i++) {
		const struct pvl_source *source = &b->plan->files[i].source;
		const struct pvl_write padding = {
			.gpa = at, .size = (PVL_INITRD_PAD - at % PVL_INITRD_PAD) % PVL_INITRD_PAD
		};
		const struct pvl_write bytes = { .gpa = at + padding.size,
						 .size = source->length,
						 .from = PVL_FROM_SOURCE,
						 .source = source,
						 .subject = PVHLOAD_SUBJECT_INITRD,
						 .index = (uint32_t)i };

		if (bytes.size == 0)
			continue;
		PVL_TRY(pvl_writes_append(&b->plan->writes, padding, err));
		PVL_TRY(pvl_writes_append(&b->plan->writes, bytes, err));
		at = bytes.gpa + bytes.size;
	}
	return PVHLOAD_OK;
}

enum pvhload_status pvl_write_module(struct pvl_builder *b, size_t i, uint64_t gpa,
				     struct pvhload_error *err)
{
	const struct pvl_source *source = &b->plan->files[b->config.initrd_count + i].source;
	const struct pvl_write bytes = { .gpa = gpa,
					 .size = source->length,
					 .from = PVL_FROM_SOURCE,
					 .source = source,
					 .subject = PVHLOAD_SUBJECT_MODULE,
					 .index = (uint32_t)i };

	return pvl_writes_append(&b->plan->writes, bytes, err);
}

enum pvhload_status pvl_append_files(struct pvl_builder *b, const struct pvl_initrd_rule *rule,
				     size_t *ret, struct pvhload_error *err)
{
	*ret = pvl_append_initrd(b, rule);
	for (size_t i = 0; i < b->config.module_count; i++)
		PVL_TRY(pvl_append_module(b, i, err));
	return PVHLOAD_OK;
}

enum pvhload_status pvl_write_files(struct pvl_builder *b, size_t first, struct pvhload_error *err)
{
	const struct pvl_part *file = b->layout.parts + first;

	if (b->config.initrd_count > 0)
		PVL_TRY(pvl_write_initrd(b, (file++)->gpa, err));
	for (size_t i = 0; i < b->config.module_count; i++)
		PVL_TRY(pvl_write_module(b, i, (file++)->gpa, err));
	return PVHLOAD_OK;
}
