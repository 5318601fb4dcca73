/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* File descriptors of this process. */
#ifndef SUPPORT_DESCRIPTORS_H
#define SUPPORT_DESCRIPTORS_H

#include <stddef.h>

/* A descriptor of a new file with these bytes. */
int file_of(const void *bytes, size_t size);

/* How many are open, the one that counts them included. */
size_t open_descriptors(void);

#endif
