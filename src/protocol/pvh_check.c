/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * Rules on what a PVH guest is told.  A guest cannot report a breach: Linux just stops.
 *
 * ABI source: Linux, arch/x86/platform/pvh/enlighten.c and arch/x86/kernel/e820.c: the map is copied
 * to a table of 128 without a check, and one entry is added; up to 6.19 a map of fewer than two
 * entries is thrown away; a page below 1 MiB is needed to start further processors.
 */
#include <inttypes.h>
#include <string.h>

#include "core/checked.h"
#include "core/error.h"
#include "protocol/pvh.h"

#define MEMMAP_MIN 2u
#define LOW_MEMORY 0x100000u
#define PAGE       4096u

static bool has_low_ram(const struct pvl_pvh_input *input)
{
	for (size_t i = 0; i < input->memmap_count; i++) {
		const struct pvhload_memmap_entry *e = &input->memmap[i];

		if (e->type == PVHLOAD_MEMMAP_RAM && e->addr < LOW_MEMORY &&
		    pvl_min_u64(e->size, LOW_MEMORY - e->addr) >= PAGE)
			return true;
	}
	return false;
}

static enum pvhload_status check_memmap(const struct pvl_pvh_input *input,
					struct pvhload_error *err)
{
	if (input->memmap_count > PVHLOAD_PVH_MEMMAP_READ_MAX)
		return pvl_fail(err, PVHLOAD_E_MEMMAP, PVL_ANYWHERE,
				"the memory map has %zu entries; the limit is %u",
				input->memmap_count, PVHLOAD_PVH_MEMMAP_READ_MAX);
	if (input->flags & PVHLOAD_PVH_NOT_LINUX)
		return PVHLOAD_OK;
	if (input->memmap_count < MEMMAP_MIN)
		return pvl_fail(
			err, PVHLOAD_E_MEMMAP, PVL_ANYWHERE,
			"the memory map has %zu entry; Linux up to 6.19 throws a map of fewer "
			"than %u away",
			input->memmap_count, MEMMAP_MIN);
	if (input->memmap_count > PVHLOAD_PVH_MEMMAP_MAX)
		return pvl_fail(err, PVHLOAD_E_MEMMAP, PVL_ANYWHERE,
				"the memory map has %zu entries; Linux takes %u by PVH",
				input->memmap_count, PVHLOAD_PVH_MEMMAP_MAX);
	if (!has_low_ram(input))
		return pvl_fail(err, PVHLOAD_E_MEMMAP, PVL_ANYWHERE,
				"the memory map has no RAM below 1 MiB, which Linux needs");
	return PVHLOAD_OK;
}

static enum pvhload_status check_module_cmdlines(const struct pvl_pvh_input *input,
						 struct pvhload_error *err)
{
	uint64_t total = 0;

	for (size_t i = 0; i < input->module_count; i++) {
		const size_t length =
			input->modules[i].cmdline ? strlen(input->modules[i].cmdline) : 0;

		if (length > PVHLOAD_PVH_CMDLINE_LENGTH_MAX)
			return pvl_fail(
				err, PVHLOAD_E_CMDLINE, PVL_ANYWHERE,
				"the command line of module %zu has %zu bytes; the limit is %u", i,
				length, PVHLOAD_PVH_CMDLINE_LENGTH_MAX);
		total += length + 1;
	}
	if (total > PVHLOAD_PVH_CMDLINE_TOTAL_MAX)
		return pvl_fail(err, PVHLOAD_E_LIMIT, PVL_ANYWHERE,
				"the modules' command lines take %" PRIu64
				" bytes; the limit is %u",
				total, PVHLOAD_PVH_CMDLINE_TOTAL_MAX);
	return PVHLOAD_OK;
}

enum pvhload_status pvl_pvh_check(const struct pvl_pvh_input *input, struct pvhload_error *err)
{
	const size_t length = strlen(input->cmdline);
	enum pvhload_status status = check_memmap(input, err);

	if (status != PVHLOAD_OK)
		return status;
	if (length > input->cmdline_max)
		return pvl_fail(err, PVHLOAD_E_CMDLINE, PVL_ANYWHERE,
				"the command line has %zu bytes, %zu more than the %" PRIu32
				" the kernel takes",
				length, length - input->cmdline_max, input->cmdline_max);
	if (input->module_count > PVHLOAD_PVH_MODULES_MAX)
		return pvl_fail(err, PVHLOAD_E_LIMIT, PVL_ANYWHERE,
				"there are %zu modules; the limit is %u", input->module_count,
				PVHLOAD_PVH_MODULES_MAX);
	return check_module_cmdlines(input, err);
}
