/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* Guest memory of any size, of which only the pages that are written exist. */
#ifndef PROPERTY_SPARSE_H
#define PROPERTY_SPARSE_H

#include <pvhload/pvhload.h>
#include <stdbool.h>

#define SPARSE_PAGE      4096u
#define SPARSE_PAGES_MAX 4096u
#define SPARSE_SLOTS     16384u /* a power of two */

struct sparse {
	struct pvhload_memory memory;
	struct pvhload_memory_ops ops;
	const struct pvhload_plan_info *plan;
	uint64_t numbers[SPARSE_PAGES_MAX]; /* of the pages, in order of their first use */
	uint8_t bytes[SPARSE_PAGES_MAX][SPARSE_PAGE];
	size_t count;
	uint64_t kernel; /* bytes of regions of kind KERNEL that were written or zeroed */
	uint16_t slots[SPARSE_SLOTS]; /* by a page's number: 1 + where it is, or 0 */
	bool strayed;                 /* a byte outside the plan's regions was written */
	bool full;
};

/* Empty, with the map that a guest has; what the plan has no region for must not be written. */
void sparse_init(struct sparse *sparse, const struct pvhload_plan_info *plan);

/* Copy out; what was never written is 0xa5. */
void sparse_read(const struct sparse *sparse, uint64_t gpa, void *dst, size_t len);

#endif
