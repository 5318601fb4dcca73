/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* A plan, and what it is built with. */
#ifndef PVL_BOOT_PLAN_H
#define PVL_BOOT_PLAN_H

#include <pvhload/boot.h>

#include "boot/space.h"
#include "image/image.h"

/*
 * Bytes that commit puts in one place: from a source, from memory of the plan's, or zeros.  Every
 * piece lies inside one region.
 */
struct pvl_piece {
	uint64_t gpa;
	uint64_t size;
	const struct pvl_source *source; /* or NULL */
	uint64_t offset;                 /* in the source */
	const uint8_t *bytes;            /* or NULL: zeros */
	uint32_t subject;                /* PVHLOAD_SUBJECT_* of the source, and which it is */
	uint32_t index;
};

struct pvhload_plan {
	struct pvhload_plan_info info;
	struct pvhload_memmap memmap;
	struct pvhload_cpu_state cpu;
	struct pvl_space space; /* claims are where the regions come from */
	struct pvhload_plan_region *regions;
	const struct pvhload_plan_region **region_list; /* info.regions */
	struct pvl_source *sources; /* of initrds and modules; the kernel's is its image's */
	size_t source_count;
	char *cmdline;
	struct pvl_piece *pieces;
	size_t piece_count;
	size_t piece_capacity;
	uint8_t *blob; /* what the pieces' bytes point into */
};

/* A plan in the making. */
struct pvl_builder {
	struct pvhload_plan *plan;
	struct pvhload_boot_config config; /* complete: what the caller left out is 0 */
	struct pvhload_boot_places places;
	const struct pvhload_image *kernel; /* what is loaded: for a bzImage, its payload */
};

enum pvhload_status pvl_plan_add_piece(struct pvhload_plan *plan, struct pvl_piece piece,
				       struct pvhload_error *err);

/* Claim the kernel's segments where they are linked, and add their pieces. */
enum pvhload_status pvl_plan_kernel(struct pvl_builder *b, struct pvhload_error *err);

/* Module @i of the caller's array, complete; PVHLOAD_E_USAGE if its size is wrong. */
enum pvhload_status pvl_config_module(const struct pvhload_boot_config *config, size_t i,
				      struct pvhload_boot_module *ret, struct pvhload_error *err);

/* A file that has its place in the guest: the joined initrds, or a module. */
struct pvl_file {
	uint64_t gpa;
	uint64_t size;
};

/* Claim places for initrd and modules and add their pieces; @files has room for all of them. */
enum pvhload_status pvl_plan_files(struct pvl_builder *b, struct pvl_file *files,
				   struct pvhload_error *err);

/* Everything PVH: structures, files, processor state. */
enum pvhload_status pvl_plan_pvh(struct pvl_builder *b, struct pvhload_error *err);

/* PVHLOAD_E_PROTOCOL, and what else the image could be entered by. */
enum pvhload_status pvl_no_pvh_entry(const struct pvhload_image *image,
				     const struct pvhload_image *kernel, struct pvhload_error *err);

#endif
