/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * Rules on what a PVH guest is told.  A guest cannot report a breach: Linux just stops.
 *
 * ABI source: Linux, arch/x86/platform/pvh/enlighten.c: the map is copied to a table of 128 without a
 * check, and one entry is added.
 */
#include <inttypes.h>
#include <string.h>

#include "abi/sizes.h"
#include "core/error.h"
#include "core/sized.h"
#include "guest/cmdline_rules.h"
#include "guest/memmap_rules.h"
#include "pvh/pvh.h"

enum pvhload_status pvl_pvh_input(const struct pvhload_pvh_params *caller, uint32_t cmdline_max,
				  bool assumed, struct pvl_pvh_input *ret,
				  struct pvhload_error *err)
{
	struct pvhload_pvh_params params;

	if (!pvl_sized_in(&params, sizeof(params), caller, PVL_V1_PVH_PARAMS) || !params.memmap ||
	    (params.module_count > 0 && !params.modules) ||
	    (params.flags & ~PVHLOAD_PVH_NOT_LINUX) != 0)
		return pvl_fail(err, PVHLOAD_E_USAGE, PVL_ANYWHERE,
				"the parameters are NULL or have a wrong size, no memory map, no "
				"modules for their count, or an unknown flag");
	*ret = (struct pvl_pvh_input){
		.cmdline = params.cmdline ? params.cmdline : "",
		.cmdline_max = cmdline_max != 0 ? cmdline_max
			       : params.flags & PVHLOAD_PVH_NOT_LINUX
				       ? PVHLOAD_PVH_CMDLINE_LENGTH_MAX
				       : PVHLOAD_PVH_CMDLINE_MAX,
		.cmdline_max_assumed = assumed,
		.modules = params.modules,
		.module_count = params.module_count,
		.memmap = params.memmap->entries,
		.memmap_count = params.memmap->count,
		.rsdp_gpa = params.rsdp_gpa,
		.flags = params.flags,
		.start_info_flags = params.start_info_flags,
	};
	return PVHLOAD_OK;
}

static enum pvhload_status check_memmap(const struct pvl_pvh_input *input,
					struct pvhload_error *err)
{
	if (input->memmap_count > PVHLOAD_PVH_MEMMAP_READ_MAX)
		return pvl_fail(err, PVHLOAD_E_MEMMAP, PVL_ANYWHERE,
				"the memory map has %zu entries; the limit is %u: %zu too many",
				input->memmap_count, PVHLOAD_PVH_MEMMAP_READ_MAX,
				input->memmap_count - PVHLOAD_PVH_MEMMAP_READ_MAX);
	if (input->flags & PVHLOAD_PVH_NOT_LINUX)
		return PVHLOAD_OK;
	return pvl_check_linux_memmap(input->memmap, input->memmap_count, PVHLOAD_PVH_MEMMAP_MAX,
				      "PVH", err);
}

/* All command lines together, as pvhload_pvh_read() counts them. */
static enum pvhload_status check_total(const struct pvl_pvh_input *input, struct pvhload_error *err)
{
	uint64_t total = strlen(input->cmdline) + 1;

	for (size_t i = 0; i < input->module_count; i++) {
		size_t length;

		if (!input->modules[i].cmdline)
			continue;
		length = strlen(input->modules[i].cmdline);
		if (length > PVHLOAD_PVH_CMDLINE_LENGTH_MAX)
			return pvl_fail(
				err, PVHLOAD_E_CMDLINE, PVL_ANYWHERE,
				"the command line of module %zu has %zu bytes, %zu more than the "
				"limit of %u",
				i, length, length - PVHLOAD_PVH_CMDLINE_LENGTH_MAX,
				PVHLOAD_PVH_CMDLINE_LENGTH_MAX);
		total += length + 1;
	}
	if (total > PVHLOAD_PVH_CMDLINE_TOTAL_MAX)
		return pvl_fail(err, PVHLOAD_E_LIMIT, PVL_ANYWHERE,
				"the command lines together take %" PRIu64
				" bytes; the limit is %u: %" PRIu64 " too many",
				total, PVHLOAD_PVH_CMDLINE_TOTAL_MAX,
				total - PVHLOAD_PVH_CMDLINE_TOTAL_MAX);
	return PVHLOAD_OK;
}

enum pvhload_status pvl_pvh_check(const struct pvl_pvh_input *input, struct pvhload_error *err)
{
	const struct pvl_cmdline_rule cmdline = { input->cmdline_max, input->cmdline_max_assumed,
						  (input->flags & PVHLOAD_PVH_NOT_LINUX) != 0 };
	enum pvhload_status status = check_memmap(input, err);

	if (status == PVHLOAD_OK)
		status = pvl_cmdline_check(input->cmdline, &cmdline, err);
	if (status != PVHLOAD_OK)
		return status;
	if (input->module_count > PVHLOAD_PVH_MODULES_MAX)
		return pvl_fail(err, PVHLOAD_E_LIMIT, PVL_ANYWHERE,
				"there are %zu modules; the limit is %u", input->module_count,
				PVHLOAD_PVH_MODULES_MAX);
	return check_total(input, err);
}
