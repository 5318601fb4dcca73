/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * PVH's structures as a table of parts: what each is called, where it may be, how large it gets and
 * what its bytes are.  The planner and pvhload_pvh_write() both go through it.
 */
#ifndef PVL_PVH_PVH_H
#define PVL_PVH_PVH_H

#include <pvhload/pvh.h>

#include "layout/layout.h"
#include "layout/writes.h"

enum pvl_pvh_part {
	PVL_PVH_START_INFO,
	PVL_PVH_MODLIST,
	PVL_PVH_MEMMAP,
	PVL_PVH_CMDLINE,
	PVL_PVH_MODULE_CMDLINES,
	PVL_PVH_PARTS,
};

/* The content of the structures, checked by pvl_pvh_check() before it is encoded. */
struct pvl_pvh_input {
	const char *cmdline; /* not NULL */
	uint32_t cmdline_max;
	bool cmdline_max_assumed; /* the kernel does not give a limit */
	const struct pvhload_pvh_module *modules;
	size_t module_count;
	const struct pvhload_memmap_entry *memmap;
	size_t memmap_count;
	uint64_t rsdp_gpa;
	uint32_t flags; /* PVHLOAD_PVH_NOT_LINUX */
	uint32_t start_info_flags;
};

/* A rule on content, independent of places: map, command lines, number of modules. */
struct pvl_pvh_rule {
	uint32_t judges; /* PVHLOAD_PART_* */
	enum pvhload_status (*check)(const struct pvl_pvh_input *input, struct pvhload_error *err);
};

#define PVL_PVH_RULES 6
extern const struct pvl_pvh_rule pvl_pvh_rules[PVL_PVH_RULES];

/* Check all rules, up to the first that is broken. */
enum pvhload_status pvl_pvh_check(const struct pvl_pvh_input *input, struct pvhload_error *err);

/*
 * Make the input from @params.  @cmdline_max is the limit of the command line, 0 for the one that
 * the flags imply; @assumed: the kernel does not give it.  Only the struct itself is checked.
 */
enum pvhload_status pvl_pvh_input(const struct pvhload_pvh_params *params, uint32_t cmdline_max,
				  bool assumed, struct pvl_pvh_input *ret,
				  struct pvhload_error *err);

/* Append the PVL_PVH_PARTS parts to @layout, in their order; returns the number of the first. */
size_t pvl_pvh_append_parts(const struct pvl_pvh_input *input, struct pvl_layout *layout);

/* PVHLOAD_E_RANGE if module @i is empty, or at address 0. */
enum pvhload_status pvl_pvh_check_module(const struct pvl_pvh_input *input, size_t i,
					 struct pvhload_error *err);

/* Append module @i, which the VMM has placed, so that nothing else is placed there; it is checked as above. */
enum pvhload_status pvl_pvh_append_module(const struct pvl_pvh_input *input, size_t i,
					  struct pvl_layout *layout, struct pvhload_error *err);

/* Bytes of all of them, and of the tables alone: all but the command lines. */
uint64_t pvl_pvh_total_size(const struct pvl_pvh_input *input);
uint64_t pvl_pvh_tables_size(const struct pvl_pvh_input *input);

/*
 * Fill blocks with their bytes, which may be one block, for the places that they have in @layout, where @first is the
 * first.
 */
enum pvhload_status pvl_pvh_encode(const struct pvl_pvh_input *input,
				   const struct pvl_layout *layout, size_t first,
				   struct pvl_block *tables, struct pvl_block *cmdlines,
				   struct pvhload_error *err);

#endif
