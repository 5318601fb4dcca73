/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * Rules on what a PVH guest is told.  A guest cannot report a breach: Linux just stops.
 *
 * ABI source: Linux, arch/x86/platform/pvh/enlighten.c and arch/x86/kernel/e820.c: the map is copied
 * to a table of 128 without a check, and one entry is added; up to 6.19 a map of fewer than two
 * entries is thrown away; the real-mode trampoline needs RAM below 1 MiB (arch/x86/realmode/init.c),
 * of which the kernel keeps the first 64 KiB for itself.  How much was found by booting: Debian's 6.1
 * and 6.12 kernels start with 28 KiB in one piece and panic with 24 KiB.
 */
#include <inttypes.h>
#include <string.h>

#include "core/checked.h"
#include "core/error.h"
#include "protocol/pvh.h"

#define MEMMAP_MIN 2u
#define LOW_START  0x10000u
#define LOW_END    0x100000u
#define LOW_NEEDED (28u << 10)

/* Where the RAM that holds @from ends, over entries that touch; @from itself if it is not RAM. */
static uint64_t ram_end(const struct pvl_pvh_input *input, uint64_t from)
{
	for (size_t i = 0; i < input->memmap_count; i++) {
		const struct pvhload_memmap_entry *e = &input->memmap[i];

		if (e->type == PVHLOAD_MEMMAP_RAM && from >= e->addr && from - e->addr < e->size)
			return from < LOW_END ? ram_end(input, e->addr + e->size) : from;
	}
	return from;
}

static bool has_low_ram(const struct pvl_pvh_input *input)
{
	for (size_t i = 0; i < input->memmap_count; i++) {
		const uint64_t start = pvl_max_u64(input->memmap[i].addr, LOW_START);
		const uint64_t end = pvl_min_u64(ram_end(input, start), LOW_END);

		if (end > start && end - start >= LOW_NEEDED)
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
		return pvl_fail(
			err, PVHLOAD_E_MEMMAP, PVL_ANYWHERE,
			"the memory map has no %u KiB of RAM in one piece between 64 KiB and 1 "
			"MiB, where Linux puts its trampoline",
			LOW_NEEDED >> 10);
	return PVHLOAD_OK;
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
				" the kernel takes%s",
				length, length - input->cmdline_max, input->cmdline_max,
				input->cmdline_max_assumed ? " (assumed: an ELF file does not say)"
							   : "");
	if (input->module_count > PVHLOAD_PVH_MODULES_MAX)
		return pvl_fail(err, PVHLOAD_E_LIMIT, PVL_ANYWHERE,
				"there are %zu modules; the limit is %u", input->module_count,
				PVHLOAD_PVH_MODULES_MAX);
	return check_total(input, err);
}
