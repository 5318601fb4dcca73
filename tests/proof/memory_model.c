/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * The gate to guest memory as src/memory/access.h has it, for what is in front of it: any bytes, other ones at each call, or a
 * failure.  The driver "gate" is about the gate itself.
 */
#include "memory/access.h"

static enum pvhload_status any_failure(void)
{
	static const enum pvhload_status all[] = { PVHLOAD_E_RANGE, PVHLOAD_E_CALLBACK };

	return any_bool() ? PVHLOAD_OK : all[Frama_C_interval(0, 1)];
}

enum pvhload_status pvl_memory_check(const struct pvl_memory *mem, uint64_t gpa, uint64_t len,
				     struct pvhload_error *err)
{
	/*@ assert len > 0; */
	return any_failure();
}

enum pvhload_status pvl_memory_read(const struct pvl_memory *mem, uint64_t gpa, void *dst,
				    size_t len, struct pvhload_error *err)
{
	/*@ assert len > 0; */
	any_bytes(dst, len);
	return any_failure();
}

/* What begins and ends a reading. */
enum pvhload_status pvl_memory_open(const struct pvhload_memory *mem, enum pvl_memory_use use,
				    const struct pvl_ram *ram, struct pvl_memory *ret,
				    struct pvhload_error *err)
{
	return any_failure();
}

enum pvhload_status pvl_ram_init(const struct pvhload_memmap *map, struct pvl_ram *ret,
				 struct pvhload_error *err)
{
	return any_failure();
}

void pvl_ram_free(struct pvl_ram *ram)
{
}
