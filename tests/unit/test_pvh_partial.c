/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* Start info of which a part cannot be read: the rest is there, and what would have ended the call. */
#include <stdio.h>

#include "pvh_fixture.h"

#define AT      0x6000u
#define MODLIST 0x7000u
#define MEMMAP  0x8000u
#define STRAY   0x500000u /* after RAM */

/* What is written over good memory, in little-endian order. */
struct change {
	uint64_t gpa;
	uint64_t value;
	size_t size;
};

struct broken {
	struct change changes[3];
	enum pvhload_status status; /* without the flag */
	uint32_t incomplete;
	const char *cmdline, *texts[2]; /* the modules' command lines */
	size_t modules, entries;
	const char *problems[4];
};

#define NOT_IN_RAM " are not all in the guest's RAM: there is none at "
#define STRAYED    "0x500000" NOT_IN_RAM "0x500000"

/* In the order of the members: what is changed, what comes of it, what there is, what is told. */
#define CASE(...)           \
	{                   \
		__VA_ARGS__ \
	}

static const struct broken cases[] = {
	CASE({ { 0 } }, PVHLOAD_OK, 0, "quiet", { "one", "two" }, 2, 2, { NULL }),
	CASE({ { AT + 16, STRAY, 8 } }, PVHLOAD_E_RANGE, PVHLOAD_PART_MODULES, "quiet", { NULL }, 0,
	     2, { "modlist: 0x40 bytes at " STRAYED }),
	CASE({ { AT + 16, RAM_SIZE - 32, 8 } }, PVHLOAD_E_RANGE, PVHLOAD_PART_MODULES, "quiet",
	     { NULL }, 1, 2, { "modlist: 0x40 bytes at 0x3fffe0" NOT_IN_RAM "0x400000" }),
	CASE({ { AT + 16, 0, 8 } }, PVHLOAD_E_MALFORMED, PVHLOAD_PART_MODULES, "quiet", { NULL }, 0,
	     2, { "modlist has 2 entries at address 0, which means absent" }),
	/* a module's command line */
	CASE({ { MODLIST + 16, STRAY, 8 } }, PVHLOAD_E_RANGE, PVHLOAD_PART_MODULE_CMDLINES, "quiet",
	     { NULL, "two" }, 2, 2, { "command line of module 0: 0x1 bytes at " STRAYED }),
	/* the map */
	CASE({ { AT + 40, STRAY, 8 } }, PVHLOAD_E_RANGE, PVHLOAD_PART_MEMMAP, "quiet",
	     { "one", "two" }, 2, 0, { "memmap: 0x30 bytes at " STRAYED }),
	CASE({ { AT + 40, 0x9fc00 - 24, 8 } }, PVHLOAD_E_RANGE, PVHLOAD_PART_MEMMAP, "quiet",
	     { "one", "two" }, 2, 1, { "memmap: 0x30 bytes at 0x9fbe8" NOT_IN_RAM "0x9fc00" }),
	CASE({ { AT + 40, 0, 8 } }, PVHLOAD_E_MALFORMED, PVHLOAD_PART_MEMMAP, "quiet",
	     { "one", "two" }, 2, 0, { "memmap has 2 entries at address 0, which means absent" }),
	CASE({ { AT + 48, UINT32_MAX, 4 }, { AT + 40, 0x9fc00 - 24, 8 } }, PVHLOAD_E_LIMIT,
	     PVHLOAD_PART_MEMMAP, "quiet", { "one", "two" }, 2, 1,
	     { "memmap has 4294967295 entries; the limit is 4096",
	       "memmap: 0x18000 bytes at 0x9fbe8" NOT_IN_RAM "0x9fc00" }),
	/* the command line */
	CASE({ { AT + 24, STRAY, 8 } }, PVHLOAD_E_RANGE, PVHLOAD_PART_CMDLINE, "", { "one", "two" },
	     2, 2, { "command line: 0x1 bytes at " STRAYED }),
	CASE({ { AT + 24, RAM_SIZE - 3, 8 }, { RAM_SIZE - 3, 0x636261, 3 } }, PVHLOAD_E_MALFORMED,
	     PVHLOAD_PART_CMDLINE, "abc", { "one", "two" }, 2, 2,
	     { "command line: the text at 0x3ffffd has no NUL within 3 bytes" }),
	/* everything */
	CASE({ { AT + 24, STRAY, 8 }, { AT + 16, STRAY, 8 }, { AT + 40, STRAY, 8 } },
	     PVHLOAD_E_RANGE, PVHLOAD_PART_CMDLINE | PVHLOAD_PART_MODULES | PVHLOAD_PART_MEMMAP, "",
	     { NULL }, 0, 0,
	     { "command line: 0x1 bytes at " STRAYED, "memmap: 0x30 bytes at " STRAYED,
	       "modlist: 0x40 bytes at " STRAYED }),
};
#define CASES (sizeof(cases) / sizeof(cases[0]))

static void put(struct pvh_fixture *f, uint64_t gpa, uint64_t value, size_t size)
{
	poke(&(struct bytes){ f->fake.bytes + gpa, 0 }, 0, value, size);
}

static void put_module(struct pvh_fixture *f, uint64_t at, uint64_t gpa, uint64_t size,
		       uint64_t cmdline)
{
	put(f, at, gpa, 8);
	put(f, at + 8, size, 8);
	put(f, at + 16, cmdline, 8);
	put(f, at + 24, 0, 8);
}

static void put_entry(struct pvh_fixture *f, uint64_t at, uint64_t addr, uint64_t size)
{
	put(f, at, addr, 8);
	put(f, at + 8, size, 8);
	put(f, at + 16, 1, 8);
}

/* Two modules, two entries, all that there can be; and first entries where RAM ends. */
static void whole(struct pvh_fixture *f)
{
	pvh_setup(f);
	f->fake.memory.memmap = &f->map;
	put(f, AT, PVHLOAD_START_INFO_MAGIC, 4);
	put(f, AT + 4, 1, 4);
	put(f, AT + 8, 3, 4);
	put(f, AT + 12, 2, 4);
	put(f, AT + 16, MODLIST, 8);
	put(f, AT + 24, 0x20000, 8);
	put(f, AT + 32, 0xe0000, 8);
	put(f, AT + 40, MEMMAP, 8);
	put(f, AT + 48, 2, 8);
	memcpy(f->fake.bytes + 0x20000, "quiet", 6);
	memcpy(f->fake.bytes + 0x21000, "one", 4);
	memcpy(f->fake.bytes + 0x22000, "two", 4);
	put_module(f, MODLIST, 0x300000, 5, 0x21000);
	put_module(f, MODLIST + 32, 0x310000, 7, 0x22000);
	put_module(f, RAM_SIZE - 32, 0x300000, 5, 0);
	put_entry(f, MEMMAP, 0, 0x9fc00);
	put_entry(f, MEMMAP + 24, 0x100000, 0x300000);
	put_entry(f, 0x9fc00 - 24, 0, 0x9fc00);
}

static struct pvhload_pvh_view *read_part(struct pvh_fixture *f, uint64_t gpa)
{
	struct pvhload_pvh_view *view = NULL;
	struct pvhload_error err;

	ck_status(PVHLOAD_OK, err,
		  pvhload_pvh_read(&f->fake.memory, gpa, PVHLOAD_READ_PARTIAL, &view, &err));
	ck_assert(!f->fake.strayed);
	return view;
}

static void refused(struct pvh_fixture *f, uint64_t gpa, uint32_t flags, enum pvhload_status status,
		    struct pvhload_error *err)
{
	struct pvhload_pvh_view *const untouched = (struct pvhload_pvh_view *)(uintptr_t)0x5a5a;
	struct pvhload_pvh_view *view = untouched;

	ck_status(status, *err, pvhload_pvh_read(&f->fake.memory, gpa, flags, &view, err));
	ck_assert_ptr_eq(view, untouched);
	ck_assert(!f->fake.strayed);
}

static void check_rest(const struct pvhload_pvh_view *view, const struct broken *c)
{
	static const struct pvhload_pvh_module modules[2] = { { 0x300000, 5, NULL },
							      { 0x310000, 7, NULL } };
	static const uint64_t ram[2][2] = { { 0, 0x9fc00 }, { 0x100000, 0x300000 } };

	ck_assert_uint_eq(view->magic, PVHLOAD_START_INFO_MAGIC);
	ck_assert_uint_eq(view->version, 1);
	ck_assert_uint_eq(view->flags, 3);
	ck_assert_uint_eq(view->rsdp_gpa, 0xe0000);
	ck_assert_uint_eq(view->has_cmdline, 1);
	ck_assert_str_eq(view->cmdline, c->cmdline);
	ck_assert_uint_eq(view->module_count, c->modules);
	for (size_t i = 0; i < c->modules; i++) {
		ck_assert_uint_eq(view->modules[i].gpa, modules[i].gpa);
		ck_assert_uint_eq(view->modules[i].size, modules[i].size);
		ck_assert_pstr_eq(view->modules[i].cmdline, c->texts[i]);
	}
	ck_assert_uint_eq(view->memmap_count, c->entries);
	for (size_t i = 0; i < c->entries; i++) {
		ck_assert_uint_eq(view->memmap[i].gpa, ram[i][0]);
		ck_assert_uint_eq(view->memmap[i].size, ram[i][1]);
	}
}

START_TEST(one_part_is_broken)
{
	const struct broken *c = &cases[_i];
	struct pvhload_pvh_view *view;
	struct pvhload_error err;
	struct pvh_fixture f;
	size_t n = 0;

	whole(&f);
	for (size_t i = 0; i < 3 && c->changes[i].size > 0; i++)
		put(&f, c->changes[i].gpa, c->changes[i].value, c->changes[i].size);
	view = read_part(&f, AT);
	check_rest(view, c);
	ck_assert_uint_eq(view->incomplete, c->incomplete);
	for (; n < view->problem_count; n++) {
		ck_assert_pstr_eq(view->problems[n]->message, c->problems[n]);
		ck_assert_uint_eq(view->problems[n]->struct_size, sizeof(struct pvhload_error));
	}
	ck_assert_ptr_null(c->problems[n]);
	if (n == 0) {
		ck_assert_ptr_null(view->problems);
		ck_assert_int_eq(c->status, PVHLOAD_OK);
	} else {
		/* without the flag, the first of them is the end */
		refused(&f, AT, 0, c->status, &err);
		ck_assert_str_eq(err.message, c->problems[0]);
		ck_assert_mem_eq(&err, view->problems[0], sizeof(err));
	}
	pvhload_pvh_view_free(view);
	pvh_teardown(&f);
}
END_TEST

/* The first 40 bytes are a start info, whatever its version says is after them. */
START_TEST(only_the_head)
{
	struct pvhload_pvh_view *view;
	struct pvhload_error err;
	struct pvh_fixture f;

	whole(&f);
	memcpy(f.fake.bytes + RAM_SIZE - 40, f.fake.bytes + AT, 40);
	view = read_part(&f, RAM_SIZE - 40);
	ck_assert_uint_eq(view->version, 1);
	ck_assert_uint_eq(view->rsdp_gpa, 0xe0000);
	ck_assert_str_eq(view->cmdline, "quiet");
	ck_assert_uint_eq(view->module_count, 2);
	ck_assert_uint_eq(view->memmap_gpa, 0);
	ck_assert_uint_eq(view->memmap_count, 0);
	ck_assert_uint_eq(view->incomplete, PVHLOAD_PART_MEMMAP);
	ck_assert_uint_eq(view->problem_count, 1);
	ck_assert_str_eq(view->problems[0]->message,
			 "start info of version 1: 0x10 bytes at 0x400000 are not all in the "
			 "guest's RAM: there is none at 0x400000");
	pvhload_pvh_view_free(view);
	refused(&f, RAM_SIZE - 39, PVHLOAD_READ_PARTIAL, PVHLOAD_E_RANGE, &err);
	pvh_teardown(&f);
}
END_TEST

/* What is too long is there up to the limit, and what is too much is not looked for any more. */
START_TEST(up_to_the_limits)
{
	struct pvhload_pvh_view *view;
	struct pvh_fixture f;

	whole(&f);
	put(&f, AT + 24, 0x200000, 8); /* no NUL */
	put(&f, AT + 12, PVHLOAD_PVH_MODULES_MAX + 1, 4);
	put(&f, AT + 16, 0x300000, 8);
	memset(f.fake.bytes + 0x300000, 0, 32 * PVHLOAD_PVH_MODULES_MAX);
	for (uint32_t i = 0; i < 20; i++)
		put_module(&f, 0x300000 + 32 * i, 0x100000, i, 0x210000);
	f.fake.bytes[0x210000 + PVHLOAD_PVH_CMDLINE_LENGTH_MAX] = 0;
	view = read_part(&f, AT);
	ck_assert_uint_eq(strlen(view->cmdline), PVHLOAD_PVH_CMDLINE_LENGTH_MAX);
	ck_assert_uint_eq(view->module_count, PVHLOAD_PVH_MODULES_MAX);
	for (uint32_t i = 0; i < 20; i++) {
		ck_assert_uint_eq(view->modules[i].size, i);
		ck_assert_msg((view->modules[i].cmdline != NULL) == (i < 15), "module %u", i);
	}
	ck_assert_uint_eq(view->incomplete, PVHLOAD_PART_CMDLINE | PVHLOAD_PART_MODULES |
						    PVHLOAD_PART_MODULE_CMDLINES);
	ck_assert_uint_eq(view->problem_count, 3);
	ck_assert_str_eq(view->problems[0]->message,
			 "command line: the text at 0x200000 has no NUL within 65536 bytes");
	ck_assert_str_eq(view->problems[1]->message, "modlist has 4097 entries; the limit is 4096");
	ck_assert_str_eq(
		view->problems[2]->message,
		"command line of module 15: the command lines take more than 1048576 bytes");
	ck_assert_uint_eq(view->problems[2]->subject, PVHLOAD_SUBJECT_MODULE);
	ck_assert_uint_eq(view->problems[2]->index, 15);
	pvhload_pvh_view_free(view);
	pvh_teardown(&f);
}
END_TEST

/* @modules whose command lines are not there, each told until there is no room. */
static void many(struct pvh_fixture *f, uint32_t modules)
{
	const uint32_t told = modules > 64 ? 63 : modules;
	struct pvhload_pvh_view *view;

	put(f, AT + 12, modules, 4);
	view = read_part(f, AT);
	ck_assert_uint_eq(view->module_count, modules);
	ck_assert_uint_eq(view->problem_count, modules > 64 ? 64 : modules);
	ck_assert_uint_eq(view->incomplete, PVHLOAD_PART_MODULE_CMDLINES);
	for (uint32_t i = 0; i < told; i++) {
		ck_assert_uint_eq(view->problems[i]->subject, PVHLOAD_SUBJECT_MODULE);
		ck_assert_uint_eq(view->problems[i]->index, i);
		ck_assert_uint_eq(view->problems[i]->gpa, STRAY + i);
	}
	if (modules > 64) {
		char text[64];

		snprintf(text, sizeof(text), "%u more that cannot be read", modules - 63);
		ck_assert_str_eq(view->problems[63]->message, text);
		ck_assert_int_eq(view->problems[63]->status, PVHLOAD_E_RANGE);
		ck_assert_uint_eq(view->problems[63]->subject, PVHLOAD_SUBJECT_NONE);
	}
	pvhload_pvh_view_free(view);
}

START_TEST(many_problems)
{
	struct pvh_fixture f;

	whole(&f);
	put(&f, AT + 16, 0x300000, 8);
	for (uint32_t i = 0; i < 100; i++)
		put_module(&f, 0x300000 + 32 * i, 0x100000, 1, STRAY + i);
	many(&f, 63);
	many(&f, 64);
	many(&f, 65);
	many(&f, 100);
	pvh_teardown(&f);
}
END_TEST

/* What is no fault of the guest's, and what is no start info, fails as ever. */
START_TEST(what_still_fails)
{
	struct pvhload_error err;
	struct pvh_fixture f;

	whole(&f);
	refused(&f, 0x10000, PVHLOAD_READ_PARTIAL, PVHLOAD_E_FORMAT, &err);
	ck_says(err, "no start info at 0x10000");
	refused(&f, 0xa0000, PVHLOAD_READ_PARTIAL, PVHLOAD_E_RANGE, &err);
	refused(&f, AT, 2, PVHLOAD_E_USAGE, &err);
	ck_assert_str_eq(err.message, "unknown flags for reading back: 0x2");
	refused(&f, AT, UINT32_MAX, PVHLOAD_E_USAGE, &err);
	f.entries[0].type = 0;
	refused(&f, AT, PVHLOAD_READ_PARTIAL, PVHLOAD_E_MEMMAP, &err);
	f.entries[0].type = 1;
	/* start info in two parts, command line, map, list, two command lines; one part is broken */
	put(&f, AT + 24, STRAY, 8);
	for (uint64_t n = 1; n <= 6; n++) {
		f.fake.calls = 0;
		f.fake.fail_at = n;
		refused(&f, AT, PVHLOAD_READ_PARTIAL, PVHLOAD_E_CALLBACK, &err);
		ck_assert_int_eq(err.cause, -77);
	}
	f.fake.calls = 0;
	f.fake.fail_at = 7;
	pvhload_pvh_view_free(read_part(&f, AT));
	pvh_teardown(&f);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("pvh_partial");
	TCase *each = tcase_create("each");

	tcase_add_loop_test(each, one_part_is_broken, 0, (int)CASES);
	suite_add_tcase(suite, each);
	ADD_TESTS(suite, "pvh_partial", only_the_head, up_to_the_limits, many_problems,
		  what_still_fails);
	return run_suite(suite);
}
