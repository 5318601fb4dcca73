/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* What several cases have: memory, a map of many entries, a plan, a bzImage. */
#include "costs.h"

#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#define SECTOR       512u
#define BZIMAGE_SIZE (8 * SECTOR)
#define HEADER_END   0x268u
#define CMDLINE_MAX  2047u
#define PAGE         ((size_t)4096)

uint8_t *cost_ram;
struct pvhload_boot_config cost_config;

static struct pvhload_plan *plan;
static struct pvhload_memory *memory;

void must_be(enum pvhload_status status, enum pvhload_status expected)
{
	if (status != expected)
		fprintf(stderr, "bench: %s, not %s: %s\n", pvhload_status_name(status),
			pvhload_status_name(expected), stage_error.message);
	must_hold(status == expected, "another status");
}

void *cost_zeros(size_t size)
{
	void *p = mmap(NULL, size, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	must_hold(p != MAP_FAILED, "no memory");
	return p;
}

char *cost_text(size_t length)
{
	char *text = cost_zeros(length + 1);

	memset(text, 'a', length);
	return text;
}

void cost_put(uint8_t *at, uint64_t value, size_t size)
{
	for (; size > 0; size--, value >>= 8)
		*at++ = (uint8_t)value;
}

struct pvhload_memory *cost_memory(size_t size)
{
	static struct pvhload_memmap_entry ram;
	static struct pvhload_memmap map = { sizeof(map), &ram, 1, 1, 0 };
	static struct pvhload_ram_slot slot;
	static struct pvhload_memory made = PVHLOAD_MEMORY_INIT;

	memory = &made;
	cost_ram = cost_zeros(size);
	ram = (struct pvhload_memmap_entry){ 0, size, PVHLOAD_MEMMAP_RAM, 0 };
	slot = (struct pvhload_ram_slot){ .size = size, .host = cost_ram };
	memory->ops = pvhload_ram_flat_ops();
	memory->user = &slot;
	memory->memmap = &map;
	return memory;
}

struct pvhload_memmap *cost_pieces(size_t count)
{
	struct pvhload_memmap *map = stage_map();

	map->entries[0] =
		(struct pvhload_memmap_entry){ 0, PVHLOAD_X86_EBDA_GPA, PVHLOAD_MEMMAP_RAM, 0 };
	map->entries[1] =
		(struct pvhload_memmap_entry){ MIB, PIECES_GPA - MIB, PVHLOAD_MEMMAP_RAM, 0 };
	for (map->count = 2; map->count < count; map->count++)
		map->entries[map->count] =
			(struct pvhload_memmap_entry){ PIECES_GPA + (map->count - 1) * PIECE_EVERY,
						       PIECE_SIZE, PVHLOAD_MEMMAP_RAM, 0 };
	map->checked = 0;
	stage_shuffle(map->entries, map->count);
	return map;
}

void cost_prepare_plan(size_t entries)
{
	static struct pvhload_source kernel;

	kernel = stage_kernel();
	cost_config = (struct pvhload_boot_config)PVHLOAD_BOOT_CONFIG_INIT;
	cost_config.kernel = &kernel;
	cost_config.memmap = cost_pieces(entries);
}

void cost_prepare_modules(size_t count, size_t text_length, bool sized)
{
	static const uint8_t pages[16] = { 1, 8, 15, 5, 12, 2, 9, 16, 6, 13, 3, 10, 17, 7, 14, 4 };
	static struct pvhload_boot_module modules[PVHLOAD_PVH_MODULES_MAX];
	static struct pvhload_source sources[PVHLOAD_PVH_MODULES_MAX];
	const char *text = cost_text(text_length);
	const void *bytes = cost_zeros(sized ? 17 * PAGE : 1);

	for (size_t i = 0; i < count; i++) {
		sources[i] = pvhload_source_buffer(bytes, sized ? pages[i % 16] * PAGE : 1);
		modules[i] = (struct pvhload_boot_module){ sizeof(modules[i]), &sources[i], text };
	}
	cost_config.modules = modules;
	cost_config.module_count = count;
	cost_config.flags = PVHLOAD_BOOT_NOT_LINUX;
}

void cost_make_plan(void)
{
	must(pvhload_boot_plan(&cost_config, &plan, &stage_error));
}

void cost_load(void)
{
	must(pvhload_boot_load(&cost_config, memory, &plan, &stage_error));
}

void cost_drop_plan(void)
{
	pvhload_plan_free(plan);
}

struct pvhload_source cost_bzimage(uint32_t cmdline_max)
{
	static uint8_t file[BZIMAGE_SIZE];
	const struct {
		uint32_t offset, value;
		size_t size;
	} fields[] = {
		{ 0x1ef, 0xffff, 2 },
		{ PVHLOAD_SETUP_SYSSIZE, (BZIMAGE_SIZE - 5 * SECTOR) / 16, 4 },
		{ PVHLOAD_SETUP_BOOT_FLAG, PVHLOAD_SETUP_BOOT_FLAG_VALUE, 2 },
		{ PVHLOAD_SETUP_JUMP, 0xeb | (HEADER_END - 0x202) << 8, 2 },
		{ PVHLOAD_SETUP_MAGIC, PVHLOAD_SETUP_MAGIC_VALUE, 4 },
		{ PVHLOAD_SETUP_VERSION, 0x20f, 2 },
		{ PVHLOAD_SETUP_LOADFLAGS, PVHLOAD_LOADFLAG_LOADED_HIGH, 1 },
		{ PVHLOAD_SETUP_CODE32_START, 0x100000, 4 },
		{ PVHLOAD_SETUP_INITRD_ADDR_MAX, 0x7fffffff, 4 },
		{ PVHLOAD_SETUP_ALIGNMENT, 0x200000, 4 },
		{ PVHLOAD_SETUP_RELOCATABLE, 1, 1 },
		{ PVHLOAD_SETUP_MIN_ALIGNMENT, 21, 1 },
		{ PVHLOAD_SETUP_XLOADFLAGS, 0x7f, 2 },
		{ PVHLOAD_SETUP_CMDLINE_SIZE, cmdline_max ? cmdline_max : CMDLINE_MAX, 4 },
		{ PVHLOAD_SETUP_PREF_ADDRESS, 0x1000000, 8 },
		{ PVHLOAD_SETUP_INIT_SIZE, 0x3000000, 4 },
	};

	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
		cost_put(file + fields[i].offset, fields[i].value, fields[i].size);
	return pvhload_source_buffer(file, sizeof(file));
}
