/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* Memory that was another guest's: what a commit writes over it, and what the rest is zeroed by. */
#include "fake_memory.h"
#include "plan_fixture.h"
#include "told.h"

#define RAM_SIZE (8u << 20)
#define RSDP_GPA 0x500000u
#define OURS_GPA 0x600123u
#define OURS     0x2001u /* bytes that the VMM keeps for itself */

enum guest { LINUX, OTHER, BZIMAGE, GUESTS };

struct fixture {
	struct plan_fixture plan;
	struct pvhload_boot_keep_free ours;
	struct pvhload_source initrd;
	struct told told;
	struct pvhload_progress progress;
	struct fake_memory fake;
};

static void setup(struct fixture *f, enum guest guest, unsigned int callbacks)
{
	memset(f, 0, sizeof(*f));
	if (guest == BZIMAGE) {
		bzimage_setup(&f->plan, RAM_SIZE, PVHLOAD_PROTOCOL_X86_LINUX64);
		poke(&f->plan.bytes, 0x258, 0x200000, 8);
		set_field(&f->plan, 0x260, 0x100000, 4);
	} else {
		plan_setup(&f->plan, RAM_SIZE);
		f->plan.config.flags = guest == LINUX ? PVHLOAD_BOOT_LINUX : PVHLOAD_BOOT_NOT_LINUX;
		/* What these take away is nobody's. */
		if (guest == LINUX)
			f->plan.config.cmdline = "mem=7M memmap=64K$5M";
	}
	f->ours = (struct pvhload_boot_keep_free)KEEP_FREE(OURS_GPA, OURS, "the VMM's");
	f->initrd = pvhload_source_buffer("an initrd", 9);
	f->progress = told_progress(&f->told);
	f->plan.config.keep_free = &f->ours;
	f->plan.config.keep_free_count = 1;
	f->plan.config.rsdp_gpa = RSDP_GPA;
	f->plan.config.initrds = &f->initrd;
	f->plan.config.initrd_count = 1;
	f->plan.config.progress = &f->progress;
	(void)plan(&f->plan);
	told_again(&f->told, 0);
	fake_memory_init(&f->fake, RAM_SIZE, callbacks);
}

static void teardown(struct fixture *f)
{
	fake_memory_free(&f->fake);
	plan_teardown(&f->plan);
}

static void commit(struct fixture *f)
{
	struct pvhload_error err;

	ck_status(PVHLOAD_OK, err, pvhload_plan_commit(f->plan.plan, &f->fake.memory, &err));
}

static enum pvhload_status clear(struct fixture *f, struct pvhload_error *err)
{
	return pvhload_plan_clear_unused(f->plan.plan, &f->fake.memory, err);
}

/* What all of the memory is to hold: zeros in RAM but for the regions, and the VMM's own. */
static uint8_t *expected_memory(const struct fixture *f)
{
	const struct pvhload_plan_info *info = pvhload_plan_get_info(f->plan.plan);
	uint8_t *bytes = malloc(RAM_SIZE);
	struct pvhload_error err;

	memset(bytes, FAKE_PATTERN, RAM_SIZE);
	for (size_t i = 0; i < f->plan.map.count; i++)
		if (f->plan.map.entries[i].type == PVHLOAD_MEMMAP_RAM)
			memset(bytes + f->plan.map.entries[i].gpa, 0,
			       (size_t)f->plan.map.entries[i].size);
	memset(bytes + RSDP_GPA, FAKE_PATTERN, 36);
	memset(bytes + OURS_GPA, FAKE_PATTERN, OURS);
	for (size_t i = 0; i < info->region_count; i++)
		ck_status(PVHLOAD_OK, err,
			  pvhload_plan_read_region(f->plan.plan, i, 0,
						   bytes + info->regions[i]->gpa,
						   (size_t)info->regions[i]->size, &err));
	return bytes;
}

/* By every callback, before the commit or after it. */
START_TEST(all_of_ram)
{
	static const unsigned int callbacks[] = { 0, FAKE_ZERO, FAKE_HOST_PTR };

	for (unsigned int i = 0; i < GUESTS * 3 * 2; i++) {
		struct pvhload_error err;
		uint8_t *expected;
		struct fixture f;

		setup(&f, (enum guest)(i / 6), callbacks[i / 2 % 3]);
		if (i % 2)
			commit(&f);
		ck_status(PVHLOAD_OK, err, clear(&f, &err));
		if (!(i % 2))
			commit(&f);
		expected = expected_memory(&f);
		ck_assert(memcmp(f.fake.bytes, expected, RAM_SIZE) == 0);
		ck_assert(!f.fake.strayed);
		free(expected);
		teardown(&f);
	}
}
END_TEST

/* All of @size bytes at @gpa are @byte. */
static void holds(const struct fixture *f, uint64_t gpa, uint64_t size, uint8_t byte)
{
	uint64_t same = 0;

	/* An assertion takes long: one for all bytes. */
	while (same < size && f->fake.bytes[gpa + same] == byte)
		same++;
	ck_assert_msg(same == size, "0x%" PRIx64 " does not hold 0x%x", gpa + same, byte);
}

/* A commit alone: gaps of Linux, and the last page of a bzImage; nothing of anybody else's. */
START_TEST(gaps_of_a_commit)
{
	for (int zeroed = 0; zeroed < 2; zeroed++) {
		const uint8_t gap = zeroed ? FAKE_PATTERN : 0;
		uint64_t end;
		struct fixture f;

		setup(&f, LINUX, FAKE_ZERO);
		f.fake.memory.flags = zeroed ? PVHLOAD_MEMORY_ZEROED : 0;
		commit(&f);
		holds(&f, 0x100040, 0x200000 - 0x100040, gap);
		holds(&f, 0x200020, 0x203000 - 0x200020, gap); /* .bss */
		holds(&f, 0x203000, 0x1000, FAKE_PATTERN);
		teardown(&f);

		setup(&f, OTHER, FAKE_ZERO);
		f.fake.memory.flags = zeroed ? PVHLOAD_MEMORY_ZEROED : 0;
		commit(&f);
		holds(&f, 0x100040, 0x200000 - 0x100040, FAKE_PATTERN);
		holds(&f, 0x200020, 0x203000 - 0x200020, gap);
		teardown(&f);

		setup(&f, BZIMAGE, FAKE_ZERO);
		f.fake.memory.flags = zeroed ? PVHLOAD_MEMORY_ZEROED : 0;
		commit(&f);
		end = 0x200000 + pvhload_image_get_info(f.plan.image)->bzimage->code_size;
		ck_assert_uint_ne(end % 4096, 0);
		ck_assert_uint_ne(f.fake.bytes[end - 1], FAKE_PATTERN);
		holds(&f, end, 4096 - end % 4096, gap);
		holds(&f, (end + 4095) / 4096 * 4096, 0x1000, FAKE_PATTERN);
		teardown(&f);
	}
}
END_TEST

/* What memmap=exactmap does not leave the kernel is not its gap: it may be kept free, and is not written. */
START_TEST(gap_that_is_no_ram)
{
	static const uint32_t protocols[] = { PVHLOAD_PROTOCOL_PVH, PVHLOAD_PROTOCOL_X86_LINUX64 };

	for (size_t i = 0; i < 2; i++) {
		struct fixture f;

		setup(&f, LINUX, FAKE_BEGIN_REGION);
		f.plan.config.protocol = protocols[i];
		f.plan.config.cmdline = "memmap=exactmap,640K@0,512K@1M,4M@1792K";
		f.ours = (struct pvhload_boot_keep_free)KEEP_FREE(0x190000, 0x1000, "the VMM's");
		expect_region(plan(&f.plan), "kernel 0", 0x100000, 0x40);
		expect_region(plan(&f.plan), "kernel 1", 0x200000, 0x3000);
		commit(&f);
		holds(&f, 0x100040, 0x200000 - 0x100040, FAKE_PATTERN);
		holds(&f, 0x200020, 0x203000 - 0x200020, 0); /* .bss */
		teardown(&f);
	}
}
END_TEST

/* No further than its region: what follows in that page is another's. */
START_TEST(last_page_of_a_bzimage)
{
	struct fixture f;
	uint64_t end;

	setup(&f, BZIMAGE, 0);
	end = 0x200000 + pvhload_image_get_info(f.plan.image)->bzimage->code_size;
	poke(&f.plan.bytes, 0x234, 0, 1); /* loaded at 2 MiB, running at 3 */
	poke(&f.plan.bytes, 0x214, 0x200000, 4);
	set_field(&f.plan, 0x258, 0x300000, 8);
	(void)plan(&f.plan);
	commit(&f);
	holds(&f, end, 0x1000, FAKE_PATTERN);
	teardown(&f);
}
END_TEST

/* Memory that is zero already is not written, and told of as done. */
START_TEST(zeroed_memory)
{
	struct pvhload_error err;
	struct fixture f;

	setup(&f, LINUX, FAKE_ZERO | FAKE_HOST_PTR);
	f.fake.memory.flags = PVHLOAD_MEMORY_ZEROED;
	ck_status(PVHLOAD_OK, err, clear(&f, &err));
	ck_assert_uint_eq(f.fake.calls, 0);
	ck_assert_uint_eq(f.fake.host_ptrs, 0);
	ck_assert(fake_memory_untouched(&f.fake));
	teardown(&f);
}
END_TEST

/* From 0 to all that is zeroed, and nothing of regions. */
START_TEST(progress)
{
	uint64_t total = 0;
	struct pvhload_error err;
	struct fixture f;

	setup(&f, OTHER, FAKE_ZERO | FAKE_BEGIN_REGION);
	ck_assert(f.fake.ops.begin_region != NULL);
	f.fake.region = (struct pvhload_plan_region){ .gpa = 0, .size = RAM_SIZE };
	f.fake.regions = 1; /* as if begun: everywhere is allowed */
	ck_status(PVHLOAD_OK, err, clear(&f, &err));
	ck_assert_uint_eq(f.fake.regions, 1);
	for (uint64_t i = 0; i < RAM_SIZE; i++)
		total += f.fake.bytes[i] != FAKE_PATTERN;
	ck_assert_uint_ge(f.told.count, 2);
	for (size_t i = 0; i < f.told.count; i++) {
		ck_assert_uint_eq(f.told.calls[i].phase, PVHLOAD_PROGRESS_CLEAR);
		ck_assert_uint_eq(f.told.calls[i].total, total);
	}
	ck_assert_uint_eq(f.told.calls[0].done, 0);
	ck_assert_uint_eq(f.told.calls[f.told.count - 1].done, total);

	told_again(&f.told, 1);
	f.fake.calls = 0;
	ck_status(PVHLOAD_E_CANCELLED, err, clear(&f, &err));
	told_check_error(&err);
	ck_assert_uint_eq(f.fake.calls, 0);
	teardown(&f);
}
END_TEST

START_TEST(failures)
{
	struct pvhload_memmap_entry entries[3];
	struct pvhload_memmap map = ram_map(entries, RAM_SIZE);
	struct pvhload_error err;
	struct fixture f;

	setup(&f, LINUX, FAKE_ZERO);
	ck_status(PVHLOAD_E_USAGE, err, pvhload_plan_clear_unused(NULL, &f.fake.memory, &err));
	ck_status(PVHLOAD_E_USAGE, err, pvhload_plan_clear_unused(f.plan.plan, NULL, &err));

	/* less RAM than the plan was made for */
	f.fake.memory.memmap = &map;
	entries[1].size--;
	ck_status(PVHLOAD_E_RANGE, err, clear(&f, &err));
	ck_says(err, "unused RAM: ", "are not all in the guest's RAM: there is none at 0x7fffff");
	entries[1].type = 0;
	ck_status(PVHLOAD_E_MEMMAP, err, clear(&f, &err));
	ck_assert_uint_eq(f.fake.calls, 0);
	ck_assert(fake_memory_untouched(&f.fake));

	f.fake.memory.memmap = NULL;
	f.fake.fail_at = 2;
	ck_status(PVHLOAD_E_CALLBACK, err, clear(&f, &err));
	ck_says(err, "unused RAM: the zero callback returned -77");
	ck_assert_int_eq(err.cause, -77);
	ck_assert_uint_eq(f.fake.calls, 2);
	teardown(&f);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("clear_unused");

	ADD_TESTS(suite, "clear_unused", all_of_ram, gaps_of_a_commit, gap_that_is_no_ram,
		  last_page_of_a_bzimage, zeroed_memory, progress, failures);
	return run_suite(suite);
}
