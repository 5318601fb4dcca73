/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * A part: something that needs a place in guest memory, as a row of what it takes and where it may
 * be.  Protocols fill the rows, the layout finds the addresses.
 */
#ifndef PVL_LAYOUT_PART_H
#define PVL_LAYOUT_PART_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <pvhload/status.h>

/* Bytes of a name, the NUL included; a longer one is cut, which its last byte, '~', shows. */
#define PVL_NAME_SIZE 48u

/* Where to search a place for a part without one, or whose usual place is taken. */
enum pvl_search { PVL_LOWEST, PVL_HIGHEST, PVL_NOWHERE_ELSE };

/* Structures are placed right after the kernel, files last; some strategies place files first. */
enum pvl_part_class { PVL_STRUCTURE, PVL_FILE };

/* What has to be where it goes. */
enum pvl_target { PVL_TO_RAM, PVL_TO_ROM, PVL_TO_RAM_OR_ROM };

struct pvl_layout;

struct pvl_part {
	/* What it is. */
	char name[PVL_NAME_SIZE];
	uint32_t kind;    /* PVHLOAD_REGION_*; 0 for what the plan does not write */
	uint32_t index;   /* among those of its kind */
	uint32_t subject; /* PVHLOAD_SUBJECT_*: which of the caller's files a failure is about */
	uint32_t subject_index;
	enum pvl_part_class class;

	/* What it takes: @size bytes; only @limit bounds the end. */
	uint64_t size;  /* 0: there is no such part in this boot */
	uint64_t align; /* power of two */
	uint64_t phase; /* for a search: the address modulo @align */
	uint64_t min;   /* for a search: lowest start */
	uint64_t limit; /* highest end */
	const char *limit_name;
	uint64_t higher_limit; /* if there is no room below @limit; 0: there is no second limit */
	const char *higher_name;
	bool whole_pages;       /* it shares its last page with nothing */
	enum pvl_target target; /* searches look at RAM alone */

	/* Where it goes. */
	uint64_t fixed; /* the place that the caller asked for; 0: none */
	uint64_t usual; /* the place that is tried first; 0: none */
	size_t after;   /* its usual place is after part number @after - 1; 0: see @usual */
	enum pvl_search search;

	/*
	 * Called right before the part is placed, to fill in what was not known earlier.  @measured_late
	 * is for a size that depends on where the kernel is: a part with a fixed place is then placed
	 * once more after the kernel.
	 */
	enum pvhload_status (*prepare)(struct pvl_layout *layout, struct pvl_part *part,
				       struct pvhload_error *err);
	bool measured_late;
	void *user; /* for prepare() */

	uint64_t gpa;    /* the result; 0 until it has a place */
	uint32_t reason; /* PVHLOAD_PLACED_* */
};

#endif
