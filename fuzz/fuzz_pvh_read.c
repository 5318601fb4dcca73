/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* Any bytes as guest memory from 0 up, with start info at 0x40. */
#include <string.h>

#include <pvhload/pvhload.h>

#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct pvhload_memory_slot slot = { 0, size, (void *)(uintptr_t)data };
	struct pvhload_memmap_entry entry = { 0, size, PVHLOAD_MEMMAP_RAM, 0 };
	struct pvhload_memmap map = { sizeof(map), &entry, 1, 1 };
	struct pvhload_memory mem = PVHLOAD_MEMORY_INIT;
	struct pvhload_error err = PVHLOAD_ERROR_INIT;
	struct pvhload_pvh_view *view = NULL;
	enum pvhload_status status;

	if (size == 0)
		return 0;
	mem.ops = pvhload_flat_memory_ops();
	mem.user = &slot;
	mem.memmap = &map;
	status = pvhload_pvh_read(&mem, 0x40, &view, &err);
	MUST(status != PVHLOAD_E_USAGE && status != PVHLOAD_E_CALLBACK);
	MUST((status == PVHLOAD_OK) == (view != NULL));
	if (view) {
		MUST(strlen(view->cmdline) <= PVHLOAD_PVH_CMDLINE_LENGTH_MAX);
		MUST(view->module_count <= PVHLOAD_PVH_MODULES_MAX);
		MUST(view->memmap_count <= PVHLOAD_PVH_MEMMAP_READ_MAX);
		for (size_t i = 0; i < view->module_count; i++)
			if (view->modules[i].cmdline)
				MUST(strlen(view->modules[i].cmdline) <=
				     PVHLOAD_PVH_CMDLINE_LENGTH_MAX);
	}
	pvhload_pvh_view_free(view);
	return 0;
}
