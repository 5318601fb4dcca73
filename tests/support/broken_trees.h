/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* Trees whose nodes or properties are broken, or above a limit, each in one way. */
#ifndef SUPPORT_BROKEN_TREES_H
#define SUPPORT_BROKEN_TREES_H

#include <pvhload/pvhload.h>

#include "device_trees.h"

struct broken_tree {
	void (*build)(struct tree *tree);
	enum pvhload_status status;
	uint32_t
		part; /* PVHLOAD_PART_*: where something is missing when it is read; 0: it cannot be */
	const char *says;
};

extern const struct broken_tree broken_trees[];
extern const size_t broken_tree_count;

#endif
