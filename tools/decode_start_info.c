/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* decode --start-info: what a PVH guest was told. */
#include <inttypes.h>
#include <stdio.h>

#include "decode.h"
#include "decode_warn.h"
#include "json.h"

static void print_json(const struct pvhload_pvh_view *view, const struct warnings *w)
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
	json_add_text(object, "cmdline", view->has_cmdline ? view->cmdline : NULL);
	json_add_number(object, "rsdp", view->rsdp_gpa);
	json_add(object, "modules", modules);
	json_add(object, "memmap", json_memmap(view->memmap, view->memmap_count));
	json_add(object, "warnings", warnings_json(w));
	(void)json_print(object, stdout);
}

static void print_text(const struct pvhload_pvh_view *view)
{
	printf("start info: magic 0x%" PRIx32 ", version %" PRIu32 ", flags 0x%" PRIx32 "\n",
	       view->magic, view->version, view->flags);
	if (view->has_cmdline) {
		printf("command line at 0x%" PRIx64 ": ", view->cmdline_gpa);
		decode_print_text(view->cmdline);
		printf("\n");
	} else {
		printf("command line: none\n");
	}
	printf("RSDP at 0x%" PRIx64 "\n", view->rsdp_gpa);
	printf("%zu modules, listed at 0x%" PRIx64 "\n", view->module_count, view->modlist_gpa);
	for (size_t i = 0; i < view->module_count; i++) {
		printf("  0x%010" PRIx64 " %" PRIu64 " bytes", view->modules[i].gpa,
		       view->modules[i].size);
		if (view->modules[i].cmdline) {
			printf(": ");
			decode_print_text(view->modules[i].cmdline);
		}
		printf("\n");
	}
	printf("%zu memory map entries at 0x%" PRIx64 "\n", view->memmap_count, view->memmap_gpa);
	decode_print_memmap(view->memmap, view->memmap_count);
}

int decode_start_info(const struct pvhload_memory *mem, const char *path, uint64_t gpa, bool json)
{
	struct pvhload_error err = PVHLOAD_ERROR_INIT;
	struct warnings w = { NULL, 0 };
	struct pvhload_pvh_view *view;

	if (pvhload_pvh_read(mem, gpa, &view, &err) != PVHLOAD_OK)
		return tool_fail(path, "%s", err.message);
	warn_of_start_info(view, gpa, &w);
	if (json) {
		print_json(view, &w);
	} else {
		print_text(view);
		warnings_print(&w);
	}
	warnings_free(&w);
	pvhload_pvh_view_free(view);
	return tool_finish_output();
}
