/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * ABI source: Linux, arch/x86/platform/pvh/enlighten.c, for what the library has no rule on as it never
 * writes it.
 */
#include <inttypes.h>
#include <stdlib.h>

#include "decode_warn.h"

/*
 * The memory map, NULL if not all of it is there, and the length of the command line: wherever they
 * are, Linux has its rules.
 */
static void warn_of_content(const struct pvhload_pvh_view *view, const struct pvhload_memmap *map,
			    struct warnings *w)
{
	const struct pvhload_memory mem = warn_memory(warn_good_map());
	struct pvhload_pvh_params params = PVHLOAD_PVH_PARAMS_INIT;
	struct pvhload_error err = PVHLOAD_ERROR_INIT;

	params.memmap = map;
	if (map && map->count > 0 && pvhload_pvh_write(&mem, NULL, &params, &err) != PVHLOAD_OK)
		warn(w, "%s", err.message);
	params.memmap = warn_good_map();
	if ((view->incomplete & PVHLOAD_PART_CMDLINE) == 0)
		params.cmdline = view->cmdline;
	if (pvhload_pvh_write(&mem, NULL, &params, &err) != PVHLOAD_OK)
		warn(w, "%s", err.message);
}

/*
 * Where start info and what it leads to are, the modules' command lines left out: Linux reads none.
 * A module list that breaks off is left out as well, modules and all.
 */
static void warn_of_places(const struct pvhload_pvh_view *view, uint64_t gpa,
			   const struct pvhload_memmap *map, struct warnings *w)
{
	const bool has_cmdline =
		view->has_cmdline && (view->incomplete & PVHLOAD_PART_CMDLINE) == 0;
	const size_t count =
		(view->incomplete & PVHLOAD_PART_MODULES) == 0 ? view->module_count : 0;
	struct pvhload_pvh_module *modules = calloc(count + 1, sizeof(*modules));
	struct pvhload_pvh_layout layout = PVHLOAD_PVH_LAYOUT_INIT;
	struct pvhload_pvh_params params = PVHLOAD_PVH_PARAMS_INIT;
	struct pvhload_error err = PVHLOAD_ERROR_INIT;
	struct pvhload_memmap ram;
	struct pvhload_memory mem;

	if (!warn_ram(map, has_cmdline ? NULL : &layout.cmdline_gpa, &ram) || !modules) {
		free(ram.entries);
		free(modules);
		return;
	}
	for (size_t i = 0; i < count; i++)
		modules[i] = (struct pvhload_pvh_module){ .gpa = view->modules[i].gpa,
							  .size = view->modules[i].size };
	mem = warn_memory(&ram);
	layout.start_info_gpa = gpa;
	layout.modlist_gpa = view->modlist_gpa;
	layout.memmap_gpa = view->memmap_gpa;
	if (has_cmdline) {
		layout.cmdline_gpa = view->cmdline_gpa;
		params.cmdline = view->cmdline;
	}
	params.modules = modules;
	params.module_count = count;
	params.memmap = pvhload_memmap_validate(map, NULL) == PVHLOAD_OK ? map : warn_good_map();
	params.rsdp_gpa = view->rsdp_gpa;
	params.flags = PVHLOAD_PVH_NOT_LINUX; /* the rules on content have had their say */
	if (pvhload_pvh_write(&mem, &layout, &params, &err) != PVHLOAD_OK)
		warn(w, "%s", err.message);
	free(ram.entries);
	free(modules);
}

void warn_of_start_info(const struct pvhload_pvh_view *view, uint64_t gpa, struct warnings *w)
{
	/* Only read, as everything here does. */
	const struct pvhload_memmap map = {
		.struct_size = sizeof(map),
		.entries = (struct pvhload_memmap_entry *)(uintptr_t)view->memmap,
		.capacity = view->memmap_count,
		.count = view->memmap_count,
	};

	const bool has_map = (view->incomplete & PVHLOAD_PART_MEMMAP) == 0;

	warn_of_problems(w, view->problems, view->problem_count);
	if (view->version == 0)
		warn(w, "version 0 has no memory map: Linux stops, unless Xen tells it one");
	else if (has_map && view->memmap_count == 0)
		warn(w, "there is no memory map: Linux stops, unless Xen tells it one");
	warn_of_content(view, has_map ? &map : NULL, w);
	if (has_map && view->memmap_count > 0)
		warn_of_places(view, gpa, &map, w);
}
