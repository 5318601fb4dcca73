/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* What boot_scene.c boots, and the machine that it is booted on. */
#ifndef SUPPORT_BOOT_GUESTS_H
#define SUPPORT_BOOT_GUESTS_H

#include "boot_scene.h"

/* False if this build is without a library for it, which is then said. */
bool boot_guest_is_there(const struct boot_kind *kind);

/* The image, and the tree if it takes one, to be freed. */
struct bytes boot_guest_image(const struct boot_kind *kind);
struct bytes boot_guest_tree(const struct boot_kind *kind);

/* The machine: what is asked of the planner, and memory, whose callbacks are counted by the scene. */
struct boot_guest {
	struct boot_scene *scene;
	struct pvhload_memmap_entry entries[2];
	struct pvhload_memmap map;
	struct pvhload_progress progress;
	struct pvhload_pool pool;
	struct pvhload_image_options options;
	struct pvhload_fdt fdt;
	struct pvhload_source files[3];
	struct pvhload_boot_module module;
	struct pvhload_boot_config config;

	struct pvhload_ram_slot slots[2];
	struct pvhload_ram_slots table;
	struct pvhload_ram_file_slot file_slot;
	struct pvhload_ram_file file;
	const struct pvhload_memory_ops *stock;
	void *stock_user;
	struct pvhload_memory_ops ops;
	struct pvhload_memory memory;
};

void boot_guest_make(struct boot_guest *g, struct boot_scene *s);

/* Whether this call of a callback is the one that fails, by which the boot ends with @status, or not if that is PVHLOAD_OK. */
bool boot_guest_call_fails(struct boot_scene *s, enum pvhload_status status);
#define BOOT_GUEST_FAILURE (-77)

#endif
