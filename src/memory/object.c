/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* Reading and writing a structure of the caller's own, after one exact check of its range. */
#include "core/error.h"
#include "memory/access.h"

/* Memory whose RAM is one range, so that no host memory is needed: mem points to ram, ram to range. */
struct object_memory {
	struct pvl_memory mem;
	struct pvl_ram ram;
	struct pvl_range range;
};

static enum pvhload_status open_memory(const struct pvhload_memory *caller, enum pvl_memory_use use,
				       uint64_t gpa, const void *bytes, size_t len,
				       struct object_memory *ret, struct pvhload_error *err)
{
	if (!pvl_error_usable(err))
		return PVHLOAD_E_USAGE;
	PVL_TRY(pvl_memory_open(caller, use, &ret->ram, &ret->mem, err));
	if (!caller->memmap || (!bytes && len > 0))
		return pvl_fail(err, PVHLOAD_E_USAGE, PVL_ANYWHERE,
				"the guest memory has no map, or the bytes are NULL");
	return pvl_ram_init_at(caller->memmap, gpa, &ret->range, &ret->ram, err);
}

enum pvhload_status pvhload_memory_write(const struct pvhload_memory *mem, uint64_t gpa,
					 const void *bytes, size_t len, struct pvhload_error *err)
{
	struct object_memory m;

	PVL_TRY(open_memory(mem, PVL_MEMORY_WRITES, gpa, bytes, len, &m, err));
	return len > 0 ? pvl_memory_write(&m.mem, gpa, bytes, len, err) : PVHLOAD_OK;
}

enum pvhload_status pvhload_memory_read(const struct pvhload_memory *mem, uint64_t gpa, void *bytes,
					size_t len, struct pvhload_error *err)
{
	struct object_memory m;

	PVL_TRY(open_memory(mem, PVL_MEMORY_READS, gpa, bytes, len, &m, err));
	return len > 0 ? pvl_memory_read(&m.mem, gpa, bytes, len, err) : PVHLOAD_OK;
}
