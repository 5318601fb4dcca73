/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* Maps that are edited by many calls, and by hand between them, held against a model: a type for each address. */
#include "suite.h"

#define SPAN     1024u
#define CAPACITY 96u
#define MANY     4096u
#define RAM      PVHLOAD_MEMMAP_RAM
#define RSVD     PVHLOAD_MEMMAP_RESERVED

struct fixture {
	struct pvhload_memmap_entry entries[CAPACITY];
	struct pvhload_memmap map;
	uint8_t types[SPAN]; /* 0: in no entry */
	uint64_t random;
};

static uint64_t next_random(struct fixture *f, uint64_t below)
{
	f->random = f->random * 6364136223846793005ull + 1442695040888963407ull;
	return (f->random >> 33) % below;
}

static void begin(struct fixture *f, uint64_t seed)
{
	memset(f, 0, sizeof(*f));
	f->map = (struct pvhload_memmap)PVHLOAD_MEMMAP_INIT;
	f->map.entries = f->entries;
	f->map.capacity = CAPACITY;
	f->random = seed;
}

/* The map says of each address what the model does, and of its order no more than is true. */
static bool is_as_modelled(const struct fixture *f)
{
	uint8_t types[SPAN] = { 0 };
	uint64_t end = 0;

	for (size_t i = 0; i < f->map.count; i++) {
		const struct pvhload_memmap_entry *e = &f->entries[i];

		if (i < f->map.checked && e->gpa < end)
			return false;
		end = e->gpa + e->size;
		for (uint64_t at = e->gpa; at < end; at++) {
			if (types[at] != 0)
				return false;
			types[at] = (uint8_t)e->type;
		}
	}
	return memcmp(types, f->types, sizeof(types)) == 0;
}

/* What a call has to answer, but for the capacity. */
static enum pvhload_status expected(const struct fixture *f, uint64_t gpa, uint64_t size,
				    bool reserves)
{
	for (uint64_t at = gpa; at < gpa + size; at++)
		if (f->types[at] != 0 && !(reserves && f->types[at] == RAM))
			return PVHLOAD_E_OVERLAP;
	return PVHLOAD_OK;
}

static void call(struct fixture *f, uint64_t gpa, uint64_t size, uint32_t type, bool reserves)
{
	const struct fixture before = *f;
	const enum pvhload_status right = expected(f, gpa, size, reserves);
	struct pvhload_error err = PVHLOAD_ERROR_INIT;
	const enum pvhload_status status =
		reserves ? pvhload_memmap_reserve(&f->map, gpa, size, type, &err)
			 : pvhload_memmap_add(&f->map, gpa, size, type, &err);

	if (status != PVHLOAD_E_CAPACITY)
		ck_assert_int_eq(status, right);
	else
		ck_assert_uint_ge(f->map.count + 2, CAPACITY);
	if (status != PVHLOAD_OK) {
		ck_assert_mem_eq(&before, f, sizeof(before));
		return;
	}
	memset(&f->types[gpa], (int)type, (size_t)size);
	ck_assert(is_as_modelled(f));
	if (reserves)
		ck_assert_uint_eq(f->map.checked, f->map.count);
}

/* What a caller may do to its own array: take entries away, append one, change their order or one's type. */
static void edit(struct fixture *f)
{
	struct pvhload_memmap_entry *e = &f->entries[next_random(f, f->map.count)];
	struct pvhload_memmap_entry *last = &f->entries[f->map.count - 1];
	const struct pvhload_memmap_entry moved = *e;

	switch (next_random(f, 3)) {
	case 0:
		memset(&f->types[last->gpa], 0, (size_t)last->size);
		f->map.count--;
		return;
	case 1:
		*e = *last;
		*last = moved;
		break;
	default:
		e->type = e->type == RAM ? RSVD : RAM;
		memset(&f->types[e->gpa], (int)e->type, (size_t)e->size);
	}
	f->map.checked = 0;
}

static void random_call(struct fixture *f)
{
	const uint64_t gpa = next_random(f, SPAN);
	const uint64_t most = next_random(f, 4) == 0 ? 200 : 12;
	const uint64_t size = 1 + next_random(f, most < SPAN - gpa ? most : SPAN - gpa);
	const bool reserves = next_random(f, 3) != 0;

	call(f, gpa, size, reserves ? RSVD + (uint32_t)next_random(f, 2) : RAM, reserves);
}

START_TEST(random_calls)
{
	struct fixture f;

	for (uint64_t seed = 0; seed < 60; seed++) {
		begin(&f, seed);
		if (seed % 2 == 0)
			call(&f, 10, SPAN - 20, RAM, false);
		for (size_t i = 0; i < 150; i++) {
			random_call(&f);
			if (seed % 3 == 0 && i % 7 == 0 && f.map.count > 0)
				edit(&f);
			if (i % 50 == 49)
				ck_assert_int_eq(pvhload_memmap_normalize(&f.map, NULL),
						 PVHLOAD_OK);
			ck_assert(is_as_modelled(&f));
		}
	}
}
END_TEST

/* One inside another's gap, touching, over several: from either end, in the middle. */
START_TEST(ordered_calls)
{
	struct fixture f;

	begin(&f, 0);
	call(&f, 0, SPAN, RAM, false);
	for (uint64_t at = 0; at < 120; at += 8)
		call(&f, at, 4, RSVD, true);
	for (uint64_t at = SPAN - 8; at > SPAN - 120; at -= 8)
		call(&f, at, 8, RSVD, true);
	for (uint64_t i = 0; i < 10; i++)
		call(&f, 500 - 8 * i, 2 + 16 * i, RSVD,
		     i == 0);       /* nested: refused but for the first */
	call(&f, 4, 4, RSVD, true); /* all of an entry */
	call(&f, 130, 300, RSVD, true);
}
END_TEST

/* What is wrongly said to be in order: no more than an error, or a map that a check refuses. */
START_TEST(wrong_state)
{
	struct fixture f;

	for (uint64_t seed = 0; seed < 500; seed++) {
		begin(&f, seed);
		f.map.count = 1 + (size_t)next_random(&f, 20);
		for (size_t i = 0; i < CAPACITY; i++)
			f.entries[i] = (struct pvhload_memmap_entry){
				next_random(&f, 40) * 0x0f00000000000000,
				next_random(&f, SPAN) << 50, (uint32_t)next_random(&f, 3), 0
			};
		for (size_t i = 0; i < 40; i++) {
			const uint64_t gpa = next_random(&f, 256) << 56;

			f.map.checked = i % 2 == 0 ? f.map.count : SIZE_MAX;
			if (i % 3 == 0)
				(void)!pvhload_memmap_add(&f.map, gpa, 4096, RAM, NULL);
			else
				(void)!pvhload_memmap_reserve(&f.map, gpa, 4096, RSVD, NULL);
			ck_assert(f.map.count <= CAPACITY);
		}
	}
}
END_TEST

/* Thousands: these end soon unless each call looks at each pair of entries. */
static void reserve_many(struct pvhload_memmap *map, bool down)
{
	map->count = map->checked = 0;
	ck_assert_int_eq(pvhload_memmap_add(map, 0, MANY * 0x2000ull, RAM, NULL), PVHLOAD_OK);
	for (uint64_t i = 0; i < MANY; i++) {
		const uint64_t at = (down ? MANY - 1 - i : i) * 0x2000;

		if (pvhload_memmap_reserve(map, at, 0x1000, RSVD, NULL) != PVHLOAD_OK)
			ck_abort_msg("%" PRIu64, i);
	}
	ck_assert_uint_eq(map->count, 2 * MANY);
	ck_assert_uint_eq(map->entries[2 * MANY - 1].gpa, MANY * 0x2000ull - 0x1000);
	ck_assert_uint_eq(pvhload_memmap_ram_size(map), MANY * 0x1000ull);
	ck_assert_int_eq(pvhload_memmap_validate(map, NULL), PVHLOAD_OK);
}

START_TEST(thousands)
{
	static struct pvhload_memmap_entry entries[2 * MANY + 1];
	struct pvhload_memmap map = PVHLOAD_MEMMAP_INIT;
	struct pvhload_error err;

	map.entries = entries;
	map.capacity = 2 * MANY + 1;
	reserve_many(&map, false);
	reserve_many(&map, true);
	for (uint64_t i = 0; i < MANY; i++) /* each 2731st: in no order */
		entries[i] =
			(struct pvhload_memmap_entry){ i * 2731 % MANY * 0x2000, 0x1000, RAM, 0 };
	map.count = MANY;
	map.checked = 0;
	ck_status(PVHLOAD_OK, err, pvhload_memmap_validate(&map, &err));
	/* the last one over the lowest of the first that are looked at together */
	entries[MANY - 1].gpa = 0xfff;
	ck_status(PVHLOAD_E_OVERLAP, err, pvhload_memmap_validate(&map, &err));
	ck_says(err, "RAM [0x0, 0x1000)", "RAM [0xfff, 0x1fff)");
	entries[MANY - 1].gpa = 0xaaa000;
	entries[MANY - 1].size = 0x2001;
	ck_status(PVHLOAD_E_OVERLAP, err, pvhload_memmap_normalize(&map, &err));
	ck_says(err, "RAM [0xaac000, 0xaad000)", "RAM [0xaaa000, 0xaac001)");
	entries[MANY - 1].size = 0x1000;
	ck_status(PVHLOAD_OK, err, pvhload_memmap_add(&map, 0x1000, 0x1000, RAM, &err));
	ck_status(PVHLOAD_OK, err, pvhload_memmap_reserve(&map, 0x3000, 0x1000, RSVD, &err));
	ck_status(PVHLOAD_OK, err, pvhload_memmap_normalize(&map, &err));
	ck_assert_uint_eq(map.count, MANY);
	ck_assert_uint_eq(entries[0].size, 0x3000);
}
END_TEST

/* One entry would become three, for which there is no room: a map that is in no order stays so. */
START_TEST(no_room_in_no_order)
{
	static struct fixture f;
	struct pvhload_memmap_entry before[2];
	struct pvhload_error err;

	begin(&f, 1);
	f.map.capacity = 3;
	ck_status(PVHLOAD_OK, err, pvhload_memmap_add(&f.map, 0x5000, 0x1000, RAM, &err));
	ck_status(PVHLOAD_OK, err, pvhload_memmap_add(&f.map, 0x1000, 0x1000, RAM, &err));
	memcpy(before, f.entries, sizeof(before));
	ck_status(PVHLOAD_E_CAPACITY, err,
		  pvhload_memmap_reserve(&f.map, 0x1800, 0x10, RSVD, &err));
	ck_says(err, "holds 3 entries, but 4 are needed");
	ck_assert_mem_eq(f.entries, before, sizeof(before));
	ck_assert_uint_eq(f.map.count, 2);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("memmap_model");

	ADD_TESTS(suite, "memmap_model", random_calls, ordered_calls, wrong_state, thousands,
		  no_room_in_no_order);
	return run_suite(suite);
}
