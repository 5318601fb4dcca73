/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* Start info in guest memory, judged: each broken rule is one problem, and nothing is written. */
#include "judging.h"
#include "pvh_fixture.h"

#define AT      0x6000u
#define MODLIST 0x7000u
#define MEMMAP  0x8000u
#define TEXT    0x20000u
#define STRAY   0x500000u /* after RAM */

#define MODULE PVHLOAD_SUBJECT_MODULE

struct judged {
	const char *name;
	struct change changes[3];
	size_t length; /* of a command line of 'x'; 0: "quiet" */
	size_t args;   /* of init, on the command line */
	uint32_t flags;
	struct problem problems[3];
};

#define NO_MAP(what) what ": Linux stops, unless Xen tells it one"

static const struct judged cases[] = {
	{ .name = "sound" },
	{ .name = "no command line", .changes = { { AT + 24, 0, 8 } } },
	{ .name = "no modules", .changes = { { AT + 12, 0, 4 } } },
	/* the map */
	{ .name = "version 0",
	  .changes = { { AT + 4, 0, 4 } },
	  .problems = { { PVHLOAD_E_MEMMAP, NOWHERE, 0, 0,
			  NO_MAP("version 0 has no memory map") } } },
	{ .name = "no entries",
	  .changes = { { AT + 48, 0, 4 } },
	  .problems = { { PVHLOAD_E_MEMMAP, NOWHERE, 0, 0, NO_MAP("there is no memory map") } } },
	{ .name = "no entries, not Linux",
	  .changes = { { AT + 48, 0, 4 } },
	  .flags = PVHLOAD_PVH_NOT_LINUX },
	{ .name = "one entry, of all RAM",
	  .changes = { { AT + 48, 1, 4 }, { MEMMAP + 8, RAM_SIZE, 8 } } },
	{ .name = "one entry, not Linux",
	  .changes = { { AT + 48, 1, 4 }, { MEMMAP + 8, RAM_SIZE, 8 } },
	  .flags = PVHLOAD_PVH_NOT_LINUX },
	{ .name = "one entry, and modules that are not in it",
	  .changes = { { AT + 48, 1, 4 } },
	  .problems = { { PVHLOAD_E_RANGE, 0x300000, MODULE, 0,
			  "module 0 [0x300000, 0x300005) leaves RAM: the memory map ends at 0x9fc00; "
			  "0x5 of its bytes are not RAM" },
			{ PVHLOAD_E_RANGE, 0x310000, MODULE, 1,
			  "module 1 [0x310000, 0x310007) leaves RAM: the memory map ends at 0x9fc00; "
			  "0x7 of its bytes are not RAM" } } },
	{ .name = "no low RAM",
	  .changes = { { MEMMAP + 8, 0x30000, 8 }, { AT + 24, 0, 8 }, { MEMMAP, 0xe000, 8 } },
	  .problems = { { PVHLOAD_E_RANGE, AT, 0, 0,
			  "start_info [0x6000, 0x6038) leaves RAM: it runs "
			  "into the hole [0x0, 0xe000); 0x38 of its bytes "
			  "are not RAM" },
			{ PVHLOAD_E_RANGE, MODLIST, 0, 0,
			  "modlist [0x7000, 0x7040) leaves RAM: it runs "
			  "into the hole [0x0, 0xe000); 0x40 of its "
			  "bytes are not RAM" },
			{ PVHLOAD_E_RANGE, MEMMAP, 0, 0,
			  "memmap [0x8000, 0x8030) leaves RAM: it runs "
			  "into the hole [0x0, 0xe000); 0x30 of its "
			  "bytes are not RAM" } } },
	{ .name = "too little low RAM",
	  .changes = { { MEMMAP + 8, 0x16fff, 8 }, { AT + 24, 0, 8 } },
	  .problems = { { PVHLOAD_E_MEMMAP, NOWHERE, 0, 0,
			  "the memory map has no 28 KiB of RAM in one piece between 64 KiB and 640 KiB, "
			  "where Linux puts its trampoline: the largest piece has 28671 bytes, 1 too "
			  "few" } } },
	{ .name = "entries overlap: places are held against the memory's own map",
	  .changes = { { MEMMAP + 24, 0, 8 } },
	  .problems = { { PVHLOAD_E_MEMMAP, 0, 0, 0,
			  "memory map entries overlap: RAM [0x0, 0x9fc00) and RAM [0x0, 0x300000)" } } },
	{ .name = "entries overlap, not Linux",
	  .changes = { { MEMMAP + 24, 0, 8 } },
	  .flags = PVHLOAD_PVH_NOT_LINUX,
	  .problems = { { PVHLOAD_E_MEMMAP, 0, 0, 0,
			  "memory map entries overlap: RAM [0x0, 0x9fc00) and RAM [0x0, 0x300000)" } } },
	/* the command line */
	{ .name = "2047 bytes", .length = 2047 },
	{ .name = "2048 bytes",
	  .length = 2048,
	  .problems = { { PVHLOAD_E_CMDLINE, NOWHERE, 0, 0,
			  "the command line has 2048 bytes, 1 more than the 2047 the kernel takes" } } },
	{ .name = "2048 bytes, not Linux", .length = 2048, .flags = PVHLOAD_PVH_NOT_LINUX },
	{ .name = "32 arguments of init", .args = 32 },
	{ .name = "33 arguments of init",
	  .args = 33,
	  .problems = { { PVHLOAD_E_CMDLINE, NOWHERE, 0, 0,
			  "the command line has 33 arguments of init after its \"--\", 1 more than the "
			  "32 that Linux takes without a panic" } } },
	{ .name = "33 arguments, not Linux", .args = 33, .flags = PVHLOAD_PVH_NOT_LINUX },
	{ .name = "where RAM ends",
	  .changes = { { AT + 24, 0x9fa00, 8 }, { 0x9fa00, 0, 1 } },
	  .problems = { { PVHLOAD_E_RANGE, 0x9fc00, 0, 0,
			  "cmdline [0x9fa00, 0xa0200) leaves RAM: it runs into the hole "
			  "[0x9fc00, 0x100000); 0x600 of its bytes are not RAM" } } },
	{ .name = "over start info",
	  .changes = { { AT + 24, 0x5f00, 8 }, { 0x5f00, 0, 1 } },
	  .problems = { { PVHLOAD_E_OVERLAP, AT, 0, 0,
			  "cmdline [0x5f00, 0x6700) overlaps start_info [0x6000, 0x6038) by 0x38 "
			  "bytes" } } },
	/* modules */
	{ .name = "empty",
	  .changes = { { MODLIST + 8, 0, 8 } },
	  .problems = { { PVHLOAD_E_RANGE, 0x300000, MODULE, 0,
			  "module 0 at 0x300000 is empty" } } },
	{ .name = "absent",
	  .changes = { { MODLIST + 32, 0, 8 } },
	  .problems = { { PVHLOAD_E_RANGE, 0, MODULE, 1,
			  "module 1 is at address 0x0, which means absent" } } },
	{ .name = "above 4 GiB",
	  .changes = { { MODLIST, 4 * GIB, 8 } },
	  .problems = { { PVHLOAD_E_RANGE, 4 * GIB, MODULE, 0,
			  "module 0, 0x5 bytes at 0x100000000, does not end below 4 GiB: 0x5 bytes are "
			  "beyond it" } } },
	{ .name = "not in RAM, and above 4 GiB",
	  .changes = { { MODLIST, 4 * GIB, 8 }, { MODLIST + 32, 0xa0000, 8 } },
	  .problems = { { PVHLOAD_E_RANGE, 4 * GIB, MODULE, 0,
			  "module 0, 0x5 bytes at 0x100000000, does not end below 4 GiB: 0x5 bytes are "
			  "beyond it" },
			{ PVHLOAD_E_RANGE, 0xa0000, MODULE, 1,
			  "module 1 [0xa0000, 0xa0007) leaves RAM: it runs into the hole "
			  "[0x9fc00, 0x100000); 0x7 of its bytes are not RAM" } } },
	{ .name = "one over the other",
	  .changes = { { MODLIST + 32, 0x300004, 8 } },
	  .problems = { { PVHLOAD_E_OVERLAP, 0x300004, MODULE, 1,
			  "module 1 [0x300004, 0x30000b) overlaps module 0 [0x300000, 0x300005) by 0x1 "
			  "bytes" } } },
	{ .name = "over the map",
	  .changes = { { MODLIST, MEMMAP + 47, 8 } },
	  .problems = { { PVHLOAD_E_OVERLAP, MEMMAP + 47, MODULE, 0,
			  "module 0 [0x802f, 0x8034) overlaps memmap [0x8000, 0x8030) by 0x1 bytes" } } },
	/* the RSDP */
	{ .name = "under a module",
	  .changes = { { AT + 32, 0x300000, 8 } },
	  .problems = { { PVHLOAD_E_OVERLAP, 0x300000, MODULE, 0,
			  "module 0 [0x300000, 0x300005) overlaps the RSDP [0x300000, 0x300024) by 0x5 "
			  "bytes" } } },
	{ .name = "where addresses end",
	  .changes = { { AT + 32, UINT64_MAX, 8 } },
	  .problems = { { PVHLOAD_E_RANGE, UINT64_MAX, 0, 0,
			  "the RSDP, 36 bytes at 0xffffffffffffffff, passes the end of the address "
			  "space" } } },
	/* what cannot be read is not judged further */
	{ .name = "no module list, and a command line too long",
	  .changes = { { AT + 16, STRAY, 8 } },
	  .length = 2048,
	  .problems = { { PVHLOAD_E_RANGE, STRAY, 0, 0,
			  "modlist: 0x40 bytes at 0x500000 are not all in the guest's RAM: there is none "
			  "at 0x500000" },
			{ PVHLOAD_E_CMDLINE, NOWHERE, 0, 0,
			  "the command line has 2048 bytes, 1 more than the 2047 the kernel takes" } } },
	{ .name = "no map",
	  .changes = { { AT + 40, STRAY, 8 } },
	  .problems = { { PVHLOAD_E_RANGE, STRAY, 0, 0,
			  "memmap: 0x30 bytes at 0x500000 are not all in the guest's RAM: there is none "
			  "at 0x500000" } } },
};
#define CASES (sizeof(cases) / sizeof(cases[0]))

static void put(struct pvh_fixture *f, uint64_t gpa, uint64_t value, size_t size)
{
	poke(&(struct bytes){ f->fake.bytes + gpa, 0 }, 0, value, size);
}

static void put_module(struct pvh_fixture *f, uint64_t at, uint64_t gpa, uint64_t size)
{
	put(f, at, gpa, 8);
	put(f, at + 8, size, 8);
	put(f, at + 16, 0, 8);
	put(f, at + 24, 0, 8);
}

static void put_entry(struct pvh_fixture *f, uint64_t at, uint64_t addr, uint64_t size)
{
	put(f, at, addr, 8);
	put(f, at + 8, size, 8);
	put(f, at + 16, 1, 8);
}

/* Two modules, two entries, a command line. */
static void sound(struct pvh_fixture *f)
{
	pvh_setup(f);
	f->fake.memory.memmap = &f->map;
	put(f, AT, PVHLOAD_START_INFO_MAGIC, 4);
	put(f, AT + 4, 1, 4);
	put(f, AT + 8, 0, 4);
	put(f, AT + 12, 2, 4);
	put(f, AT + 16, MODLIST, 8);
	put(f, AT + 24, TEXT, 8);
	put(f, AT + 32, 0xe0000, 8);
	put(f, AT + 40, MEMMAP, 8);
	put(f, AT + 48, 2, 8);
	put_module(f, MODLIST, 0x300000, 5);
	put_module(f, MODLIST + 32, 0x310000, 7);
	put_entry(f, MEMMAP, 0, 0x9fc00);
	put_entry(f, MEMMAP + 24, 0x100000, 0x300000);
	memcpy(f->fake.bytes + TEXT, "quiet", 6);
}

static void put_text(struct pvh_fixture *f, const struct judged *c)
{
	uint8_t *text = f->fake.bytes + TEXT;

	if (c->length > 0) {
		memset(text, 'x', c->length);
		text[c->length] = '\0';
	}
	if (c->args > 0) {
		memcpy(text, "--", 2);
		for (size_t i = 0; i < c->args; i++)
			memcpy(text + 2 + 2 * i, " x", 2);
		text[2 + 2 * c->args] = '\0';
	}
}

static struct scene scene_of(struct pvh_fixture *f)
{
	return (struct scene){ pvhload_pvh_check, &f->fake, AT };
}

START_TEST(judges)
{
	const struct judged *c = &cases[_i];
	struct pvh_fixture f;
	const struct scene scene = scene_of(&f);

	sound(&f);
	put_text(&f, c);
	for (size_t i = 0; i < 3 && c->changes[i].size > 0; i++)
		put(&f, c->changes[i].at, c->changes[i].value, c->changes[i].size);
	judges_as(&scene, c->name, c->flags, c->problems, 3);
	pvh_teardown(&f);
}
END_TEST

/* As many modules as there may be, all of them empty: the last problem says how many are not told. */
START_TEST(too_many_problems)
{
	struct pvhload_check *check = NULL;
	struct pvhload_error err;
	struct pvh_fixture f;

	sound(&f);
	put(&f, AT + 16, 0x200000, 8);
	put(&f, AT + 12, 300, 4);
	for (uint64_t i = 0; i < 300; i++)
		put_module(&f, 0x200000 + 32 * i, 0x300000, 0);
	ck_status(PVHLOAD_OK, err, pvhload_pvh_check(&f.fake.memory, AT, 0, &check, &err));
	ck_assert_uint_eq(check->count, PVHLOAD_CHECK_PROBLEMS_MAX);
	ck_assert_str_eq(check->problems[254]->message, "module 254 at 0x300000 is empty");
	ck_assert_str_eq(check->problems[255]->message, "45 more problems");
	ck_assert_uint_eq(check->problems[255]->subject, PVHLOAD_SUBJECT_NONE);
	pvhload_check_free(check);
	pvh_teardown(&f);
}
END_TEST

START_TEST(refusals)
{
	struct pvh_fixture f;
	const struct scene scene = scene_of(&f);

	sound(&f);
	cannot_judge(&scene, &f.entries[1], STRAY);
	pvh_teardown(&f);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("check_pvh");
	TCase *table = tcase_create("rules");

	tcase_add_loop_test(table, judges, 0, (int)CASES);
	suite_add_tcase(suite, table);
	ADD_TESTS(suite, "others", too_many_problems, refusals);
	return run_suite(suite);
}
