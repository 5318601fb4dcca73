/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* The rules that the writers share: places that overlap, low RAM for Linux, fields of old headers. */
#include <stdio.h>

#include "linux_fixture.h"

#include "x86/setup_header.h"
#include "guest/memmap_rules.h"
#include "layout/space.h"
#include "x86/limits.h"

#define SEED_SIZE 24u

/* The four places of a zero page and the RSDP, each with each: one byte over, and side by side. */
START_TEST(overlaps_of_each_pair)
{
	static const struct {
		const char *name;
		uint64_t gpa, size;
	} pieces[] = {
		{ "zero page", 0x100000, 4096 },       { "cmdline", 0x110000, 2048 },
		{ "setup_data", 0x120000, SEED_SIZE }, { "initrd", 0x130000, 0x1238 },
		{ "the RSDP", 0x140000, 36 },
	};

	for (size_t a = 0; a < 5; a++) {
		for (size_t b = 0; b < 5; b++) {
			/* b begins within a, at its last byte; the list at its last multiple of 8 */
			const uint64_t end = pieces[a].gpa + (pieces[a].size + 7) / 8 * 8;
			uint64_t gpa[5];
			struct pvhload_source source;
			struct pvhload_linux_setup_data data =
				setup_data(&source, 9, "12345678", 8);
			struct pvhload_error err;
			struct linux_fixture f;

			for (size_t i = 0; i < 5; i++)
				gpa[i] = pieces[i].gpa;
			if (a == b)
				continue;
			linux_setup(&f);
			f.params.setup_data = &data;
			f.params.setup_data_count = 1;
			f.params.initrd_size = pieces[3].size;
			for (int apart = 0; apart < 2; apart++) {
				gpa[b] = apart ? end : end - 8;
				f.layout.zero_page_gpa = gpa[0];
				f.layout.cmdline_gpa = gpa[1];
				f.layout.setup_data_gpa = gpa[2];
				f.params.initrd_gpa = gpa[3];
				f.params.rsdp_gpa = gpa[4];
				if (apart) {
					linux_written(&f);
					continue;
				}
				err = linux_refused(&f, PVHLOAD_E_OVERLAP);
				ck_says(err, pieces[a].name, pieces[b].name, "overlaps");
				ck_assert_uint_eq(err.gpa, gpa[b]);
			}
			linux_teardown(&f);
		}
	}
}
END_TEST

/* One inside the other, and the very same place. */
START_TEST(overlaps_inside)
{
	struct pvhload_error err;
	struct linux_fixture f;

	linux_setup(&f);
	f.layout.cmdline_gpa = 0x7000;
	err = linux_refused(&f, PVHLOAD_E_OVERLAP);
	ck_says(err, "zero page [0x7000, 0x8000)", "cmdline [0x7000, 0x7800)");
	f.layout.cmdline_gpa = 0;
	f.params.initrd_gpa = 0x6000;
	f.params.initrd_size = 0x3000;
	err = linux_refused(&f, PVHLOAD_E_OVERLAP);
	ck_says(err, "zero page [0x7000, 0x8000) overlaps initrd [0x6000, 0x9000)");
	f.params.initrd_size = 0;
	f.params.rsdp_gpa = 0x6fdd; /* one byte of 36 */
	err = linux_refused(&f, PVHLOAD_E_OVERLAP);
	ck_says(err, "zero page [0x7000, 0x8000) overlaps the RSDP [0x6fdd, 0x7001)");
	f.params.rsdp_gpa = UINT64_MAX; /* the planner refuses it as well */
	err = linux_refused(&f, PVHLOAD_E_RANGE);
	ck_says(err, "the RSDP, 36 bytes at 0xffffffffffffffff");
	f.params.rsdp_gpa = 0x6fdc;
	linux_written(&f);
	f.params.rsdp_gpa = 0x8000;
	linux_written(&f);
	f.params.rsdp_gpa = 0xe0000; /* not RAM; that is where they are */
	linux_written(&f);
	ck_assert_uint_eq(peek(f.page + 0x070, 8), 0xe0000);
	linux_teardown(&f);
}
END_TEST

/* Claims by themselves: bounds, RAM, alignment, and what is in the way. */
START_TEST(claims_alone)
{
	struct pvhload_memmap_entry entries[] = { { 0x1000, 0x100000, PVHLOAD_MEMMAP_RAM, 0 } };
	const struct pvhload_memmap map = { sizeof(map), entries, 1, 1, 0 };
	const struct {
		uint64_t gpa, size, align, limit;
		enum pvhload_status status;
		const char *says;
	} cases[] = {
		{ 0x1fff, 2, 1, 0x2000, PVHLOAD_E_RANGE,
		  "a, 0x2 bytes at 0x1fff, does not end below x" },
		{ UINT64_MAX, 2, 1, UINT64_MAX, PVHLOAD_E_RANGE, "does not end below x" },
		{ 0xfff, 2, 1, UINT64_MAX, PVHLOAD_E_RANGE, "a [0xfff, 0x1001) leaves RAM" },
		{ 0x1008, 8, 16, UINT64_MAX, PVHLOAD_E_RANGE, "not at a multiple of 0x10" },
		{ 0x100ff8, 16, 1, UINT64_MAX, PVHLOAD_E_RANGE, "the memory map ends at 0x101000" },
		{ 0x3800, 0x1000, 1, UINT64_MAX, PVHLOAD_E_OVERLAP,
		  "overlaps number 3 [0x3000, 0x4000)" },
		{ 0xa000, 1, 1, UINT64_MAX, PVHLOAD_E_OVERLAP, "overlaps kept [0xa000, 0xb000)" },
	};
	struct pvl_space space;
	struct pvhload_error err;
	struct pvl_part part = {
		.kind = 1, .size = 0x1000, .align = 1, .limit = UINT64_MAX, .limit_name = "x"
	};

	ck_status(PVHLOAD_OK, err, pvl_space_init(&space, &pvl_arch_x86, &map, &err));
	for (unsigned int i = 9; i > 0; i--) { /* from the top down, side by side */
		snprintf(part.name, sizeof(part.name), "number %u", i);
		ck_status(PVHLOAD_OK, err, pvl_space_claim(&space, &part, 0x1000ull * i, 0, &err));
	}
	ck_status(PVHLOAD_OK, err, pvl_space_keep_free(&space, "kept", 0xa000, 0x1000, &err));
	ck_status(PVHLOAD_OK, err,
		  pvl_space_keep_free(&space, "low", 0, 0x1000, &err)); /* no RAM */
	snprintf(part.name, sizeof(part.name), "a");
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		part.size = cases[i].size;
		part.align = cases[i].align;
		part.limit = cases[i].limit;
		ck_status(cases[i].status, err,
			  pvl_space_claim(&space, &part, cases[i].gpa, 0, &err));
		ck_says(err, cases[i].says);
		ck_assert_uint_eq(space.count, 11);
	}
	pvl_space_free(&space);
}
END_TEST

static uint32_t end_of(struct pvl_span bytes)
{
	return pvl_setup_end(&(struct pvl_setup_header){ bytes, 0, 0 });
}

/* 28 KiB in one piece between 64 KiB and 1 MiB, wherever they are and however they are listed. */
START_TEST(low_ram)
{
	static const struct {
		bool enough;
		struct pvhload_memmap_entry entries[4];
	} maps[] = {
		/* too little, too little, enough */
		{ true,
		  { { 0x11000, 0x6000, 1, 0 },
		    { 0x20000, 0x1000, 1, 0 },
		    { 0x30000, 0x7000, 1, 0 },
		    { 0x40000, 1, 1, 0 } } },
		/* the same, listed from the top down */
		{ true,
		  { { 0x40000, 1, 1, 0 },
		    { 0x30000, 0x7000, 1, 0 },
		    { 0x20000, 0x1000, 1, 0 },
		    { 0x11000, 0x6000, 1, 0 } } },
		/* 28 KiB in four that touch, in no order */
		{ true,
		  { { 0x32000, 0x1000, 1, 0 },
		    { 0x30000, 0x1000, 1, 0 },
		    { 0x33000, 0x4000, 1, 0 },
		    { 0x31000, 0x1000, 1, 0 } } },
		/* and a byte less */
		{ false,
		  { { 0x32000, 0x1000, 1, 0 },
		    { 0x30000, 0x1000, 1, 0 },
		    { 0x33000, 0x3fff, 1, 0 },
		    { 0x31000, 0x1000, 1, 0 } } },
		/* with a gap of one byte */
		{ false,
		  { { 0x30000, 0x3800, 1, 0 },
		    { 0x33801, 0x3800, 1, 0 },
		    { 0x100000, 0x100000, 1, 0 },
		    { 0x200000, 1, 1, 0 } } },
		/* what is below 64 KiB and from 640 KiB on does not count */
		{ false,
		  { { 0, 0x16fff, 1, 0 },
		    { 0x99001, 0x166fff, 1, 0 },
		    { 0x200000, 1, 1, 0 },
		    { 0x300000, 1, 1, 0 } } },
		{ true,
		  { { 0x99000, 0x167000, 1, 0 },
		    { 0, 0x16fff, 1, 0 },
		    { 0x200000, 1, 1, 0 },
		    { 0x300000, 1, 1, 0 } } },
		/* what is not RAM does not count */
		{ false,
		  { { 0x20000, 0x10000, 2, 0 },
		    { 0x30000, 0x10000, 3, 0 },
		    { 0x40000, 0x10000, 4, 0 },
		    { 0x50000, 0x6fff, 1, 0 } } },
		/* up to the last address */
		{ true,
		  { { 0x20000, UINT64_MAX - 0x20000, 1, 0 },
		    { 1, 1, 2, 0 },
		    { 2, 1, 2, 0 },
		    { 3, 1, 2, 0 } } },
	};
	struct pvhload_error err;

	for (size_t i = 0; i < sizeof(maps) / sizeof(maps[0]); i++) {
		ck_status(maps[i].enough ? PVHLOAD_OK : PVHLOAD_E_MEMMAP, err,
			  pvl_check_linux_low_ram(maps[i].entries, 4, &err));
	}
	ck_status(PVHLOAD_OK, err, pvl_check_linux_entries(4, 4, "letter", &err));
	ck_status(PVHLOAD_E_MEMMAP, err, pvl_check_linux_entries(4, 3, "letter", &err));
	ck_says(err, "4 entries", "takes 3 by letter");
}
END_TEST

/* A field is there if the protocol has it and all of it is before the header's end. */
START_TEST(fields)
{
	static const struct {
		uint32_t offset, size;
		uint16_t since;
		uint64_t value;
	} cases[] = {
		{ PVHLOAD_SETUP_INITRD_ADDR_MAX, 4, 0x203, 0x7fffffff },
		{ PVHLOAD_SETUP_RELOCATABLE, 1, 0x205, 1 },
		{ PVHLOAD_SETUP_CMDLINE_SIZE, 4, 0x206, 2047 },
		{ PVHLOAD_SETUP_MIN_ALIGNMENT, 1, 0x20a, 0x15 },
		{ PVHLOAD_SETUP_PREF_ADDRESS, 8, 0x20a, 0x1000000 },
		{ PVHLOAD_SETUP_INIT_SIZE, 4, 0x20a, 0x37dc000 },
		{ PVHLOAD_SETUP_XLOADFLAGS, 2, 0x20c, 0x7f },
	};
	struct bytes head = build_head(0x20f, 0x26c);

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const uint32_t offset = cases[i].offset;
		const uint64_t value = cases[i].value;
		struct pvl_setup_header h = { { head.data, offset + cases[i].size },
					      0,
					      cases[i].since };

		ck_assert_uint_eq(pvl_setup_field(&h, offset), value);
		h.version--;
		ck_assert_uint_eq(pvl_setup_field(&h, offset), 0);
		ck_assert_uint_eq(pvl_setup_field_of_any(&h, offset), value);
		h.version++;
		h.bytes.size--;
		ck_assert_uint_eq(pvl_setup_field(&h, offset), 0);
		ck_assert_uint_eq(pvl_setup_field_of_any(&h, offset), 0);
		/* bytes that begin at the field, and after it */
		h.bytes = (struct pvl_span){ head.data + offset, cases[i].size };
		h.base = offset;
		ck_assert_uint_eq(pvl_setup_field(&h, offset), value);
		h.base = offset + 1;
		ck_assert_uint_eq(pvl_setup_field(&h, offset), 0);
	}
	bytes_free(&head);
}
END_TEST

/* What a header says that is too old for the field. */
START_TEST(old_headers)
{
	struct bytes head = build_head(0x20f, 0x26c);
	struct pvl_setup_header h = { { head.data, 0x26c }, 0, 0x20f };

	ck_assert_uint_eq(pvl_setup_end(&h), 0x26c);
	ck_assert_uint_eq(pvl_setup_cmdline_max(&h), 2047);
	ck_assert_uint_eq(pvl_setup_initrd_max(&h), 0x7fffffff);
	h.version = 0x205;
	ck_assert_uint_eq(pvl_setup_cmdline_max(&h), 255);
	ck_assert_uint_eq(pvl_setup_initrd_max(&h), 0x7fffffff);
	h.version = 0x202;
	ck_assert_uint_eq(pvl_setup_initrd_max(&h), 0x37ffffff);
	bytes_free(&head);
}
END_TEST

START_TEST(end_of_the_header)
{
	struct bytes head = build_head(0x20f, 0x26c);
	const struct pvl_span bytes = { head.data, head.size };

	for (uint32_t displacement = 0; displacement < 0x100; displacement++) {
		const uint32_t end = 0x202 + displacement;

		poke(&head, 0x201, displacement, 1);
		ck_assert_uint_eq(end_of(bytes), end > 0x211 && end < 0x282 ? end : 0);
	}
	poke(&head, 0x201, 0x6a, 1);
	ck_assert_uint_eq(end_of((struct pvl_span){ head.data, 0x202 }), 0x26c);
	ck_assert_uint_eq(end_of((struct pvl_span){ head.data, 0x201 }), 0);
	ck_assert_uint_eq(end_of((struct pvl_span){ head.data, 0 }), 0);
	poke(&head, 0x200, 0xe9, 1);
	ck_assert_uint_eq(end_of(bytes), 0);
	bytes_free(&head);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("places");

	ADD_TESTS(suite, "places", overlaps_of_each_pair, overlaps_inside, claims_alone, low_ram,
		  fields, old_headers, end_of_the_header);
	return run_suite(suite);
}
