/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* Ranges of keep_free that have bytes: regions of the plan, which a commit writes. */
#include "fake_memory.h"
#include "plan_fixture.h"

#define RAM_SIZE (8u << 20)
#define TABLE    0x700000u

static const char table[] = "a table"; /* 8 bytes with the NUL */

static struct pvhload_boot_keep_free kept(uint64_t gpa, uint64_t size, const void *bytes,
					  size_t count)
{
	struct pvhload_boot_keep_free r = KEEP_FREE(gpa, size, "kernel hashes");

	r.bytes = bytes;
	r.byte_count = count;
	return r;
}

static void keep(struct plan_fixture *f, const struct pvhload_boot_keep_free *ranges, size_t count)
{
	f->config.keep_free = ranges;
	f->config.keep_free_count = count;
}

/* The bytes, and zeros after them, over memory that held something else; by each protocol. */
START_TEST(written)
{
	static const uint32_t protocols[] = { PVHLOAD_PROTOCOL_PVH, PVHLOAD_PROTOCOL_X86_LINUX64 };
	static const uint8_t zeros[24];

	for (size_t i = 0; i < 2; i++) {
		char own[sizeof(table)];
		const struct pvhload_boot_keep_free ranges[] = {
			KEEP_FREE(0x600000, 0x1000, "free"), kept(TABLE + 3, 32, own, sizeof(own))
		};
		const struct pvhload_plan_region *r;
		struct plan_fixture f;
		uint8_t bytes[34];

		memcpy(own, table, sizeof(own));
		plan_setup(&f, RAM_SIZE);
		keep(&f, ranges, 2);
		f.config.protocol = protocols[i];
		r = region(plan(&f), "kernel hashes");
		memset(own, 'x', sizeof(own)); /* the plan has a copy */
		ck_assert_ptr_null(region(pvhload_plan_get_info(f.plan), "free"));
		ck_assert_uint_eq(r->gpa, TABLE + 3);
		ck_assert_uint_eq(r->size, 32);
		ck_assert_uint_eq(r->kind, PVHLOAD_REGION_KEPT);
		ck_assert_uint_eq(r->index, 1);
		ck_assert_uint_eq(r->reason, PVHLOAD_PLACED_ASKED);
		committed(&f, TABLE + 2, bytes, sizeof(bytes));
		ck_assert_uint_eq(bytes[0], 0xa5);
		ck_assert_mem_eq(bytes + 1, table, sizeof(table));
		ck_assert_mem_eq(bytes + 9, zeros, 24);
		ck_assert_uint_eq(bytes[33], 0xa5);
		plan_teardown(&f);
	}
}
END_TEST

/* Read from the plan as well; two of them, in whatever order. */
START_TEST(read_from_the_plan)
{
	const struct pvhload_boot_keep_free ranges[] = { kept(TABLE, 8, table, 8),
							 kept(0x600000, 16, "second", 6) };
	const struct pvhload_plan_info *info;
	struct pvhload_error err;
	struct plan_fixture f;
	size_t found = 0;

	plan_setup(&f, RAM_SIZE);
	keep(&f, ranges, 2);
	info = plan(&f);
	for (size_t i = 0; i < info->region_count; i++) {
		const struct pvhload_plan_region *r = info->regions[i];
		uint8_t bytes[16];

		if (r->kind != PVHLOAD_REGION_KEPT)
			continue;
		found++;
		ck_status(PVHLOAD_OK, err,
			  pvhload_plan_read_region(f.plan, i, 0, bytes, (size_t)r->size, &err));
		if (r->index == 0)
			ck_assert_mem_eq(bytes, table, 8);
		else
			ck_assert_mem_eq(bytes, "second\0\0\0\0\0\0\0\0\0\0", 16);
	}
	ck_assert_uint_eq(found, 2);
	plan_teardown(&f);
}
END_TEST

/* Structures give way, and a fixed place does not; the RSDP may lie inside, as one of the tables. */
START_TEST(in_the_way)
{
	const struct pvhload_boot_keep_free r = kept(PVHLOAD_PVH_CMDLINE_GPA, 64, table, 8);
	struct pvhload_error err;
	struct plan_fixture f;

	plan_setup(&f, RAM_SIZE);
	keep(&f, &r, 1);
	f.config.rsdp_gpa = PVHLOAD_PVH_CMDLINE_GPA + 8;
	ck_assert_uint_ne(region(plan(&f), "cmdline")->gpa, PVHLOAD_PVH_CMDLINE_GPA);
	pvhload_plan_free(f.plan);
	f.plan = NULL;
	set_place(&f, PVHLOAD_REGION_CMDLINE, 0, PVHLOAD_PVH_CMDLINE_GPA);
	err = refused(&f, PVHLOAD_E_OVERLAP);
	ck_says(err, "cmdline", "overlaps kernel hashes [0x20000, 0x20040)");
	plan_teardown(&f);
}
END_TEST

/* What is written for who is entered is needed then. */
START_TEST(not_until_the_entry)
{
	struct pvhload_boot_keep_free r = kept(TABLE, 8, table, 8);
	struct pvhload_error err;
	struct plan_fixture f;

	plan_setup(&f, RAM_SIZE);
	r.flags = PVHLOAD_BOOT_KEEP_FREE_UNTIL_ENTRY;
	keep(&f, &r, 1);
	err = refused(&f, PVHLOAD_E_USAGE);
	ck_says(err, "keep_free 0 has bytes");
	r.byte_count = 0;
	ck_assert_ptr_null(region(plan(&f), "kernel hashes"));
	plan_teardown(&f);
}
END_TEST

/* Without bytes it is kept free as ever, outside RAM too. */
START_TEST(no_bytes)
{
	const struct pvhload_boot_keep_free r = kept(0, 0x100, table, 0);
	struct plan_fixture f;

	plan_setup(&f, RAM_SIZE);
	keep(&f, &r, 1);
	ck_assert_ptr_null(region(plan(&f), "kernel hashes"));
	plan_teardown(&f);
}
END_TEST

START_TEST(no_sense)
{
	const struct {
		struct pvhload_boot_keep_free range;
		enum pvhload_status status;
		const char *says;
	} cases[] = {
		{ kept(TABLE, 8, NULL, 8), PVHLOAD_E_USAGE, "keep_free 0 counts 8 bytes" },
		{ kept(0, 8, table, 8), PVHLOAD_E_USAGE,
		  "\"kernel hashes\" are to be at address 0" },
		{ kept(TABLE, 7, table, 8), PVHLOAD_E_RANGE,
		  "has 0x8 bytes for 0x7 at 0x700000, 0x1 too many" },
		{ kept(TABLE, 0, table, 8), PVHLOAD_E_RANGE, "for 0x0 at 0x700000" },
		{ kept(RAM_SIZE - 4, 8, table, 8), PVHLOAD_E_RANGE,
		  "kernel hashes [0x7ffffc, 0x800004) leaves RAM" },
		{ kept(0xe0000, 8, table, 8), PVHLOAD_E_RANGE, "it runs into the hole" },
		{ kept(UINT64_MAX - 3, 8, table, 8), PVHLOAD_E_RANGE,
		  "does not end below the end of the address space" },
		{ kept(0x200800, 8, table, 8), PVHLOAD_E_OVERLAP,
		  "overlaps kernel hashes [0x200800, 0x200808) by 0x8 bytes" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct pvhload_error err;
		struct plan_fixture f;

		plan_setup(&f, RAM_SIZE);
		keep(&f, &cases[i].range, 1);
		err = refused(&f, cases[i].status);
		ck_says(err, cases[i].says);
		plan_teardown(&f);
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("plan_kept_bytes");

	ADD_TESTS(suite, "plan_kept_bytes", written, read_from_the_plan, in_the_way, no_bytes,
		  not_until_the_entry, no_sense);
	return run_suite(suite);
}
