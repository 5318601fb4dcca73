/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* Where the zero page and its company may be: up to each limit, not a byte beyond. */
#include "linux_fixture.h"

#define LAYOUT(member) offsetof(struct pvhload_linux_layout, member)

static const char seed_bytes[8] = "12345678";

/* A fixture with a seed: the list takes 24 bytes, out of the others' way. */
struct with_seed {
	struct linux_fixture f;
	struct pvhload_source source;
	struct pvhload_linux_setup_data data;
};

static void setup(struct with_seed *s)
{
	linux_setup(&s->f);
	s->data = setup_data(&s->source, 9, seed_bytes, sizeof(seed_bytes));
	s->f.params.setup_data = &s->data;
	s->f.params.setup_data_count = 1;
	s->f.layout.setup_data_gpa = 0x40000;
}

static void place(struct with_seed *s, size_t member, uint64_t gpa)
{
	memcpy((char *)&s->f.layout + member, &gpa, sizeof(gpa));
}

/* Every piece at the end of each piece of RAM, and one byte (or for the list, 8) further. */
START_TEST(ends_of_ram)
{
	static const struct {
		const char *name;
		size_t member;
		uint64_t size;
		uint64_t step;
	} pieces[] = {
		{ "zero page", LAYOUT(zero_page_gpa), 4096, 1 },
		{ "cmdline", LAYOUT(cmdline_gpa), 2048, 1 },
		{ "setup_data", LAYOUT(setup_data_gpa), 24, 8 },
	};
	static const uint64_t ends[] = { 0x9fc00, RAM_SIZE };

	for (size_t i = 0; i < 3; i++) {
		for (size_t k = 0; k < 2; k++) {
			const uint64_t at = ends[k] - pieces[i].size;
			struct pvhload_error err;
			struct with_seed s;

			setup(&s);
			place(&s, pieces[i].member, at + pieces[i].step);
			err = linux_refused(&s.f, PVHLOAD_E_RANGE);
			ck_says(err, pieces[i].name, "leaves RAM");
			ck_assert_uint_eq(err.gpa, ends[k]); /* the first byte that is not RAM */
			place(&s, pieces[i].member, at);
			linux_written(&s.f);
			ck_assert_uint_ne(s.f.fake.bytes[ends[k] - 24], FAKE_PATTERN);
			ck_assert_uint_eq(s.f.fake.bytes[at - 1], FAKE_PATTERN);
			linux_teardown(&s.f);
		}
	}
}
END_TEST

/* Nothing is written where the caller's places are: all is at the given ones. */
START_TEST(given_places)
{
	struct with_seed s;

	setup(&s);
	s.f.layout.zero_page_gpa = 0x12345; /* any byte will do */
	s.f.layout.cmdline_gpa = 0x15001;
	s.f.layout.setup_data_gpa = 0x18008;
	s.f.params.cmdline = "text";
	linux_written(&s.f);
	ck_assert_uint_eq(peek(s.f.fake.bytes + 0x12345 + 0x228, 4), 0x15001);
	ck_assert_uint_eq(peek(s.f.fake.bytes + 0x12345 + 0x250, 8), 0x18008);
	ck_assert_str_eq((const char *)s.f.fake.bytes + 0x15001, "text");
	ck_assert_mem_eq(s.f.fake.bytes + 0x18018, seed_bytes, 8);
	ck_written_only(&s.f.fake,
			(const struct written[]){
				{ 0x12345, 4096 }, { 0x15001, 2048 }, { 0x18008, 24 } },
			3);
	linux_teardown(&s.f);
}
END_TEST

START_TEST(list_after_the_command_line)
{
	struct with_seed s;

	setup(&s);
	s.f.layout.setup_data_gpa = 0;
	s.f.layout.cmdline_gpa = 0x30001;
	linux_written(&s.f);
	ck_assert_uint_eq(peek(s.f.page + 0x250, 8), 0x30808); /* 0x30801, up to a multiple of 8 */
	linux_teardown(&s.f);

	/* NULL is the defaults */
	setup(&s);
	ck_assert_int_eq(pvhload_linux_write(&s.f.fake.memory, NULL, &s.f.params, NULL),
			 PVHLOAD_OK);
	ck_assert_uint_eq(peek(s.f.page + 0x250, 8), 0x20800);
	ck_assert_uint_eq(peek(s.f.page + 0x228, 4), 0x20000);
	linux_teardown(&s.f);
}
END_TEST

START_TEST(places_that_are_none)
{
	static const struct {
		size_t member;
		uint64_t gpa;
		const char *says[2];
	} cases[] = {
		{ LAYOUT(zero_page_gpa), 0xa0000, { "zero page", "leaves RAM" } },
		{ LAYOUT(zero_page_gpa), 0xff001, { "zero page", "leaves RAM" } },
		{ LAYOUT(zero_page_gpa), UINT64_MAX, { "zero page", "does not end below 2^64" } },
		{ LAYOUT(zero_page_gpa), UINT64_MAX - 4096, { "zero page", "leaves RAM" } },
		{ LAYOUT(cmdline_gpa),
		  UINT64_MAX - 2046,
		  { "cmdline", "does not end below 2^64" } },
		{ LAYOUT(cmdline_gpa), UINT64_MAX - 2048, { "cmdline", "leaves RAM" } },
		{ LAYOUT(setup_data_gpa), 0x30004, { "setup_data", "not at a multiple of 0x8" } },
		{ LAYOUT(setup_data_gpa), UINT64_MAX, { "setup_data", "does not end below 2^64" } },
		{ LAYOUT(setup_data_gpa),
		  UINT64_MAX - 7,
		  { "setup_data", "does not end below 2^64" } },
		{ LAYOUT(setup_data_gpa), 0x9fbf0, { "setup_data", "leaves RAM" } },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct pvhload_error err;
		struct with_seed s;

		setup(&s);
		place(&s, cases[i].member, cases[i].gpa);
		err = linux_refused(&s.f, PVHLOAD_E_RANGE);
		ck_says(err, cases[i].says[0], cases[i].says[1]);
		ck_assert_uint_ge(err.gpa, cases[i].gpa); /* the first byte at fault */
		linux_teardown(&s.f);
	}
}
END_TEST

/* Without a list nobody asks where it would be. */
START_TEST(place_of_no_list)
{
	struct with_seed s;

	setup(&s);
	s.f.params.setup_data_count = 0;
	s.f.layout.setup_data_gpa = 3;
	linux_written(&s.f);
	ck_assert_uint_eq(peek(s.f.page + 0x250, 8), 0);
	linux_teardown(&s.f);
}
END_TEST

/* RAM up to the last address: the list's usual place, after the command line, is beyond it. */
START_TEST(end_of_the_address_space)
{
	struct pvhload_memmap_entry entries[2] = {
		{ 0, 0x9fc00, PVHLOAD_MEMMAP_RAM, 0 },
		{ UINT64_MAX - 0xffff, 0xffff, PVHLOAD_MEMMAP_RAM, 0 },
	};
	struct pvhload_error err;
	struct with_seed s;

	setup(&s);
	s.f.map = (struct pvhload_memmap){ sizeof(s.f.map), entries, 2, 2, 0 };
	s.f.layout.setup_data_gpa = 0;
	s.f.layout.cmdline_gpa = UINT64_MAX - 2048;
	err = linux_refused(&s.f, PVHLOAD_E_RANGE);
	ck_says(err, "setup_data", "ends with the address space");
	linux_teardown(&s.f);
}
END_TEST

/* The limits: 4 GiB for a kernel without XLF_CAN_BE_LOADED_ABOVE_4G, or the 32-bit entry. */
START_TEST(four_gib)
{
	static const struct {
		const char *name;
		size_t member;
		uint64_t size;
	} pieces[] = {
		{ "zero page", LAYOUT(zero_page_gpa), 4096 },
		{ "cmdline", LAYOUT(cmdline_gpa), 2048 },
		{ "setup_data", LAYOUT(setup_data_gpa), 24 },
	};
	struct pvhload_memmap_entry entries[2] = {
		{ 0, 0x9fc00, PVHLOAD_MEMMAP_RAM, 0 },
		{ 0x100000, 8 * GIB, PVHLOAD_MEMMAP_RAM, 0 }, /* no hole: 4 GiB is what counts */
	};

	for (size_t i = 0; i < 3; i++) {
		for (size_t way = 0; way < 4; way++) {
			const uint64_t last = 4 * GIB - pieces[i].size;
			uint8_t high[0x2000];
			struct pvhload_ram_slot slots[2];
			struct pvhload_ram_slots memory = PVHLOAD_RAM_SLOTS_INIT;
			struct pvhload_error err;
			struct with_seed s;

			setup(&s);
			s.f.map = (struct pvhload_memmap){ sizeof(s.f.map), entries, 2, 2, 0 };
			if (way == 0)
				linux_poke(&s.f, 0x236, 0x7d, 2); /* all but the one */
			if (way == 1)
				linux_use_head(&s.f, 0x20b, 0x26c); /* has no xloadflags yet */
			if (way == 2)
				s.f.params.flags = PVHLOAD_LINUX_ENTRY32;
			if (way == 3) {
				linux_use_head(&s.f, 0, 0);
				s.f.params.flags = PVHLOAD_LINUX_ENTRY32;
			}
			place(&s, pieces[i].member, last + 8);
			err = linux_refused(&s.f, PVHLOAD_E_RANGE);
			ck_says(err, pieces[i].name, "below 4 GiB");

			slots[0] = (struct pvhload_ram_slot){ .size = RAM_SIZE,
							      .host = s.f.fake.bytes };
			slots[1] = (struct pvhload_ram_slot){ .gpa = 4 * GIB - 0x1000,
							      .size = 0x2000,
							      .host = high };
			memory.slots = slots;
			memory.count = 2;
			s.f.fake.memory.ops = pvhload_ram_slots_ops();
			s.f.fake.memory.user = &memory;
			memset(high, FAKE_PATTERN, sizeof(high));
			place(&s, pieces[i].member, last);
			linux_written(&s.f);
			ck_assert_uint_ne(high[0xfff], FAKE_PATTERN);
			for (size_t k = 0x1000; k < 0x2000; k++)
				ck_assert_uint_eq(high[k], FAKE_PATTERN);

			place(&s, pieces[i].member, last + 8);
			s.f.params.flags = 0;
			linux_use_head(&s.f, 0x20c, 0x268); /* the first that can say so */
			linux_written(&s.f);
			ck_assert_uint_ne(high[0x1007], FAKE_PATTERN);
			linux_teardown(&s.f);
		}
	}
}
END_TEST

START_TEST(initrd_places)
{
	enum { ABLE, UNABLE, ENTRY32, ELF, ELF32 };
	static const struct {
		int kernel;
		uint64_t gpa, size;
		const char *says; /* NULL: it is fine */
	} cases[] = {
		{ ABLE, 0x7ffff000, 0x1000, NULL },
		{ ABLE, 0x7ffff000, 0x1001, NULL }, /* initrd_addr_max is not for this entry */
		{ ABLE, 5 * GIB, 3 * GIB, NULL },
		{ ABLE, 5 * GIB, 3 * GIB + 1, "leaves RAM" },
		{ ABLE, UINT64_MAX - 1, 2, "does not end below 2^64" },
		{ ABLE, 0, 1, "at address 0" },
		{ UNABLE, 0x7ffff000, 0x1000, NULL },
		{ UNABLE, 0x7ffff000, 0x1001, "does not end below initrd_addr_max" },
		{ UNABLE, 5 * GIB, 1, "does not end below initrd_addr_max" },
		{ ENTRY32, 0x7ffff000, 0x1000, NULL },
		{ ENTRY32, 0x7ffff000, 0x1001, "does not end below initrd_addr_max" },
		{ ELF, 5 * GIB, 3 * GIB, NULL },
		{ ELF32, 4 * GIB - 1, 1, NULL },
		{ ELF32, 4 * GIB - 1, 2, "does not end below 4 GiB" },
	};
	struct pvhload_memmap_entry entries[2] = {
		{ 0, 0x9fc00, PVHLOAD_MEMMAP_RAM, 0 },
		{ 0x100000, 8 * GIB - 0x100000, PVHLOAD_MEMMAP_RAM, 0 },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const int kernel = cases[i].kernel;
		struct pvhload_error err;
		struct with_seed s;

		setup(&s);
		s.f.map = (struct pvhload_memmap){ sizeof(s.f.map), entries, 2, 2, 0 };
		if (kernel == ELF || kernel == ELF32)
			linux_use_head(&s.f, 0, 0);
		if (kernel == ENTRY32 || kernel == ELF32)
			s.f.params.flags = PVHLOAD_LINUX_ENTRY32;
		if (kernel == UNABLE)
			linux_poke(&s.f, 0x236, 0x01, 2);
		s.f.params.initrd_gpa = cases[i].gpa;
		s.f.params.initrd_size = cases[i].size;
		if (cases[i].says) {
			err = linux_refused(&s.f, PVHLOAD_E_RANGE);
			ck_says(err, "initrd", cases[i].says);
		} else {
			linux_written(&s.f);
		}
		linux_teardown(&s.f);
	}
}
END_TEST

/* Kernels older than 2.03 do not say: 0x37ffffff is the last byte. */
START_TEST(initrd_of_old_kernels)
{
	struct pvhload_error err;
	struct linux_fixture f;

	linux_setup(&f);
	f.map = ram_map(f.entries, GIB);
	linux_use_head(&f, 0x202, 0x22c);
	f.params.initrd_gpa = 0x37fff000;
	f.params.initrd_size = 0x1001;
	err = linux_refused(&f, PVHLOAD_E_RANGE);
	ck_says(err, "initrd", "initrd_addr_max");
	f.params.initrd_size = 0x1000;
	linux_written(&f);
	linux_teardown(&f);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("linux_places");

	ADD_TESTS(suite, "linux_places", ends_of_ram, given_places, list_after_the_command_line,
		  places_that_are_none, place_of_no_list, end_of_the_address_space, four_gib,
		  initrd_places, initrd_of_old_kernels);
	return run_suite(suite);
}
