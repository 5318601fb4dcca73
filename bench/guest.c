/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* What a VMM does: open the kernel and load it, with a gigabyte of RAM in one slot. */
#include "bench.h"

#include <sys/mman.h>

#define SMALL_PAGE 4096u

/* An older library has not: */
#pragma weak pvhload_boot_load
#pragma weak pvhload_image_share

static struct pvhload_source source_of(const struct bench *b)
{
	struct pvhload_source source = pvhload_source_fd(b->input.fd);

	if (b->c->input == INPUT_BUFFER)
		return pvhload_source_buffer(b->input.bytes, b->input.size);
	if (b->c->input == INPUT_UNCHANGING)
		source.flags |= PVHLOAD_SOURCE_UNCHANGING;
	return source;
}

int guest_open(struct bench *b)
{
	const struct pvhload_source source = source_of(b);

	return pvhload_image_open(&source, NULL, &b->image, &b->err) ? -1 : 0;
}

/* To be kept: decoded once, for all guests. */
int guest_share(struct bench *b)
{
	return guest_open(b) || pvhload_image_share(b->image, &b->err) ? -1 : 0;
}

/* In one call where the library has it, unless the case is about two. */
static int plan_and_commit(struct bench *b, const struct pvhload_boot_config *config,
			   const struct pvhload_memory *mem)
{
	if (pvhload_boot_load && !b->c->planned)
		return pvhload_boot_load(config, mem, &b->plan, &b->err) ? -1 : 0;
	if (pvhload_boot_plan(config, &b->plan, &b->err))
		return -1;
	return pvhload_plan_commit(b->plan, mem, &b->err) ? -1 : 0;
}

/* Fresh memory is zero, as a VMM knows and says. */
int guest_fill(struct bench *b, const struct pvhload_memory_ops *ops)
{
	struct pvhload_ram_slot slot = {
		.size = RAM_SIZE,
		.host = b->ram.host,
		.flags = b->c->slot_flags | (b->ram.kind == RAM_WARM ? 0 : PVHLOAD_RAM_SLOT_ZEROED),
	};
	struct pvhload_memmap_x86 x86 = PVHLOAD_MEMMAP_X86_INIT;
	struct pvhload_boot_config config = PVHLOAD_BOOT_CONFIG_INIT;
	struct pvhload_memory mem = PVHLOAD_MEMORY_INIT;
	struct pvhload_memmap map = PVHLOAD_MEMMAP_INIT;
	struct pvhload_memmap_entry entries[8];

	map.entries = entries;
	map.capacity = sizeof(entries) / sizeof(entries[0]);
	x86.ram_size = RAM_SIZE;
	if (pvhload_memmap_init_x86(&x86, &map, &b->err))
		return -1;
	mem.ops = ops;
	mem.user = &slot;
	mem.flags = b->c->memory_flags | (b->ram.kind == RAM_WARM ? 0 : PVHLOAD_MEMORY_ZEROED);
	config.image = b->image;
	config.memmap = &map;
	config.cmdline = "console=ttyS0";
	config.protocol = PVHLOAD_PROTOCOL_PVH;
	config.pool = b->c->threads ? &two_threads : NULL;
	return plan_and_commit(b, &config, &mem);
}

static int map_file(void *user, uint64_t gpa, int fd, uint64_t offset, uint64_t len)
{
	const struct pvhload_ram_slot *slot = user;
	void *at = (uint8_t *)slot->host + gpa;
	const void *mapped =
		mmap(at, len, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_FIXED, fd, (off_t)offset);

	return mapped == at ? 0 : -1;
}

int guest_map(struct bench *b)
{
	const struct pvhload_memory_ops *flat = pvhload_ram_flat_ops();
	struct pvhload_memory_ops ops = PVHLOAD_MEMORY_OPS_INIT;

	ops.write = flat->write;
	ops.read = flat->read;
	ops.zero = flat->zero;
	ops.host_ptr = flat->host_ptr;
	ops.map_file = map_file;
	return guest_fill(b, &ops);
}

/* As a guest that reads all of its kernel: a byte of each page. */
void guest_read_kernel(const struct bench *b)
{
	const struct pvhload_image_elf *elf = b->reference.elf;

	for (size_t i = 0; i < elf->segment_count; i++)
		for (uint64_t at = 0; at < elf->segments[i]->file_size; at += SMALL_PAGE)
			(void)((volatile uint8_t *)b->ram.host)[elf->segments[i]->gpa + at];
}

/* From the opened file to a guest that is ready to run. */
int guest_load(struct bench *b)
{
	return guest_open(b) ? -1 : guest_fill(b, pvhload_ram_flat_ops());
}

void guest_free_plan(struct bench *b)
{
	pvhload_plan_free(b->plan);
	b->plan = NULL;
}

void guest_finish(struct bench *b)
{
	guest_free_plan(b);
	pvhload_image_close(b->image);
	b->image = NULL;
}
