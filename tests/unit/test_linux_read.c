/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* Zero pages read back, from guests that cannot be trusted. */
#include "linux_read_fixture.h"

START_TEST(the_least)
{
	const struct pvhload_linux_view *view;
	struct linux_read f;

	linux_read_setup(&f);
	view = page_read(&f);
	ck_assert_mem_eq(view->zero_page, f.fake.bytes + PAGE, 4096);
	ck_assert_uint_eq(view->boot_protocol, 0x20f);
	ck_assert_str_eq(view->cmdline, "");
	ck_assert_uint_eq(view->cmdline_gpa, 0);
	ck_assert_uint_eq(view->initrd_gpa, 0);
	ck_assert_uint_eq(view->initrd_size, 0);
	ck_assert_uint_eq(view->rsdp_gpa, 0);
	ck_assert_uint_eq(view->setup_data_count, 0);
	ck_assert_uint_eq(view->memmap->count, 0);
	ck_assert_uint_eq(view->e820_entries, 0);
	ck_assert_uint_eq(view->sentinel, 0);
	/* up to the last byte of RAM */
	memcpy(f.fake.bytes + RAM_SIZE - 4096, f.fake.bytes + PAGE, 4096);
	pvhload_linux_view_free(f.view);
	struct pvhload_error err;
	ck_status(PVHLOAD_OK, err,
		  pvhload_linux_read(&f.fake.memory, RAM_SIZE - 4096, 0, &f.view, &err));
	linux_read_teardown(&f);
}
END_TEST

START_TEST(everything)
{
	static const struct zero_page_entry more[] = { { 0x5000000000, 0x1000, 12 },
						       { 0x6000000000, 0x2000, 7 } };
	const struct pvhload_linux_view *view;
	const struct pvhload_linux_node *n;
	uint8_t ext[40];
	struct linux_read f;

	linux_read_setup(&f);
	f.spec = (struct zero_page_spec){
		.type_of_loader = 0xb0,
		.loadflags = 0xa3,
		.xloadflags = 0x7f,
		.cmdline_gpa = CMDLINE,
		.initrd_gpa = 0x1200345000, /* far from RAM: it is not followed */
		.initrd_size = 0x300000001,
		.rsdp_gpa = 0x80000000e0,
		.setup_data = NODES,
		.e820 = { { 0, 0x9fc00, 1 },
			  { 0x100000, 0x7ff00000, 1 },
			  { 0xf0000000, 0x1000, 2 } },
		.e820_entries = 3,
		.sentinel = 0xff,
	};
	memcpy(f.fake.bytes + CMDLINE, "console=ttyS0", 14);
	put_setup_data(f.fake.bytes, NODES, 0x40004, 9, "0123456789abcdef", 16);
	put_setup_indirect(f.fake.bytes, 0x40004, 0x50000, 0x80000002, 0x60001, 5);
	memcpy(f.fake.bytes + 0x60001, "tree!", 5);
	put_setup_data(f.fake.bytes, 0x50000, 0x51000, 1, ext, (uint32_t)put_e820(ext, more, 2));
	put_setup_data(f.fake.bytes, 0x51000, 0, 0x12345678, NULL, 0);

	view = page_read(&f);
	ck_assert_str_eq(view->cmdline, "console=ttyS0");
	ck_assert_uint_eq(view->cmdline_gpa, CMDLINE);
	ck_assert_uint_eq(view->initrd_gpa, 0x1200345000);
	ck_assert_uint_eq(view->initrd_size, 0x300000001);
	ck_assert_uint_eq(view->rsdp_gpa, 0x80000000e0);
	ck_assert_uint_eq(view->type_of_loader, 0xb0);
	ck_assert_uint_eq(view->loadflags, 0xa3);
	ck_assert_uint_eq(view->xloadflags, 0x7f);
	ck_assert_uint_eq(view->sentinel, 0xff);
	ck_assert_uint_eq(view->e820_entries, 3);

	ck_assert_uint_eq(view->setup_data_count, 4);
	n = view->setup_data[0];
	ck_assert(n->gpa == NODES && n->data_gpa == NODES + 16 && n->type == 9 && !n->indirect);
	ck_assert_uint_eq(n->size, 16);
	ck_assert_mem_eq(n->data, "0123456789abcdef", 16);
	n = view->setup_data[1];
	ck_assert(n->gpa == 0x40004 && n->data_gpa == 0x60001 && n->type == 2 && n->indirect == 1);
	ck_assert_uint_eq(n->size, 5);
	ck_assert_mem_eq(n->data, "tree!", 5);
	n = view->setup_data[2];
	ck_assert(n->gpa == 0x50000 && n->type == 1 && n->size == 40);
	n = view->setup_data[3];
	ck_assert(n->gpa == 0x51000 && n->data_gpa == 0x51010 && n->type == 0x12345678);
	ck_assert(n->size == 0 && !n->data && !n->indirect);

	ck_assert_uint_eq(view->memmap->count, 5);
	for (size_t i = 0; i < 5; i++) {
		const struct zero_page_entry *e = i < 3 ? &f.spec.e820[i] : &more[i - 3];

		ck_assert_uint_eq(view->memmap->entries[i].gpa, e->addr);
		ck_assert_uint_eq(view->memmap->entries[i].size, e->size);
		ck_assert_uint_eq(view->memmap->entries[i].type, e->type);
		ck_assert_uint_eq(view->memmap->entries[i].reserved, 0);
	}
	linux_read_teardown(&f);
}
END_TEST

/* A field of the header counts only if the protocol has it; what is elsewhere has no version. */
START_TEST(old_protocols)
{
	static const struct {
		uint16_t version;
		bool cmdline, setup_data, xloadflags;
	} cases[] = {
		{ 0x20f, true, true, true },    { 0x20c, true, true, true },
		{ 0x20b, true, true, false },   { 0x209, true, true, false },
		{ 0x208, true, false, false },  { 0x202, true, false, false },
		{ 0x201, false, false, false }, { 0x200, false, false, false },
	};
	struct linux_read f;

	linux_read_setup(&f);
	f.spec = (struct zero_page_spec){ .type_of_loader = 0xff,
					  .loadflags = 1,
					  .xloadflags = 0x7f,
					  .cmdline_gpa = CMDLINE,
					  .initrd_gpa = 0x200000,
					  .initrd_size = 7,
					  .rsdp_gpa = 0xe0000,
					  .setup_data = NODES };
	memcpy(f.fake.bytes + CMDLINE, "text", 5);
	put_setup_data(f.fake.bytes, NODES, 0, 9, "seed", 4);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct pvhload_linux_view *view;

		f.spec.version = cases[i].version;
		view = page_read(&f);
		ck_assert_uint_eq(view->boot_protocol, cases[i].version);
		ck_assert_str_eq(view->cmdline, cases[i].cmdline ? "text" : "");
		ck_assert_uint_eq(view->cmdline_gpa, cases[i].cmdline ? CMDLINE : 0);
		ck_assert_uint_eq(view->setup_data_count, cases[i].setup_data ? 1 : 0);
		ck_assert_uint_eq(view->xloadflags, cases[i].xloadflags ? 0x7f : 0);
		ck_assert_uint_eq(view->initrd_gpa, 0x200000);
		ck_assert_uint_eq(view->initrd_size, 7);
		ck_assert_uint_eq(view->rsdp_gpa, 0xe0000);
		ck_assert_uint_eq(view->type_of_loader, 0xff);
		ck_assert_uint_eq(view->loadflags, 1);
	}
	/* half an initrd is none */
	f.spec.initrd_size = 0;
	ck_assert_uint_eq(page_read(&f)->initrd_gpa, 0);
	f.spec.initrd_size = 7;
	f.spec.initrd_gpa = 0;
	ck_assert_uint_eq(page_read(&f)->initrd_size, 0);
	linux_read_teardown(&f);
}
END_TEST

START_TEST(header_fields)
{
	static const struct {
		uint32_t offset;
		uint16_t since;
		uint64_t value;
	} cases[] = {
		{ PVHLOAD_SETUP_LOADFLAGS, 0x200, 0x41 },
		{ PVHLOAD_SETUP_CMD_LINE_PTR, 0x202, CMDLINE },
		{ PVHLOAD_SETUP_SETUP_DATA, 0x209, NODES },
		{ PVHLOAD_SETUP_XLOADFLAGS, 0x20c, 0x7f },
	};
	struct linux_read f;
	uint64_t value;

	linux_read_setup(&f);
	f.spec = (struct zero_page_spec){
		.loadflags = 0x41, .xloadflags = 0x7f, .cmdline_gpa = CMDLINE, .setup_data = NODES
	};
	memcpy(f.fake.bytes + CMDLINE, "text", 5);
	put_setup_data(f.fake.bytes, NODES, 0, 9, "seed", 4);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const uint32_t offset = cases[i].offset;

		f.spec.version = cases[i].since;
		value = 0;
		ck_assert_int_eq(pvhload_linux_header_field(page_read(&f), offset, &value), 1);
		ck_assert_uint_eq(value, cases[i].value);
		f.spec.version = 0x1ff;
		value = 0x55;
		ck_assert_int_eq(pvhload_linux_header_field(page_read(&f), offset, &value), 0);
		f.spec.version = cases[i].since - 1;
		ck_assert_int_eq(pvhload_linux_header_field(page_read(&f), offset, &value), 0);
		ck_assert_uint_eq(value, 0x55);
	}
	f.spec.version = 0x20f;
	/* no field of the header, no view, no place for the value */
	ck_assert_int_eq(pvhload_linux_header_field(page_read(&f), 0x1e8, &value), 0);
	ck_assert_int_eq(pvhload_linux_header_field(NULL, PVHLOAD_SETUP_VERSION, &value), 0);
	ck_assert_int_eq(pvhload_linux_header_field(page_read(&f), PVHLOAD_SETUP_VERSION, NULL), 0);
	linux_read_teardown(&f);
}
END_TEST

START_TEST(no_zero_page)
{
	struct pvhload_error err;
	struct linux_read f;

	linux_read_setup(&f);
	err = page_refused_at(&f, 0x8000, PVHLOAD_E_FORMAT);
	ck_says(err, "no zero page at 0x8000", "0xa5a5, not 0xaa55");
	put_zero_page(f.fake.bytes + PAGE, &f.spec);
	f.fake.bytes[PAGE + 0x1fe] = 0x54;
	err = page_refused_at(&f, PAGE, PVHLOAD_E_FORMAT);
	ck_says(err, "0xaa54");
	put_zero_page(f.fake.bytes + PAGE, &f.spec);
	f.fake.bytes[PAGE + 0x205] = 0;
	err = page_refused_at(&f, PAGE, PVHLOAD_E_FORMAT);
	ck_says(err, "the magic is 0x726448, not 0x53726448");

	(void)page_refused_at(&f, 0xa0000, PVHLOAD_E_RANGE);
	(void)page_refused_at(&f, 0x9fc00 - 4095, PVHLOAD_E_RANGE);
	(void)page_refused_at(&f, RAM_SIZE - 4095, PVHLOAD_E_RANGE);
	(void)page_refused_at(&f, UINT64_MAX, PVHLOAD_E_RANGE);
	(void)page_refused_at(&f, UINT64_MAX - 4095, PVHLOAD_E_RANGE);
	linux_read_teardown(&f);
}
END_TEST

START_TEST(command_lines)
{
	struct pvhload_error err;
	struct linux_read f;

	linux_read_setup(&f);
	f.spec.cmdline_gpa = RAM_SIZE;
	err = page_refused(&f, PVHLOAD_E_RANGE);
	ck_says(err, "command line");
	f.spec.cmdline_gpa = 0x100000000 + CMDLINE; /* by its high half */
	err = page_refused(&f, PVHLOAD_E_RANGE);
	ck_assert_uint_eq(err.gpa, 0x100020000);

	f.spec.cmdline_gpa = RAM_SIZE - 300;
	err = page_refused(&f, PVHLOAD_E_MALFORMED);
	ck_says(err, "no NUL within the 300 bytes up to the end of RAM");
	f.fake.bytes[RAM_SIZE - 1] = 0;
	ck_assert_uint_eq(strlen(page_read(&f)->cmdline), 299);

	f.spec.cmdline_gpa = 0x200000;
	err = page_refused(&f, PVHLOAD_E_LIMIT);
	ck_says(err, "more than 65536 bytes");
	f.fake.bytes[0x200000 + PVHLOAD_LINUX_CMDLINE_LENGTH_MAX + 1] = 0;
	(void)page_refused(&f, PVHLOAD_E_LIMIT);
	f.fake.bytes[0x200000 + PVHLOAD_LINUX_CMDLINE_LENGTH_MAX] = 0;
	ck_assert_uint_eq(strlen(page_read(&f)->cmdline), PVHLOAD_LINUX_CMDLINE_LENGTH_MAX);
	/* the last bytes before the limit are also the last of RAM */
	f.spec.cmdline_gpa = RAM_SIZE - PVHLOAD_LINUX_CMDLINE_LENGTH_MAX;
	f.fake.bytes[RAM_SIZE - 1] = 'x';
	(void)page_refused(&f, PVHLOAD_E_MALFORMED);
	linux_read_teardown(&f);
}
END_TEST

START_TEST(maps)
{
	struct pvhload_error err;
	struct linux_read f;

	linux_read_setup(&f);
	f.spec.e820_entries = 129;
	err = page_refused(&f, PVHLOAD_E_MALFORMED);
	ck_says(err, "129 entries", "128");
	ck_assert_uint_eq(err.gpa, PAGE + 0x1e8);
	f.spec.e820_entries = 128;
	f.spec.e820[127] = (struct zero_page_entry){ 5, 6, 7 };
	ck_assert_uint_eq(page_read(&f)->memmap->count, 128);
	ck_assert_uint_eq(f.view->memmap->entries[127].gpa, 5);

	f.spec.setup_data = 0x200000;
	put_setup_data(f.fake.bytes, 0x200000, 0, 1, NULL, 21);
	err = page_refused(&f, PVHLOAD_E_MALFORMED);
	ck_says(err, "21 bytes: no multiple of 20");
	put_setup_data(f.fake.bytes, 0x200000, 0, 1, NULL, 20 * (4096 - 128));
	ck_assert_uint_eq(page_read(&f)->memmap->count, 4096);
	ck_assert_uint_eq(f.view->e820_entries, 128);
	put_setup_data(f.fake.bytes, 0x200000, 0, 1, NULL, 20 * (4096 - 127));
	err = page_refused(&f, PVHLOAD_E_LIMIT);
	ck_says(err, "4097 entries", "4096");
	/* Linux does not look for entries after a setup_indirect */
	put_setup_indirect(f.fake.bytes, 0x200000, 0, 0x80000001, 0x100000, 20 * 5000 + 1);
	ck_assert_uint_eq(page_read(&f)->memmap->count, 128);
	linux_read_teardown(&f);
}
END_TEST

START_TEST(usage_and_failures)
{
	struct pvhload_linux_view *view = NULL;
	struct pvhload_error bad = { .struct_size = 1 };
	struct pvhload_memory_ops ops;
	struct pvhload_error err;
	struct linux_read f;

	linux_read_setup(&f);
	pvhload_linux_view_free(NULL);
	ck_status(PVHLOAD_E_USAGE, err, pvhload_linux_read(NULL, PAGE, 0, &view, &err));
	ck_status(PVHLOAD_E_USAGE, err, pvhload_linux_read(&f.fake.memory, PAGE, 0, NULL, &err));
	ck_assert_int_eq(pvhload_linux_read(&f.fake.memory, PAGE, 0, &view, &bad), PVHLOAD_E_USAGE);
	f.fake.memory.memmap = NULL;
	(void)page_refused(&f, PVHLOAD_E_USAGE);
	f.fake.memory.memmap = &f.map;
	ops = f.fake.ops;
	ops.read = NULL;
	f.fake.memory.ops = &ops;
	(void)page_refused(&f, PVHLOAD_E_USAGE);
	f.fake.memory.ops = &f.fake.ops;
	f.entries[0].type = 0;
	(void)page_refused(&f, PVHLOAD_E_MEMMAP);
	f.entries[0].type = 1;

	f.spec.cmdline_gpa = CMDLINE;
	f.spec.setup_data = NODES;
	memset(f.fake.bytes + CMDLINE, 0, 1);
	put_setup_data(f.fake.bytes, NODES, NODES + 0x100, 9, "x", 1);
	put_setup_indirect(f.fake.bytes, NODES + 0x100, 0, 0x80000009, CMDLINE, 1);
	/* page, command line, header and data, header, struct and data */
	for (uint64_t n = 1; n <= 7; n++) {
		f.fake.calls = 0;
		f.fake.fail_at = n;
		err = page_refused(&f, PVHLOAD_E_CALLBACK);
		ck_assert_int_eq(err.cause, -77);
		ck_says(err, "read callback returned -77");
	}
	f.fake.calls = 0;
	f.fake.fail_at = 8;
	(void)page_read(&f);
	linux_read_teardown(&f);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("linux_read");

	ADD_TESTS(suite, "linux_read", the_least, everything, old_protocols, header_fields,
		  no_zero_page, command_lines, maps, usage_and_failures);
	return run_suite(suite);
}
