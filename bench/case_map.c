/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* An ELF file that is mapped into the guest, not copied: the map_file callback of a VMM. */
#include "bench.h"

#include <string.h>
#include <sys/mman.h>

#define SMALL_PAGE 4096u

static int map_file(void *user, uint64_t gpa, int fd, uint64_t offset, uint64_t len)
{
	const struct pvhload_ram_slot *slot = user;
	void *at = (uint8_t *)slot->host + gpa;

	return mmap(at, len, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_FIXED, fd, (off_t)offset) ==
			       at
		       ? 0
		       : -1;
}

static int map_kernel(struct bench *b)
{
	struct pvhload_memory_ops ops = PVHLOAD_MEMORY_OPS_INIT;
	const struct pvhload_memory_ops *flat = pvhload_ram_flat_ops();

	ops.write = flat->write;
	ops.read = flat->read;
	ops.zero = flat->zero;
	ops.host_ptr = flat->host_ptr;
	ops.map_file = map_file;
	return guest_open(b) ? -1 : guest_fill(b, &ops);
}

/* As a guest that reads all of its kernel. */
static int map_and_read(struct bench *b)
{
	const struct pvhload_image_elf *elf = b->reference.elf;

	if (map_kernel(b))
		return -1;
	for (size_t i = 0; i < elf->segment_count; i++)
		for (uint64_t at = 0; at < elf->segments[i]->file_size; at += SMALL_PAGE)
			(void)((volatile uint8_t *)b->ram.host)[elf->segments[i]->gpa + at];
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
