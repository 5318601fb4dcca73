/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* A structure of the caller's own: moved as it is, after one exact check of its range. */
#include "core/error.h"
#include "memory/access.h"

/* Check what both calls are given and move @len bytes, to the guest from @src or back to @dst. */
static enum pvhload_status move(const struct pvhload_memory *caller, enum pvl_memory_use use,
				uint64_t gpa, const void *src, void *dst, size_t len,
				struct pvhload_error *err)
{
	struct pvl_ram ram = { NULL, 0 };
	enum pvhload_status status;
	struct pvl_memory mem;
	struct pvl_range piece;

	if (!pvl_error_usable(err))
		return PVHLOAD_E_USAGE;
	status = pvl_memory_open(caller, use, &ram, &mem, err);
	if (status == PVHLOAD_OK && (!caller->memmap || (!src && !dst && len > 0)))
		status = pvl_fail(err, PVHLOAD_E_USAGE, PVL_ANYWHERE,
				  "the guest memory has no map, or the bytes are NULL");
	if (status == PVHLOAD_OK)
		status = pvl_ram_init_at(caller->memmap, gpa, &piece, &ram, err);
	if (status == PVHLOAD_OK && len > 0)
		status = use == PVL_MEMORY_WRITES ? pvl_memory_write(&mem, gpa, src, len, err)
						  : pvl_memory_read(&mem, gpa, dst, len, err);
	return status;
}

enum pvhload_status pvhload_memory_write(const struct pvhload_memory *mem, uint64_t gpa,
					 const void *bytes, size_t len, struct pvhload_error *err)
{
	return move(mem, PVL_MEMORY_WRITES, gpa, bytes, NULL, len, err);
}

enum pvhload_status pvhload_memory_read(const struct pvhload_memory *mem, uint64_t gpa, void *bytes,
					size_t len, struct pvhload_error *err)
{
	return move(mem, PVL_MEMORY_READS, gpa, NULL, bytes, len, err);
}
