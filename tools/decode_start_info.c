/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* decode --start-info: what a PVH guest was told. */
#include <inttypes.h>
#include <stdio.h>

#include "decode.h"
#include "json.h"

static struct json_object *to_json(const struct pvhload_pvh_view *view)
{
	struct json_object *object = json_object_new_object();
	struct json_object *modules = json_object_new_array();

	for (size_t i = 0; i < view->module_count; i++) {
		struct json_object *module = json_object_new_object();

		json_add_number(module, "gpa", view->modules[i].gpa);
		json_add_number(module, "size", view->modules[i].size);
		json_add_text(module, "cmdline", view->modules[i].cmdline);
		json_object_array_add(modules, module);
	}
	json_add_number(object, "magic", view->magic);
	json_add_number(object, "version", view->version);
	json_add_number(object, "flags", view->flags);
	json_add_text(object, "cmdline",
		      decode_cmdline(view->cmdline, view->cmdline_gpa, view->incomplete));
	json_add_number(object, "rsdp", view->rsdp_gpa);
	json_add(object, "modules", modules);
	json_add(object, "memmap", json_memmap(view->memmap, view->memmap_count));
	return object;
}

static void print_text(const struct pvhload_pvh_view *view)
{
	printf("start info: magic 0x%" PRIx32 ", version %" PRIu32 ", flags 0x%" PRIx32 "\n",
	       view->magic, view->version, view->flags);
	decode_print_cmdline(view->cmdline, view->cmdline_gpa, view->incomplete);
	printf("RSDP at 0x%" PRIx64 "\n", view->rsdp_gpa);
	printf("%zu modules%s, listed at 0x%" PRIx64 "\n", view->module_count,
	       decode_more(view->incomplete, PVHLOAD_PART_MODULES), view->modlist_gpa);
	for (size_t i = 0; i < view->module_count; i++) {
		printf("  0x%010" PRIx64 " %" PRIu64 " bytes", view->modules[i].gpa,
		       view->modules[i].size);
		if (view->modules[i].cmdline) {
			printf(": ");
			tool_print_text(view->modules[i].cmdline);
		}
		printf("\n");
	}
	printf("%zu memory map entries%s at 0x%" PRIx64 "\n", view->memmap_count,
	       decode_more(view->incomplete, PVHLOAD_PART_MEMMAP), view->memmap_gpa);
	decode_print_memmap(view->memmap, view->memmap_count);
}

int decode_start_info(const struct pvhload_memory *mem, const char *path, uint64_t gpa, bool json)
{
	struct pvhload_error err = PVHLOAD_ERROR_INIT;
	struct warnings w = { NULL, 0 };
	struct json_object *object = NULL;
	struct pvhload_pvh_view *view;

	if (pvhload_pvh_read(mem, gpa, PVHLOAD_READ_PARTIAL, &view, &err) != PVHLOAD_OK)
		return tool_fail(path, "%s", err.message);
	warn_of_start_info(view, gpa, &w);
	if (json)
		object = to_json(view);
	else
		print_text(view);
	pvhload_pvh_view_free(view);
	return decode_finish(object, &w);
}
