/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* Files that do not change, and so may be mapped.  Only where there is an operating system. */
#ifndef PVL_SOURCE_SEALED_H
#define PVL_SOURCE_SEALED_H

#include "source/source.h"

/* True of a memfd that nobody can write to or shorten any more. */
bool pvl_file_is_sealed(int fd);

/* Map @len bytes, not 0, from @offset of the file, for reading; false if it has not so many, or cannot be mapped. */
bool pvl_file_map(int fd, uint64_t offset, uint64_t len, struct pvl_held *ret);
void pvl_file_unmap(const struct pvl_held *held);

#endif
