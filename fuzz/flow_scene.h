/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * A whole boot out of the bytes of a fuzz input: an image that is really made and compressed, a machine, files and
 * options.  Headers are plausible, and now and then damaged.  An input of no bytes is a small ELF kernel on a small PC.
 */
#ifndef FUZZ_FLOW_SCENE_H
#define FUZZ_FLOW_SCENE_H

#include <pvhload/pvhload.h>

#include "flat_images.h"
#include "fuzz.h"
#include "fuzz_input.h"
#include "world.h"

#define SCENE_ENTRIES_MAX 14u
#define SCENE_FILES_MAX   3u
#define SCENE_PLACES_MAX  8u
#define SCENE_CMDLINE_MAX 4096u

enum scene_kind {
	SCENE_ELF,
	SCENE_BZIMAGE,
	SCENE_FLAT,
	SCENE_MULTIBOOT,
	SCENE_FIRMWARE,
	SCENE_KINDS
};

/* A file of the guest's, and the source that the library gets for it. */
struct scene_file {
	struct bytes bytes;
	struct world_file world;
	struct pvhload_source source;
};

/* How memory and calls are, in all that is done with a scene. */
struct scene_ways {
	unsigned int callbacks; /* SHADOW_* */
	bool stale;             /* memory was another guest's */
	bool by_source;         /* config.kernel, not config.image */
};

/* Not to be copied: its parts point to each other. */
struct scene {
	enum scene_kind kind;
	bool damaged;    /* some byte of the image is not as it was made */
	bool is_uki;     /* the kernel is in one */
	bool odd;        /* asks for what its protocol may not have */
	enum flat flat;  /* of SCENE_FLAT */
	uint64_t ram_at; /* where most of RAM is */
	struct scene_file kernel, vars;
	struct pvhload_image_options image_options;
	struct pvhload_memmap_entry entries[SCENE_ENTRIES_MAX];
	struct pvhload_memmap map;
	struct pvhload_range roms[2];
	struct scene_file initrds[SCENE_FILES_MAX], modules[SCENE_FILES_MAX],
		nodes[SCENE_FILES_MAX];
	struct pvhload_source initrd_sources[SCENE_FILES_MAX];
	struct pvhload_boot_module module_list[SCENE_FILES_MAX];
	struct pvhload_linux_setup_data node_list[SCENE_FILES_MAX];
	struct pvhload_boot_keep_free keep_free[SCENE_FILES_MAX];
	struct pvhload_boot_place places[SCENE_PLACES_MAX];
	struct pvhload_boot_x86 x86;
	struct pvhload_framebuffer framebuffer;
	struct pvhload_boot_arm64 arm64;
	struct pvhload_boot_riscv64 riscv64;
	struct pvhload_boot_multiboot multiboot;
	struct pvhload_fdt fdt;
	struct bytes tree;
	char cmdline[SCENE_CMDLINE_MAX];
	struct pvhload_boot_config config;
	struct pvhload_progress progress;
	struct scene_ways ways;
	struct world world;
};

void scene_make(struct scene *s, struct input *in);
void scene_free(struct scene *s);

/* The parts of it, in this order. */
void scene_make_kernel(struct scene *s, struct input *in);
void scene_make_machine(struct scene *s, struct input *in);
void scene_make_files(struct scene *s, struct input *in);
void scene_make_options(struct scene *s, struct input *in);

/* Bytes of the initrd that the guest gets of the config's. */
uint64_t scene_initrd_size(const struct scene *s);

#endif
