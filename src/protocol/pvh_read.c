/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * Start info as it lies in a guest's memory.  Every address in it is the guest's word: it is bounded
 * by RAM, and every count by a limit, before it is followed.
 *
 * ABI source: Xen, public/arch-x86/hvm/start_info.h.
 */
#include <stddef.h>
#include <stdlib.h>

#include <pvhload/abi/start_info.h>

#include "core/error.h"
#include "core/span.h"
#include "memory/text.h"
#include "protocol/pvh.h"

#define START(member)  offsetof(struct pvhload_hvm_start_info, member)
#define MODULE(member) offsetof(struct pvhload_hvm_modlist_entry, member)
#define ENTRY(member)  offsetof(struct pvhload_hvm_memmap_entry, member)

#define MODULE_SIZE   sizeof(struct pvhload_hvm_modlist_entry)
#define ENTRY_SIZE    sizeof(struct pvhload_hvm_memmap_entry)
#define VERSION0_SIZE START(memmap_paddr)

struct reader {
	struct pvl_ram ram;
	struct pvl_memory mem;
	struct pvhload_pvh_view *view;
	uint64_t text_left; /* bytes of command lines that may still be read */
};

/* What the view points to is the library's to fill and to free. */
static void free_modules(const struct pvhload_pvh_module *modules, size_t count)
{
	for (size_t i = 0; modules && i < count; i++)
		free((void *)(uintptr_t)modules[i].cmdline);
	free((void *)(uintptr_t)modules);
}

void pvhload_pvh_view_free(struct pvhload_pvh_view *view)
{
	if (!view)
		return;
	free_modules(view->modules, view->module_count);
	free((void *)(uintptr_t)view->memmap);
	free((void *)(uintptr_t)view->cmdline);
	free(view);
}

/* Read the command line at @gpa to *@ret, to be freed. */
static enum pvhload_status read_text(struct reader *r, uint64_t gpa, char **ret,
				     struct pvhload_error *err)
{
	struct pvl_text text;
	enum pvhload_status status =
		pvl_read_text(&r->mem, gpa, PVHLOAD_PVH_CMDLINE_LENGTH_MAX + 1, &text, err);

	if (status != PVHLOAD_OK)
		return status;
	if (!text.ended)
		status = pvl_fail(err, PVHLOAD_E_MALFORMED, PVL_GPA(gpa),
				  "the text at 0x%" PRIx64 " has no NUL within %" PRIu64 " bytes",
				  gpa, text.length);
	else if (text.length + 1 > r->text_left)
		status = pvl_fail(err, PVHLOAD_E_LIMIT, PVL_GPA(gpa),
				  "the command lines take more than %u bytes",
				  PVHLOAD_PVH_CMDLINE_TOTAL_MAX);
	if (status != PVHLOAD_OK) {
		free(text.bytes);
		return status;
	}
	r->text_left -= text.length + 1;
	*ret = text.bytes;
	return PVHLOAD_OK;
}

static enum pvhload_status read_start_info(struct reader *r, uint64_t gpa, uint32_t *ret_modules,
					   uint32_t *ret_entries, struct pvhload_error *err)
{
	uint8_t bytes[sizeof(struct pvhload_hvm_start_info)] = { 0 };
	const struct pvl_span s = { bytes, sizeof(bytes) };
	struct pvhload_pvh_view *view = r->view;
	enum pvhload_status status;

	status = pvl_memory_read(&r->mem, gpa, bytes, VERSION0_SIZE, err);
	if (status != PVHLOAD_OK)
		return status;
	view->magic = pvl_span_get32(s, START(magic));
	if (view->magic != PVHLOAD_START_INFO_MAGIC)
		return pvl_fail(err, PVHLOAD_E_FORMAT, PVL_GPA(gpa),
				"no start info at 0x%" PRIx64 ": the magic is 0x%" PRIx32
				", not 0x%x",
				gpa, view->magic, PVHLOAD_START_INFO_MAGIC);
	view->version = pvl_span_get32(s, START(version));
	if (view->version >= 1) {
		status = pvl_memory_read(&r->mem, gpa + VERSION0_SIZE, bytes + VERSION0_SIZE,
					 sizeof(bytes) - VERSION0_SIZE, err);
		if (status != PVHLOAD_OK)
			return status;
	}
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

/* Read a table of @count entries to *@ret, to be freed. */
static enum pvhload_status read_table(struct reader *r, const char *name, uint64_t gpa,
				      uint32_t count, size_t entry, uint32_t limit, uint8_t **ret,
				      struct pvhload_error *err)
{
	const size_t size = (size_t)count * entry;
	enum pvhload_status status;

	if (gpa == 0)
		return pvl_fail(err, PVHLOAD_E_MALFORMED, PVL_GPA(gpa),
				"%s has %" PRIu32 " entries at address 0, which means absent", name,
				count);
	if (count > limit)
		return pvl_fail(err, PVHLOAD_E_LIMIT, PVL_GPA(gpa),
				"%s has %" PRIu32 " entries; the limit is %" PRIu32, name, count,
				limit);
	*ret = malloc(size);
	if (!*ret)
		return pvl_fail_no_memory(err, size);
	status = pvl_memory_read(&r->mem, gpa, *ret, size, err);
	return status == PVHLOAD_OK ? status : pvl_fail_in(err, status, "%s", name);
}

static enum pvhload_status read_memmap(struct reader *r, uint32_t count, struct pvhload_error *err)
{
	struct pvhload_memmap_entry *entries = NULL;
	enum pvhload_status status;
	uint8_t *table = NULL;

	if (count == 0)
		return PVHLOAD_OK;
	status = read_table(r, "memmap", r->view->memmap_gpa, count, ENTRY_SIZE,
			    PVHLOAD_PVH_MEMMAP_READ_MAX, &table, err);
	if (status == PVHLOAD_OK) {
		entries = calloc(count, sizeof(*entries));
		if (!entries)
			status = pvl_fail_no_memory(err, count * sizeof(*entries));
	}
	for (uint32_t i = 0; i < count && status == PVHLOAD_OK; i++) {
		const struct pvl_span s = { table + i * ENTRY_SIZE, ENTRY_SIZE };

		entries[i] = (struct pvhload_memmap_entry){ pvl_span_get64(s, ENTRY(addr)),
							    pvl_span_get64(s, ENTRY(size)),
							    pvl_span_get32(s, ENTRY(type)),
							    pvl_span_get32(s, ENTRY(reserved)) };
	}
	free(table);
	if (status == PVHLOAD_OK) {
		r->view->memmap = entries;
		r->view->memmap_count = count;
	}
	return status;
}

static enum pvhload_status read_modules(struct reader *r, uint32_t count, struct pvhload_error *err)
{
	struct pvhload_pvh_module *modules = NULL;
	enum pvhload_status status;
	uint8_t *table = NULL;

	if (count == 0)
		return PVHLOAD_OK;
	status = read_table(r, "modlist", r->view->modlist_gpa, count, MODULE_SIZE,
			    PVHLOAD_PVH_MODULES_MAX, &table, err);
	if (status == PVHLOAD_OK) {
		modules = calloc(count, sizeof(*modules));
		if (!modules)
			status = pvl_fail_no_memory(err, count * sizeof(*modules));
	}
	for (uint32_t i = 0; i < count && status == PVHLOAD_OK; i++) {
		const struct pvl_span s = { table + i * MODULE_SIZE, MODULE_SIZE };
		const uint64_t at = pvl_span_get64(s, MODULE(cmdline_paddr));
		char *text = NULL;

		modules[i].gpa = pvl_span_get64(s, MODULE(paddr));
		modules[i].size = pvl_span_get64(s, MODULE(size));
		if (at != 0)
			status = read_text(r, at, &text, err);
		if (status != PVHLOAD_OK)
			status = pvl_fail_in(err, status, "command line of module %" PRIu32, i);
		modules[i].cmdline = text;
	}
	free(table);
	if (status == PVHLOAD_OK) {
		r->view->modules = modules;
		r->view->module_count = count;
	} else {
		free_modules(modules, count);
	}
	return status;
}

static enum pvhload_status read_cmdline(struct reader *r, struct pvhload_error *err)
{
	enum pvhload_status status;
	char *text;

	if (r->view->has_cmdline) {
		status = read_text(r, r->view->cmdline_gpa, &text, err);
		if (status != PVHLOAD_OK)
			return pvl_fail_in(err, status, "command line");
	} else {
		text = calloc(1, 1);
		if (!text)
			return pvl_fail_no_memory(err, 1);
	}
	r->view->cmdline = text;
	return PVHLOAD_OK;
}

static enum pvhload_status read_all(struct reader *r, uint64_t gpa, struct pvhload_error *err)
{
	enum pvhload_status status;
	uint32_t modules = 0, entries = 0;

	r->view = calloc(1, sizeof(*r->view));
	if (!r->view)
		return pvl_fail_no_memory(err, sizeof(*r->view));
	status = read_start_info(r, gpa, &modules, &entries, err);
	if (status == PVHLOAD_OK)
		status = read_cmdline(r, err);
	if (status == PVHLOAD_OK)
		status = read_memmap(r, entries, err);
	if (status == PVHLOAD_OK)
		status = read_modules(r, modules, err);
	return status;
}

enum pvhload_status pvhload_pvh_read(const struct pvhload_memory *mem, uint64_t gpa,
				     struct pvhload_pvh_view **view, struct pvhload_error *err)
{
	struct reader r = { .text_left = PVHLOAD_PVH_CMDLINE_TOTAL_MAX };
	enum pvhload_status status;

	if (!pvl_error_usable(err))
		return PVHLOAD_E_USAGE;
	status = pvl_memory_open(mem, PVL_MEMORY_READS, &r.ram, &r.mem, err);
	if (status == PVHLOAD_OK && (!view || !mem->memmap))
		status = pvl_fail(err, PVHLOAD_E_USAGE, PVL_ANYWHERE,
				  "the guest memory has no map, or there is no place for the view");
	if (status == PVHLOAD_OK)
		status = pvl_ram_init(mem->memmap, &r.ram, err);
	if (status == PVHLOAD_OK)
		status = read_all(&r, gpa, err);
	pvl_ram_free(&r.ram);
	if (status != PVHLOAD_OK) {
		pvhload_pvh_view_free(r.view);
		return status;
	}
	*view = r.view;
	return PVHLOAD_OK;
}
