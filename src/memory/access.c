/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
#include "memory/access.h"

#include "abi/sizes.h"
#include "core/error.h"
#include "core/sized.h"

enum pvhload_status pvl_memory_open(const struct pvhload_memory *mem, enum pvl_memory_use use,
				    const struct pvl_ram *ram, struct pvl_memory *ret,
				    struct pvhload_error *err)
{
	struct pvhload_memory own;

	if (!pvl_sized_in(&own, sizeof(own), mem, PVL_V1_MEMORY))
		return pvl_fail(err, PVHLOAD_E_USAGE, PVL_ANYWHERE,
				"the guest memory is NULL or has a wrong size");
	if ((own.flags & ~(PVHLOAD_MEMORY_ZEROED | PVHLOAD_MEMORY_MAP_STEADY)) != 0 ||
	    own.reserved != 0)
		return pvl_fail(err, PVHLOAD_E_USAGE, PVL_ANYWHERE,
				"the guest memory has an unknown flag (0x%" PRIx32
				"), or its reserved "
				"member is not 0",
				own.flags);
	if (!pvl_sized_in(&ret->ops, sizeof(ret->ops), own.ops, PVL_V1_MEMORY_OPS))
		return pvl_fail(err, PVHLOAD_E_USAGE, PVL_ANYWHERE,
				"the guest memory's callbacks are NULL or have a wrong size");
	if (own.rom_count > 0 && !own.roms)
		return pvl_fail(err, PVHLOAD_E_USAGE, PVL_ANYWHERE,
				"the guest memory counts %zu ROMs, but their array is NULL",
				own.rom_count);
	if (use == PVL_MEMORY_WRITES && !ret->ops.write)
		return pvl_fail(err, PVHLOAD_E_USAGE, PVL_ANYWHERE,
				"the guest memory has no write callback");
	if (use == PVL_MEMORY_READS && !ret->ops.read)
		return pvl_fail(err, PVHLOAD_E_USAGE, PVL_ANYWHERE,
				"the guest memory has no read callback");
	ret->user = own.user;
	ret->flags = own.flags;
	ret->ram = ram;
	ret->roms = own.roms;
	ret->rom_count = own.rom_count;
	ret->rom = (struct pvl_range){ 0, 0 };
	return PVHLOAD_OK;
}

enum pvhload_status pvl_memory_check(const struct pvl_memory *mem, uint64_t gpa, uint64_t len,
				     struct pvhload_error *err)
{
	struct pvl_range range;

	if (pvl_range_make(gpa, len, &range) &&
	    (pvl_ram_contains(mem->ram, range) || pvl_range_contains(mem->rom, range)))
		return PVHLOAD_OK;
	return pvl_fail(err, PVHLOAD_E_RANGE, PVL_GPA(gpa),
			"0x%" PRIx64 " bytes at 0x%" PRIx64
			" are not all in the guest's RAM: there is none at 0x%" PRIx64,
			len, gpa, pvl_ram_until(mem->ram, gpa));
}

/* What a stock backend means by it; of any other number, only the caller knows. */
static const char *meaning(int result)
{
	switch (result) {
	case PVHLOAD_MEMORY_NO_SLOT:
		return ": not all of that is in a usable slot (PVHLOAD_MEMORY_NO_SLOT)";
	case PVHLOAD_MEMORY_ROM:
		return ": some of that is in a slot of ROM (PVHLOAD_MEMORY_ROM)";
	default:
		return "";
	}
}

/* The status for what a callback returned. */
static enum pvhload_status callback_status(const char *name, uint64_t gpa, uint64_t len, int result,
					   struct pvhload_error *err)
{
	if (result == 0)
		return PVHLOAD_OK;
	return pvl_fail(err, PVHLOAD_E_CALLBACK,
			((struct pvl_where){ PVHLOAD_NOWHERE, gpa, result }),
			"the %s callback returned %d for 0x%" PRIx64 " bytes at 0x%" PRIx64 "%s",
			name, result, len, gpa, meaning(result));
}

enum pvhload_status pvl_memory_write(const struct pvl_memory *mem, uint64_t gpa, const void *src,
				     size_t len, struct pvhload_error *err)
{
	PVL_TRY(pvl_memory_check(mem, gpa, len, err));
	return callback_status("write", gpa, len, mem->ops.write(mem->user, gpa, src, len), err);
}

enum pvhload_status pvl_memory_read(const struct pvl_memory *mem, uint64_t gpa, void *dst,
				    size_t len, struct pvhload_error *err)
{
	PVL_TRY(pvl_memory_check(mem, gpa, len, err));
	return callback_status("read", gpa, len, mem->ops.read(mem->user, gpa, dst, len), err);
}

enum pvhload_status pvl_memory_zero(const struct pvl_memory *mem, uint64_t gpa, uint64_t len,
				    struct pvhload_error *err)
{
	PVL_TRY(pvl_memory_check(mem, gpa, len, err));
	return callback_status("zero", gpa, len, mem->ops.zero(mem->user, gpa, len), err);
}

enum pvhload_status pvl_memory_map_file(const struct pvl_memory *mem, uint64_t gpa, int fd,
					uint64_t offset, uint64_t len, bool *ret_mapped,
					struct pvhload_error *err)
{
	int result;

	PVL_TRY(pvl_memory_check(mem, gpa, len, err));
	result = mem->ops.map_file(mem->user, gpa, fd, offset, len);
	*ret_mapped = result == 0;
	return callback_status("map_file", gpa, len, result > 0 ? 0 : result, err);
}

enum pvhload_status pvl_memory_begin_region(const struct pvl_memory *mem,
					    const struct pvhload_plan_region *region,
					    struct pvhload_error *err)
{
	int result = mem->ops.begin_region ? mem->ops.begin_region(mem->user, region) : 0;

	if (result == 0)
		return PVHLOAD_OK;
	return pvl_fail(err, PVHLOAD_E_CALLBACK,
			((struct pvl_where){ PVHLOAD_NOWHERE, region->gpa, result }),
			"the begin_region callback returned %d for the region at 0x%" PRIx64 "%s",
			result, region->gpa, meaning(result));
}

void *pvl_memory_host_ptr(const struct pvl_memory *mem, uint64_t gpa, uint64_t len)
{
	if (!mem->ops.host_ptr || len > SIZE_MAX ||
	    pvl_memory_check(mem, gpa, len, NULL) != PVHLOAD_OK)
		return NULL;
	return mem->ops.host_ptr(mem->user, gpa, len);
}
