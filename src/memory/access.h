/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * The only access to guest memory: each checks that its range is RAM, or the ROM that is written, before the callback is
 * called.
 */
#ifndef PVL_MEMORY_ACCESS_H
#define PVL_MEMORY_ACCESS_H

#include <pvhload/guest_memory.h>

#include "memory/memmap.h"

/* The caller's struct pvhload_memory, checked; callbacks that an older struct lacks are NULL. */
struct pvl_memory {
	struct pvhload_memory_ops ops;
	void *user;
	const struct pvl_ram *ram;
	const struct pvhload_range *roms; /* the caller's: pvl_roms_check() is to be called */
	size_t rom_count;
	struct pvl_range rom; /* of which this may be written now; empty but for a firmware */
	uint32_t flags;
};

/* The callback that a function requires. */
enum pvl_memory_use { PVL_MEMORY_WRITES, PVL_MEMORY_READS };

/*
 * Check the caller's memory, whose RAM is @ram: it must live as long as *@ret.  PVHLOAD_E_USAGE if the
 * struct, its flags or its callbacks cannot be used.
 */
enum pvhload_status pvl_memory_open(const struct pvhload_memory *mem, enum pvl_memory_use use,
				    const struct pvl_ram *ram, struct pvl_memory *ret,
				    struct pvhload_error *err);

/* PVHLOAD_E_RANGE unless every byte of the range is RAM, or in mem->rom.  Here and below, @len is not 0. */
enum pvhload_status pvl_memory_check(const struct pvl_memory *mem, uint64_t gpa, uint64_t len,
				     struct pvhload_error *err);

enum pvhload_status pvl_memory_write(const struct pvl_memory *mem, uint64_t gpa, const void *src,
				     size_t len, struct pvhload_error *err);
enum pvhload_status pvl_memory_read(const struct pvl_memory *mem, uint64_t gpa, void *dst,
				    size_t len, struct pvhload_error *err);

enum pvhload_status pvl_memory_zero(const struct pvl_memory *mem, uint64_t gpa, uint64_t len,
				    struct pvhload_error *err);

/* Map part of a file into the guest; *@ret_mapped is false if the callback declined. */
enum pvhload_status pvl_memory_map_file(const struct pvl_memory *mem, uint64_t gpa, int fd,
					uint64_t offset, uint64_t len, bool *ret_mapped,
					struct pvhload_error *err);

/* Call begin_region for @region, if there is that callback. */
enum pvhload_status pvl_memory_begin_region(const struct pvl_memory *mem,
					    const struct pvhload_plan_region *region,
					    struct pvhload_error *err);

/* A pointer to the range, or NULL: it is not RAM, there is no callback, or the callback has none. */
void *pvl_memory_host_ptr(const struct pvl_memory *mem, uint64_t gpa, uint64_t len);

#endif
