/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* Structures of the caller's own: the range is exact, to the byte, and nothing moves otherwise. */
#include "fake_memory.h"
#include "memory/access.h"
#include "suite.h"

/* RAM, a hole, RAM, something else, and RAM in two entries that touch. */
#define RAM_SIZE 0x10000u
static struct pvhload_memmap_entry entries[] = {
	{ 0, 0x4000, PVHLOAD_MEMMAP_RAM, 0 },       { 0x5000, 0x1000, PVHLOAD_MEMMAP_RAM, 0 },
	{ 0x6000, 0x1000, PVHLOAD_MEMMAP_ACPI, 0 }, { 0x8000, 0x4000, PVHLOAD_MEMMAP_RAM, 0 },
	{ 0xc000, 0x4000, PVHLOAD_MEMMAP_RAM, 0 },
};
static struct pvhload_memmap map = { sizeof(map), entries, 5, 5, 0 };

static void setup(struct fake_memory *fake)
{
	fake_memory_init(fake, RAM_SIZE, FAKE_READ | FAKE_ZERO | FAKE_HOST_PTR);
	fake->memory.memmap = &map;
}

/* Where @len bytes may be, and where not. */
static const struct {
	uint64_t gpa;
	size_t len;
	bool fits;
} ranges[] = {
	{ 0, 1, true },
	{ 0x4000 - 24, 24, true }, /* up to a hole */
	{ 0x4000 - 24, 25, false },
	{ 0x4000 - 23, 24, false },
	{ 0x4000, 1, false },
	{ 0x5000, 0x1000, true }, /* all between a hole and a reserved range */
	{ 0x4fff, 2, false },
	{ 0x5000, 0x1001, false },
	{ 0x3fff, 0x1002, false },   /* across a hole, both ends in RAM */
	{ 0x5fff, 0x2002, false },   /* across a reserved range */
	{ 0xbfff, 2, true },         /* from one entry into the next */
	{ 0x10000 - 56, 56, true },  /* up to the end of RAM */
	{ 0x10000 - 56, 57, false }, /* one byte more */
	{ 0x10000, 1, false },
	{ UINT64_MAX, 1, false },
	{ UINT64_MAX - 1, 2, false },
	{ UINT64_MAX, SIZE_MAX, false },
};

START_TEST(ranges_are_exact)
{
	static uint8_t bytes[0x2002], back[0x2002];

	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)(i * 5 + 1);
	for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++) {
		const uint64_t gpa = ranges[i].gpa;
		const size_t len = ranges[i].len;
		struct fake_memory fake;
		struct pvhload_error err;

		setup(&fake);
		memset(back, 0x5a, sizeof(back));
		if (ranges[i].fits) {
			ck_status(PVHLOAD_OK, err,
				  pvhload_memory_write(&fake.memory, gpa, bytes, len, &err));
			ck_assert_mem_eq(fake.bytes + gpa, bytes, len);
			memset(fake.bytes + gpa, FAKE_PATTERN, len);
			ck_assert(fake_memory_untouched(&fake));
			memcpy(fake.bytes + gpa, bytes, len);
			ck_status(PVHLOAD_OK, err,
				  pvhload_memory_read(&fake.memory, gpa, back, len, &err));
			ck_assert_mem_eq(back, bytes, len);
			ck_assert_uint_eq(back[len], 0x5a);
			ck_assert_uint_eq(fake.calls, 2);
		} else {
			ck_status(PVHLOAD_E_RANGE, err,
				  pvhload_memory_write(&fake.memory, gpa, bytes, len, &err));
			ck_assert_uint_eq(err.gpa, gpa);
			ck_status(PVHLOAD_E_RANGE, err,
				  pvhload_memory_read(&fake.memory, gpa, back, len, &err));
			ck_assert_uint_eq(err.gpa, gpa);
			ck_assert_uint_eq(back[0], 0x5a);
			ck_assert(fake_memory_untouched(&fake));
			ck_assert_uint_eq(fake.calls, 0);
		}
		fake_memory_free(&fake);
	}
}
END_TEST

START_TEST(nothing_to_move)
{
	static const uint64_t anywhere[] = { 0, 0x4000, 0x10000, UINT64_MAX };
	struct fake_memory fake;
	struct pvhload_error err;

	setup(&fake);
	for (size_t i = 0; i < sizeof(anywhere) / sizeof(anywhere[0]); i++) {
		ck_status(PVHLOAD_OK, err,
			  pvhload_memory_write(&fake.memory, anywhere[i], NULL, 0, &err));
		ck_status(PVHLOAD_OK, err,
			  pvhload_memory_read(&fake.memory, anywhere[i], NULL, 0, &err));
	}
	ck_assert_uint_eq(fake.calls, 0);
	ck_assert(fake_memory_untouched(&fake));
	fake_memory_free(&fake);
}
END_TEST

START_TEST(usage)
{
	struct pvhload_error bad = { .struct_size = 1 };
	struct pvhload_memory_ops ops;
	struct fake_memory fake;
	struct pvhload_error err;
	uint8_t bytes[4] = { 0 };

	setup(&fake);
	ck_status(PVHLOAD_E_USAGE, err, pvhload_memory_write(NULL, 0, bytes, 4, &err));
	ck_status(PVHLOAD_E_USAGE, err, pvhload_memory_read(NULL, 0, bytes, 4, &err));
	ck_status(PVHLOAD_E_USAGE, err, pvhload_memory_write(&fake.memory, 0, NULL, 4, &err));
	ck_status(PVHLOAD_E_USAGE, err, pvhload_memory_read(&fake.memory, 0, NULL, 4, &err));
	ck_assert_int_eq(pvhload_memory_write(&fake.memory, 0, bytes, 4, &bad), PVHLOAD_E_USAGE);
	ck_assert_int_eq(pvhload_memory_read(&fake.memory, 0, bytes, 4, &bad), PVHLOAD_E_USAGE);
	fake.memory.memmap = NULL;
	ck_status(PVHLOAD_E_USAGE, err, pvhload_memory_write(&fake.memory, 0, bytes, 4, &err));
	ck_status(PVHLOAD_E_USAGE, err, pvhload_memory_read(&fake.memory, 0, bytes, 4, &err));
	fake.memory.memmap = &map;
	ops = fake.ops;
	ops.read = NULL;
	fake.memory.ops = &ops;
	ck_status(PVHLOAD_E_USAGE, err, pvhload_memory_read(&fake.memory, 0, bytes, 4, &err));
	ops.write = NULL;
	ck_status(PVHLOAD_E_USAGE, err, pvhload_memory_write(&fake.memory, 0, bytes, 4, &err));
	ck_assert(fake_memory_untouched(&fake));
	ck_assert_uint_eq(fake.calls, 0);
	fake_memory_free(&fake);
}
END_TEST

START_TEST(maps_and_callbacks)
{
	struct pvhload_memmap_entry overlapping[] = { { 0, 0x2000, PVHLOAD_MEMMAP_RAM, 0 },
						      { 0x1000, 0x2000, PVHLOAD_MEMMAP_RAM, 0 } };
	const struct pvhload_memmap unsound = { sizeof(unsound), overlapping, 2, 2, 0 };
	struct fake_memory fake;
	struct pvhload_error err;
	uint8_t bytes[4] = { 0 };

	setup(&fake);
	fake.memory.memmap = &unsound;
	ck_status(PVHLOAD_E_MEMMAP, err, pvhload_memory_write(&fake.memory, 0, bytes, 4, &err));
	ck_status(PVHLOAD_E_MEMMAP, err, pvhload_memory_read(&fake.memory, 0, bytes, 4, &err));
	fake.memory.memmap = &map;
	fake.fail_at = 1;
	ck_status(PVHLOAD_E_CALLBACK, err, pvhload_memory_write(&fake.memory, 0, bytes, 4, &err));
	ck_assert_int_eq(err.cause, -77);
	fake.calls = 0;
	ck_status(PVHLOAD_E_CALLBACK, err, pvhload_memory_read(&fake.memory, 8, bytes, 4, &err));
	ck_assert_int_eq(err.cause, -77);
	ck_assert_uint_eq(err.gpa, 8);
	fake_memory_free(&fake);
}
END_TEST

/* What begin_region gets, and what it answers. */
struct begun {
	const struct pvhload_plan_region *region;
	int answer;
};

static int note_region(void *user, const struct pvhload_plan_region *region)
{
	struct begun *begun = user;

	begun->region = region;
	return begun->answer;
}

static int never_written(void *user, uint64_t gpa, const void *src, size_t len)
{
	ck_abort_msg("%p: %zu bytes from %p to %" PRIu64, user, len, src, gpa);
	return 0;
}

START_TEST(regions_are_told)
{
	static const struct pvhload_plan_region region = { .name = "initrd", .gpa = 0x5000 };
	const struct pvl_ram ram = { NULL, 0 };
	struct pvhload_memory_ops ops = PVHLOAD_MEMORY_OPS_INIT;
	struct pvhload_memory memory = PVHLOAD_MEMORY_INIT;
	struct begun begun = { .answer = 0 };
	struct pvhload_error err;
	struct pvl_memory mem;

	ops.write = never_written;
	memory.ops = &ops;
	memory.user = &begun;
	ck_status(PVHLOAD_OK, err, pvl_memory_open(&memory, PVL_MEMORY_WRITES, &ram, &mem, &err));
	ck_status(PVHLOAD_OK, err, pvl_memory_begin_region(&mem, &region, &err));
	ck_assert_ptr_null(begun.region);

	ops.begin_region = note_region;
	ck_status(PVHLOAD_OK, err, pvl_memory_open(&memory, PVL_MEMORY_WRITES, &ram, &mem, &err));
	ck_status(PVHLOAD_OK, err, pvl_memory_begin_region(&mem, &region, &err));
	ck_assert_ptr_eq(begun.region, &region);
	begun.answer = -5;
	ck_status(PVHLOAD_E_CALLBACK, err, pvl_memory_begin_region(&mem, &region, &err));
	ck_assert_int_eq(err.cause, -5);
	ck_assert_uint_eq(err.gpa, 0x5000);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("memory");

	ADD_TESTS(suite, "memory", ranges_are_exact, nothing_to_move, usage, maps_and_callbacks,
		  regions_are_told);
	return run_suite(suite);
}
