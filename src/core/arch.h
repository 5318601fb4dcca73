/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* Numbers of an architecture that the layout needs. */
#ifndef PVL_CORE_ARCH_H
#define PVL_CORE_ARCH_H

#include <stdint.h>

struct pvl_arch {
	uint64_t page_size; /* of the smallest page: what a part of whole pages is padded to */
	uint64_t low_min;   /* a search for a structure begins here */
	uint64_t high_min;  /* a search for a kernel or a file begins here */
};

#endif
