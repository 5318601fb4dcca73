/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* Random RAM maps: like a PC's, and like nothing that was ever built. */
#include "scene_map.h"

#define KIB (UINT64_C(1) << 10)
#define MIB (UINT64_C(1) << 20)
#define GIB (UINT64_C(1) << 30)

static void add_entry(struct pvhload_memmap *map, uint64_t start, uint64_t end, uint32_t type)
{
	if (start < end && map->count < map->capacity)
		map->entries[map->count++] =
			(struct pvhload_memmap_entry){ start, end - start, type, 0 };
}

/* As a PC has it, with the odd thing missing. */
static void add_pc(struct pvhload_memmap *map, struct random *r)
{
	static const uint64_t ebda[] = { 640 * KIB, 639 * KIB, 639 * KIB, 639 * KIB,
					 512 * KIB, 100 * KIB, 92 * KIB,  91 * KIB };
	static const uint64_t holes[] = { 3 * GIB, 3 * GIB, 2 * GIB, GIB, 0xd0000000, 0xfec00000 };
	const uint64_t hole = random_of(r, holes);
	const unsigned int least = random_one_in(r, 6) ? 20 : 25;
	const unsigned int most = random_one_in(r, 8) ? 44 : 33;
	const uint64_t ram = random_size(r, least, most) & ~UINT64_C(0xfff);
	const uint64_t below = GIB * (1 + random_below(r, 16));
	const uint64_t above = GIB * (1 + random_below(r, 16));
	uint64_t low = random_of(r, ebda);

	if (random_one_in(r, 25))
		low = random_size(r, 9, 18);
	if (!random_one_in(r, 30))
		add_entry(map, random_one_in(r, 20) ? random_size(r, 3, 17) : 0, low, 1);
	if (random_one_in(r, 3))
		add_entry(map, low, 640 * KIB, 2);
	if (random_one_in(r, 3))
		add_entry(map, 0xe0000, MIB, 2);
	if (!random_one_in(r, 20))
		add_entry(map, MIB, MIB + ram < hole ? MIB + ram : hole, 1);
	if (ram > hole)
		add_entry(map, 4 * GIB, 4 * GIB + ram - hole + random_below(r, 2), 1);
	if (random_one_in(r, 30))
		add_entry(map, (UINT64_C(1) << 46) - below, (UINT64_C(1) << 46) + above, 1);
}

/* RAM, holes and other types, one after the other. */
static void add_chain(struct pvhload_memmap *map, struct random *r)
{
	static const uint32_t types[] = { 1, 1, 1, 1, 2, 3, 4, 5, 7, 12 };
	const uint64_t grain = random_one_in(r, 4) ? 1 : random_one_in(r, 3) ? 512 : 4096;
	const size_t count = 1 + (size_t)random_below(r, random_one_in(r, 6) ? 200 : 12);
	const unsigned int most = count > 20 ? 24 : 32;
	uint64_t at = random_one_in(r, 3) ? random_size(r, 3, 20) / grain * grain : 0;

	if (!random_one_in(r, 10)) {
		at = random_one_in(r, 8) ? random_size(r, 3, 17) : 0;
		add_entry(map, at, 640 * KIB, 1);
		at = random_one_in(r, 2) ? 640 * KIB : MIB;
	}
	for (size_t i = 0; i < count; i++) {
		const uint64_t size = random_size(r, 9, most) / grain * grain;

		if (size == 0)
			continue;
		add_entry(map, at, at + size, random_of(r, types));
		at += size;
		if (random_one_in(r, 2))
			at += random_size(r, 9, most) / grain * grain;
	}
}

/* Cut a piece of another type out of an entry, or split it in two. */
static void cut(struct pvhload_memmap *map, struct random *r)
{
	struct pvhload_memmap_entry *const e = &map->entries[random_below(r, map->count)];
	const uint64_t end = e->gpa + e->size;
	uint64_t from, size;

	if (map->count + 2 > map->capacity || e->size < 3)
		return;
	from = e->gpa + 1 + random_below(r, e->size - 1);
	if (!random_one_in(r, 4) && from - from % 4096 > e->gpa)
		from -= from % 4096;
	size = random_size(r, 0, 24);
	e->size = from - e->gpa;
	if (random_one_in(r, 4))
		size = 0; /* two that touch */
	else if (random_one_in(r, 2))
		add_entry(map, from, size < end - from ? from + size : end, 2);
	if (size < end - from)
		add_entry(map, from + size, end, e->type);
}

static void shuffle(struct pvhload_memmap *map, struct random *r)
{
	for (size_t i = map->count; i > 1; i--) {
		const size_t other = (size_t)random_below(r, i);
		const struct pvhload_memmap_entry e = map->entries[i - 1];

		map->entries[i - 1] = map->entries[other];
		map->entries[other] = e;
	}
}

void scene_map_make(struct pvhload_memmap *map, struct random *r)
{
	map->count = 0;
	while (map->count == 0) {
		if (random_one_in(r, 3))
			add_chain(map, r);
		else
			add_pc(map, r);
	}
	for (uint64_t cuts = random_one_in(r, 2) ? random_below(r, 6) : 0; cuts > 0; cuts--)
		cut(map, r);
	if (random_one_in(r, 25))
		for (size_t i = 0; i < 150; i++)
			cut(map, r);
	if (random_one_in(r, 3))
		shuffle(map, r);
}

/* Where RAM begins. */
static uint64_t first_bank(struct random *r)
{
	static const uint64_t bases[] = { GIB,     GIB,        GIB,         2 * GIB,   2 * GIB,
					  2 * GIB, 0x80200000, 0x880000000, 256 * GIB, 0 };

	const uint64_t grain = random_one_in(r, 4) ? 8 : 4096;

	return random_one_in(r, 5) ? random_size(r, 12, 40) / grain * grain : random_of(r, bases);
}

static uint64_t bank_size(struct random *r)
{
	const uint64_t size = random_size(r, random_one_in(r, 4) ? 14 : 22, 33);

	return size & ~(random_one_in(r, 6)   ? UINT64_C(0)
			: random_one_in(r, 2) ? UINT64_C(0xfff)
					      : UINT64_C(0x1fffff));
}

void scene_map_make_banks(struct pvhload_memmap *map, struct random *r)
{
	static const uint32_t others[] = { 2, 5, 7, 12 };
	uint64_t at = first_bank(r);

	map->count = 0;
	do {
		for (uint64_t n = random_one_in(r, 2) ? 1 : 1 + random_below(r, 4); n > 0; n--) {
			const uint64_t size = bank_size(r);

			add_entry(map, at, at + size,
				  random_one_in(r, 12) ? random_of(r, others) : 1);
			at += size;
			if (!random_one_in(r, 4))
				at += random_size(r, 12, random_one_in(r, 4) ? 38 : 32) &
				      ~UINT64_C(0xfff);
		}
	} while (map->count == 0);
	if (random_one_in(r, 20))
		add_entry(map, UINT64_C(1) << 46, (UINT64_C(1) << 48) + bank_size(r), 1);
	for (uint64_t cuts = random_one_in(r, 3) ? random_below(r, 6) : 0; cuts > 0; cuts--)
		cut(map, r);
	if (random_one_in(r, 3))
		shuffle(map, r);
}
