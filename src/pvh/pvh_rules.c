/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * Rules on the content of start info.  A guest cannot report an error in it: Linux just stops.
 *
 * ABI source: Linux, arch/x86/platform/pvh/enlighten.c: the map is copied to a table of 128 without a
 * check, and one entry is added.
 */
#include "abi/sizes.h"
#include "core/error.h"
#include "core/libc.h"
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

static bool is_linux(const struct pvl_pvh_input *input)
{
	return (input->flags & PVHLOAD_PVH_NOT_LINUX) == 0;
}

static enum pvhload_status check_entries(const struct pvl_pvh_input *input,
					 struct pvhload_error *err)
{
	if (input->memmap_count > PVHLOAD_PVH_MEMMAP_READ_MAX)
		return pvl_fail(err, PVHLOAD_E_MEMMAP, PVL_ANYWHERE,
				"the memory map has %zu entries; the limit is %u: %zu too many",
				input->memmap_count, PVHLOAD_PVH_MEMMAP_READ_MAX,
				input->memmap_count - PVHLOAD_PVH_MEMMAP_READ_MAX);
	if (!is_linux(input))
		return PVHLOAD_OK;
	return pvl_check_linux_entries(input->memmap_count, PVHLOAD_PVH_MEMMAP_MAX, "PVH", err);
}

static enum pvhload_status check_low_ram(const struct pvl_pvh_input *input,
					 struct pvhload_error *err)
{
	if (!is_linux(input))
		return PVHLOAD_OK;
	return pvl_check_linux_low_ram(input->memmap, input->memmap_count, err);
}

static enum pvhload_status check_cmdline(const struct pvl_pvh_input *input,
					 struct pvhload_error *err)
{
	return pvl_check_cmdline_length(input->cmdline, input->cmdline_max,
					input->cmdline_max_assumed, err);
}

/* The rule on arguments of init is Linux's. */
static enum pvhload_status check_init_args(const struct pvl_pvh_input *input,
					   struct pvhload_error *err)
{
	return is_linux(input) ? pvl_check_init_args(input->cmdline, err) : PVHLOAD_OK;
}

static enum pvhload_status check_modules(const struct pvl_pvh_input *input,
					 struct pvhload_error *err)
{
	if (input->module_count > PVHLOAD_PVH_MODULES_MAX)
		return pvl_fail(err, PVHLOAD_E_LIMIT, PVL_ANYWHERE,
				"there are %zu modules; the limit is %u", input->module_count,
				PVHLOAD_PVH_MODULES_MAX);
	return PVHLOAD_OK;
}

/* The sum of all command lines, counted as pvhload_pvh_read() does. */
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

const struct pvl_pvh_rule pvl_pvh_rules[PVL_PVH_RULES] = {
	{ PVHLOAD_PART_MEMMAP, check_entries },
	{ PVHLOAD_PART_MEMMAP, check_low_ram },
	{ PVHLOAD_PART_CMDLINE, check_cmdline },
	{ PVHLOAD_PART_CMDLINE, check_init_args },
	{ PVHLOAD_PART_MODULES, check_modules },
	{ PVHLOAD_PART_MODULES | PVHLOAD_PART_MODULE_CMDLINES, check_total },
};

enum pvhload_status pvl_pvh_check(const struct pvl_pvh_input *input, struct pvhload_error *err)
{
	for (size_t i = 0; i < PVL_PVH_RULES; i++)
		PVL_TRY(pvl_pvh_rules[i].check(input, err));
	return PVHLOAD_OK;
}
