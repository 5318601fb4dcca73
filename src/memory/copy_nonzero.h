/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* Copying to memory that is zero, and what is. */
#ifndef PVL_MEMORY_COPY_NONZERO_H
#define PVL_MEMORY_COPY_NONZERO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Are all @size bytes zeros? */
bool pvl_is_zero(const uint8_t *bytes, size_t size);

/* As memcpy(), but pages of @dst, which are all zero, are left alone where the bytes for them are. */
void pvl_copy_nonzero(uint8_t *dst, const uint8_t *src, size_t size);

#endif
