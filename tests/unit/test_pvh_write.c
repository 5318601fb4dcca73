/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* Start info written alone: exact bytes, and every rule. */
#include "pvh_fixture.h"

static enum pvhload_status write_it(struct pvh_fixture *f, struct pvhload_error *err)
{
	return pvhload_pvh_write(&f->fake.memory, &f->layout, &f->params, err);
}

/* Writing fails with @status and not a byte of the guest changes. */
static struct pvhload_error refused(struct pvh_fixture *f, enum pvhload_status status)
{
	struct pvhload_error err;

	ck_status(status, err, write_it(f, &err));
	ck_assert(fake_memory_untouched(&f->fake));
	ck_assert_uint_eq(f->fake.calls, 0);
	return err;
}

START_TEST(exact_bytes)
{
	/* vectors implied by the structures: one module, RSDP, a map of two entries */
	static const uint8_t start_info[56] = {
		0x78, 0xc5, 0x6e, 0x33, 1, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0,    0x40, 0x60, 0,
		0,    0,    0,    0,    0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0x0e, 0,    0,    0,
		0,    0,    0,    0x70, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0,    0,    0,
	};
	static const uint8_t modlist[32] = { 0, 0, 0x20, 0, 0, 0, 0, 0, 0x56, 0x34, 0x12 };
	static const uint8_t memmap[48] = {
		0, 0, 0,    0, 0, 0, 0, 0, 0, 0xfc, 9,    0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0,
		0, 0, 0x10, 0, 0, 0, 0, 0, 0, 0,    0x30, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0
	};
	const struct pvhload_pvh_module module = { 0x200000, 0x123456, NULL };
	struct pvhload_error err;
	struct pvh_fixture f;
	uint64_t touched = 0;

	pvh_setup(&f);
	f.params.cmdline = "console=ttyS0";
	f.params.modules = &module;
	f.params.module_count = 1;
	f.params.rsdp_gpa = 0xe0000;
	ck_status(PVHLOAD_OK, err, write_it(&f, &err));
	ck_assert_mem_eq(f.fake.bytes + 0x6000, start_info, sizeof(start_info));
	ck_assert_mem_eq(f.fake.bytes + 0x6040, modlist, sizeof(modlist));
	ck_assert_mem_eq(f.fake.bytes + 0x7000, memmap, sizeof(memmap));
	ck_assert_mem_eq(f.fake.bytes + 0x20000, "console=ttyS0\0\0\0", 16);
	for (uint64_t i = 0x2000d; i < 0x20800; i++)
		ck_assert_uint_eq(f.fake.bytes[i], 0); /* the window Linux reads */
	for (uint64_t i = 0; i < RAM_SIZE; i++)
		touched += f.fake.bytes[i] != FAKE_PATTERN;
	ck_assert_uint_eq(touched, 56 + 32 + 48 + 2048);
	ck_assert(!f.fake.strayed);
	pvh_teardown(&f);
}
END_TEST

START_TEST(without_modules_and_command_line)
{
	struct pvhload_error err;
	struct pvh_fixture f;

	pvh_setup(&f);
	f.params.start_info_flags = 3;
	ck_status(PVHLOAD_OK, err, pvhload_pvh_write(&f.fake.memory, NULL, &f.params, &err));
	ck_assert_uint_eq(peek(f.fake.bytes + 0x6000 + 8, 4), 3);
	ck_assert_uint_eq(peek(f.fake.bytes + 0x6000 + 12, 4), 0);
	ck_assert_uint_eq(peek(f.fake.bytes + 0x6000 + 16, 8), 0); /* FreeBSD stops otherwise */
	ck_assert_uint_eq(peek(f.fake.bytes + 0x6000 + 24, 8), 0x20000);
	ck_assert_uint_eq(f.fake.bytes[0x20000], 0);
	ck_assert_uint_eq(peek(f.fake.bytes + 0x6000 + 32, 8), 0);
	pvh_teardown(&f);
}
END_TEST

START_TEST(round_trip)
{
	const struct pvhload_pvh_module modules[] = {
		{ 0x200000, 1, "first module" },
		{ 0x201000, 0x1000, NULL },
		{ 0x202000, 0x1000, "" },
		{ 0x203000, 0x1000, "the last=\"one\"" },
	};
	const struct pvhload_pvh_view *view;
	struct pvhload_error err;
	struct pvh_fixture f;

	pvh_setup(&f);
	f.layout.start_info_gpa = 0x150000;
	f.layout.modlist_gpa = 0x151000;
	f.layout.memmap_gpa = 0x152001; /* any byte will do */
	f.layout.cmdline_gpa = 0x153000;
	f.layout.module_cmdlines_gpa = 0x154000;
	f.params.cmdline = "a b c";
	f.params.modules = modules;
	f.params.module_count = 4;
	f.params.rsdp_gpa = 0xabcdef0123456789;
	ck_status(PVHLOAD_OK, err, write_it(&f, &err));

	view = read_back(&f, 0x150000);
	ck_assert_uint_eq(view->magic, PVHLOAD_START_INFO_MAGIC);
	ck_assert_uint_eq(view->version, 1);
	ck_assert_uint_eq(view->flags, 0);
	ck_assert_uint_eq(view->has_cmdline, 1);
	ck_assert_uint_eq(view->cmdline_gpa, 0x153000);
	ck_assert_uint_eq(view->modlist_gpa, 0x151000);
	ck_assert_uint_eq(view->memmap_gpa, 0x152001);
	ck_assert_uint_eq(view->rsdp_gpa, 0xabcdef0123456789);
	ck_assert_str_eq(view->cmdline, "a b c");
	ck_assert_uint_eq(view->module_count, 4);
	for (size_t i = 0; i < 4; i++) {
		ck_assert_uint_eq(view->modules[i].gpa, modules[i].gpa);
		ck_assert_uint_eq(view->modules[i].size, modules[i].size);
		if (modules[i].cmdline)
			ck_assert_str_eq(view->modules[i].cmdline, modules[i].cmdline);
		else
			ck_assert_ptr_null(view->modules[i].cmdline);
	}
	ck_assert_uint_eq(view->memmap_count, 2);
	ck_assert_mem_eq(view->memmap, f.entries, 2 * sizeof(f.entries[0]));
	pvhload_pvh_view_free((struct pvhload_pvh_view *)(uintptr_t)view);
	pvhload_pvh_view_free(NULL);
	pvh_teardown(&f);
}
END_TEST

START_TEST(default_place_of_module_texts)
{
	const struct pvhload_pvh_module module = { 0x200000, 1, "text" };
	char cmdline[2048];
	struct pvhload_error err;
	struct pvh_fixture f;

	pvh_setup(&f);
	memset(cmdline, 'x', sizeof(cmdline) - 1);
	cmdline[2047] = '\0';
	f.params.cmdline = cmdline;
	f.params.modules = &module;
	f.params.module_count = 1;
	ck_status(PVHLOAD_OK, err, write_it(&f, &err));
	ck_assert_mem_eq(f.fake.bytes + 0x20000, cmdline, 2048);
	ck_assert_mem_eq(f.fake.bytes + 0x20800, "text", 5);
	pvh_teardown(&f);
}
END_TEST

START_TEST(memory_map_rules)
{
	struct pvhload_memmap_entry many[PVHLOAD_PVH_MEMMAP_READ_MAX + 1];
	struct pvhload_error err;
	struct pvh_fixture f;

	for (size_t i = 0; i < sizeof(many) / sizeof(many[0]); i++)
		many[i] = (struct pvhload_memmap_entry){ GIB + i, 1, PVHLOAD_MEMMAP_RESERVED, 0 };
	pvh_setup(&f);
	f.fake.memory.memmap = &f.map; /* the RAM; what the guest is told is another matter */
	struct pvhload_memmap told = { sizeof(told), many, sizeof(many) / sizeof(many[0]), 1 };
	f.params.memmap = &told;

	many[0] = (struct pvhload_memmap_entry){ 0, 0x9fc00, PVHLOAD_MEMMAP_RAM, 0 };
	err = refused(&f, PVHLOAD_E_MEMMAP);
	ck_says(err, "1 entry", "fewer than 2");
	told.count = 128;
	err = refused(&f, PVHLOAD_E_MEMMAP);
	ck_says(err, "128 entries", "127");
	told.count = 127;
	ck_status(PVHLOAD_OK, err, write_it(&f, &err));
	ck_assert_uint_eq(peek(f.fake.bytes + 0x6000 + 48, 4), 127);
	ck_assert_uint_eq(peek(f.fake.bytes + 0x7000 + 126 * 24, 8), GIB + 126);
	pvh_teardown(&f);

	pvh_setup(&f);
	f.fake.memory.memmap = &f.map;
	f.params.memmap = &told;
	told.count = 2;
	many[0].addr = 0x100000;
	err = refused(&f, PVHLOAD_E_MEMMAP);
	ck_says(err, "no RAM below 1 MiB");
	many[0] = (struct pvhload_memmap_entry){ 0xff001, 0x100000, PVHLOAD_MEMMAP_RAM, 0 };
	(void)refused(&f, PVHLOAD_E_MEMMAP);
	many[0] = (struct pvhload_memmap_entry){ 0, 0x9fc00, PVHLOAD_MEMMAP_ACPI, 0 };
	(void)refused(&f, PVHLOAD_E_MEMMAP);
	many[0] = (struct pvhload_memmap_entry){ 0xff000, 0x100000, PVHLOAD_MEMMAP_RAM, 0 };
	ck_status(PVHLOAD_OK, err, write_it(&f, &err));
	pvh_teardown(&f);

	/* a guest that is not Linux is told what the VMM says, up to what we would read back */
	pvh_setup(&f);
	f.fake.memory.memmap = &f.map;
	f.params.memmap = &told;
	f.params.flags = PVHLOAD_PVH_NOT_LINUX;
	told.count = PVHLOAD_PVH_MEMMAP_READ_MAX + 1;
	err = refused(&f, PVHLOAD_E_MEMMAP);
	ck_says(err, "4097 entries", "4096");
	told.count = PVHLOAD_PVH_MEMMAP_READ_MAX;
	f.layout.memmap_gpa = 0x200000;
	many[0] = (struct pvhload_memmap_entry){ 0, 1, PVHLOAD_MEMMAP_RESERVED, 0 };
	ck_status(PVHLOAD_OK, err, write_it(&f, &err));
	pvh_teardown(&f);

	pvh_setup(&f);
	f.entries[0].size = 0;
	(void)refused(&f, PVHLOAD_E_MEMMAP);
	f.entries[0] = f.entries[1];
	(void)refused(&f, PVHLOAD_E_OVERLAP);
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
	err = refused(&f, PVHLOAD_E_CMDLINE);
	ck_says(err, "2048 bytes", "1 more than the 2047");
	f.params.flags = PVHLOAD_PVH_NOT_LINUX;
	f.params.cmdline = text;
	err = refused(&f, PVHLOAD_E_CMDLINE);
	ck_says(err, "65536 bytes", "1 more than the 65535");
	f.params.cmdline = text + 1;
	ck_status(PVHLOAD_OK, err, write_it(&f, &err));
	ck_assert_mem_eq(f.fake.bytes + 0x20000, text + 1, 0x10000);
	pvh_teardown(&f);
	free(text);
}
END_TEST

START_TEST(module_rules)
{
	struct pvhload_pvh_module module = { 0x200000, 0x1000, NULL };
	struct pvhload_pvh_module *many;
	char *text = malloc(0x10001);
	struct pvhload_error err;
	struct pvh_fixture f;

	memset(text, 'x', 0x10000);
	text[0x10000] = '\0';
	pvh_setup(&f);
	f.params.modules = &module;
	f.params.module_count = 1;
	module.size = 0;
	err = refused(&f, PVHLOAD_E_RANGE);
	ck_says(err, "module 0", "empty");
	module = (struct pvhload_pvh_module){ RAM_SIZE - 1, 2, NULL };
	(void)refused(&f, PVHLOAD_E_RANGE);
	module = (struct pvhload_pvh_module){ UINT64_MAX, 2, NULL };
	(void)refused(&f, PVHLOAD_E_RANGE);
	module = (struct pvhload_pvh_module){ 0x20400, 1, NULL };
	err = refused(&f, PVHLOAD_E_OVERLAP);
	ck_says(err, "cmdline [0x20000, 0x20800)", "module 0 [0x20400, 0x20401)");
	module = (struct pvhload_pvh_module){ 0x200000, 1, text };
	err = refused(&f, PVHLOAD_E_CMDLINE);
	ck_says(err, "module 0", "65536", "65535");

	many = calloc(PVHLOAD_PVH_MODULES_MAX + 1, sizeof(*many));
	f.params.modules = many;
	f.params.module_count = PVHLOAD_PVH_MODULES_MAX + 1;
	err = refused(&f, PVHLOAD_E_LIMIT);
	ck_says(err, "4097 modules", "4096");
	f.params.module_count = 17;
	for (size_t i = 0; i < 17; i++)
		many[i].cmdline = text + 1;
	err = refused(&f, PVHLOAD_E_LIMIT);
	ck_says(err, "1114112 bytes");
	f.params.modules = NULL;
	(void)refused(&f, PVHLOAD_E_USAGE);
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
		{ "start_info", PLACE(start_info_gpa), 0x9fbff, "not all in RAM" },
		{ "start_info", PLACE(start_info_gpa), 0xa0000, "not all in RAM" },
		{ "start_info", PLACE(start_info_gpa), 3 * GIB, "not all in RAM" },
		{ "modlist", PLACE(modlist_gpa), GIB - 31, "below 1 GiB" },
		{ "modlist", PLACE(modlist_gpa), GIB + GIB / 4, "below 1 GiB" },
		{ "memmap", PLACE(memmap_gpa), GIB - 71, "below 1 GiB" },
		{ "memmap", PLACE(memmap_gpa), 0xa0000, "not all in RAM" },
		{ "cmdline", PLACE(cmdline_gpa), 4 * GIB + 1, "below 4 GiB" },
		{ "cmdline", PLACE(cmdline_gpa), 3 * GIB - 2047, "not all in RAM" },
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
		err = refused(&f, PVHLOAD_E_RANGE);
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
	err = refused(&f, PVHLOAD_E_OVERLAP);
	ck_says(err, "start_info [0x6000, 0x6038)", "memmap [0x6037, 0x6067)");

	/* the usual places hold 126 modules */
	f.layout.memmap_gpa = 0;
	for (size_t i = 0; i < 127; i++)
		modules[i] = (struct pvhload_pvh_module){ 0x200000 + 16 * i, 16, NULL };
	f.params.modules = modules;
	f.params.module_count = 127;
	err = refused(&f, PVHLOAD_E_OVERLAP);
	ck_says(err, "modlist [0x6040, 0x7020)", "memmap [0x7000, 0x7030)");
	f.params.module_count = 126;
	ck_status(PVHLOAD_OK, err, write_it(&f, &err));
	pvh_teardown(&f);
}
END_TEST

START_TEST(write_usage)
{
	struct pvhload_memory_ops ops;
	struct pvhload_error err;
	struct pvh_fixture f;

	pvh_setup(&f);
	ck_status(PVHLOAD_E_USAGE, err, pvhload_pvh_write(NULL, NULL, &f.params, &err));
	ck_status(PVHLOAD_E_USAGE, err, pvhload_pvh_write(&f.fake.memory, NULL, NULL, &err));
	f.params.memmap = NULL;
	(void)refused(&f, PVHLOAD_E_USAGE);
	f.params.memmap = &f.map;
	f.params.flags = 2;
	(void)refused(&f, PVHLOAD_E_USAGE);
	f.params.flags = 0;
	f.params.size = 8;
	(void)refused(&f, PVHLOAD_E_USAGE);
	f.params.size = sizeof(f.params);
	f.layout.size = 9;
	(void)refused(&f, PVHLOAD_E_USAGE);
	f.layout.size = sizeof(f.layout);

	ops = f.fake.ops;
	ops.write = NULL;
	f.fake.memory.ops = &ops;
	(void)refused(&f, PVHLOAD_E_USAGE);
	ops.size = 3;
	(void)refused(&f, PVHLOAD_E_USAGE);
	f.fake.memory.ops = NULL;
	(void)refused(&f, PVHLOAD_E_USAGE);
	f.fake.memory.ops = &f.fake.ops;
	f.fake.memory.flags = 2;
	(void)refused(&f, PVHLOAD_E_USAGE);
	f.fake.memory.flags = 0;
	f.fake.memory.reserved = 1;
	(void)refused(&f, PVHLOAD_E_USAGE);
	f.fake.memory.reserved = 0;
	f.fake.memory.size = 3;
	(void)refused(&f, PVHLOAD_E_USAGE);
	f.fake.memory.size = sizeof(f.fake.memory);
	f.map.count = 9;
	(void)refused(&f, PVHLOAD_E_USAGE);
	pvh_teardown(&f);
}
END_TEST

START_TEST(failing_writes)
{
	const struct pvhload_pvh_module module = { 0x200000, 1, "x" };
	static const char *const names[] = { "start_info", "modlist", "memmap", "cmdline",
					     "module cmdlines" };

	for (uint64_t n = 1; n <= 5; n++) {
		struct pvhload_error err;
		struct pvh_fixture f;

		pvh_setup(&f);
		f.params.modules = &module;
		f.params.module_count = 1;
		f.fake.fail_at = n;
		ck_status(PVHLOAD_E_CALLBACK, err, write_it(&f, &err));
		ck_assert_int_eq(err.cause, -77);
		ck_says(err, names[n - 1], "write callback returned -77");
		ck_assert_uint_eq(f.fake.calls, n);
		pvh_teardown(&f);
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("pvh_write");

	ADD_TESTS(suite, "pvh_write", exact_bytes, without_modules_and_command_line, round_trip,
		  default_place_of_module_texts, memory_map_rules, command_line_rules, module_rules,
		  place_rules, overlapping_structures, write_usage, failing_writes);
	return run_suite(suite);
}
