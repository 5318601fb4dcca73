/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * PVH's structures as a table of parts: what each is called, where it may be, how large it gets and
 * what its bytes are.  The planner and pvhload_pvh_write() both go through it.
 */
#ifndef PVL_PROTOCOL_PVH_H
#define PVL_PROTOCOL_PVH_H

#include <pvhload/pvh.h>

#include "protocol/places.h"

enum pvl_pvh_part {
	PVL_PVH_START_INFO,
	PVL_PVH_MODLIST,
	PVL_PVH_MEMMAP,
	PVL_PVH_CMDLINE,
	PVL_PVH_MODULE_CMDLINES,
	PVL_PVH_PARTS,
};

struct pvl_pvh_rule {
	const char *name;
	uint64_t limit;         /* the part ends at or below this address */
	const char *limit_name; /* for messages */
	uint64_t default_gpa;   /* 0: behind the command line */
};

extern const struct pvl_pvh_rule pvl_pvh_rules[PVL_PVH_PARTS];

/* Alignment of every part. */
#define PVL_PVH_ALIGN 8u

/* What the structures say; all of it checked by pvl_pvh_check() before it is encoded. */
struct pvl_pvh_input {
	const char *cmdline; /* not NULL */
	uint32_t cmdline_max;
	bool cmdline_max_assumed; /* the kernel did not say it */
	const struct pvhload_pvh_module *modules;
	size_t module_count;
	const struct pvhload_memmap_entry *memmap;
	size_t memmap_count;
	uint64_t rsdp_gpa;
	uint32_t flags; /* PVHLOAD_PVH_NOT_LINUX */
	uint32_t start_info_flags;
};

/* Rules on what is said, wherever it goes: map, command lines, number of modules. */
enum pvhload_status pvl_pvh_check(const struct pvl_pvh_input *input, struct pvhload_error *err);

/* Bytes that a part takes; 0 if it is not needed. */
uint64_t pvl_pvh_size(enum pvl_pvh_part part, const struct pvl_pvh_input *input);

/* Where a part goes by default, once the parts before it have their place in @gpa. */
uint64_t pvl_pvh_default(enum pvl_pvh_part part, const struct pvl_pvh_input *input,
			 const uint64_t gpa[PVL_PVH_PARTS]);

/* Write the pvl_pvh_size() bytes of a part to @dst. */
void pvl_pvh_encode(enum pvl_pvh_part part, const struct pvl_pvh_input *input,
		    const uint64_t gpa[PVL_PVH_PARTS], uint8_t *dst);

#endif
