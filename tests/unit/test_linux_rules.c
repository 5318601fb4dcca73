/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* What a zero page may say: every rule, and not a byte written when one is broken. */
#include <stdio.h>

#include "linux_fixture.h"

/* A member of the fixture that is made wrong. */
#define MEMBER(member) \
	offsetof(struct linux_fixture, member), sizeof(((struct linux_fixture *)NULL)->member)

static const struct {
	const char *name;
	size_t offset, size;
	uint64_t value;
	const char *says;
} misuses[] = {
	{ "no map", MEMBER(params.memmap), 0, "" },
	{ "an unknown flag", MEMBER(params.flags), 2, "unknown flag" },
	{ "a reserved member", MEMBER(params.reserved), 1, "" },
	{ "setup_data at NULL", MEMBER(params.setup_data_count), 1, "" },
	{ "params of a wrong size", MEMBER(params.struct_size), 8, "" },
	{ "a layout of a wrong size", MEMBER(layout.struct_size), 9, "layout" },
	{ "no write callback", MEMBER(fake.ops.write), 0, "" },
	{ "more entries than the map has room for", MEMBER(map.count), 9, "" },
};

START_TEST(misuse)
{
	struct pvhload_error err;
	struct linux_fixture f;

	linux_setup(&f);
	set_member((char *)&f + misuses[_i].offset, misuses[_i].value, misuses[_i].size);
	err = linux_refused(&f, PVHLOAD_E_USAGE);
	ck_assert_msg(strstr(err.message, misuses[_i].says) != NULL, "%s: %s", misuses[_i].name,
		      err.message);
	linux_teardown(&f);
}
END_TEST

START_TEST(null_arguments)
{
	struct pvhload_error err;
	struct linux_fixture f;

	linux_setup(&f);
	ck_status(PVHLOAD_E_USAGE, err, pvhload_linux_write(NULL, NULL, &f.params, &err));
	ck_status(PVHLOAD_E_USAGE, err, pvhload_linux_write(&f.fake.memory, NULL, NULL, &err));
	err.struct_size = 3;
	ck_assert_int_eq(linux_write(&f, &err), PVHLOAD_E_USAGE);
	ck_assert_int_eq(linux_write(&f, NULL), PVHLOAD_OK);
	linux_teardown(&f);
}
END_TEST

START_TEST(flags_and_loader)
{
	static const uint32_t closed[] = { 0x01, 0x04, 0x08, 0x10, 0x40, 0x80, 0x100, 0x80000000 };
	struct pvhload_error err;
	struct linux_fixture f;

	linux_setup(&f);
	for (size_t i = 0; i < sizeof(closed) / sizeof(closed[0]); i++) {
		f.params.loadflags = closed[i] | PVHLOAD_LOADFLAG_QUIET;
		err = linux_refused(&f, PVHLOAD_E_USAGE);
		ck_says(err, "load flags");
	}
	f.params.loadflags = 0;
	f.params.type_of_loader = 0x100;
	err = linux_refused(&f, PVHLOAD_E_USAGE);
	ck_says(err, "type_of_loader 0x100");
	linux_teardown(&f);
}
END_TEST

START_TEST(headers_that_are_none)
{
	static const struct {
		uint32_t offset;
		uint8_t value;
		const char *says;
	} defects[] = {
		{ 0x1fe, 0x54, "boot_flag" },
		{ 0x202, 'h', "HdrS" },
		{ 0x205, 's', "HdrS" },
		{ 0x200, 0xe9, "whose jump" },
		{ 0x201, 0x80, "whose jump" }, /* backwards */
		{ 0x201, 0xff, "whose jump" },
		{ 0x201, 0x0f, "whose jump" }, /* not after loadflags */
	};
	struct pvhload_error err;
	struct linux_fixture f;

	linux_setup(&f);
	for (size_t i = 0; i < sizeof(defects) / sizeof(defects[0]); i++) {
		linux_use_head(&f, 0x20f, 0x26c);
		linux_poke(&f, defects[i].offset, defects[i].value, 1);
		err = linux_refused(&f, PVHLOAD_E_MALFORMED);
		ck_says(err, defects[i].says);
	}
	/* every size that ends too early, the header where reading on would be seen */
	for (size_t size = 0; size < 123; size++) {
		struct bytes bytes = build_head(0x20f, 0x26c);
		struct bytes header = bytes_copy(bytes.data + 0x1f1, size);

		f.params.setup_header = header.data;
		f.params.setup_header_size = size;
		(void)linux_refused(&f, PVHLOAD_E_MALFORMED);
		bytes_free(&header);
		bytes_free(&bytes);
	}
	linux_teardown(&f);
}
END_TEST

/* The shortest header there is ends after loadflags. */
START_TEST(shortest_header)
{
	struct linux_fixture f;

	linux_setup(&f);
	linux_use_head(&f, 0x200, 0x212);
	linux_written(&f);
	ck_assert_uint_eq(f.page[0x211], 0x01);
	for (size_t i = 0x212; i < 0x2d0; i++)
		ck_assert_uint_eq(f.page[i], 0);
	linux_teardown(&f);
}
END_TEST

START_TEST(command_line_lengths)
{
	static const struct {
		uint16_t version;
		uint32_t end;
		uint32_t cmdline_size; /* 0: as it is */
		uint32_t takes;
	} kernels[] = {
		{ 0, 0, 0, 2047 },
		{ 0x20f, 0x26c, 0, 2047 },
		{ 0x20f, 0x26c, 1, 1 },
		{ 0x20f, 0x26c, 4095, 4095 },
		{ 0x206, 0x240, 0, 2047 },
		{ 0x205, 0x240, 0, 255 },
		{ 0x202, 0x22c, 0, 255 },
		{ 0x206, 0x238, 0, 0 }, /* ends before the field */
		{ 0x20f, 0x26c, UINT32_MAX, PVHLOAD_LINUX_CMDLINE_LENGTH_MAX },
	};
	char *text = malloc(PVHLOAD_LINUX_CMDLINE_LENGTH_MAX + 2);
	char number[32];

	memset(text, 'x', PVHLOAD_LINUX_CMDLINE_LENGTH_MAX + 1);
	text[PVHLOAD_LINUX_CMDLINE_LENGTH_MAX + 1] = '\0';
	for (size_t i = 0; i < sizeof(kernels) / sizeof(kernels[0]); i++) {
		struct pvhload_error err;
		struct linux_fixture f;

		linux_setup(&f);
		linux_use_head(&f, kernels[i].version, kernels[i].end);
		if (kernels[i].cmdline_size)
			linux_poke(&f, 0x238, kernels[i].cmdline_size, 4);
		f.params.cmdline = text + PVHLOAD_LINUX_CMDLINE_LENGTH_MAX - kernels[i].takes;
		err = linux_refused(&f, PVHLOAD_E_CMDLINE);
		snprintf(number, sizeof(number), "1 more than the %" PRIu32, kernels[i].takes);
		ck_says(err, number);
		ck_assert(!kernels[i].version == (strstr(err.message, "ELF") != NULL));
		f.params.cmdline++;
		linux_written(&f);
		ck_assert_str_eq((const char *)f.fake.bytes + 0x20000, f.params.cmdline);
		linux_teardown(&f);
	}
	free(text);
}
END_TEST

START_TEST(protocols_that_are_too_old)
{
	struct pvhload_memmap_entry entries[129];
	struct pvhload_source source;
	struct pvhload_linux_setup_data data = setup_data(&source, 9, "seed", 4);
	struct pvhload_error err;
	struct linux_fixture f;

	linux_setup(&f);
	linux_use_head(&f, 0x201, 0x228);
	f.params.cmdline = "a";
	err = linux_refused(&f, PVHLOAD_E_PROTOCOL);
	ck_says(err, "2.01", "command line", "2.02");
	f.params.cmdline = "";
	linux_written(&f);
	linux_teardown(&f);

	linux_setup(&f);
	linux_use_head(&f, 0x208, 0x250);
	f.params.setup_data = &data;
	f.params.setup_data_count = 1;
	err = linux_refused(&f, PVHLOAD_E_PROTOCOL);
	ck_says(err, "2.08", "setup_data", "2.09");
	f.params.setup_data_count = 0;
	memcpy(entries, f.entries, 2 * sizeof(entries[0]));
	for (size_t i = 2; i < 129; i++)
		entries[i] = (struct pvhload_memmap_entry){ GIB + i, 1, 2, 0 };
	f.map = (struct pvhload_memmap){ sizeof(f.map), entries, 129, 129, 0 };
	err = linux_refused(&f, PVHLOAD_E_PROTOCOL); /* the 129th would be setup_data */
	ck_says(err, "setup_data");
	f.map.count = 128;
	linux_written(&f);
	ck_assert_uint_eq(f.page[0x1e8], 128);
	linux_use_head(&f, 0x209, 0x258);
	f.map.count = 129;
	linux_written(&f);
	linux_teardown(&f);
}
END_TEST

START_TEST(memory_maps)
{
	struct pvhload_memmap_entry *many = calloc(4097, sizeof(*many));
	struct pvhload_memmap told = { sizeof(told), many, 4097, 4097, 0 };
	struct pvhload_error err;
	struct linux_fixture f;

	linux_setup(&f);
	f.fake.memory.memmap = &f.map; /* the RAM; what the guest is told is another matter */
	f.params.memmap = &told;
	many[0] = (struct pvhload_memmap_entry){ 0, 0x9fc00, PVHLOAD_MEMMAP_RAM, 0 };
	for (size_t i = 1; i < 4097; i++)
		many[i] = (struct pvhload_memmap_entry){ GIB + i, 1, PVHLOAD_MEMMAP_NVS, 0 };
	err = linux_refused(&f, PVHLOAD_E_MEMMAP);
	ck_says(err, "4097 entries", "4096", "zero page");
	told.count = 1;
	err = linux_refused(&f, PVHLOAD_E_MEMMAP);
	ck_says(err, "1 entry", "fewer than 2");
	told.count = 0;
	(void)linux_refused(&f, PVHLOAD_E_MEMMAP);
	told.count = 2;
	many[0].size = 0x10000 + 0x6fff; /* one byte less than 28 KiB */
	err = linux_refused(&f, PVHLOAD_E_MEMMAP);
	ck_says(err, "28 KiB");
	many[0].size++;
	linux_written(&f);
	linux_teardown(&f);

	linux_setup(&f);
	f.fake.memory.memmap = &f.map;
	f.params.memmap = &told;
	many[1] = many[0];
	err = linux_refused(&f, PVHLOAD_E_MEMMAP);
	ck_says(err, "overlap");
	f.params.memmap = &f.map;
	f.fake.memory.memmap = &told; /* the memory's own is as bad */
	(void)linux_refused(&f, PVHLOAD_E_MEMMAP);
	linux_teardown(&f);
	free(many);
}
END_TEST

/* The writes come in this order; the first that fails is the last. */
START_TEST(failing_writes)
{
	static const char *const names[] = { "zero page", "zero page", "cmdline", "setup_data" };
	struct pvhload_source source;
	struct pvhload_linux_setup_data data = setup_data(&source, 9, "seed", 4);

	for (uint64_t n = 1; n <= 4; n++) {
		struct pvhload_error err;
		struct linux_fixture f;

		linux_setup(&f);
		f.params.setup_data = &data;
		f.params.setup_data_count = 1;
		f.fake.fail_at = n;
		ck_status(PVHLOAD_E_CALLBACK, err, linux_write(&f, &err));
		ck_assert_int_eq(err.cause, -77);
		ck_says(err, names[n - 1], "write callback returned -77");
		ck_assert_uint_eq(f.fake.calls, n);
		linux_teardown(&f);
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("linux_rules");
	TCase *table = tcase_create("misuse");

	tcase_add_loop_test(table, misuse, 0, (int)(sizeof(misuses) / sizeof(misuses[0])));
	suite_add_tcase(suite, table);
	ADD_TESTS(suite, "linux_rules", null_arguments, flags_and_loader, headers_that_are_none,
		  shortest_header, command_line_lengths, protocols_that_are_too_old, memory_maps,
		  failing_writes);
	return run_suite(suite);
}
