/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * Reading start info back.  Nothing in the guest is trusted: addresses are checked against RAM, and
 * counts against limits, before they are followed.
 *
 * ABI source: Xen, public/arch-x86/hvm/start_info.h.
 */
#include <stddef.h>

#include <pvhload/abi/start_info.h>

#include "core/checked.h"
#include "core/error.h"
#include "core/libc.h"
#include "core/span.h"
#include "memory/read_text.h"
#include "pvh/pvh.h"
#include "guest/read_back.h"

#define START(member)  offsetof(struct pvhload_hvm_start_info, member)
#define MODULE(member) offsetof(struct pvhload_hvm_modlist_entry, member)
#define ENTRY(member)  offsetof(struct pvhload_hvm_memmap_entry, member)

#define MODULE_SIZE   sizeof(struct pvhload_hvm_modlist_entry)
#define ENTRY_SIZE    sizeof(struct pvhload_hvm_memmap_entry)
#define VERSION0_SIZE START(memmap_paddr)

struct reader {
	struct pvl_read_back base;
	struct pvhload_pvh_view *view;
	uint64_t text_left; /* bytes of command lines that may still be read */
};

/* A table that start info points to. */
struct table {
	const char *name;
	uint64_t gpa;
	size_t entry; /* bytes of one */
	uint32_t limit;
	uint32_t part;
};

void pvhload_pvh_view_free(struct pvhload_pvh_view *view)
{
	if (!view)
		return;
	/* The members are const for the caller; the library owns them. */
	for (size_t i = 0; i < view->module_count; i++)
		free((void *)(uintptr_t)view->modules[i].cmdline);
	free((void *)(uintptr_t)view->modules);
	free((void *)(uintptr_t)view->memmap);
	free((void *)(uintptr_t)view->cmdline);
	free((void *)(uintptr_t)view->problems);
	free(view);
}

/*
 * Read the command line at @gpa to *@ret, freed with the view.  If it has no NUL, this fails, and
 * *@ret has what there is.
 */
static enum pvhload_status read_text(struct reader *r, uint64_t gpa, const char **ret)
{
	struct pvhload_error *err = &r->base.err;
	struct pvl_text text;
	enum pvhload_status status = PVHLOAD_OK;

	PVL_TRY(pvl_read_text(&r->base.mem, gpa, PVHLOAD_PVH_CMDLINE_LENGTH_MAX + 1, &text, err));
	if (!text.ended)
		status = pvl_fail(err, PVHLOAD_E_MALFORMED, PVL_GPA(gpa),
				  "the text at 0x%" PRIx64 " has no NUL within %" PRIu64 " bytes",
				  gpa, text.length);
	if (text.length > PVHLOAD_PVH_CMDLINE_LENGTH_MAX)
		text.bytes[--text.length] = '\0';
	if (text.length + 1 > r->text_left) {
		free(text.bytes);
		return pvl_fail(err, PVHLOAD_E_LIMIT, PVL_GPA(gpa),
				"the command lines take more than %u bytes",
				PVHLOAD_PVH_CMDLINE_TOTAL_MAX);
	}
	r->text_left -= text.length + 1;
	*ret = text.bytes;
	return status;
}

/* Read the fields that only version 1 has. */
static enum pvhload_status read_tail(struct reader *r, uint64_t gpa, uint8_t *bytes)
{
	const enum pvhload_status status =
		pvl_memory_read(&r->base.mem, gpa + VERSION0_SIZE, bytes + VERSION0_SIZE,
				sizeof(struct pvhload_hvm_start_info) - VERSION0_SIZE,
				&r->base.err);

	return pvl_read_back_part(&r->base, PVHLOAD_PART_MEMMAP,
				  pvl_fail_in(&r->base.err, status,
					      "start info of version %" PRIu32, r->view->version));
}

static enum pvhload_status read_start_info(struct reader *r, uint64_t gpa, uint32_t *ret_modules,
					   uint32_t *ret_entries)
{
	uint8_t bytes[sizeof(struct pvhload_hvm_start_info)] = { 0 };
	const struct pvl_span s = { bytes, sizeof(bytes) };
	struct pvhload_pvh_view *view = r->view;

	PVL_TRY(pvl_memory_read(&r->base.mem, gpa, bytes, VERSION0_SIZE, &r->base.err));
	view->magic = pvl_span_get32(s, START(magic));
	if (view->magic != PVHLOAD_START_INFO_MAGIC)
		return pvl_fail(&r->base.err, PVHLOAD_E_FORMAT, PVL_GPA(gpa),
				"no start info at 0x%" PRIx64 ": the magic is 0x%" PRIx32
				", not 0x%x",
				gpa, view->magic, PVHLOAD_START_INFO_MAGIC);
	view->version = pvl_span_get32(s, START(version));
	if (view->version >= 1)
		PVL_TRY(read_tail(r, gpa, bytes));
	view->flags = pvl_span_get32(s, START(flags));
	view->modlist_gpa = pvl_span_get64(s, START(modlist_paddr));
	view->cmdline_gpa = pvl_span_get64(s, START(cmdline_paddr));
	view->has_cmdline = view->cmdline_gpa != 0;
	view->rsdp_gpa = pvl_span_get64(s, START(rsdp_paddr));
	view->memmap_gpa = pvl_span_get64(s, START(memmap_paddr));
	*ret_modules = pvl_span_get32(s, START(nr_modules));
	*ret_entries = pvl_span_get32(s, START(memmap_entries));
	return PVHLOAD_OK;
}

/* Check *@count against the limit, and lower it to that. */
static enum pvhload_status check_count(struct reader *r, const struct table *t, uint32_t *count)
{
	struct pvhload_error *err = &r->base.err;
	enum pvhload_status status = PVHLOAD_OK;

	if (*count > 0 && t->gpa == 0) {
		status = pvl_fail(err, PVHLOAD_E_MALFORMED, PVL_GPA(t->gpa),
				  "%s has %" PRIu32 " entries at address 0, which means absent",
				  t->name, *count);
		*count = 0;
	} else if (*count > t->limit) {
		status = pvl_fail(err, PVHLOAD_E_LIMIT, PVL_GPA(t->gpa),
				  "%s has %" PRIu32 " entries; the limit is %" PRIu32, t->name,
				  *count, t->limit);
		*count = t->limit;
	}
	return pvl_read_back_part(&r->base, t->part, status);
}

/* Check that the table is in RAM.  In a partial view, lower *@count to the entries that are. */
static enum pvhload_status check_table(struct reader *r, const struct table *t, uint32_t *count)
{
	struct pvhload_error *err = &r->base.err;
	enum pvhload_status status;

	PVL_TRY(check_count(r, t, count));
	if (*count == 0)
		return PVHLOAD_OK;
	status = pvl_memory_check(&r->base.mem, t->gpa, *count * t->entry, err);
	if (status != PVHLOAD_OK)
		*count = (uint32_t)pvl_min_u64(
			(pvl_ram_until(&r->base.ram, t->gpa) - t->gpa) / t->entry, *count);
	return pvl_read_back_part(&r->base, t->part, pvl_fail_in(err, status, "%s", t->name));
}

/* Read a table of *@count entries to *@ret, to be freed; NULL if there are none. */
static enum pvhload_status read_table(struct reader *r, const struct table *t, uint32_t *count,
				      uint8_t **ret)
{
	struct pvhload_error *err = &r->base.err;
	size_t size;

	*ret = NULL;
	PVL_TRY(check_table(r, t, count));
	size = *count * t->entry;
	if (size == 0)
		return PVHLOAD_OK;
	*ret = malloc(size);
	if (!*ret)
		return pvl_fail_no_memory(err, size);
	return pvl_fail_in(err, pvl_memory_read(&r->base.mem, t->gpa, *ret, size, err), "%s",
			   t->name);
}

/* Read the table, and call @fill to copy its entries to the view, if there are any. */
static enum pvhload_status
read_entries(struct reader *r, const struct table *t, uint32_t count,
	     enum pvhload_status (*fill)(struct reader *r, const uint8_t *table, uint32_t count))
{
	uint8_t *table;
	enum pvhload_status status = read_table(r, t, &count, &table);

	if (status == PVHLOAD_OK && count > 0)
		status = fill(r, table, count);
	free(table);
	return status;
}

static enum pvhload_status fill_memmap(struct reader *r, const uint8_t *table, uint32_t count)
{
	struct pvhload_memmap_entry *entries;

	r->view->memmap = entries = calloc(count, sizeof(*entries));
	if (!entries)
		return pvl_fail_no_memory(&r->base.err, count * sizeof(*entries));
	for (uint32_t i = 0; i < count; i++) {
		const struct pvl_span s = { table + i * ENTRY_SIZE, ENTRY_SIZE };

		entries[i] = (struct pvhload_memmap_entry){ pvl_span_get64(s, ENTRY(addr)),
							    pvl_span_get64(s, ENTRY(size)),
							    pvl_span_get32(s, ENTRY(type)),
							    pvl_span_get32(s, ENTRY(reserved)) };
		r->view->memmap_count++;
	}
	return PVHLOAD_OK;
}

static enum pvhload_status read_memmap(struct reader *r, uint32_t count)
{
	const struct table t = { "memmap", r->view->memmap_gpa, ENTRY_SIZE,
				 PVHLOAD_PVH_MEMMAP_READ_MAX, PVHLOAD_PART_MEMMAP };

	return read_entries(r, &t, count, fill_memmap);
}

/* Read the command line of module @i to *@ret; *@over: the limit of all command lines has been reached. */
static enum pvhload_status read_module_text(struct reader *r, uint32_t i, uint64_t gpa, bool *over,
					    const char **ret)
{
	const enum pvhload_status status = pvl_fail_in(&r->base.err, read_text(r, gpa, ret),
						       "command line of module %" PRIu32, i);

	*over = status == PVHLOAD_E_LIMIT;
	(void)pvl_fail_about(&r->base.err, status, PVHLOAD_SUBJECT_MODULE, i);
	return pvl_read_back_part(&r->base, PVHLOAD_PART_MODULE_CMDLINES, status);
}

static enum pvhload_status fill_modules(struct reader *r, const uint8_t *table, uint32_t count)
{
	struct pvhload_pvh_module *modules;
	bool over = false;

	r->view->modules = modules = calloc(count, sizeof(*modules));
	if (!modules)
		return pvl_fail_no_memory(&r->base.err, count * sizeof(*modules));
	for (uint32_t i = 0; i < count; i++) {
		const struct pvl_span s = { table + i * MODULE_SIZE, MODULE_SIZE };
		const uint64_t at = pvl_span_get64(s, MODULE(cmdline_paddr));

		modules[i].gpa = pvl_span_get64(s, MODULE(paddr));
		modules[i].size = pvl_span_get64(s, MODULE(size));
		r->view->module_count++;
		if (at != 0 && !over)
			PVL_TRY(read_module_text(r, i, at, &over, &modules[i].cmdline));
	}
	return PVHLOAD_OK;
}

static enum pvhload_status read_modules(struct reader *r, uint32_t count)
{
	const struct table t = { "modlist", r->view->modlist_gpa, MODULE_SIZE,
				 PVHLOAD_PVH_MODULES_MAX, PVHLOAD_PART_MODULES };

	return read_entries(r, &t, count, fill_modules);
}

static enum pvhload_status read_cmdline(struct reader *r)
{
	struct pvhload_pvh_view *view = r->view;

	if (view->has_cmdline)
		PVL_TRY(pvl_read_back_part(
			&r->base, PVHLOAD_PART_CMDLINE,
			pvl_fail_in(&r->base.err, read_text(r, view->cmdline_gpa, &view->cmdline),
				    "command line")));
	if (view->cmdline)
		return PVHLOAD_OK;
	view->cmdline = calloc(1, 1);
	return view->cmdline ? PVHLOAD_OK : pvl_fail_no_memory(&r->base.err, 1);
}

static enum pvhload_status read_all(struct reader *r, const struct pvhload_memory *mem,
				    uint64_t gpa, uint32_t flags, const void *view)
{
	uint32_t modules = 0, entries = 0;

	PVL_TRY(pvl_read_back_begin(&r->base, mem, flags, view));
	r->view = calloc(1, sizeof(*r->view));
	if (!r->view)
		return pvl_fail_no_memory(&r->base.err, sizeof(*r->view));
	PVL_TRY(read_start_info(r, gpa, &modules, &entries));
	PVL_TRY(read_cmdline(r));
	PVL_TRY(read_memmap(r, entries));
	return read_modules(r, modules);
}

enum pvhload_status pvhload_pvh_read(const struct pvhload_memory *mem, uint64_t gpa, uint32_t flags,
				     struct pvhload_pvh_view **view, struct pvhload_error *err)
{
	struct reader r = { .text_left = PVHLOAD_PVH_CMDLINE_TOTAL_MAX };
	enum pvhload_status status;

	if (!pvl_error_usable(err))
		return PVHLOAD_E_USAGE;
	status = pvl_read_back_end(&r.base, read_all(&r, mem, gpa, flags, view), err);
	if (status != PVHLOAD_OK) {
		pvhload_pvh_view_free(r.view);
		return status;
	}
	if (r.base.problems) {
		r.view->problems = r.base.problems->list;
		r.view->problem_count = r.base.problems->count;
	}
	r.view->incomplete = r.base.incomplete;
	*view = r.view;
	return PVHLOAD_OK;
}
