/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * Any bytes as a kernel's own memory, read and printed by guest.h; where the library reads the same back without an
 * error, both have found the same.
 */
#include <pvhload/guest.h>
#include <pvhload/pvhload.h>
#include <string.h>

#include "fuzz.h"

#define GUEST_AT 0x40u

static void put(void *context, char c)
{
	*(uint64_t *)context += (c == '\n' || (c >= ' ' && c <= '~')) ? 1 : 0;
	MUST(c == '\n' || (c >= ' ' && c <= '~'));
}

static void same_text(const char *guest, const char *view)
{
	MUST((guest == NULL) == (view == NULL));
	MUST(!guest || strcmp(guest, view) == 0);
}

static void check_modules(const struct pvhload_guest_start_info *info,
			  const struct pvhload_pvh_view *view)
{
	struct pvhload_guest_module m;

	MUST(info->nr_modules == view->module_count);
	for (uint32_t i = 0; i < view->module_count; i++) {
		const enum pvhload_guest_status status = pvhload_guest_read_module(info, i, &m);

		if (status == PVHLOAD_GUEST_E_RANGE) {
			MUST(view->modules[i].size > UINT64_MAX - view->modules[i].gpa);
			continue;
		}
		MUST(status == PVHLOAD_GUEST_OK);
		MUST(m.paddr == view->modules[i].gpa && m.size == view->modules[i].size);
		same_text(m.cmdline, view->modules[i].cmdline);
	}
}

static void check_map(const struct pvhload_guest_start_info *info,
		      const struct pvhload_pvh_view *view)
{
	struct pvhload_guest_range r;

	MUST(info->memmap_entries == view->memmap_count);
	for (uint32_t i = 0; i < view->memmap_count; i++) {
		const struct pvhload_memmap_entry *e = &view->memmap[i];
		const enum pvhload_guest_status status = pvhload_guest_read_memmap(info, i, &r);

		MUST(status ==
		     (e->size > UINT64_MAX - e->gpa ? PVHLOAD_GUEST_E_RANGE : PVHLOAD_GUEST_OK));
		MUST(status != PVHLOAD_GUEST_OK ||
		     (r.addr == e->gpa && r.size == e->size && r.type == e->type));
	}
}

static void start_info(const struct pvhload_guest_reach *reach, const struct pvhload_memory *memory,
		       const struct pvhload_guest_printer *to)
{
	struct pvhload_guest_start_info info;
	struct pvhload_pvh_view *view = NULL;
	const enum pvhload_guest_status status =
		pvhload_guest_read_start_info(reach, GUEST_AT, &info);

	if (status == PVHLOAD_GUEST_OK)
		pvhload_guest_print_start_info(to, &info);
	if (pvhload_pvh_read(memory, GUEST_AT, 0, &view, NULL) != PVHLOAD_OK)
		return;
	MUST(status == PVHLOAD_GUEST_OK);
	MUST(info.version == view->version && info.rsdp_paddr == view->rsdp_gpa);
	same_text(info.cmdline, view->has_cmdline ? view->cmdline : NULL);
	check_modules(&info, view);
	check_map(&info, view);
	pvhload_pvh_view_free(view);
}

static void zero_page(const struct pvhload_guest_reach *reach, const struct pvhload_memory *memory,
		      const struct pvhload_guest_printer *to)
{
	struct pvhload_guest_zero_page page;
	struct pvhload_guest_setup_data list;
	struct pvhload_guest_node node;
	struct pvhload_linux_view *view = NULL;
	enum pvhload_guest_status status = pvhload_guest_read_zero_page(reach, GUEST_AT, &page);

	if (status == PVHLOAD_GUEST_OK)
		pvhload_guest_print_zero_page(to, &page);
	if (pvhload_linux_read(memory, GUEST_AT, 0, &view, NULL) != PVHLOAD_OK)
		return;
	MUST(status == PVHLOAD_GUEST_OK);
	pvhload_guest_begin_setup_data(&page, &list);
	for (size_t i = 0; i < view->setup_data_count; i++) {
		MUST(pvhload_guest_next_setup_data(&list, &node) == PVHLOAD_GUEST_OK);
		MUST(node.data_type == view->setup_data[i]->type);
		MUST(node.data_gpa == view->setup_data[i]->data_gpa);
		MUST(node.data_size == view->setup_data[i]->size);
	}
	MUST(pvhload_guest_next_setup_data(&list, &node) == PVHLOAD_GUEST_END);
	pvhload_linux_view_free(view);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct pvhload_guest_reach reach = { (uintptr_t)data, size };
	struct pvhload_ram_slot slot = { .size = size, .host = (void *)(uintptr_t)data };
	struct pvhload_memmap_entry entry = { 0, size, PVHLOAD_MEMMAP_RAM, 0 };
	struct pvhload_memmap map = { sizeof(map), &entry, 1, 1, 0 };
	struct pvhload_memory memory = PVHLOAD_MEMORY_INIT;
	uint64_t characters = 0;
	const struct pvhload_guest_printer to = { put, &characters };

	if (size == 0)
		return 0;
	memory.ops = pvhload_ram_flat_ops();
	memory.user = &slot;
	memory.memmap = &map;
	start_info(&reach, &memory, &to);
	zero_page(&reach, &memory, &to);
	return 0;
}
