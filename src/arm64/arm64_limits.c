/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
#include "arm64/arm64_limits.h"

/* Address 0 means absent.  RAM has no holes by architecture. */
static const struct pvl_arch arches[] = {
	{ .page_size = 0x1000, .low_min = 0x1000, .high_min = 0x1000 },
	{ .page_size = 0x4000, .low_min = 0x4000, .high_min = 0x4000 },
	{ .page_size = 0x10000, .low_min = 0x10000, .high_min = 0x10000 },
};

const struct pvl_arch *pvl_arch_arm64(uint32_t page_size)
{
	const size_t last = sizeof(arches) / sizeof(arches[0]) - 1;

	for (size_t i = 0; i < last; i++)
		if (arches[i].page_size == page_size)
			return &arches[i];
	return &arches[last];
}
