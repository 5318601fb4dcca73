/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* Zero pages of which a part cannot be read: the rest is there, and what would have ended the call. */
#include "linux_read_fixture.h"

#define STRAY 0x500000u /* after RAM */

/* Three nodes, at NODES, 0x100 and 0x200 after it: a seed, a map entry, an indirect seed. */
static const struct zero_page_entry more = { 0x5000000000, 0x1000, 12 };

static void whole(struct linux_read *f)
{
	uint8_t ext[20];

	linux_read_setup(f);
	f->spec = (struct zero_page_spec){
		.type_of_loader = 0xff,
		.cmdline_gpa = CMDLINE,
		.initrd_gpa = 0x900000,
		.initrd_size = 5,
		.rsdp_gpa = 0xe0000,
		.setup_data = NODES,
		.e820 = { { 0, 0x9fc00, 1 }, { 0x100000, 0x300000, 1 } },
		.e820_entries = 2,
	};
	memcpy(f->fake.bytes + CMDLINE, "quiet", 6);
	put_setup_data(f->fake.bytes, NODES, NODES + 0x100, 9, "seed", 4);
	put_setup_data(f->fake.bytes, NODES + 0x100, NODES + 0x200, 1, ext,
		       (uint32_t)put_e820(ext, &more, 1));
	put_setup_indirect(f->fake.bytes, NODES + 0x200, 0, 0x80000009, CMDLINE, 4);
}

static struct pvhload_linux_view *read_part(struct linux_read *f)
{
	struct pvhload_error err;

	put_zero_page(f->fake.bytes + PAGE, &f->spec);
	pvhload_linux_view_free(f->view);
	f->view = NULL;
	ck_status(PVHLOAD_OK, err,
		  pvhload_linux_read(&f->fake.memory, PAGE, PVHLOAD_READ_PARTIAL, &f->view, &err));
	ck_assert(!f->fake.strayed);
	return f->view;
}

/* What the page alone says, however broken the rest is. */
static void check_page(const struct linux_read *f)
{
	ck_assert_mem_eq(f->view->zero_page, f->fake.bytes + PAGE, 4096);
	ck_assert_uint_eq(f->view->boot_protocol, 0x20f);
	ck_assert_uint_eq(f->view->type_of_loader, 0xff);
	ck_assert_uint_eq(f->view->initrd_gpa, 0x900000);
	ck_assert_uint_eq(f->view->initrd_size, 5);
	ck_assert_uint_eq(f->view->rsdp_gpa, 0xe0000);
	ck_assert_uint_eq(f->view->cmdline_gpa, f->spec.cmdline_gpa);
	ck_assert_uint_eq(f->view->e820_entries, f->spec.e820_entries);
}

/*
 * Reading leaves out @incomplete, and says why: @problem alone, with which the call ends without the
 * flag.
 */
static void leaves_out(struct linux_read *f, uint32_t incomplete, enum pvhload_status status,
		       const char *problem)
{
	const struct pvhload_linux_view *view = read_part(f);
	struct pvhload_error err;

	check_page(f);
	ck_assert_uint_eq(view->incomplete, incomplete);
	ck_assert_uint_eq(view->problem_count, 1);
	ck_assert_str_eq(view->problems[0]->message, problem);
	err = page_refused(f, status);
	ck_assert_mem_eq(&err, view->problems[0], sizeof(err));
}

static void check_nodes(const struct pvhload_linux_view *view, size_t count)
{
	static const uint32_t types[] = { 9, 1, 9 };

	ck_assert_uint_eq(view->setup_data_count, count);
	for (size_t i = 0; i < count; i++) {
		ck_assert_uint_eq(view->setup_data[i]->gpa, NODES + 0x100 * i);
		ck_assert_uint_eq(view->setup_data[i]->type, types[i]);
		ck_assert_ptr_nonnull(view->setup_data[i]->data);
	}
}

/* The page's own @table entries, and @ext of a node. */
static void check_map(const struct linux_read *f, size_t table, size_t ext)
{
	const struct pvhload_memmap *map = f->view->memmap;

	ck_assert_uint_eq(map->count, table + ext);
	ck_assert_uint_eq(map->capacity, map->count);
	for (size_t i = 0; i < map->count; i++) {
		const struct zero_page_entry *e = i < table ? &f->spec.e820[i] : &more;

		ck_assert_uint_eq(map->entries[i].gpa, e->addr);
		ck_assert_uint_eq(map->entries[i].size, e->size);
		ck_assert_uint_eq(map->entries[i].type, e->type);
	}
}

START_TEST(nothing_is_broken)
{
	const struct pvhload_linux_view *view;
	struct linux_read f;

	whole(&f);
	view = read_part(&f);
	check_page(&f);
	check_nodes(view, 3);
	check_map(&f, 2, 1);
	ck_assert_str_eq(view->cmdline, "quiet");
	ck_assert_uint_eq(view->incomplete, 0);
	ck_assert_uint_eq(view->problem_count, 0);
	ck_assert_ptr_null(view->problems);
	linux_read_teardown(&f);
}
END_TEST

START_TEST(command_line)
{
	struct linux_read f;

	whole(&f);
	f.spec.cmdline_gpa = STRAY;
	leaves_out(&f, PVHLOAD_PART_CMDLINE, PVHLOAD_E_RANGE,
		   "command line: 0x1 bytes at 0x500000 are not all in the guest's RAM: there is "
		   "none at 0x500000");
	ck_assert_str_eq(f.view->cmdline, "");
	check_nodes(f.view, 3);
	check_map(&f, 2, 1);

	f.spec.cmdline_gpa = RAM_SIZE - 3;
	memcpy(f.fake.bytes + RAM_SIZE - 3, "abc", 3);
	leaves_out(&f, PVHLOAD_PART_CMDLINE, PVHLOAD_E_MALFORMED,
		   "the command line at 0x3ffffd has no NUL within the 3 bytes up to the end of "
		   "RAM");
	ck_assert_str_eq(f.view->cmdline, "abc");
	check_nodes(f.view, 3);

	f.spec.cmdline_gpa = 0x200000;
	leaves_out(&f, PVHLOAD_PART_CMDLINE, PVHLOAD_E_LIMIT,
		   "the command line at 0x200000 has more than 65536 bytes");
	ck_assert_uint_eq(strlen(f.view->cmdline), PVHLOAD_LINUX_CMDLINE_LENGTH_MAX);
	linux_read_teardown(&f);
}
END_TEST

/* The nodes before the break are there, and what they add to the map. */
START_TEST(broken_lists)
{
	struct linux_read f;

	whole(&f);
	f.spec.setup_data = STRAY;
	leaves_out(&f, PVHLOAD_PART_SETUP_DATA, PVHLOAD_E_RANGE,
		   "setup_data 0 at 0x500000: 0x10 bytes at 0x500000 are not all in the guest's "
		   "RAM: there is none at 0x500000");
	check_nodes(f.view, 0);
	check_map(&f, 2, 0);
	ck_assert_str_eq(f.view->cmdline, "quiet");

	f.spec.setup_data = NODES;
	put_setup_data(f.fake.bytes, NODES + 0x100, STRAY, 1, f.fake.bytes + NODES + 0x110, 20);
	leaves_out(&f, PVHLOAD_PART_SETUP_DATA, PVHLOAD_E_RANGE,
		   "setup_data 2 at 0x500000: 0x10 bytes at 0x500000 are not all in the guest's "
		   "RAM: there is none at 0x500000");
	check_nodes(f.view, 2);
	check_map(&f, 2, 1);
	ck_assert_uint_eq(f.view->problems[0]->subject, PVHLOAD_SUBJECT_SETUP_DATA);
	ck_assert_uint_eq(f.view->problems[0]->index, 2);

	put_setup_indirect(f.fake.bytes, NODES + 0x200, NODES, 0x80000009, CMDLINE, 4);
	put_setup_data(f.fake.bytes, NODES + 0x100, NODES + 0x200, 1, f.fake.bytes + NODES + 0x110,
		       20);
	leaves_out(&f, PVHLOAD_PART_SETUP_DATA, PVHLOAD_E_MALFORMED,
		   "the setup_data list goes in a circle: after number 2 comes number 0 again, at "
		   "0x30000");
	check_nodes(f.view, 3);

	/* after a full table, the list would have gone on with the map */
	f.spec.e820_entries = 128;
	leaves_out(&f, PVHLOAD_PART_SETUP_DATA | PVHLOAD_PART_MEMMAP, PVHLOAD_E_MALFORMED,
		   "the setup_data list goes in a circle: after number 2 comes number 0 again, at "
		   "0x30000");
	check_map(&f, 128, 1);
	linux_read_teardown(&f);
}
END_TEST

START_TEST(long_lists)
{
	struct linux_read f;

	whole(&f);
	for (uint64_t i = 0; i < 65; i++)
		put_setup_data(f.fake.bytes, NODES + 32 * i, NODES + 32 * (i + 1),
			       (uint32_t)(100 + i), "x", 1);
	leaves_out(&f, PVHLOAD_PART_SETUP_DATA, PVHLOAD_E_LIMIT,
		   "the setup_data list has more than 64 nodes; the next is at 0x30800");
	ck_assert_uint_eq(f.view->setup_data_count, 64);
	ck_assert_uint_eq(f.view->setup_data[63]->type, 163);
	linux_read_teardown(&f);
}
END_TEST

/* A node whose data cannot be read is there without them, and the list goes on. */
START_TEST(nodes_without_data)
{
	const struct pvhload_linux_node *node;
	struct linux_read f;

	whole(&f);
	put_setup_data(f.fake.bytes, NODES, NODES + 0x100, 9, NULL, 0x7fffffff);
	leaves_out(&f, PVHLOAD_PART_SETUP_DATA, PVHLOAD_E_LIMIT,
		   "setup_data 0 at 0x30000: 0x7fffffff bytes at 0x30010: all setup_data may take "
		   "67108864 bytes, of which 67108864 are left");
	ck_assert_uint_eq(f.view->setup_data_count, 3);
	node = f.view->setup_data[0];
	ck_assert(node->gpa == NODES && node->data_gpa == NODES + 16 && node->type == 9);
	ck_assert(node->size == 0x7fffffff && !node->data && !node->indirect);
	ck_assert_mem_eq(f.view->setup_data[2]->data, "quie", 4);
	check_map(&f, 2, 1);

	/* the entries in a node that reaches out of RAM are not known */
	put_setup_data(f.fake.bytes, NODES, NODES + 0x100, 9, "seed", 4);
	put_setup_data(f.fake.bytes, NODES + 0x100, NODES + 0x200, 1, NULL, RAM_SIZE);
	leaves_out(&f, PVHLOAD_PART_SETUP_DATA | PVHLOAD_PART_MEMMAP, PVHLOAD_E_RANGE,
		   "setup_data 1 at 0x30100: 0x400000 bytes at 0x30110 are not all in the guest's "
		   "RAM: there is none at 0x9fc00");
	ck_assert_uint_eq(f.view->setup_data_count, 3);
	ck_assert_ptr_null(f.view->setup_data[1]->data);
	check_map(&f, 2, 0);
	linux_read_teardown(&f);
}
END_TEST

/* What cannot be followed is what stands in the list itself. */
START_TEST(indirect_nodes)
{
	const struct pvhload_linux_node *node;
	struct linux_read f;

	whole(&f);
	put_setup_indirect(f.fake.bytes, NODES + 0x200, 0, 9, CMDLINE, 4);
	leaves_out(&f, PVHLOAD_PART_SETUP_DATA, PVHLOAD_E_MALFORMED,
		   "setup_data 2 at 0x30200: the setup_indirect at 0x30210 has type 0x9, which is "
		   "not 0x80000000 and the type of some data");
	node = f.view->setup_data[2];
	ck_assert(node->type == PVHLOAD_SETUP_INDIRECT && !node->indirect && !node->data);
	ck_assert(node->data_gpa == NODES + 0x210 && node->size == 24);

	put_setup_data(f.fake.bytes, NODES + 0x200, 0, 0x80000000, NULL, 23);
	leaves_out(&f, PVHLOAD_PART_SETUP_DATA, PVHLOAD_E_MALFORMED,
		   "setup_data 2 at 0x30200: a setup_indirect at 0x30210 has 23 bytes; it takes "
		   "24");
	/* it has been followed, to nowhere */
	put_setup_indirect(f.fake.bytes, NODES + 0x200, 0, 0x80000001, STRAY, 40);
	leaves_out(&f, PVHLOAD_PART_SETUP_DATA, PVHLOAD_E_RANGE,
		   "setup_data 2 at 0x30200: 0x28 bytes at 0x500000 are not all in the guest's "
		   "RAM: there is none at 0x500000");
	node = f.view->setup_data[2];
	ck_assert(node->type == 1 && node->indirect && !node->data);
	ck_assert(node->data_gpa == STRAY && node->size == 40);
	check_map(&f, 2, 1);
	linux_read_teardown(&f);
}
END_TEST

START_TEST(maps)
{
	struct linux_read f;

	whole(&f);
	f.spec.e820_entries = 200;
	f.spec.e820[127] = (struct zero_page_entry){ 5, 6, 7 };
	leaves_out(&f, PVHLOAD_PART_MEMMAP, PVHLOAD_E_MALFORMED,
		   "the e820 table has 200 entries; there is room for 128");
	check_map(&f, 128, 1);
	check_nodes(f.view, 3);

	/* Linux takes the whole entries, too */
	f.spec.e820_entries = 2;
	put_setup_data(f.fake.bytes, NODES + 0x100, NODES + 0x200, 1, f.fake.bytes + NODES + 0x110,
		       39);
	leaves_out(&f, PVHLOAD_PART_MEMMAP, PVHLOAD_E_MALFORMED,
		   "setup_data 1 at 0x30100, more e820 entries, has 39 bytes: no multiple of 20");
	ck_assert_uint_eq(f.view->problems[0]->subject, PVHLOAD_SUBJECT_SETUP_DATA);
	ck_assert_uint_eq(f.view->problems[0]->index, 1);
	check_map(&f, 2, 1);

	f.spec.setup_data = 0x200000;
	put_setup_data(f.fake.bytes, 0x200000, 0, 1, NULL, 20 * 5000);
	leaves_out(&f, PVHLOAD_PART_MEMMAP, PVHLOAD_E_LIMIT,
		   "the memory map has 5002 entries; the limit is 4096");
	ck_assert_uint_eq(f.view->memmap->count, PVHLOAD_LINUX_MEMMAP_MAX);
	ck_assert_uint_eq(f.view->memmap->entries[4095].gpa, 0xa5a5a5a5a5a5a5a5);
	linux_read_teardown(&f);
}
END_TEST

START_TEST(everything)
{
	const struct pvhload_linux_view *view;
	struct linux_read f;

	whole(&f);
	f.spec.cmdline_gpa = STRAY;
	f.spec.e820_entries = 129;
	put_setup_data(f.fake.bytes, NODES, NODES + 0x100, 9, NULL, 0x7fffffff);
	put_setup_data(f.fake.bytes, NODES + 0x100, UINT64_MAX, 1, NULL, 7);
	view = read_part(&f);
	check_page(&f);
	ck_assert_uint_eq(view->incomplete,
			  PVHLOAD_PART_CMDLINE | PVHLOAD_PART_SETUP_DATA | PVHLOAD_PART_MEMMAP);
	ck_assert_uint_eq(view->problem_count, 5);
	ck_says(*view->problems[0], "command line: ");
	ck_says(*view->problems[1], "setup_data 0 at 0x30000: 0x7fffffff bytes");
	ck_says(*view->problems[2], "setup_data 2 at 0xffffffffffffffff: ");
	ck_says(*view->problems[3], "the e820 table has 129 entries");
	ck_says(*view->problems[4], "setup_data 1 at 0x30100, more e820 entries, has 7 bytes");
	ck_assert_uint_eq(view->setup_data_count, 2);
	check_map(&f, 128, 0);
	linux_read_teardown(&f);
}
END_TEST

static void refused(struct linux_read *f, uint64_t gpa, uint32_t flags, enum pvhload_status status,
		    struct pvhload_error *err)
{
	struct pvhload_linux_view *const untouched = (struct pvhload_linux_view *)(uintptr_t)0x5a5a;
	struct pvhload_linux_view *view = untouched;

	ck_status(status, *err, pvhload_linux_read(&f->fake.memory, gpa, flags, &view, err));
	ck_assert_ptr_eq(view, untouched);
	ck_assert(!f->fake.strayed);
}

/* What is no fault of the guest's, and what is no zero page, fails as ever. */
START_TEST(what_still_fails)
{
	struct pvhload_error err;
	struct linux_read f;

	whole(&f);
	f.spec.cmdline_gpa = STRAY;
	put_zero_page(f.fake.bytes + PAGE, &f.spec);
	refused(&f, 0x8000, PVHLOAD_READ_PARTIAL, PVHLOAD_E_FORMAT, &err);
	refused(&f, RAM_SIZE - 4095, PVHLOAD_READ_PARTIAL, PVHLOAD_E_RANGE, &err);
	refused(&f, PAGE, 3, PVHLOAD_E_USAGE, &err);
	ck_assert_str_eq(err.message, "unknown flags for reading back: 0x3");
	f.entries[0].type = 0;
	refused(&f, PAGE, PVHLOAD_READ_PARTIAL, PVHLOAD_E_MEMMAP, &err);
	f.entries[0].type = 1;
	/* page; header and data, twice; header, struct and data */
	for (uint64_t n = 1; n <= 8; n++) {
		f.fake.calls = 0;
		f.fake.fail_at = n;
		refused(&f, PAGE, PVHLOAD_READ_PARTIAL, PVHLOAD_E_CALLBACK, &err);
		ck_assert_int_eq(err.cause, -77);
	}
	f.fake.calls = 0;
	f.fake.fail_at = 9;
	ck_assert_uint_eq(read_part(&f)->problem_count, 1);
	linux_read_teardown(&f);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("linux_partial");

	ADD_TESTS(suite, "linux_partial", nothing_is_broken, command_line, broken_lists, long_lists,
		  nodes_without_data, indirect_nodes, maps, everything, what_still_fails);
	return run_suite(suite);
}
