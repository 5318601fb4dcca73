/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* What hangs on the zero page: the e820 table and its overflow, the setup_data list. */
#include "linux_fixture.h"

#include "linux/linux.h"

#define LIST 0x20800u /* the list's usual place, after the command line's window */

/* A map of @count entries: the fixture's RAM, then reserved ones that tell each other apart. */
static struct pvhload_memmap_entry *many_entries(struct linux_fixture *f, size_t count)
{
	struct pvhload_memmap_entry *entries = calloc(count, sizeof(*entries));

	entries[0] = f->entries[0];
	entries[1] = f->entries[1];
	for (size_t i = 2; i < count; i++)
		entries[i] = (struct pvhload_memmap_entry){ GIB + 0x2000 * i, 0x100 + i,
							    2 + (uint32_t)i % 4, 0 };
	f->map = (struct pvhload_memmap){ sizeof(f->map), entries, count, count, 0 };
	return entries;
}

static void ck_e820(const uint8_t *at, const struct pvhload_memmap_entry *entry)
{
	ck_assert_uint_eq(peek(at, 8), entry->gpa);
	ck_assert_uint_eq(peek(at + 8, 8), entry->size);
	ck_assert_uint_eq(peek(at + 16, 4), entry->type);
}

START_TEST(e820_tables)
{
	static const size_t counts[] = { 2, 3, 127, 128, 129, 200, 4096 };
	static const uint8_t first[20] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xfc,
					   9, 0, 0, 0, 0, 0, 1, 0, 0, 0 };

	for (size_t k = 0; k < sizeof(counts) / sizeof(counts[0]); k++) {
		const size_t count = counts[k], in_table = count < 128 ? count : 128;
		struct pvhload_memmap_entry *entries;
		struct linux_fixture f;
		const uint8_t *node;

		linux_setup(&f);
		node = f.fake.bytes + LIST;
		entries = many_entries(&f, count);
		linux_written(&f);
		ck_assert_uint_eq(f.page[0x1e8], in_table);
		ck_assert_mem_eq(f.page + 0x2d0, first, 20);
		for (size_t i = 0; i < in_table; i++)
			ck_e820(f.page + 0x2d0 + 20 * i, &entries[i]);
		for (size_t i = 0x2d0 + 20 * in_table; i < 4096; i++)
			ck_assert_uint_eq(f.page[i], 0);

		ck_assert_uint_eq(peek(f.page + 0x250, 8), count > 128 ? LIST : 0);
		if (count > 128) {
			ck_assert_uint_eq(peek(node, 8), 0);
			ck_assert_uint_eq(peek(node + 8, 4), 1); /* SETUP_E820_EXT */
			ck_assert_uint_eq(peek(node + 12, 4), 20 * (count - 128));
		}
		for (size_t i = 128; i < count; i++)
			ck_e820(node + 16 + 20 * (i - 128), &entries[i]);
		ck_written_only(&f.fake,
				(const struct written[]){
					{ 0x7000, 4096 },
					{ 0x20000, 2048 },
					{ LIST,
					  count > 128 ? 16 + 20 * (uint64_t)(count - 128) : 0 } },
				3);
		linux_teardown(&f);
		free(entries);
	}
}
END_TEST

/* A seed of 4 bytes, alone: real bytes, at the usual place. */
START_TEST(seed)
{
	static const uint8_t node[20] = { 0, 0, 0, 0, 0, 0, 0,    0,    9,    0,
					  0, 0, 4, 0, 0, 0, 0xaa, 0xbb, 0xcc, 0xdd };
	struct pvhload_source source;
	struct pvhload_linux_setup_data data = setup_data(&source, 9, "\xaa\xbb\xcc\xdd", 4);
	struct linux_fixture f;

	linux_setup(&f);
	f.params.setup_data = &data;
	f.params.setup_data_count = 1;
	linux_written(&f);
	ck_assert_uint_eq(peek(f.page + 0x250, 8), LIST);
	ck_assert_mem_eq(f.fake.bytes + LIST, node, 20);
	ck_written_only(&f.fake,
			(const struct written[]){
				{ 0x7000, 4096 }, { 0x20000, 2048 }, { LIST, sizeof(node) } },
			3);
	linux_teardown(&f);
}
END_TEST

/*
 * The map's overflow, then the caller's nodes as they come, each at a multiple of 8, then what the
 * kernel's own header already pointed to.
 */
START_TEST(whole_list)
{
	const uint64_t list = 0x201008, own = 0x123456789abcdef0;
	struct bytes dtb = build_dtb(45, 41), expected;
	struct pvhload_memmap_entry *entries;
	struct pvhload_source sources[5];
	const struct pvhload_linux_setup_data data[] = {
		setup_data(&sources[0], 9, "12345", 5),
		setup_data(&sources[1], 2, dtb.data, dtb.size),
		setup_data(&sources[2], 8, "IMA address&size", 16),
		setup_data(&sources[3], 7, "blob", 4),
		setup_data(&sources[4], 0x7fffffff, "mine....", 8),
	};
	/* offset of the node in the list, its length and type; the next node's offset is the next's */
	static const struct {
		uint32_t at;
		uint32_t type;
		uint32_t len;
	} nodes[] = {
		{ 0x00, 1, 20 }, { 0x28, 9, 5 }, { 0x40, 2, 45 },
		{ 0x80, 8, 16 }, { 0xa0, 7, 4 }, { 0xb8, 0x7fffffff, 8 },
	};
	struct linux_fixture f;

	linux_setup(&f);
	entries = many_entries(&f, 129);
	linux_poke(&f, 0x250, own, 8);
	f.layout.setup_data_gpa = list;
	f.params.setup_data = data;
	f.params.setup_data_count = 5;
	linux_written(&f);

	expected = bytes_zero(0xb8 + 16 + 8);
	memset(expected.data, FAKE_PATTERN, expected.size); /* what is between two nodes */
	for (size_t i = 0; i < 6; i++) {
		poke(&expected, nodes[i].at, i < 5 ? list + nodes[i + 1].at : own, 8);
		poke(&expected, nodes[i].at + 8, nodes[i].type, 4);
		poke(&expected, nodes[i].at + 12, nodes[i].len, 4);
		if (i > 0)
			memcpy(expected.data + nodes[i].at + 16, sources[i - 1].data, nodes[i].len);
	}
	poke(&expected, 16, entries[128].gpa, 8);
	poke(&expected, 24, entries[128].size, 8);
	poke(&expected, 32, entries[128].type, 4);
	ck_assert_uint_eq(peek(f.page + 0x250, 8), list);
	ck_assert_mem_eq(f.fake.bytes + list, expected.data, expected.size);
	ck_written_only(&f.fake,
			(const struct written[]){ { 0x7000, 4096 },
						  { 0x20000, 2048 },
						  { list, 16 + 20 },
						  { list + 0x28, 16 + 5 },
						  { list + 0x40, 16 + 45 },
						  { list + 0x80, 16 + 16 },
						  { list + 0xa0, 16 + 4 },
						  { list + 0xb8, 16 + 8 } },
			8);
	linux_teardown(&f);
	free(entries);
	bytes_free(&expected);
	bytes_free(&dtb);
}
END_TEST

/* Without nodes of ours the header's own value stays, from the protocol on that has the field. */
START_TEST(own_list_of_the_header)
{
	struct linux_fixture f;

	linux_setup(&f);
	linux_poke(&f, 0x250, 0x1122334455667788, 8);
	linux_written(&f);
	ck_assert_uint_eq(peek(f.page + 0x250, 8), 0x1122334455667788);
	linux_teardown(&f);
}
END_TEST

/* Elements of the array that are larger than ours, as those of a later version would be. */
START_TEST(larger_elements)
{
	struct pvhload_source sources[2];
	struct {
		struct pvhload_linux_setup_data data;
		uint64_t newer;
	} array[2] = { { setup_data(&sources[0], 9, "seed", 4), 0 },
		       { setup_data(&sources[1], 10, "kho", 3), 0 } };
	struct pvhload_error err;
	struct linux_fixture f;

	linux_setup(&f);
	array[0].data.struct_size = array[1].data.struct_size = sizeof(array[0]);
	f.params.setup_data = &array[0].data;
	f.params.setup_data_count = 2;
	linux_written(&f);
	ck_assert_mem_eq(f.fake.bytes + LIST + 0x18 + 16, "kho", 3);
	linux_teardown(&f);

	linux_setup(&f);
	f.params.setup_data = &array[0].data;
	f.params.setup_data_count = 2;
	array[1].newer = 1; /* something we could not honour */
	err = linux_refused(&f, PVHLOAD_E_USAGE);
	ck_says(err, "setup_data 1", "wrong size");
	linux_teardown(&f);
}
END_TEST

START_TEST(most_nodes)
{
	struct pvhload_linux_setup_data data[65];
	struct pvhload_source source;
	struct pvhload_error err;
	struct linux_fixture f;

	linux_setup(&f);
	for (size_t i = 0; i < 65; i++)
		data[i] = setup_data(&source, 9, "12345678", 8);
	f.params.setup_data = data;
	f.params.setup_data_count = 65;
	err = linux_refused(&f, PVHLOAD_E_LIMIT);
	ck_says(err, "65 setup_data", "64");
	f.params.setup_data_count = 64;
	linux_written(&f);
	for (size_t i = 0; i < 64; i++)
		ck_assert_uint_eq(peek(f.fake.bytes + LIST + 24 * i, 8),
				  i < 63 ? LIST + 24 * (i + 1) : 0);
	linux_teardown(&f);
}
END_TEST

/* Data that lie apart are the planner's; these are the bytes its nodes begin with. */
START_TEST(nodes_apart)
{
	/* a setup_indirect for an E820_EXT of 40 bytes at 0x100000, next 0 */
	static const uint8_t indirect[40] = { 0, 0,    0,    0, 0,    0, 0, 0, 0, 0,
					      0, 0x80, 0x18, 0, 0,    0, 1, 0, 0, 0x80,
					      0, 0,    0,    0, 0x28, 0, 0, 0, 0, 0,
					      0, 0,    0,    0, 0x10, 0, 0, 0, 0, 0 };
	/* the measurement list: 0x123 bytes at 0x1_2345_6000 */
	static const uint8_t ima[32] = { 0x68, 5,    0,    0, 0, 0, 0,    0,    8,    0, 0,
					 0,    0x10, 0,    0, 0, 0, 0x60, 0x45, 0x23, 1, 0,
					 0,    0,    0x23, 1, 0, 0, 0,    0,    0,    0 };
	static const uint8_t blob[20] = { 0, 0, 0, 0, 0, 0, 0,    0,    7,    0,
					  0, 0, 4, 0, 0, 0, 0x00, 0x50, 0x34, 0x12 };
	struct pvl_linux_node nodes[] = {
		{ .type = 1, .indirect = true, .gpa = 0x500, .data_gpa = 0x100000 },
		{ .type = 8, .indirect = true, .gpa = 0x540, .data_gpa = 0x123456000 },
		{ .type = 7, .indirect = true, .gpa = 0x568, .data_gpa = 0x12345000 },
	};
	struct pvl_linux_input in = { .nodes = nodes, .node_count = 1 };
	uint8_t dst[PVL_NODE_HEAD_MAX + 1];

	ck_assert_uint_eq(pvl_linux_read_header(&in, NULL, 0, NULL), PVHLOAD_OK);
	nodes[0].source.length = 40;
	nodes[1].source.length = 0x123;
	nodes[2].source.length = 4096;

	memset(dst, FAKE_PATTERN, sizeof(dst));
	ck_assert_uint_eq(pvl_linux_node_size(&nodes[0]), 40);
	ck_assert_uint_eq(pvl_linux_encode_node(&in, 0, dst), 40);
	ck_assert_mem_eq(dst, indirect, 40);
	ck_assert_uint_eq(dst[40], FAKE_PATTERN);

	in.node_count = 3;
	memset(dst, FAKE_PATTERN, sizeof(dst));
	ck_assert_uint_eq(pvl_linux_node_size(&nodes[1]), 32);
	ck_assert_uint_eq(pvl_linux_encode_node(&in, 1, dst), 32);
	ck_assert_mem_eq(dst, ima, 32);
	ck_assert_uint_eq(dst[32], FAKE_PATTERN);

	memset(dst, FAKE_PATTERN, sizeof(dst));
	ck_assert_uint_eq(pvl_linux_node_size(&nodes[2]), 20);
	ck_assert_uint_eq(pvl_linux_encode_node(&in, 2, dst), 20);
	ck_assert_mem_eq(dst, blob, 20);
	ck_assert_uint_eq(dst[20], FAKE_PATTERN);

	/* not apart: the head alone, the data are put after it by others */
	nodes[2].indirect = false;
	memset(dst, FAKE_PATTERN, sizeof(dst));
	ck_assert_uint_eq(pvl_linux_node_size(&nodes[2]), 16 + 4096);
	ck_assert_uint_eq(pvl_linux_encode_node(&in, 2, dst), 16);
	ck_assert_uint_eq(peek(dst + 12, 4), 4096);
	ck_assert_uint_eq(dst[16], FAKE_PATTERN);
}
END_TEST

/* setup_indirect came with 2.15: an older kernel would pass over it. */
START_TEST(indirect_takes_2_15)
{
	struct pvhload_memmap_entry entries[3];
	struct pvhload_memmap map = ram_map(entries, RAM_SIZE);
	struct bytes old = build_head(0x20d, 0x268), new = build_head(0x20f, 0x26c);
	struct pvl_linux_node node = { .type = 9, .indirect = true };
	struct pvl_linux_input in = { .nodes = &node,
				      .node_count = 1,
				      .cmdline = "",
				      .memmap = map.entries,
				      .memmap_count = map.count };
	struct pvhload_error err;

	node.source.length = 32;
	ck_status(PVHLOAD_OK, err,
		  pvl_linux_read_header(&in, old.data + 0x1f1, HEAD_SIZE - 0x1f1, &err));
	ck_status(PVHLOAD_E_PROTOCOL, err, pvl_linux_check(&in, &err));
	ck_says(err, "2.13", "setup_indirect", "2.15");
	node.type = 8; /* has a form of its own */
	ck_status(PVHLOAD_OK, err, pvl_linux_check(&in, &err));
	node.type = 7;
	ck_status(PVHLOAD_OK, err, pvl_linux_check(&in, &err));
	node.type = 9;
	node.indirect = false;
	ck_status(PVHLOAD_OK, err, pvl_linux_check(&in, &err));
	node.indirect = true;
	ck_status(PVHLOAD_OK, err,
		  pvl_linux_read_header(&in, new.data + 0x1f1, HEAD_SIZE - 0x1f1, &err));
	ck_status(PVHLOAD_OK, err, pvl_linux_check(&in, &err));
	bytes_free(&new);
	bytes_free(&old);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("linux_list");

	ADD_TESTS(suite, "linux_list", e820_tables, seed, whole_list, own_list_of_the_header,
		  larger_elements, most_nodes, nodes_apart, indirect_takes_2_15);
	return run_suite(suite);
}
