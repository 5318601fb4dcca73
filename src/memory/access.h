/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * Guest memory behind one gate: every call checks that its range is RAM before a callback runs.
 */
#ifndef PVL_MEMORY_ACCESS_H
#define PVL_MEMORY_ACCESS_H

#include <pvhload/guest_memory.h>

#include "memory/memmap.h"

/* A struct pvhload_memory whose table has been checked and completed. */
struct pvl_memory {
	struct pvhload_memory_ops ops;
	void *user;
	const struct pvl_ram *ram;
	uint32_t flags;
};

/* What a function needs of the callbacks. */
enum pvl_memory_use { PVL_MEMORY_WRITES, PVL_MEMORY_READS };

/*
 * Check the caller's memory.  Its RAM is @ram, which stays the caller's.  Returns PVHLOAD_E_USAGE if
 * the struct, its flags or its table cannot be used.
 */
enum pvhload_status pvl_memory_open(const struct pvhload_memory *mem, enum pvl_memory_use use,
				    const struct pvl_ram *ram, struct pvl_memory *ret,
				    struct pvhload_error *err);

/* PVHLOAD_E_RANGE unless all of the range is RAM.  No length here or below is 0. */
enum pvhload_status pvl_memory_check(const struct pvl_memory *mem, uint64_t gpa, uint64_t len,
				     struct pvhload_error *err);

enum pvhload_status pvl_memory_write(const struct pvl_memory *mem, uint64_t gpa, const void *src,
				     size_t len, struct pvhload_error *err);
enum pvhload_status pvl_memory_read(const struct pvl_memory *mem, uint64_t gpa, void *dst,
				    size_t len, struct pvhload_error *err);

enum pvhload_status pvl_memory_zero(const struct pvl_memory *mem, uint64_t gpa, uint64_t len,
				    struct pvhload_error *err);

/* Let the guest see part of a file; *@ret_mapped is false if the callback declined. */
enum pvhload_status pvl_memory_map_file(const struct pvl_memory *mem, uint64_t gpa, int fd,
					uint64_t offset, uint64_t len, bool *ret_mapped,
					struct pvhload_error *err);

/* Tell the VMM, if it wants to know, that @region is written next. */
enum pvhload_status pvl_memory_begin_region(const struct pvl_memory *mem,
					    const struct pvhload_plan_region *region,
					    struct pvhload_error *err);

/* A direct window, or NULL: not RAM, no such callback, or none there. */
void *pvl_memory_host_ptr(const struct pvl_memory *mem, uint64_t gpa, uint64_t len);

#endif
