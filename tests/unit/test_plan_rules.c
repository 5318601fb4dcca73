/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* Command lines, memory maps and the caller's structs. */
#include <stdio.h>

#include "plan_fixture.h"

/* How long a command line may be: of an ELF file, or of a bzImage that says what it takes. */
START_TEST(command_lines)
{
	static const struct {
		uint32_t cmdline_size; /* of a bzImage; 0: an ELF file */
		uint32_t flags;
		uint32_t takes;
	} cases[] = {
		{ 0, 0, 2047 },
		/* not Linux: as long as the library can read back */
		{ 0, PVHLOAD_BOOT_NOT_LINUX, 65535 },
		{ 300, 0, 300 },
		{ 300, PVHLOAD_BOOT_NOT_LINUX, 300 },
		{ 0xffffffff, 0, 65535 },
		{ 0xffffffff, PVHLOAD_BOOT_NOT_LINUX, 65535 },
	};
	const struct elf_spec spec = small_kernel();
	static char text[65537];
	struct bytes elf = build_elf(&spec);

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct pvhload_error err;
		struct plan_fixture f;
		char number[64];

		plan_setup(&f, 64 * MIB);
		f.config.cmdline = text;
		f.config.flags = cases[i].flags;
		if (cases[i].cmdline_size > 0) {
			use_bytes(&f, build_compressed(&elf, GZIP));
			poke(&f.bytes, 0x238, cases[i].cmdline_size, 4);
			pvhload_image_close(f.image);
			f.image = f.config.image = open_bytes(&f.bytes);
		}
		memset(text, 'x', sizeof(text));
		text[cases[i].takes + 1] = '\0';
		err = refused(&f, PVHLOAD_E_CMDLINE);
		snprintf(number, sizeof(number), "%" PRIu32 " bytes, 1 more than the %" PRIu32,
			 cases[i].takes + 1, cases[i].takes);
		ck_says(err, number);
		text[cases[i].takes] = '\0';
		ck_assert_str_eq(plan(&f)->cmdline, text);
		ck_assert_uint_eq(pvhload_plan_get_info(f.plan)->cmdline_max, cases[i].takes);
		plan_teardown(&f);
	}
	bytes_free(&elf);
}
END_TEST

START_TEST(memory_maps)
{
	struct pvhload_error err;
	struct plan_fixture f;

	plan_setup(&f, 64 * MIB);
	/* sorted for the guest, otherwise as it was given */
	f.entries[2] = f.entries[0];
	f.entries[0] = (struct pvhload_memmap_entry){ 32 * MIB, 32 * MIB, PVHLOAD_MEMMAP_RAM, 0 };
	f.entries[1].size = 31 * MIB;
	f.map.count = 3;
	ck_assert_uint_eq(plan(&f)->memmap->count, 3);
	ck_assert_uint_eq(pvhload_plan_get_info(f.plan)->memmap->entries[0].gpa, 0);
	ck_assert_uint_eq(pvhload_plan_get_info(f.plan)->memmap->entries[1].gpa, MIB);
	ck_assert_uint_eq(pvhload_plan_get_info(f.plan)->memmap->entries[2].gpa, 32 * MIB);

	f.map.count = 0;
	(void)refused(&f, PVHLOAD_E_MEMMAP);
	f.map.count = 1;
	f.entries[0].gpa = MIB;
	err = refused(&f, PVHLOAD_E_MEMMAP);
	ck_says(err, "no 28 KiB of RAM", "the largest piece has 0 bytes");
	f.map.count = 2;
	err = refused(&f, PVHLOAD_E_MEMMAP);
	ck_says(err, "entries overlap");
	f.entries[1] = (struct pvhload_memmap_entry){ 0x1000, 0x1000, 2, 0 };
	err = refused(&f, PVHLOAD_E_MEMMAP);
	ck_says(err, "no 28 KiB of RAM in one piece between 64 KiB and 640 KiB");
	/* a guest that is not Linux may have it */
	f.config.flags = PVHLOAD_BOOT_NOT_LINUX;
	(void)plan(&f);
	plan_teardown(&f);

	plan_setup(&f, 64 * MIB);
	for (size_t i = 0; i < 62; i++)
		ck_status(PVHLOAD_OK, err,
			  pvhload_memmap_reserve(&f.map, 8 * MIB + i * 8192, 4096, 2, &err));
	ck_assert_uint_eq(f.map.count, 126);
	ck_status(PVHLOAD_OK, err, pvhload_memmap_add(&f.map, 5 * GIB, 1, 2, &err));
	expect_region(plan(&f), "memmap", 0x7000, 127 * 24);
	ck_status(PVHLOAD_OK, err, pvhload_memmap_add(&f.map, 6 * GIB, 1, 2, &err));
	err = refused(&f, PVHLOAD_E_MEMMAP);
	ck_says(err, "128 entries; Linux takes 127");
	plan_teardown(&f);
}
END_TEST

/* A caller's arrays whose elements are larger than today's. */
START_TEST(newer_arrays)
{
	struct newer {
		struct pvhload_boot_module module;
		uint64_t added[2];
	} modules[2];
	struct newer_source {
		struct pvhload_source source;
		uint64_t added;
	} initrds[2];
	struct pvhload_source sources[2] = { pvhload_source_buffer("a", 1),
					     pvhload_source_buffer("bc", 2) };
	const struct pvhload_plan_info *info;
	struct pvhload_error err;
	struct plan_fixture f;

	memset(modules, 0, sizeof(modules));
	memset(initrds, 0, sizeof(initrds));
	for (size_t i = 0; i < 2; i++) {
		modules[i].module.struct_size = sizeof(modules[0]);
		modules[i].module.source = &sources[i];
		modules[i].module.cmdline = i ? "second" : "first";
		initrds[i].source = pvhload_source_buffer("12345", 4 + i);
		initrds[i].source.struct_size = sizeof(initrds[0]);
	}
	plan_setup(&f, 64 * MIB);
	f.config.modules = &modules[0].module;
	f.config.module_count = 2;
	info = plan(&f);
	expect_region(info, "module 0", 64 * MIB - 4096, 1);
	expect_region(info, "module 1", 64 * MIB - 8192, 2);
	expect_region(info, "module cmdlines", 0x20800, 13);
	f.config.initrds = &initrds[0].source;
	f.config.initrd_count = 2;
	expect_region(plan(&f), "initrd", 64 * MIB - 4096, 9);

	initrds[1].source = pvhload_source_fd(999);
	initrds[1].source.struct_size = sizeof(initrds[0]);
	err = refused(&f, PVHLOAD_E_SOURCE);
	ck_says(err, "initrd 1: cannot get the size");
	ck_assert_uint_eq(err.index, 1);
	initrds[1].source = initrds[0].source;

	initrds[1].added = 1; /* something we could not honour */
	err = refused(&f, PVHLOAD_E_USAGE);
	ck_says(err, "initrd 1 has a wrong size");
	ck_assert_uint_eq(err.subject, PVHLOAD_SUBJECT_INITRD);
	ck_assert_uint_eq(err.index, 1);
	initrds[1].added = 0;
	initrds[1].source.struct_size -= 8; /* not what the first element says */
	(void)refused(&f, PVHLOAD_E_USAGE);
	f.config.initrd_count = 0;

	modules[1].added[1] = 1;
	err = refused(&f, PVHLOAD_E_USAGE);
	ck_says(err, "module 1");
	modules[1].added[1] = 0;
	sources[1].kind = 0;
	err = refused(&f, PVHLOAD_E_USAGE);
	ck_says(err, "module 1: ");
	ck_assert_uint_eq(err.subject, PVHLOAD_SUBJECT_MODULE);
	ck_assert_uint_eq(err.index, 1);
	modules[1].module.source = NULL;
	(void)refused(&f, PVHLOAD_E_USAGE);
	modules[1].module.source = &sources[0];
	sources[0] = pvhload_source_buffer("", 0);
	err = refused(&f, PVHLOAD_E_MALFORMED);
	ck_says(err, "module 0: it is empty");
	sources[0] = pvhload_source_buffer("x", 65 * MIB);
	err = refused(&f, PVHLOAD_E_NO_ROOM);
	ck_says(err, "module 0");
	ck_assert_uint_eq(err.subject, PVHLOAD_SUBJECT_MODULE);
	plan_teardown(&f);
}
END_TEST

/* Members of the fixture that are made wrong: with the arrays below, and none of them used. */
#define MEMBER(member) \
	offsetof(struct plan_fixture, member), sizeof(((struct plan_fixture *)NULL)->member)

static const struct {
	const char *name;
	enum pvhload_status status;
	struct {
		size_t offset, size;
		uint64_t value;
	} changes[2];
	const char *says;
} misuses[] = {
	{ "a config of a wrong size",
	  PVHLOAD_E_USAGE,
	  { { MEMBER(config.struct_size), sizeof(struct pvhload_boot_config) - 1 } },
	  "the boot config is NULL or has a wrong size" },
	{ "no image",
	  PVHLOAD_E_USAGE,
	  { { MEMBER(config.image), 0 } },
	  "the boot config has no image" },
	{ "no map",
	  PVHLOAD_E_USAGE,
	  { { MEMBER(config.memmap), 0 } },
	  "the boot config has no memory map" },
	{ "an unknown protocol",
	  PVHLOAD_E_USAGE,
	  { { MEMBER(config.protocol), 99 } },
	  "protocol (99)" },
	{ "an unknown flag",
	  PVHLOAD_E_USAGE,
	  { { MEMBER(config.flags), 0x80000004 } },
	  "unknown flag (0x80000004)" },
	{ "Linux, and not",
	  PVHLOAD_E_USAGE,
	  { { MEMBER(config.flags), 3 } },
	  "is Linux, and that it is not" },
	{ "a profile of what is no UKI",
	  PVHLOAD_E_NOT_FOUND,
	  { { MEMBER(config.uki_profile), 2 } },
	  "there is no profile 2: the image is no UKI" },
	{ "a place of a wrong size",
	  PVHLOAD_E_USAGE,
	  { { MEMBER(places[0].struct_size), 1 } },
	  "" },
	{ "initrds at NULL",
	  PVHLOAD_E_USAGE,
	  { { MEMBER(config.initrds), 0 }, { MEMBER(config.initrd_count), 1 } },
	  "" },
	{ "too many initrds",
	  PVHLOAD_E_LIMIT,
	  { { MEMBER(config.initrd_count), PVHLOAD_BOOT_INITRDS_MAX + 1 } },
	  "257 initrds, 1 more than the limit, 256" },
	{ "modules at NULL",
	  PVHLOAD_E_USAGE,
	  { { MEMBER(config.modules), 0 }, { MEMBER(config.module_count), 1 } },
	  "" },
	{ "too many modules",
	  PVHLOAD_E_LIMIT,
	  { { MEMBER(config.module_count), PVHLOAD_PVH_MODULES_MAX + 1 } },
	  "" },
	{ "a module of a wrong size", PVHLOAD_E_USAGE, { { MEMBER(config.module_count), 1 } }, "" },
	{ "keep_free at NULL",
	  PVHLOAD_E_USAGE,
	  { { MEMBER(config.keep_free), 0 }, { MEMBER(config.keep_free_count), 1 } },
	  "" },
	{ "too many keep_free",
	  PVHLOAD_E_LIMIT,
	  { { MEMBER(config.keep_free_count), PVHLOAD_BOOT_KEEP_FREE_MAX + 1 } },
	  "" },
	{ "x86 of a wrong size",
	  PVHLOAD_E_USAGE,
	  { { MEMBER(x86.struct_size), sizeof(struct pvhload_boot_x86) - 1 } },
	  "what the boot config has for x86 has a wrong size" },
	{ "an unknown flag for x86",
	  PVHLOAD_E_USAGE,
	  { { MEMBER(x86.flags), 2 } },
	  "what the boot config has for x86 has an unknown flag (0x2)" },
};

static void use_arrays(struct plan_fixture *f)
{
	static const struct pvhload_boot_module module = { .struct_size = 3 };
	static const struct pvhload_boot_keep_free keep_free = KEEP_FREE(0x1000, 1, NULL);
	static struct pvhload_source source;

	source = pvhload_source_buffer("x", 1);
	plan_setup(f, 64 * MIB);
	f->config.protocol = PVHLOAD_PROTOCOL_PVH;
	set_place(f, PVHLOAD_REGION_X86_GDT, 0, 0x600);
	f->config.initrds = &source;
	f->config.modules = &module;
	f->config.keep_free = &keep_free;
}

START_TEST(misuse)
{
	struct pvhload_error err;
	struct plan_fixture f;

	use_arrays(&f);
	for (size_t i = 0; i < 2 && misuses[_i].changes[i].size > 0; i++)
		set_member((char *)&f + misuses[_i].changes[i].offset, misuses[_i].changes[i].value,
			   misuses[_i].changes[i].size);
	err = refused(&f, misuses[_i].status);
	ck_assert_msg(strstr(err.message, misuses[_i].says) != NULL, "%s: %s", misuses[_i].name,
		      err.message);
	plan_teardown(&f);
}
END_TEST

/* What the table makes wrong is right as it stands, and may be left out. */
START_TEST(right_use)
{
	struct pvhload_error err;
	struct plan_fixture f;

	use_arrays(&f);
	ck_status(PVHLOAD_E_USAGE, err, pvhload_boot_plan(NULL, &f.plan, &err));
	ck_status(PVHLOAD_E_USAGE, err, pvhload_boot_plan(&f.config, NULL, &err));
	f.config.keep_free_count = 1;
	(void)plan(&f);
	f.config.x86 = NULL;
	(void)plan(&f);
	f.config.places = NULL;
	f.config.place_count = 0;
	pvhload_plan_free(f.plan);
	f.plan = NULL;
	ck_assert_int_eq(pvhload_boot_plan(&f.config, &f.plan, NULL), PVHLOAD_OK);
	f.map.count = 0;
	ck_assert_int_eq(pvhload_boot_plan(&f.config, &f.plan, NULL), PVHLOAD_E_MEMMAP);
	plan_teardown(&f);
}
END_TEST

static void expect_capacity(struct plan_fixture *f, uint32_t protocol, size_t capacity)
{
	struct pvhload_cmdline *line = NULL;
	struct pvhload_error err;

	ck_assert_uint_eq(pvhload_boot_cmdline_capacity(f->image, protocol, f->config.flags),
			  capacity);
	ck_status(PVHLOAD_OK, err, pvhload_cmdline_new(capacity, &line, &err));
	pvhload_cmdline_free(line);
	f->config.protocol = protocol;
	if (protocol != PVHLOAD_PROTOCOL_AUTO && capacity < PVHLOAD_CMDLINE_CAPACITY_MAX)
		ck_assert_uint_eq(plan(f)->cmdline_max + 1, capacity);
}

START_TEST(capacities)
{
	struct plan_fixture f;

	ck_assert_uint_eq(pvhload_boot_cmdline_capacity(NULL, PVHLOAD_PROTOCOL_PVH, 0), 0);
	plan_setup(&f, 64 * MIB);
	for (uint32_t p = PVHLOAD_PROTOCOL_AUTO; p <= PVHLOAD_PROTOCOL_X86_LINUX64; p++)
		expect_capacity(&f, p, 2048);
	f.config.flags = PVHLOAD_BOOT_NOT_LINUX;
	expect_capacity(&f, PVHLOAD_PROTOCOL_PVH, 65536);
	expect_capacity(&f, PVHLOAD_PROTOCOL_X86_LINUX64, 2048);
	expect_capacity(&f, PVHLOAD_PROTOCOL_AUTO, 65536);
	plan_teardown(&f);

	bzimage_setup(&f, 256 * MIB, PVHLOAD_PROTOCOL_X86_LINUX64);
	set_field(&f, 0x238, 4095, 4);
	for (uint32_t p = PVHLOAD_PROTOCOL_X86_LINUX64; p <= PVHLOAD_PROTOCOL_X86_LINUX32; p++)
		expect_capacity(&f, p, 4096);
	ck_assert_uint_eq(pvhload_boot_cmdline_capacity(f.image, PVHLOAD_PROTOCOL_PVH, 0), 4096);
	/* what no builder, and no start info, takes */
	set_field(&f, 0x238, 0xffffffff, 4);
	for (uint32_t p = PVHLOAD_PROTOCOL_AUTO; p <= PVHLOAD_PROTOCOL_X86_LINUX32; p++)
		ck_assert_uint_eq(pvhload_boot_cmdline_capacity(f.image, p, 0),
				  PVHLOAD_CMDLINE_CAPACITY_MAX);
	plan_teardown(&f);
}
END_TEST

/* After the "--" every word is an argument of init, of which Linux takes 32. */
START_TEST(arguments_of_init)
{
	static const char *const good[] = {
		"a -- 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31 "
		"32",
		"-- 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31 "
		"32 -- 33 34",
		"1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31 32 33",
	};
	static const char bad[] =
		"a\t\"--\" 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 "
		"24 25 26 27 28 29 30 31 32 \"33 34\"";
	struct pvhload_error err;
	struct plan_fixture f;

	for (uint32_t p = PVHLOAD_PROTOCOL_PVH; p <= PVHLOAD_PROTOCOL_X86_LINUX64; p++) {
		plan_setup(&f, 64 * MIB);
		f.config.protocol = p;
		for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
			f.config.cmdline = good[i];
			(void)plan(&f);
		}
		f.config.cmdline = bad;
		err = refused(&f, PVHLOAD_E_CMDLINE);
		ck_says(err, "has 33 arguments of init after its \"--\", 1 more than the 32");
		f.config.flags = PVHLOAD_BOOT_NOT_LINUX;
		(void)plan(&f);
		plan_teardown(&f);
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("plan_rules");
	TCase *table = tcase_create("misuse");

	tcase_add_loop_test(table, misuse, 0, (int)(sizeof(misuses) / sizeof(misuses[0])));
	suite_add_tcase(suite, table);
	ADD_TESTS(suite, "plan_rules", command_lines, capacities, arguments_of_init, memory_maps,
		  newer_arrays, right_use);
	return run_suite(suite);
}
