/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * A guest cannot report a breach of these: Linux just stops.
 *
 * ABI source: Linux, arch/x86/kernel/e820.c: up to 6.19 a map of fewer than two entries is thrown
 * away, and one that a command line made is a panic.  By PVH there are always two, as Linux adds one of its own (arch/x86/platform/pvh/enlighten.c, the ISA
 * hole).  Linux takes what is above PVL_X86_LOW_RAM_END out of RAM, whatever the map says.
 */
#include "guest/memmap_rules.h"

#include "core/checked.h"
#include "core/libc.h"
#include "x86/limits.h"

#define MEMMAP_MIN 2u

/* Where the RAM that holds @from ends, over entries that touch; @from itself if it is not RAM. */
static uint64_t ram_end(const struct pvhload_memmap_entry *entries, size_t count, uint64_t from)
{
	uint64_t end = from, before;

	do {
		before = end;
		for (size_t i = 0; i < count; i++)
			if (entries[i].type == PVHLOAD_MEMMAP_RAM && end >= entries[i].gpa &&
			    end - entries[i].gpa < entries[i].size)
				end = entries[i].gpa + entries[i].size;
	} while (end != before && end < PVL_X86_LOW_RAM_END);
	return end;
}

/* The lowest start of RAM above @from, or PVL_X86_LOW_RAM_END. */
static uint64_t next_ram(const struct pvhload_memmap_entry *entries, size_t count, uint64_t from)
{
	uint64_t next = PVL_X86_LOW_RAM_END;

	for (size_t i = 0; i < count; i++)
		if (entries[i].type == PVHLOAD_MEMMAP_RAM && entries[i].gpa > from)
			next = pvl_min_u64(next, entries[i].gpa);
	return next;
}

/* Size of the largest range of RAM where Linux can use it. */
static uint64_t most_low_ram(const struct pvhload_memmap_entry *entries, size_t count)
{
	uint64_t at = PVL_X86_LINUX_LOW_START, most = 0;

	while (at < PVL_X86_LOW_RAM_END) {
		const uint64_t end = pvl_min_u64(ram_end(entries, count, at), PVL_X86_LOW_RAM_END);

		most = pvl_max_u64(most, end - at);
		at = end > at ? end : next_ram(entries, count, at);
	}
	return most;
}

enum pvhload_status pvl_check_linux_fewest(size_t count, struct pvhload_error *err)
{
	if (count < MEMMAP_MIN)
		return pvl_fail(
			err, PVHLOAD_E_MEMMAP, PVL_ANYWHERE,
			"the memory map has %zu entr%s; Linux up to 6.19 throws a map of fewer "
			"than %u away",
			count, count == 1 ? "y" : "ies", MEMMAP_MIN);
	return PVHLOAD_OK;
}

enum pvhload_status pvl_check_linux_entries(size_t count, unsigned int most, const char *by,
					    struct pvhload_error *err)
{
	if (count > most)
		return pvl_fail(
			err, PVHLOAD_E_MEMMAP, PVL_ANYWHERE,
			"the memory map has %zu entries; Linux takes %u by %s: %zu too many", count,
			most, by, count - most);
	return PVHLOAD_OK;
}

enum pvhload_status pvl_check_linux_low_ram(const struct pvhload_memmap_entry *entries,
					    size_t count, struct pvhload_error *err)
{
	const uint64_t low = most_low_ram(entries, count);

	if (low < PVL_X86_LINUX_LOW_NEEDED)
		return pvl_fail(
			err, PVHLOAD_E_MEMMAP, PVL_ANYWHERE,
			"the memory map has no %u KiB of RAM in one piece between 64 KiB and "
			"640 KiB, where Linux puts its trampoline: the largest piece has %" PRIu64
			" bytes, %" PRIu64 " too few",
			PVL_X86_LINUX_LOW_NEEDED >> 10, low, PVL_X86_LINUX_LOW_NEEDED - low);
	return PVHLOAD_OK;
}
