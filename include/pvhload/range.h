/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/**
 * @file
 * A range of guest-physical addresses, as every interface of the library has it.
 */
#ifndef PVHLOAD_RANGE_H
#define PVHLOAD_RANGE_H

#include <stdint.h>

/** A range.  Frozen: it will not grow. */
struct pvhload_range {
	uint64_t gpa;  /**< first guest-physical address */
	uint64_t size; /**< bytes; 0 is empty, gpa + size does not wrap */
};

#endif
