/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* Start info written alone: every rule, and not a byte written when one is broken. */
#include "pvh_fixture.h"

#define RAM      PVHLOAD_MEMMAP_RAM
#define RESERVED PVHLOAD_MEMMAP_RESERVED

/* Maps that the guest is told: @first, @second if it is not empty, then reserved bytes from 1 GiB on. */
static const struct {
	const char *name;
	size_t count;
	struct pvhload_memmap_entry first, second;
	uint32_t flags;
	const char *says[2]; /* NULL: it is written */
} maps[] = {
	{ "one entry", 1, { 0, 0x9fc00, RAM, 0 }, { 0 }, 0, { NULL } },
	{ "127 entries", 127, { 0, 0x9fc00, RAM, 0 }, { 0 }, 0, { NULL } },
	{ "128 entries", 128, { 0, 0x9fc00, RAM, 0 }, { 0 }, 0, { "128 entries", "127" } },
	{ "no low RAM",
	  2,
	  { 0x100000, 0x9fc00, RAM, 0 },
	  { 0 },
	  0,
	  { "no 28 KiB of RAM in one piece between 64 KiB and 640 KiB", "" } },
	{ "a byte less than 28 KiB from 64 KiB on",
	  2,
	  { 0, 0x10000 + 0x6fff, RAM, 0 },
	  { 0 },
	  0,
	  { "28 KiB", "" } },
	{ "a byte less than 28 KiB below 640 KiB",
	  2,
	  { 0x99001, 0x100000, RAM, 0 },
	  { 0 },
	  0,
	  { "28 KiB", "" } },
	{ "ACPI tables for RAM",
	  2,
	  { 0, 0x9fc00, PVHLOAD_MEMMAP_ACPI, 0 },
	  { 0 },
	  0,
	  { "28 KiB", "" } },
	{ "28 KiB below 640 KiB", 2, { 0x99000, 0x100000, RAM, 0 }, { 0 }, 0, { NULL } },
	{ "28 KiB of two entries that touch",
	  2,
	  { 0x14000, 0x4000, RAM, 0 },
	  { 0x11000, 0x3000, RAM, 0 },
	  0,
	  { NULL } },
	{ "no RAM at all, not Linux, as many as can be read back",
	  PVHLOAD_PVH_MEMMAP_READ_MAX,
	  { 0, 1, RESERVED, 0 },
	  { 0 },
	  PVHLOAD_PVH_NOT_LINUX,
	  { NULL } },
	{ "one more",
	  PVHLOAD_PVH_MEMMAP_READ_MAX + 1,
	  { 0, 1, RESERVED, 0 },
	  { 0 },
	  PVHLOAD_PVH_NOT_LINUX,
	  { "4097 entries", "4096" } },
};

START_TEST(memory_map)
{
	struct pvhload_memmap_entry many[PVHLOAD_PVH_MEMMAP_READ_MAX + 1];
	struct pvhload_memmap told = { sizeof(told), many, sizeof(many) / sizeof(many[0]),
				       maps[_i].count, 0 };
	struct pvhload_error err;
	struct pvh_fixture f;

	for (size_t i = 0; i < sizeof(many) / sizeof(many[0]); i++)
		many[i] = (struct pvhload_memmap_entry){ GIB + i, 1, RESERVED, 0 };
	many[0] = maps[_i].first;
	if (maps[_i].second.size > 0)
		many[1] = maps[_i].second;
	pvh_setup(&f);
	f.fake.memory.memmap = &f.map; /* the RAM; what the guest is told is another matter */
	f.params.memmap = &told;
	f.params.flags = maps[_i].flags;
	f.layout.memmap_gpa = 0x200000;
	if (maps[_i].says[0]) {
		err = pvh_refused(&f, PVHLOAD_E_MEMMAP);
		ck_says(err, maps[_i].says[0], maps[_i].says[1]);
	} else {
		const uint64_t last = maps[_i].count - 1;

		ck_status(PVHLOAD_OK, err, write_it(&f, &err));
		ck_assert_uint_eq(peek(f.fake.bytes + 0x6000 + 48, 4), maps[_i].count);
		ck_assert_uint_eq(peek(f.fake.bytes + 0x200000 + last * 24, 8), many[last].gpa);
	}
	pvh_teardown(&f);
}
END_TEST

START_TEST(unsound_map)
{
	struct pvh_fixture f;

	pvh_setup(&f);
	f.entries[0].size = 0;
	(void)pvh_refused(&f, PVHLOAD_E_MEMMAP);
	f.entries[0] = f.entries[1];
	(void)pvh_refused(&f, PVHLOAD_E_MEMMAP);
	pvh_teardown(&f);
}
END_TEST

START_TEST(command_line_rules)
{
	char *text = malloc(0x10001);
	struct pvhload_error err;
	struct pvh_fixture f;

	memset(text, 'x', 0x10000);
	text[0x10000] = '\0';
	pvh_setup(&f);
	f.params.cmdline = text + 0x10000 - 2048;
	err = pvh_refused(&f, PVHLOAD_E_CMDLINE);
	ck_says(err, "2048 bytes", "1 more than the 2047");
	f.params.flags = PVHLOAD_PVH_NOT_LINUX;
	f.params.cmdline = text;
	err = pvh_refused(&f, PVHLOAD_E_CMDLINE);
	ck_says(err, "65536 bytes", "1 more than the 65535");
	f.params.cmdline = text + 1;
	ck_status(PVHLOAD_OK, err, write_it(&f, &err));
	ck_assert_mem_eq(f.fake.bytes + 0x20000, text + 1, 0x10000);
	pvh_teardown(&f);
	free(text);
}
END_TEST

/* The rules on one module. */
START_TEST(module_rules)
{
	char *text = malloc(0x10001);
	const struct {
		struct pvhload_pvh_module module;
		enum pvhload_status status;
		const char *says[2];
	} cases[] = {
		{ { 0x200000, 0, NULL }, PVHLOAD_E_RANGE, { "module 0", "empty" } },
		/* there would be no initrd */
		{ { 0, 0x1000, NULL }, PVHLOAD_E_RANGE, { "module 0", "at address 0" } },
		{ { RAM_SIZE - 1, 2, NULL }, PVHLOAD_E_RANGE, { "module 0", "leaves RAM" } },
		{ { UINT64_MAX, 2, NULL }, PVHLOAD_E_RANGE, { "module 0", "" } },
		{ { 0x20400, 1, NULL },
		  PVHLOAD_E_OVERLAP,
		  { "cmdline [0x20000, 0x20800)", "module 0 [0x20400, 0x20401)" } },
		{ { 0x200000, 1, text },
		  PVHLOAD_E_CMDLINE,
		  { "module 0", "65536 bytes, 1 more than the limit of 65535" } },
	};

	memset(text, 'x', 0x10000);
	text[0x10000] = '\0';
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct pvhload_error err;
		struct pvh_fixture f;

		pvh_setup(&f);
		f.params.modules = &cases[i].module;
		f.params.module_count = 1;
		err = pvh_refused(&f, cases[i].status);
		ck_says(err, cases[i].says[0], cases[i].says[1]);
		pvh_teardown(&f);
	}
	free(text);
}
END_TEST

/* The limits on all of them: their number, and the bytes of their command lines. */
START_TEST(module_limits)
{
	struct pvhload_pvh_module *many;
	char *text = malloc(0x10001);
	struct pvhload_error err;
	struct pvh_fixture f;

	memset(text, 'x', 0x10000);
	text[0x10000] = '\0';
	pvh_setup(&f);
	many = calloc(PVHLOAD_PVH_MODULES_MAX + 1, sizeof(*many));
	f.params.modules = many;
	f.params.module_count = PVHLOAD_PVH_MODULES_MAX + 1;
	err = pvh_refused(&f, PVHLOAD_E_LIMIT);
	ck_says(err, "4097 modules", "4096");
	f.params.modules = NULL;
	f.params.module_count = 1;
	ck_says(pvh_refused(&f, PVHLOAD_E_USAGE), "no modules for their count");
	f.params.modules = many;
	f.params.module_count = 17;
	for (size_t i = 0; i < 17; i++)
		many[i].cmdline = text + 1;
	err = pvh_refused(&f, PVHLOAD_E_LIMIT);
	ck_says(err, "1114113 bytes", "1048576");
	/* 16 of them pass by the kernel's own NUL; a module without a text counts nothing */
	f.params.module_count = 17;
	many[16].cmdline = NULL;
	err = pvh_refused(&f, PVHLOAD_E_LIMIT);
	ck_says(err, "1048577 bytes; the limit is 1048576");
	many[15].cmdline = text + 2;
	f.layout.module_cmdlines_gpa = 0x200000;
	err = pvh_refused(&f, PVHLOAD_E_RANGE); /* the next rule: they are nowhere */
	ck_says(err, "module 0");
	f.params.modules = NULL;
	(void)pvh_refused(&f, PVHLOAD_E_USAGE);
	free(many);
	pvh_teardown(&f);
	free(text);
}
END_TEST

/* Where structures may be.  RAM is pretended to be large; nothing is written when it is refused. */
START_TEST(place_rules)
{
	struct pvhload_memmap_entry entries[3];
	struct pvhload_memmap big = ram_map(entries, 6 * GIB);
	const struct pvhload_pvh_module module = { 0x200000, 1, "x" };
	static const struct {
		const char *name;
		size_t offset; /* in the layout */
		uint64_t gpa;
		const char *says;
	} cases[] = {
#define PLACE(member) offsetof(struct pvhload_pvh_layout, member)
		{ "start_info", PLACE(start_info_gpa), 4 * GIB - 55, "below 4 GiB" },
		{ "start_info", PLACE(start_info_gpa), 4 * GIB, "below 4 GiB" },
		{ "start_info", PLACE(start_info_gpa), UINT64_MAX, "below 4 GiB" },
		{ "start_info", PLACE(start_info_gpa), 0x9fbff, "leaves RAM" },
		{ "start_info", PLACE(start_info_gpa), 0xa0000, "leaves RAM" },
		{ "start_info", PLACE(start_info_gpa), 3 * GIB, "leaves RAM" },
		{ "modlist", PLACE(modlist_gpa), GIB - 31, "below 1 GiB" },
		{ "modlist", PLACE(modlist_gpa), GIB + GIB / 4, "below 1 GiB" },
		{ "memmap", PLACE(memmap_gpa), GIB - 71, "below 1 GiB" },
		{ "memmap", PLACE(memmap_gpa), 0xa0000, "leaves RAM" },
		{ "cmdline", PLACE(cmdline_gpa), 4 * GIB + 1, "below 4 GiB" },
		{ "cmdline", PLACE(cmdline_gpa), 3 * GIB - 2047, "leaves RAM" },
		{ "cmdline", PLACE(cmdline_gpa), UINT64_MAX - 8, "below 4 GiB" },
		{ "module cmdlines", PLACE(module_cmdlines_gpa), 4 * GIB, "below 4 GiB" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct pvhload_error err;
		struct pvh_fixture f;

		pvh_setup(&f);
		f.params.memmap = &big;
		f.params.modules = &module;
		f.params.module_count = 1;
		memcpy((char *)&f.layout + cases[i].offset, &cases[i].gpa, sizeof(uint64_t));
		err = pvh_refused(&f, PVHLOAD_E_RANGE);
		ck_says(err, cases[i].name, cases[i].says);
		pvh_teardown(&f);
	}
}
END_TEST

START_TEST(overlapping_structures)
{
	struct pvhload_pvh_module modules[127];
	struct pvhload_error err;
	struct pvh_fixture f;

	pvh_setup(&f);
	f.layout.memmap_gpa = 0x6037;
	err = pvh_refused(&f, PVHLOAD_E_OVERLAP);
	ck_says(err, "start_info [0x6000, 0x6038)", "memmap [0x6037, 0x6067)");

	/* the usual places hold 126 modules */
	f.layout.memmap_gpa = 0;
	for (size_t i = 0; i < 127; i++)
		modules[i] = (struct pvhload_pvh_module){ 0x200000 + 16 * i, 16, NULL };
	f.params.modules = modules;
	f.params.module_count = 127;
	err = pvh_refused(&f, PVHLOAD_E_OVERLAP);
	ck_says(err, "modlist [0x6040, 0x7020)", "memmap [0x7000, 0x7030)");
	f.params.module_count = 126;
	ck_status(PVHLOAD_OK, err, write_it(&f, &err));
	pvh_teardown(&f);
}
END_TEST

/* The RSDP is the VMM's: nothing of ours goes over it, wherever it is. */
START_TEST(rsdp_is_kept_clear)
{
	struct pvhload_error err;
	struct pvh_fixture f;

	pvh_setup(&f);
	f.params.rsdp_gpa = 0x6000 - 35;
	err = pvh_refused(&f, PVHLOAD_E_OVERLAP);
	ck_says(err, "the RSDP [0x5fdd, 0x6001)", "start_info [0x6000, 0x6038)");
	f.params.rsdp_gpa = UINT64_MAX;
	err = pvh_refused(&f, PVHLOAD_E_RANGE);
	ck_says(err, "the RSDP, 36 bytes", "passes the end of the address space");
	f.params.rsdp_gpa = 0x6000 - 36;
	ck_status(PVHLOAD_OK, err, write_it(&f, &err));
	pvh_teardown(&f);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("pvh_rules");
	TCase *table = tcase_create("maps");

	tcase_add_loop_test(table, memory_map, 0, (int)(sizeof(maps) / sizeof(maps[0])));
	suite_add_tcase(suite, table);
	ADD_TESTS(suite, "pvh_rules", unsound_map, command_line_rules, module_rules, module_limits,
		  place_rules, overlapping_structures, rsdp_is_kept_clear);
	return run_suite(suite);
}
