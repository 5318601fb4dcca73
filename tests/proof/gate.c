/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * The gate to guest memory.  The map is each one of two entries in the first SMALL bytes, as maps() has them, which touch,
 * overlap or do neither, and of which one may not be RAM; and of two such entries of RAM in the last bytes of 64 bits, with
 * a ROM that may be written in the byte after them.  Any address, and any length but 0.
 *
 * Proved: a callback is called for bytes that are all RAM, or all that ROM, and for no others, a pointer into memory being
 * asked for likewise; what is all RAM, or all ROM, is let through.
 *
 * with: src/memory/access.c src/memory/ram.c src/memory/memmap.c src/core/range.c src/core/sized.c tests/proof/error_model.c
 * eva: -eva-domains octagon -eva-split-return-function pvl_range_make:full -eva-slevel-merge-after-loop main,maps,lengths,addresses
 * proves: pvl_memory_check pvl_memory_write pvl_memory_read pvl_memory_zero pvl_memory_map_file pvl_memory_host_ptr
 * proves: pvl_memory_begin_region callback_status pvl_ram_init_in pvl_ram_contains last_at_or_below pvl_ram_until
 */
#include "memory/access.h"

#define SMALL 3u

static uint64_t base;
static struct pvhload_memmap_entry entries[2];
static bool rom_is_next;

/* The access that is made now, and whether it is all RAM, or all ROM. */
static uint64_t at, bytes;
static bool all;

static bool is_ram(uint64_t gpa)
{
	for (size_t i = 0; i < 2; i++)
		if (entries[i].type == PVHLOAD_MEMMAP_RAM && gpa >= entries[i].gpa &&
		    gpa - entries[i].gpa < entries[i].size)
			return true;
	return false;
}

static bool is_all_ram(uint64_t gpa, uint64_t len)
{
	if (len > SMALL + 1 || len > UINT64_MAX - gpa)
		return false;
	for (uint64_t i = 0; i < len; i++)
		if (!is_ram(gpa + i))
			return false;
	return true;
}

/* What each callback does: it may return anything. */
static int called(uint64_t gpa, uint64_t len)
{
	/*@ assert all && gpa == at && len == bytes && len > 0; */
	return Frama_C_interval(INT32_MIN, INT32_MAX);
}

static int write(void *user, uint64_t gpa, const void *src, size_t len)
{
	return called(gpa, len);
}

static int read(void *user, uint64_t gpa, void *dst, size_t len)
{
	return called(gpa, len);
}

static int zero(void *user, uint64_t gpa, uint64_t len)
{
	return called(gpa, len);
}

static int map_file(void *user, uint64_t gpa, int fd, uint64_t offset, uint64_t len)
{
	return called(gpa, len);
}

static void *host_ptr(void *user, uint64_t gpa, uint64_t len)
{
	(void)called(gpa, len);
	return NULL;
}

static int begin_region(void *user, const struct pvhload_plan_region *region)
{
	return Frama_C_interval(INT32_MIN, INT32_MAX);
}

static void access(const struct pvl_memory *mem, uint64_t gpa, uint64_t len)
{
	struct pvhload_error err = PVHLOAD_ERROR_INIT;
	enum pvhload_status status;
	bool mapped;
	uint8_t byte;

	at = gpa;
	bytes = len;
	all = is_all_ram(gpa, len) || (rom_is_next && gpa == base + SMALL && len == 1);
	status = pvl_memory_check(mem, gpa, len, &err);
	/*@ assert status == 0 <==> all; */
	if (len <= SIZE_MAX) {
		(void)pvl_memory_write(mem, gpa, &byte, (size_t)len, NULL);
		(void)pvl_memory_read(mem, gpa, &byte, (size_t)len, NULL);
	}
	(void)pvl_memory_zero(mem, gpa, len, NULL);
	(void)pvl_memory_map_file(mem, gpa, 0, 0, len, &mapped, NULL);
	(void)pvl_memory_host_ptr(mem, gpa, len);
}

/* Lengths from 1 on: each small one, and all others. */
static void lengths(const struct pvl_memory *mem, uint64_t gpa)
{
	for (uint64_t len = 1; len <= SMALL + 1; len++)
		access(mem, gpa, len);
	access(mem, gpa, Frama_C_unsigned_long_long_interval(SMALL + 2, UINT64_MAX));
}

/* Addresses: each of [0, SMALL + 1] from @base on, all above, and all below. */
static void addresses(const struct pvl_memory *mem)
{
	for (uint64_t at = 0; at <= SMALL + 1; at++)
		lengths(mem, base + at);
	if (base < UINT64_MAX - SMALL - 1)
		lengths(mem, Frama_C_unsigned_long_long_interval(base + SMALL + 2, UINT64_MAX));
	if (base > 0)
		lengths(mem, Frama_C_unsigned_long_long_interval(0, base - 1));
}

static void one_map(void)
{
	struct pvl_range ranges[2];
	const struct pvhload_memmap map = { sizeof(map), entries, 2, 2, 0 };
	const struct pvhload_memory_ops ops = { sizeof(ops), write,    read,        zero,
						host_ptr,    map_file, begin_region };
	struct pvl_ram ram;
	struct pvl_memory mem = { ops, NULL, &ram, NULL, 0, { 0, 0 }, 0 };

	if (rom_is_next)
		mem.rom = (struct pvl_range){ base + SMALL, base + SMALL + 1 };
	pvl_ram_init_in(&map, ranges, &ram);
	addresses(&mem);
}

/* The first entry is any of the three bytes' ranges, and RAM; the second each of the first @count here. */
static void maps(size_t count)
{
	static const struct pvl_range first[] = { { 0, 1 }, { 0, 2 }, { 0, 3 },
						  { 1, 2 }, { 1, 3 }, { 2, 3 } };
	static const struct pvhload_memmap_entry second[] = {
		{ 0, 1, PVHLOAD_MEMMAP_RAM, 0 },
		{ 2, 1, PVHLOAD_MEMMAP_RAM, 0 },
		{ 1, 1, PVHLOAD_MEMMAP_RESERVED, 0 },
	};

	for (size_t a = 0; a < 6; a++)
		for (size_t b = 0; b < count; b++) {
			entries[0] = (struct pvhload_memmap_entry){ base + first[a].start,
								    first[a].end - first[a].start,
								    PVHLOAD_MEMMAP_RAM, 0 };
			entries[1] = second[b];
			entries[1].gpa += base;
			one_map();
		}
}

/* Callbacks that a caller need not have. */
static void optional(void)
{
	struct pvl_memory mem = { .ops.begin_region = begin_region };
	const struct pvhload_plan_region region = { 0 };

	(void)pvl_memory_begin_region(&mem, &region, NULL);
	mem.ops.begin_region = NULL;
	(void)pvl_memory_host_ptr(&mem, 0, 1);
	(void)pvl_memory_begin_region(&mem, &region, NULL);
}

int main(void)
{
	maps(3);
	base = UINT64_MAX - SMALL - 1;
	rom_is_next = true;
	maps(1);
	optional();
	return 0;
}
