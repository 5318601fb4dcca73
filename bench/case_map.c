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

const struct bench_case map_cases[] = {
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
