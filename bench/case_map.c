/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* An ELF file that is mapped into the guest, not copied: the map_file callback of a VMM. */
#include "bench.h"

static int map_kernel(struct bench *b)
{
	return guest_open(b) ? -1 : guest_map(b);
}

static int map_and_read(struct bench *b)
{
	if (map_kernel(b))
		return -1;
	guest_read_kernel(b);
	return 0;
}

/* Of an image that is shared already, as the second of many guests. */
static int map_shared_and_read(struct bench *b)
{
	if (guest_fill(b, pvhload_ram_flat_ops()))
		return -1;
	guest_read_kernel(b);
	return 0;
}

/* By the stock backend, from a sealed memfd: all of it, or what the guest will not write soon. */
#define STOCK(what, kind, flags, most)                                                         \
	{                                                                                      \
		.name = "map/" what, .over = "pread of its segments, fresh", .kernel = "6.12", \
		.file = "vmlinux", .input = INPUT_MEMFD, .ram = (kind), .limit_fresh = true,   \
		.slot_flags = PVHLOAD_RAM_SLOT_MAP, .memory_flags = (flags), .target = (most), \
		.needs = "pvhload_image_share", .measured = guest_load, .limit = limit_pread,  \
		.finish = guest_finish                                                         \
	}

const struct bench_case map_cases[] = {
	STOCK("slots/fresh", RAM_FRESH, 0, 0.0035),
	STOCK("steady/fresh", RAM_FRESH, PVHLOAD_MEMORY_MAP_STEADY, 0.32),
	STOCK("steady/huge", RAM_HUGE, PVHLOAD_MEMORY_MAP_STEADY, 0.23),
	{ .name = "map/slots-read/fresh",
	  .over = "pread of its segments",
	  .kernel = "6.12",
	  .file = "vmlinuz",
	  .ram = RAM_FRESH,
	  .slot_flags = PVHLOAD_RAM_SLOT_MAP,
	  .target = 0.025,
	  .needs = "pvhload_image_share",
	  .prepare = guest_share,
	  .measured = map_shared_and_read,
	  .limit = limit_pread,
	  .finish = guest_free_plan },
	{ .name = "map/elf/fresh",
	  .over = "pread of its segments",
	  .kernel = "6.12",
	  .file = "vmlinux",
	  .ram = RAM_FRESH,
	  .target = 0.0035,
	  .measured = map_kernel,
	  .limit = limit_pread,
	  .finish = guest_finish },
	{ .name = "map/elf-read/fresh",
	  .over = "pread of its segments",
	  .kernel = "6.12",
	  .file = "vmlinux",
	  .ram = RAM_FRESH,
	  .target = 0.025,
	  .measured = map_and_read,
	  .limit = limit_pread,
	  .finish = guest_finish },
	{ 0 },
};
