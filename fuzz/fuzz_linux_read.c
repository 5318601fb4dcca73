/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* Any bytes as guest memory from 0 up, with a zero page at 0x40. */
#include <string.h>

#include <pvhload/pvhload.h>

#include "fuzz.h"

static void check_view(const struct pvhload_linux_view *view, size_t size)
{
	uint64_t bytes = 0;

	MUST(strlen(view->cmdline) <= PVHLOAD_LINUX_CMDLINE_LENGTH_MAX);
	MUST(view->memmap->count <= PVHLOAD_LINUX_MEMMAP_MAX);
	MUST(view->memmap->count >= view->e820_entries);
	MUST(view->e820_entries <= PVHLOAD_E820_TABLE_MAX);
	MUST(view->setup_data_count <= PVHLOAD_LINUX_SETUP_DATA_MAX);
	for (size_t i = 0; i < view->setup_data_count; i++) {
		const struct pvhload_linux_node *node = view->setup_data[i];

		MUST(node->gpa <= size && size - node->gpa >= PVHLOAD_SETUP_DATA_HEADER_SIZE);
		MUST((node->data != NULL) == (node->len > 0));
		if (node->len > 0)
			MUST(node->data_gpa <= size && node->len <= size - node->data_gpa);
		for (uint64_t k = 0; k < node->len; k++)
			bytes += node->data[k]; /* all of it is there */
	}
	MUST(bytes <= (uint64_t)255 * PVHLOAD_LINUX_SETUP_DATA_BYTES_MAX);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct pvhload_memory_slot slot = { 0, size, (void *)(uintptr_t)data };
	struct pvhload_memmap_entry entry = { 0, size, PVHLOAD_MEMMAP_RAM, 0 };
	struct pvhload_memmap map = { sizeof(map), &entry, 1, 1 };
	struct pvhload_memory mem = PVHLOAD_MEMORY_INIT;
	struct pvhload_error err = PVHLOAD_ERROR_INIT;
	struct pvhload_linux_view *view = NULL;
	enum pvhload_status status;

	if (size == 0)
		return 0;
	mem.ops = pvhload_flat_memory_ops();
	mem.user = &slot;
	mem.memmap = &map;
	status = pvhload_linux_read(&mem, 0x40, &view, &err);
	MUST(status != PVHLOAD_E_USAGE && status != PVHLOAD_E_CALLBACK);
	MUST((status == PVHLOAD_OK) == (view != NULL));
	if (view)
		check_view(view, size);
	pvhload_linux_view_free(view);
	return 0;
}
