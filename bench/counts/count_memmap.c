/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* Ranges taken out of RAM, one after the other. */
#include "counts.h"

#define FEW    1000u
#define MANY   4096u
#define FIRST  (16 * MIB)
#define STRIDE 0x10000u
#define SIZE   0x1000u

static struct pvhload_memmap *map;
static size_t before;

static void prepare_map(void)
{
	map = stage_map();
	before = map->count;
}

static void reserve(size_t i)
{
	must(pvhload_memmap_reserve(map, FIRST + i * STRIDE, SIZE, PVHLOAD_MEMMAP_RESERVED,
				    &stage_error));
}

static void reserve_up(void)
{
	for (size_t i = 0; i < FEW; i++)
		reserve(i);
}

static void reserve_down(void)
{
	for (size_t i = MANY; i > 0; i--)
		reserve(i - 1);
}

/* Each splits an entry in two and adds one of its own. */
static void check_up(void)
{
	must_hold(map->count == before + 2 * (size_t)FEW, "the map has another number of entries");
}

static void check_down(void)
{
	must_hold(map->count == before + 2 * (size_t)MANY, "the map has another number of entries");
}

const struct scene memmap_scenes[] = {
	{ "reserve-1000", "1,000 reservations, ascending", 2000000, prepare_map, reserve_up,
	  check_up },
	{ "reserve-4096", "4,096 reservations, descending", 10000000, prepare_map, reserve_down,
	  check_down },
	{ 0 },
};
