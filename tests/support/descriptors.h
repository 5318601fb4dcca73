/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* File descriptors of this process. */
#ifndef SUPPORT_DESCRIPTORS_H
#define SUPPORT_DESCRIPTORS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A descriptor of a new file with these bytes. */
int file_of(const void *bytes, size_t size);

/* The same, but for MEMFD_NAME, and with these F_SEAL_*. */
#define MEMFD_NAME "sealed-file"
int sealed_file_of(const void *bytes, size_t size, int seals);

/* The same, with nothing before @offset. */
int file_with(uint64_t offset, const void *bytes, size_t size, int seals);

/* Like sealed_file_of(), with zeros after these bytes, up to @whole, that take no memory; and what memory a file takes. */
int sparse_file_of(const void *bytes, size_t size, size_t whole, int seals);
uint64_t memory_of_file(int fd);

/* Nobody can change it or run it, and this is all that it has. */
void expect_sealed_file(int fd, const void *bytes, size_t size);

/* How often a part of a file of that name, a memfd's, is mapped by this process. */
size_t mappings_of(const char *name);

/*
 * False, which is said in TAP, where a child has what is mapped with MADV_DONTFORK all the same: qemu-user takes the
 * advice and ignores it.
 */
bool is_dontfork_heeded(void);

/* How many are open, the one that counts them included. */
size_t open_descriptors(void);

#endif
