/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* The setup_data list of a guest that cannot be trusted. */
#include "linux_read_fixture.h"

/* A list that has no end, and one that just fits. */
START_TEST(endless_lists)
{
	struct pvhload_error err;
	struct linux_read f;

	linux_read_setup(&f);
	f.spec.setup_data = NODES;
	put_setup_data(f.fake.bytes, NODES, NODES, 9, "x", 1);
	err = page_refused(&f, PVHLOAD_E_MALFORMED);
	ck_says(err, "in a circle: after number 0 comes number 0 again, at 0x30000");
	ck_assert_uint_eq(err.gpa, NODES);
	/* a circle of three */
	put_setup_data(f.fake.bytes, NODES, NODES + 0x100, 9, "x", 1);
	put_setup_data(f.fake.bytes, NODES + 0x100, NODES + 0x200, 9, "x", 1);
	put_setup_data(f.fake.bytes, NODES + 0x200, NODES, 9, NULL, 0);
	err = page_refused(&f, PVHLOAD_E_MALFORMED);
	ck_says(err, "in a circle: after number 2 comes number 0 again, at 0x30000");
	put_setup_data(f.fake.bytes, NODES + 0x200, NODES + 0x100, 9, NULL, 0);
	err = page_refused(&f, PVHLOAD_E_MALFORMED);
	ck_says(err, "in a circle: after number 2 comes number 1 again, at 0x30100");

	for (uint64_t i = 0; i < 65; i++)
		put_setup_data(f.fake.bytes, NODES + 32 * i, i < 63 ? NODES + 32 * (i + 1) : 0,
			       (uint32_t)(100 + i), &(uint8_t){ (uint8_t)i }, 1);
	ck_assert_uint_eq(page_read(&f)->setup_data_count, 64);
	ck_assert_uint_eq(f.view->setup_data[63]->type, 163);
	ck_assert_uint_eq(f.view->setup_data[63]->data[0], 63);
	put_setup_data(f.fake.bytes, NODES + 32 * 63, NODES + 32 * 64, 63, "x", 1);
	err = page_refused(&f, PVHLOAD_E_LIMIT);
	ck_says(err, "more than 64 nodes; the next is at 0x30800");
	/* the last that there is room for goes back to the first */
	put_setup_data(f.fake.bytes, NODES + 32 * 63, NODES, 63, "x", 1);
	err = page_refused(&f, PVHLOAD_E_MALFORMED);
	ck_says(err, "after number 63 comes number 0 again");
	linux_read_teardown(&f);
}
END_TEST

START_TEST(data_that_is_not_there)
{
	struct pvhload_error err;
	struct linux_read f;

	linux_read_setup(&f);
	f.spec.setup_data = RAM_SIZE - 15;
	err = page_refused(&f, PVHLOAD_E_RANGE);
	ck_says(err, "setup_data 0 at 0x3ffff1");
	f.spec.setup_data = UINT64_MAX - 7;
	(void)page_refused(&f, PVHLOAD_E_RANGE);
	f.spec.setup_data = RAM_SIZE - 16; /* a header alone fits */
	put_setup_data(f.fake.bytes, RAM_SIZE - 16, 0, 9, NULL, 0);
	ck_assert_uint_eq(page_read(&f)->setup_data_count, 1);
	put_setup_data(f.fake.bytes, RAM_SIZE - 16, 0, 9, NULL, 1);
	(void)page_refused(&f, PVHLOAD_E_RANGE);

	f.spec.setup_data = NODES;
	put_setup_data(f.fake.bytes, NODES, 0xa0000, 9, "x", 1);
	err = page_refused(&f, PVHLOAD_E_RANGE);
	ck_says(err, "setup_data 1 at 0xa0000");
	put_setup_data(f.fake.bytes, NODES, 0, 9, NULL, UINT32_MAX);
	err = page_refused(&f, PVHLOAD_E_LIMIT);
	ck_says(err, "0xffffffff bytes", "67108864");
	put_setup_data(f.fake.bytes, NODES, 0, 9, NULL, PVHLOAD_LINUX_SETUP_DATA_BYTES_MAX);
	(void)page_refused(&f, PVHLOAD_E_RANGE);

	/* many nodes that all point to the same bytes: 21 times 3 MiB and one of 1 MiB fit */
	for (uint64_t i = 0; i < 22; i++)
		put_setup_indirect(f.fake.bytes, NODES + 64 * i, i < 21 ? NODES + 64 * (i + 1) : 0,
				   0x80000009, 0x100000, i < 21 ? 3u << 20 : 1u << 20);
	ck_assert_uint_eq(page_read(&f)->setup_data_count, 22);
	put_setup_indirect(f.fake.bytes, NODES + 64 * 21, 0, 0x80000009, 0x100000, (1u << 20) + 1);
	err = page_refused(&f, PVHLOAD_E_LIMIT);
	ck_says(err, "setup_data 21", "1048576 are left");
	linux_read_teardown(&f);
}
END_TEST

START_TEST(indirect)
{
	static const uint32_t bad_types[] = { 0x80000000, 0, 9, 0x7fffffff };
	const struct pvhload_linux_node *node;
	struct pvhload_error err;
	struct linux_read f;

	linux_read_setup(&f);
	f.spec.setup_data = NODES;
	for (size_t i = 0; i < sizeof(bad_types) / sizeof(bad_types[0]); i++) {
		put_setup_indirect(f.fake.bytes, NODES, 0, bad_types[i], 0x100000, 1);
		err = page_refused(&f, PVHLOAD_E_MALFORMED);
		ck_says(err, "setup_data 0", "setup_indirect at 0x30010 has type");
	}
	put_setup_data(f.fake.bytes, NODES, 0, 0x80000000, NULL, 23);
	err = page_refused(&f, PVHLOAD_E_MALFORMED);
	ck_says(err, "has 23 bytes; it takes 24");
	put_setup_indirect(f.fake.bytes, NODES, 0, 0x80000009, RAM_SIZE - 1, 2);
	(void)page_refused(&f, PVHLOAD_E_RANGE);
	put_setup_indirect(f.fake.bytes, NODES, 0, 0x80000009, UINT64_MAX, 2);
	(void)page_refused(&f, PVHLOAD_E_RANGE);
	put_setup_indirect(f.fake.bytes, NODES, 0, 0x80000009, 0, UINT64_MAX);
	(void)page_refused(&f, PVHLOAD_E_LIMIT);
	put_setup_indirect(f.fake.bytes, NODES, 0, 0x80000009, RAM_SIZE - 1, 1);
	node = page_read(&f)->setup_data[0];
	ck_assert(node->size == 1 && node->data[0] == FAKE_PATTERN && node->indirect);
	/* no data, and so no address to speak of */
	put_setup_indirect(f.fake.bytes, NODES, 0, 0x80000009, UINT64_MAX, 0);
	ck_assert_ptr_null(page_read(&f)->setup_data[0]->data);
	/* another high bit does not make a node indirect */
	put_setup_data(f.fake.bytes, NODES, 0, 0x80000009, "x", 1);
	node = page_read(&f)->setup_data[0];
	ck_assert(node->type == 0x80000009 && !node->indirect && node->size == 1);
	linux_read_teardown(&f);
}
END_TEST

START_TEST(names)
{
	ck_assert_str_eq(pvhload_setup_data_name(PVHLOAD_SETUP_NONE), "none");
	ck_assert_str_eq(pvhload_setup_data_name(PVHLOAD_SETUP_E820_EXT), "e820_ext");
	ck_assert_str_eq(pvhload_setup_data_name(PVHLOAD_SETUP_DTB), "dtb");
	ck_assert_str_eq(pvhload_setup_data_name(PVHLOAD_SETUP_RNG_SEED), "rng_seed");
	ck_assert_str_eq(pvhload_setup_data_name(PVHLOAD_SETUP_KEXEC_KHO), "kexec_kho");
	ck_assert_str_eq(pvhload_setup_data_name(11), "unknown");
	ck_assert_str_eq(pvhload_setup_data_name(PVHLOAD_SETUP_INDIRECT), "indirect");
	ck_assert_str_eq(pvhload_setup_data_name(UINT32_MAX), "unknown");
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("linux_nodes");

	ADD_TESTS(suite, "linux_nodes", endless_lists, data_that_is_not_there, indirect, names);
	return run_suite(suite);
}
