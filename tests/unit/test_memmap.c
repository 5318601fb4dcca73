/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* The memory map: what a RAM size becomes, adding, reserving, sorting, checking. */
#include "suite.h"

#define RAM  PVHLOAD_MEMMAP_RAM
#define RSVD PVHLOAD_MEMMAP_RESERVED
#define GIB  (1ull << 30)
#define MAX  16

struct fixture {
	struct pvhload_memmap_entry entries[MAX];
	struct pvhload_memmap map;
};

static void init(struct fixture *f, size_t capacity)
{
	memset(f, 0, sizeof(*f));
	f->map = (struct pvhload_memmap){ sizeof(f->map), f->entries, capacity, 0, 0 };
}

/* The map is exactly @count entries of { addr, size, type }. */
static void expect(const struct fixture *f, size_t count, const uint64_t (*rows)[3])
{
	ck_assert_uint_eq(f->map.count, count);
	for (size_t i = 0; i < count; i++) {
		ck_assert_uint_eq(f->entries[i].gpa, rows[i][0]);
		ck_assert_uint_eq(f->entries[i].size, rows[i][1]);
		ck_assert_uint_eq(f->entries[i].type, rows[i][2]);
		ck_assert_uint_eq(f->entries[i].reserved, 0);
	}
}

#define EXPECT(f, ...)                                                \
	do {                                                          \
		static const uint64_t rows_[][3] = { __VA_ARGS__ };   \
		expect((f), sizeof(rows_) / sizeof(rows_[0]), rows_); \
	} while (0)

/* A refused call leaves the map as it was. */
#define REFUSED(f, status, err, call)                                        \
	do {                                                                 \
		const struct fixture before_ = *(f);                         \
		ck_status(status, err, call);                                \
		ck_assert_int_eq(memcmp(&before_, (f), sizeof(before_)), 0); \
	} while (0)

static void x86(struct fixture *f, uint64_t ram)
{
	struct pvhload_memmap_x86 x86 = { .struct_size = sizeof(x86), .ram_size = ram };
	struct pvhload_error err;

	init(f, MAX);
	ck_status(PVHLOAD_OK, err, pvhload_memmap_init_x86(&x86, &f->map, &err));
	ck_status(PVHLOAD_OK, err, pvhload_memmap_validate(&f->map, &err));
}

/* What a size of RAM becomes: bytes below the EBDA, between 1 MiB and 3 GiB, and above 4 GiB. */
static const struct {
	uint64_t ram_size, low, middle, high;
} sizes[] = {
	{ 4096, 4096, 0, 0 },
	{ 0x100000, 0x9fc00, 0, 0 },
	{ 0x100001, 0x9fc00, 1, 0 },
	{ 256 << 20, 0x9fc00, (256 << 20) - 0x100000, 0 },
	{ 3 * GIB, 0x9fc00, 3 * GIB - 0x100000, 0 },
	{ 3 * GIB + 4096, 0x9fc00, 3 * GIB - 0x100000, 4096 },
	{ 6 * GIB, 0x9fc00, 3 * GIB - 0x100000, 3 * GIB },
	{ 64ull << 40, 0x9fc00, 3 * GIB - 0x100000, (64ull << 40) - 3 * GIB },
};

START_TEST(x86_sizes)
{
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		const uint64_t rows[3][3] = { { 0, sizes[i].low, RAM },
					      { 0x100000, sizes[i].middle, RAM },
					      { 4 * GIB, sizes[i].high, RAM } };
		struct fixture f;

		x86(&f, sizes[i].ram_size);
		expect(&f, sizes[i].high ? 3 : sizes[i].middle ? 2 : 1, rows);
		ck_assert_uint_eq(pvhload_memmap_ram_size(&f.map),
				  sizes[i].low + sizes[i].middle + sizes[i].high);
	}
}
END_TEST

START_TEST(x86_choices)
{
	struct pvhload_memmap_x86 x86 = { .struct_size = sizeof(x86),
					  .ram_size = 4 * GIB,
					  .ebda_gpa = 0xa0000,
					  .hole_gpa = 2 * GIB,
					  .hole_size = 3 * GIB };
	struct pvhload_error err;
	struct fixture f;

	init(&f, 3);
	ck_status(PVHLOAD_OK, err, pvhload_memmap_init_x86(&x86, &f.map, &err));
	EXPECT(&f, { 0, 0xa0000, RAM }, { 0x100000, 2 * GIB - 0x100000, RAM },
	       { 5 * GIB, 2 * GIB, RAM });

	/* a hole right at 1 MiB leaves no middle */
	x86.hole_gpa = 0x100000;
	x86.hole_size = 5 * GIB - 0x100000;
	ck_status(PVHLOAD_OK, err, pvhload_memmap_init_x86(&x86, &f.map, &err));
	EXPECT(&f, { 0, 0xa0000, RAM }, { 5 * GIB, 4 * GIB - 0x100000, RAM });
}
END_TEST

/* The same RAM as slots, which have the low memory that the map leaves out. */
START_TEST(x86_slots)
{
	static const struct {
		uint64_t ram_size, hole_gpa, hole_size;
		struct pvhload_ram_slot slots[2];
		size_t count;
	} cases[] = {
		{ 4096, 0, 0, { { .size = 4096 } }, 1 },
		{ 3 * GIB, 0, 0, { { .size = 3 * GIB } }, 1 },
		{ 3 * GIB + 4096, 0, 0, { { .size = 3 * GIB }, { 4 * GIB, .size = 4096 } }, 2 },
		{ 4 * GIB,
		  2 * GIB,
		  3 * GIB,
		  { { .size = 2 * GIB }, { 5 * GIB, .size = 2 * GIB } },
		  2 },
	};
	uint8_t *host = (uint8_t *)(uintptr_t)0x10000;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct pvhload_memmap_x86 x86 = { .struct_size = sizeof(x86),
							.ram_size = cases[i].ram_size,
							.hole_gpa = cases[i].hole_gpa,
							.hole_size = cases[i].hole_size };
		struct pvhload_ram_slot slots[PVHLOAD_X86_SLOTS_MAX];
		struct pvhload_error err;
		size_t count = 0;

		ck_status(PVHLOAD_OK, err,
			  pvhload_memmap_x86_slots(&x86, host, PVHLOAD_RAM_SLOT_ZEROED, slots, 2,
						   &count, &err));
		ck_assert_uint_eq(count, cases[i].count);
		for (size_t j = 0; j < count; j++) {
			ck_assert_uint_eq(slots[j].gpa, cases[i].slots[j].gpa);
			ck_assert_uint_eq(slots[j].size, cases[i].slots[j].size);
			ck_assert_ptr_eq(slots[j].host, host + (j ? slots[0].size : 0));
			ck_assert_uint_eq(slots[j].flags, PVHLOAD_RAM_SLOT_ZEROED);
		}
		ck_status(PVHLOAD_OK, err,
			  pvhload_memmap_x86_slots(&x86, NULL, 0, slots, count, &count, &err));
		ck_assert_ptr_null(slots[count - 1].host);
		ck_status(PVHLOAD_E_CAPACITY, err,
			  pvhload_memmap_x86_slots(&x86, host, 0, slots, count - 1, &count, &err));
		ck_says(err,
			count == 2 ? "for 1 slots; 2 are needed" : "for 0 slots; 1 are needed");
		ck_assert_ptr_null(slots[0].host);
	}
}
END_TEST

START_TEST(x86_slots_refusals)
{
	const struct pvhload_memmap_x86 good = { .struct_size = sizeof(good), .ram_size = 1 };
	const struct pvhload_memmap_x86 none = { .struct_size = sizeof(none) };
	struct pvhload_ram_slot slot = { .gpa = 7 };
	struct pvhload_error err;
	size_t count = 9;

	ck_status(PVHLOAD_E_USAGE, err,
		  pvhload_memmap_x86_slots(NULL, NULL, 0, &slot, 1, &count, &err));
	ck_status(PVHLOAD_E_USAGE, err,
		  pvhload_memmap_x86_slots(&none, NULL, 0, &slot, 1, &count, &err));
	ck_says(err, "ram_size is 0");
	ck_status(PVHLOAD_E_USAGE, err,
		  pvhload_memmap_x86_slots(&good, NULL, 0, NULL, 1, &count, &err));
	ck_status(PVHLOAD_E_USAGE, err,
		  pvhload_memmap_x86_slots(&good, NULL, 0, &slot, 1, NULL, &err));
	ck_status(PVHLOAD_E_USAGE, err,
		  pvhload_memmap_x86_slots(&good, NULL, 1u << 31, &slot, 1, &count, &err));
	ck_says(err, "an unknown flag for the slots: 0x80000000");
	ck_assert_uint_eq(slot.gpa, 7);
	ck_assert_uint_eq(count, 9);
}
END_TEST

/* What a description of 4 GiB is refused for, with one member changed. */
static const struct {
	struct pvhload_memmap_x86 x86;
	const char *says;
} bad_x86[] = {
	{ { .struct_size = 8, .ram_size = 4 * GIB }, "wrong size" },
	{ { .ram_size = 0 }, "ram_size is 0" },
	{ { .ram_size = UINT64_MAX }, "end of the address space" },
	{ { .ram_size = 4 * GIB, .ebda_gpa = 0xa0001 }, "ebda_gpa 0xa0001 is above 0xa0000" },
	{ { .ram_size = 4 * GIB, .hole_gpa = 0xfffff }, "starts at 0xfffff, below 1 MiB" },
	{ { .ram_size = 4 * GIB, .hole_gpa = 4 * GIB }, "starts at 0x100000000, and has no size" },
	{ { .ram_size = 1, .hole_size = UINT64_MAX }, "end of the address space" },
	{ { .ram_size = 4 * GIB, .hole_size = UINT64_MAX - 3 * GIB }, "end of the address space" },
};

START_TEST(x86_refusals)
{
	struct pvhload_memmap_x86 good = { .struct_size = sizeof(good), .ram_size = 4 * GIB };
	struct pvhload_error err;
	struct fixture f;

	init(&f, 3);
	f.entries[0].gpa = 0x1234;
	for (size_t i = 0; i < sizeof(bad_x86) / sizeof(bad_x86[0]); i++) {
		struct pvhload_memmap_x86 bad = bad_x86[i].x86;

		bad.struct_size = bad.struct_size ? bad.struct_size : sizeof(bad);
		REFUSED(&f, PVHLOAD_E_USAGE, err, pvhload_memmap_init_x86(&bad, &f.map, &err));
		ck_says(err, bad_x86[i].says);
	}
	REFUSED(&f, PVHLOAD_E_USAGE, err, pvhload_memmap_init_x86(NULL, &f.map, &err));
	ck_status(PVHLOAD_E_USAGE, err, pvhload_memmap_init_x86(&good, NULL, &err));

	f.map.capacity = 2;
	REFUSED(&f, PVHLOAD_E_CAPACITY, err, pvhload_memmap_init_x86(&good, &f.map, &err));
	ck_says(err, "holds 2 entries, but 3 are needed");
	f.map.struct_size = 1;
	REFUSED(&f, PVHLOAD_E_USAGE, err, pvhload_memmap_init_x86(&good, &f.map, &err));
}
END_TEST

/* What cannot be added to RAM [0x2000, 0x3000) and reserved [0x1000, 0x2000). */
static const struct {
	uint64_t gpa, size;
	uint32_t type;
	enum pvhload_status status;
	uint64_t err_gpa;
	const char *says;
} bad_entries[] = {
	{ 0x2fff, 1, RAM, PVHLOAD_E_OVERLAP, 0x2fff,
	  "overlap: RAM [0x2000, 0x3000) and RAM [0x2fff, 0x3000)" },
	{ 0, 0x10000, RAM, PVHLOAD_E_OVERLAP, 0x2000, "and RAM [0x0, 0x10000)" },
	{ 0x9000, 0, RAM, PVHLOAD_E_MEMMAP, 0x9000, "at 0x9000 has size 0" },
	{ 0x9000, 1, 0, PVHLOAD_E_MEMMAP, 0x9000, "type 0" },
	{ UINT64_MAX, UINT64_MAX, RAM, PVHLOAD_E_MEMMAP, UINT64_MAX, "end of the address space" },
	{ UINT64_MAX, 1, RAM, PVHLOAD_E_MEMMAP, UINT64_MAX, "end of the address space" },
};

START_TEST(adding)
{
	struct pvhload_error err;
	struct fixture f;

	init(&f, 3);
	ck_status(PVHLOAD_OK, err, pvhload_memmap_add(&f.map, 0x2000, 0x1000, RAM, &err));
	ck_status(PVHLOAD_OK, err, pvhload_memmap_add(&f.map, 0x1000, 0x1000, RSVD, &err));
	EXPECT(&f, { 0x2000, 0x1000, RAM }, { 0x1000, 0x1000, RSVD });

	for (size_t i = 0; i < sizeof(bad_entries) / sizeof(bad_entries[0]); i++) {
		REFUSED(&f, bad_entries[i].status, err,
			pvhload_memmap_add(&f.map, bad_entries[i].gpa, bad_entries[i].size,
					   bad_entries[i].type, &err));
		ck_says(err, bad_entries[i].says);
		ck_assert_uint_eq(err.gpa, bad_entries[i].err_gpa);
	}

	ck_status(PVHLOAD_OK, err, pvhload_memmap_add(&f.map, 0x3000, 1, RAM, &err));
	REFUSED(&f, PVHLOAD_E_CAPACITY, err, pvhload_memmap_add(&f.map, 0x8000, 1, RAM, &err));
	ck_says(err, "3 entries");
	ck_status(PVHLOAD_E_USAGE, err, pvhload_memmap_add(NULL, 0, 1, RAM, &err));
	f.map.count = 4;
	REFUSED(&f, PVHLOAD_E_USAGE, err, pvhload_memmap_add(&f.map, 0x8000, 1, RAM, &err));
	f.map.count = 3;
	f.map.entries = NULL;
	REFUSED(&f, PVHLOAD_E_USAGE, err, pvhload_memmap_add(&f.map, 0x8000, 1, RAM, &err));
}
END_TEST

/* One RAM entry, one reserved range; the result in order. */
static void reserve(uint64_t addr, uint64_t size, const uint64_t (*rows)[3], size_t count)
{
	struct pvhload_error err;
	struct fixture f;

	init(&f, MAX);
	ck_status(PVHLOAD_OK, err, pvhload_memmap_add(&f.map, 0x10000, 0x10000, RAM, &err));
	ck_status(PVHLOAD_OK, err, pvhload_memmap_reserve(&f.map, addr, size, RSVD, &err));
	ck_status(PVHLOAD_OK, err, pvhload_memmap_normalize(&f.map, &err));
	expect(&f, count, rows);
}

#define RESERVE(addr, size, ...)                                                  \
	do {                                                                      \
		static const uint64_t rows_[][3] = { __VA_ARGS__ };               \
		reserve((addr), (size), rows_, sizeof(rows_) / sizeof(rows_[0])); \
	} while (0)

START_TEST(reserving)
{
	/* in the middle, at either end, all of it, more than it, next to it, apart */
	RESERVE(0x14000, 0x1000, { 0x10000, 0x4000, RAM }, { 0x14000, 0x1000, RSVD },
		{ 0x15000, 0xb000, RAM });
	RESERVE(0x10000, 0x1000, { 0x10000, 0x1000, RSVD }, { 0x11000, 0xf000, RAM });
	RESERVE(0x1f000, 0x1000, { 0x10000, 0xf000, RAM }, { 0x1f000, 0x1000, RSVD });
	RESERVE(0x10000, 0x10000, { 0x10000, 0x10000, RSVD });
	RESERVE(0x8000, 0x20000, { 0x8000, 0x20000, RSVD });
	RESERVE(0x8000, 0x9000, { 0x8000, 0x9000, RSVD }, { 0x11000, 0xf000, RAM });
	RESERVE(0x20000, 0x1000, { 0x10000, 0x10000, RAM }, { 0x20000, 0x1000, RSVD });
	RESERVE(0x1000, 1, { 0x1000, 1, RSVD }, { 0x10000, 0x10000, RAM });
}
END_TEST

START_TEST(reserving_over_several)
{
	struct pvhload_error err;
	struct fixture f;

	init(&f, 4);
	ck_status(PVHLOAD_OK, err, pvhload_memmap_add(&f.map, 0x1000, 0x1000, RAM, &err));
	ck_status(PVHLOAD_OK, err, pvhload_memmap_add(&f.map, 0x3000, 0x1000, RAM, &err));
	ck_status(PVHLOAD_OK, err, pvhload_memmap_add(&f.map, 0x5000, 0x1000, RAM, &err));
	ck_status(PVHLOAD_OK, err, pvhload_memmap_reserve(&f.map, 0x1800, 0x4000, RSVD, &err));
	ck_status(PVHLOAD_OK, err, pvhload_memmap_normalize(&f.map, &err));
	EXPECT(&f, { 0x1000, 0x800, RAM }, { 0x1800, 0x4000, RSVD }, { 0x5800, 0x800, RAM });
	ck_assert_uint_eq(pvhload_memmap_ram_size(&f.map), 0x1000);
}
END_TEST

START_TEST(reserving_refused)
{
	struct pvhload_error err;
	struct fixture f;

	init(&f, 3);
	ck_status(PVHLOAD_OK, err, pvhload_memmap_add(&f.map, 0x1000, 0x1000, RAM, &err));
	ck_status(PVHLOAD_OK, err, pvhload_memmap_add(&f.map, 0x3000, 0x1000, RSVD, &err));

	REFUSED(&f, PVHLOAD_E_OVERLAP, err,
		pvhload_memmap_reserve(&f.map, 0x1800, 0x2000, RSVD, &err));
	ck_says(err, "reserved [0x3000, 0x4000)", "reserved [0x1800, 0x3800)");
	REFUSED(&f, PVHLOAD_E_CAPACITY, err,
		pvhload_memmap_reserve(&f.map, 0x1800, 0x10, RSVD, &err));
	ck_says(err, "holds 3 entries, but 4 are needed");
	REFUSED(&f, PVHLOAD_E_USAGE, err, pvhload_memmap_reserve(&f.map, 0x1800, 1, RAM, &err));
	REFUSED(&f, PVHLOAD_E_MEMMAP, err, pvhload_memmap_reserve(&f.map, 0x1800, 0, RSVD, &err));
	REFUSED(&f, PVHLOAD_E_MEMMAP, err, pvhload_memmap_reserve(&f.map, 0x1800, 1, 0, &err));
	REFUSED(&f, PVHLOAD_E_MEMMAP, err,
		pvhload_memmap_reserve(&f.map, 0x1800, UINT64_MAX, RSVD, &err));
	ck_status(PVHLOAD_E_USAGE, err, pvhload_memmap_reserve(NULL, 0x1800, 1, RSVD, &err));
	f.entries[1].size = 0;
	f.map.checked = 0;
	REFUSED(&f, PVHLOAD_E_MEMMAP, err, pvhload_memmap_reserve(&f.map, 0x1800, 1, RSVD, &err));
}
END_TEST

START_TEST(normalizing)
{
	struct pvhload_error err;
	struct fixture f;

	init(&f, MAX);
	ck_status(PVHLOAD_OK, err, pvhload_memmap_normalize(&f.map, &err)); /* nothing is fine */
	f.entries[0] = (struct pvhload_memmap_entry){ 0x5000, 0x1000, RAM, 0 };
	f.entries[1] = (struct pvhload_memmap_entry){ 0x3000, 0x1000, RAM, 0 };
	f.entries[2] = (struct pvhload_memmap_entry){ 0x4000, 0x1000, RAM, 0 };
	f.entries[3] = (struct pvhload_memmap_entry){ 0x6000, 0x1000, RSVD, 0 };
	f.entries[4] = (struct pvhload_memmap_entry){ 0x9000, 0x1000, RSVD, 0 };
	f.map.count = 5;
	ck_status(PVHLOAD_OK, err, pvhload_memmap_normalize(&f.map, &err));
	EXPECT(&f, { 0x3000, 0x3000, RAM }, { 0x6000, 0x1000, RSVD }, { 0x9000, 0x1000, RSVD });

	f.entries[3] = (struct pvhload_memmap_entry){ 0x2000, 0x1001, RSVD, 0 };
	f.map.count = 4;
	REFUSED(&f, PVHLOAD_E_OVERLAP, err, pvhload_memmap_normalize(&f.map, &err));
	ck_says(err, "RAM [0x3000, 0x6000)", "reserved [0x2000, 0x3001)");
	f.entries[3].size = 0;
	REFUSED(&f, PVHLOAD_E_MEMMAP, err, pvhload_memmap_normalize(&f.map, &err));
	ck_status(PVHLOAD_E_USAGE, err, pvhload_memmap_normalize(NULL, &err));
}
END_TEST

START_TEST(validating)
{
	struct pvhload_error err;
	struct fixture f;

	init(&f, MAX);
	REFUSED(&f, PVHLOAD_E_MEMMAP, err, pvhload_memmap_validate(&f.map, &err));
	ck_says(err, "empty");
	ck_status(PVHLOAD_E_USAGE, err, pvhload_memmap_validate(NULL, &err));

	/* the last byte of the address space cannot be used: a range's end has to be a number */
	f.map.count = 1;
	f.entries[0] = (struct pvhload_memmap_entry){ 1, UINT64_MAX - 1, RAM, 0 };
	ck_status(PVHLOAD_OK, err, pvhload_memmap_validate(&f.map, &err));
	f.entries[0].gpa = 2;
	REFUSED(&f, PVHLOAD_E_MEMMAP, err, pvhload_memmap_validate(&f.map, &err));

	f.entries[0] = (struct pvhload_memmap_entry){ 1, 1, RAM, 1 };
	REFUSED(&f, PVHLOAD_E_MEMMAP, err, pvhload_memmap_validate(&f.map, &err));
	ck_says(err, "reserved member");

	/* not sorted, and far apart in the array */
	f.map.count = 3;
	f.entries[0] = (struct pvhload_memmap_entry){ 0x8000, 0x1000, RAM, 0 };
	f.entries[1] = (struct pvhload_memmap_entry){ 0x1000, 0x1000, PVHLOAD_MEMMAP_ACPI, 0 };
	f.entries[2] = (struct pvhload_memmap_entry){ 0x8fff, 0x1000, 99, 0 };
	REFUSED(&f, PVHLOAD_E_OVERLAP, err, pvhload_memmap_validate(&f.map, &err));
	ck_says(err, "RAM [0x8000, 0x9000)", "other [0x8fff, 0x9fff)");
	ck_assert_uint_eq(err.gpa, 0x8fff);
	f.entries[2].gpa = 0x9000;
	ck_status(PVHLOAD_OK, err, pvhload_memmap_validate(&f.map, &err));
	f.map = (struct pvhload_memmap){ sizeof(f.map) - 1, f.entries, 8, 9, 0 };
	REFUSED(&f, PVHLOAD_E_USAGE, err, pvhload_memmap_validate(&f.map, &err));
	ck_says(err, "has a wrong size");
	f.map = (struct pvhload_memmap){ sizeof(f.map), NULL, 1, 1, 0 }; /* not too many */
	REFUSED(&f, PVHLOAD_E_USAGE, err, pvhload_memmap_validate(&f.map, &err));
	ck_says(err, "has no array");
	ck_assert_uint_eq(pvhload_memmap_ram_size(&f.map), 0);
	ck_assert_uint_eq(pvhload_memmap_ram_size(NULL), 0);
}
END_TEST

/* A map of a newer program: what we do not know must be 0. */
START_TEST(newer_maps)
{
	struct newer {
		struct pvhload_memmap map;
		uint64_t added;
	} newer;
	struct pvhload_error err;
	struct fixture f;

	x86(&f, 64 << 20);
	newer.map = f.map;
	newer.map.struct_size = sizeof(newer);
	newer.added = 0;
	ck_status(PVHLOAD_OK, err, pvhload_memmap_validate(&newer.map, &err));
	newer.added = 1;
	ck_status(PVHLOAD_E_USAGE, err, pvhload_memmap_validate(&newer.map, &err));
	ck_status(PVHLOAD_E_USAGE, err, pvhload_memmap_add(&newer.map, 1ull << 40, 1, RAM, &err));
	ck_assert_uint_eq(pvhload_memmap_ram_size(&newer.map), 0);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("memmap");

	ADD_TESTS(suite, "x86", x86_sizes, x86_choices, x86_slots, x86_slots_refusals,
		  x86_refusals);
	ADD_TESTS(suite, "edit", adding, reserving, reserving_over_several, reserving_refused,
		  normalizing, validating, newer_maps);
	return run_suite(suite);
}
