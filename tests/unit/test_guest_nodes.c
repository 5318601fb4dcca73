/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* The list of setup_data as a kernel reads it: where it ends, and what its nodes lead to. */
#include "guest_side.h"
#include "suite.h"

#define NODE 0x4000u

static void setup(void)
{
	guest_side_setup();
	put_page(0x20f);
}

static void put_node(uint64_t gpa, uint64_t next, uint32_t type, uint32_t len)
{
	poke(&memory, (size_t)gpa, next, 8);
	poke(&memory, (size_t)(gpa + 8), type, 4);
	poke(&memory, (size_t)(gpa + 12), len, 4);
}

/* How reading the list that begins at @first ends, and after how many nodes. */
static enum pvhload_guest_status walk(uint64_t first, uint32_t steps, uint32_t *count)
{
	struct pvhload_guest_zero_page page;
	struct pvhload_guest_setup_data list;
	struct pvhload_guest_node node;
	enum pvhload_guest_status status;

	poke(&memory, PAGE + 0x250, first, 8);
	page = read_page();
	pvhload_guest_begin_setup_data(&page, &list);
	if (steps > 0)
		list.steps = steps;
	for (*count = 0; (status = pvhload_guest_next_setup_data(&list, &node)) == PVHLOAD_GUEST_OK;
	     (*count)++)
		;
	return status;
}

/* @count nodes of 16 bytes, the last of which leads to @last. */
static void put_nodes(uint32_t count, uint64_t last)
{
	for (uint32_t i = 0; i < count; i++)
		put_node(NODE + i * 16, i == count - 1 ? last : NODE + (i + 1) * 16, 9, 0);
}

START_TEST(lists)
{
	static const struct {
		uint32_t nodes;
		uint64_t last;
		uint32_t steps, count;
		enum pvhload_guest_status status;
	} cases[] = {
		{ 1, 0, 0, 1, PVHLOAD_GUEST_END },
		{ 256, 0, 0, 256, PVHLOAD_GUEST_END },
		{ 257, 0, 0, 256, PVHLOAD_GUEST_E_COUNT },
		{ 1, NODE, 0, 256, PVHLOAD_GUEST_E_COUNT }, /* itself */
		{ 3, NODE + 16, 0, 256, PVHLOAD_GUEST_E_COUNT },
		{ 3, NODE, 2, 2, PVHLOAD_GUEST_E_COUNT },
		{ 3, 0, 3, 3, PVHLOAD_GUEST_END },
		{ 2, MEMORY_SIZE - 15, 0, 2, PVHLOAD_GUEST_E_REACH },
		{ 2, MEMORY_SIZE - 16, 0, 3, PVHLOAD_GUEST_END },
		{ 2, UINT64_MAX, 0, 2, PVHLOAD_GUEST_E_REACH },
	};
	uint32_t count;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		put_nodes(cases[i].nodes, cases[i].last);
		ck_assert_int_eq(walk(NODE, cases[i].steps, &count), cases[i].status);
		ck_assert_uint_eq(count, cases[i].count);
	}
	ck_assert_int_eq(walk(0, 0, &count), PVHLOAD_GUEST_END);
	ck_assert_uint_eq(count, 0);
	/* before 2.09 there is no list */
	put_page(0x208);
	ck_assert_int_eq(walk(NODE, 0, &count), PVHLOAD_GUEST_END);
	ck_assert_uint_eq(count, 0);
}
END_TEST

static struct pvhload_guest_node node_at(uint64_t gpa)
{
	struct pvhload_guest_zero_page page;
	struct pvhload_guest_setup_data list;
	struct pvhload_guest_node node;

	poke(&memory, PAGE + 0x250, gpa, 8);
	page = read_page();
	pvhload_guest_begin_setup_data(&page, &list);
	ck_assert_int_eq(pvhload_guest_next_setup_data(&list, &node), PVHLOAD_GUEST_OK);
	ck_assert_uint_eq(node.gpa, gpa);
	return node;
}

static struct pvhload_guest_node first_node(void)
{
	return node_at(NODE);
}

START_TEST(data_of_nodes)
{
	struct pvhload_guest_node node;

	put_node(NODE, 0, 9, 32);
	node = first_node();
	ck_assert_uint_eq(node.type, 9);
	ck_assert_uint_eq(node.data_type, 9);
	ck_assert_uint_eq(node.data_gpa, NODE + 16);
	ck_assert_uint_eq(node.data_size, 32);
	ck_assert_ptr_eq(node.data, memory.data + NODE + 16);
	put_node(NODE, 0, 9, MEMORY_SIZE - NODE - 16);
	ck_assert_ptr_nonnull(first_node().data);
	put_node(NODE, 0, 9, MEMORY_SIZE - NODE - 15);
	ck_assert_ptr_null(first_node().data);
	put_node(NODE, 0, 9, UINT32_MAX);
	ck_assert_ptr_null(first_node().data);
}
END_TEST

/* An indirect node: bytes of its data, the type in them, and whether it is followed. */
START_TEST(indirect_nodes)
{
	static const struct {
		uint32_t size, type;
		bool followed;
	} cases[] = {
		{ 24, 0x80000002, true },
		{ 32, 0x80000002, true },
		{ 23, 0x80000002, false },
		{ 24, 2, false },
		{ 24, 0x80000000, false },
		{ UINT32_MAX, 0x80000002, true }, /* as pvhload_linux_read() */
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct pvhload_guest_node node;

		put_node(NODE, 0, 0x80000000, cases[i].size);
		poke(&memory, NODE + 16, cases[i].type, 4);
		poke(&memory, NODE + 24, 0x200, 8);
		poke(&memory, NODE + 32, 0x8000, 8);
		node = first_node();
		ck_assert_uint_eq(node.type, 0x80000000);
		ck_assert_uint_eq(node.data_type, cases[i].followed ? 2 : 0x80000000);
		ck_assert_uint_eq(node.data_gpa, cases[i].followed ? 0x8000 : NODE + 16);
		ck_assert_uint_eq(node.data_size, cases[i].followed ? 0x200 : cases[i].size);
		if (cases[i].followed)
			ck_assert_ptr_eq(node.data, memory.data + 0x8000);
	}
	put_node(NODE, 0, 0x80000000, 24);
	poke(&memory, NODE + 16, 0x80000002, 4);
	poke(&memory, NODE + 32, UINT64_MAX - 0xff, 8);
	ck_assert_ptr_null(first_node().data);
	/* the setup_indirect itself is beyond reach */
	put_node(MEMORY_SIZE - 16 - 23, 0, 0x80000000, 24);
	poke(&memory, MEMORY_SIZE - 23, 0x80000002, 4);
	ck_assert_uint_eq(node_at(MEMORY_SIZE - 16 - 23).data_type, 0x80000000);
}
END_TEST

/* Bytes of the data, and how many entries are in them. */
START_TEST(e820_in_nodes)
{
	static const uint32_t cases[][2] = { { 0, 0 }, { 19, 0 }, { 20, 1 }, { 59, 2 }, { 60, 3 } };
	struct pvhload_guest_range range;
	struct pvhload_guest_node node;

	for (uint32_t i = 0; i < 3; i++)
		put_entry20(NODE + 16 + i * 20, i << 30, 0x1000, 2);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint32_t n;

		put_node(NODE, 0, 1, cases[i][0]);
		node = first_node();
		for (n = 0; pvhload_guest_read_e820_ext(&node, n, &range) == PVHLOAD_GUEST_OK; n++)
			ck_assert_uint_eq(range.addr, n << 30);
		ck_assert_uint_eq(n, cases[i][1]);
		ck_assert_int_eq(pvhload_guest_read_e820_ext(&node, UINT32_MAX, &range),
				 PVHLOAD_GUEST_END);
	}
	put_entry20(NODE + 16, UINT64_MAX, 1, 2);
	ck_assert_int_eq(pvhload_guest_read_e820_ext(&node, 0, &range), PVHLOAD_GUEST_E_RANGE);
	node.data = NULL;
	ck_assert_int_eq(pvhload_guest_read_e820_ext(&node, 0, &range), PVHLOAD_GUEST_END);
	put_node(NODE, 0, 9, 60);
	node = first_node();
	ck_assert_int_eq(pvhload_guest_read_e820_ext(&node, 0, &range), PVHLOAD_GUEST_END);
}
END_TEST

/* More than any loader makes: all of reach, as a hostile one may say. */
START_TEST(too_many_in_nodes)
{
	struct pvhload_guest_range range;
	struct pvhload_guest_node node;

	put_node(NODE, 0, 1, 0);
	node = first_node();
	node.data_size = 4096 * 20 + 19;
	ck_assert_int_eq(pvhload_guest_read_e820_ext(&node, 0, &range), PVHLOAD_GUEST_OK);
	ck_assert_int_eq(pvhload_guest_read_e820_ext(&node, 4096, &range), PVHLOAD_GUEST_END);
	node.data_size++;
	ck_assert_int_eq(pvhload_guest_read_e820_ext(&node, 0, &range), PVHLOAD_GUEST_E_COUNT);
	ck_assert_int_eq(pvhload_guest_read_e820_ext(&node, 4097, &range), PVHLOAD_GUEST_E_COUNT);
}
END_TEST

START_TEST(print)
{
	struct pvhload_guest_zero_page page;

	poke(&memory, PAGE + 0x250, NODE, 8);
	put_node(NODE, NODE + 0x100, 1, 20);
	put_entry20(NODE + 16, 0x100000000, 0x40000000, 1);
	put_node(NODE + 0x100, NODE, 9, UINT32_MAX);
	page = read_page();
	pvhload_guest_print_setup_data(&printer, &page);
	ck_assert_ptr_eq(strstr(printed, "node 0x4000 0x1 0x1 0x4010 0x14\n"
					 "e820 0x100000000 0x40000000 0x1\n"
					 "node 0x4100 0x9 0x9 0x4110 0xffffffff\n"
					 "node: not within reach\n"
					 "node 0x4000 "),
			 printed);
	ck_assert_str_eq(printed + printed_size - 15, "node: too many\n");
}
END_TEST

int main(void)
{
	Suite *s = suite_create("guest_nodes");
	TCase *c = tcase_create("setup_data");

	tcase_add_checked_fixture(c, setup, guest_side_teardown);
	tcase_add_test(c, lists);
	tcase_add_test(c, data_of_nodes);
	tcase_add_test(c, indirect_nodes);
	tcase_add_test(c, e820_in_nodes);
	tcase_add_test(c, too_many_in_nodes);
	tcase_add_test(c, print);
	suite_add_tcase(s, c);
	return run_suite(s);
}
