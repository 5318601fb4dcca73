/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* Files that do not change, and so may be mapped.  Only where there is an operating system. */
#ifndef PVL_SOURCE_SEALED_H
#define PVL_SOURCE_SEALED_H

#include "source/source.h"

/* True of a memfd without holes that nobody can write to or shorten any more: it takes all of its memory already. */
bool pvl_file_is_fixed(int fd);

/* Map @len bytes, not 0, from @offset of the file, for reading; false if it has not so many, or cannot be mapped. */
bool pvl_file_map(int fd, uint64_t offset, uint64_t len, struct pvl_held *ret);
void pvl_file_unmap(const struct pvl_held *held);

/*
 * Map @len bytes from @offset of the file in place of the private pages at @host, copy-on-write.  Positive if that cannot be
 * and the pages can be written as ever; negative, an errno, if they are gone.
 */
int pvl_file_replace(int fd, uint64_t offset, void *host, uint64_t len);

/* A system call failed by this errno: PVHLOAD_E_SOURCE. */
enum pvhload_status pvl_system_failed(struct pvhload_error *err, uint64_t offset, const char *what,
				      int number);

/* A memfd that is being filled: @size bytes at @at. */
struct pvl_memfd {
	int fd;
	uint8_t *at;
	size_t size;
};

/*
 * Make one of @size bytes, not 0, to be dropped in the end.  PVHLOAD_E_UNSUPPORTED if the system has none,
 * PVHLOAD_E_NO_MEMORY, or PVHLOAD_E_SOURCE if there is no descriptor.
 */
enum pvhload_status pvl_memfd_new(size_t size, struct pvl_memfd *ret, struct pvhload_error *err);

/* From now on nobody can change its bytes or its size; it is no longer mapped.  PVHLOAD_E_SOURCE. */
enum pvhload_status pvl_memfd_seal(struct pvl_memfd *memfd, struct pvhload_error *err);
void pvl_memfd_drop(struct pvl_memfd *memfd);

#endif
