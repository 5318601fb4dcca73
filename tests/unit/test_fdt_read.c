/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* Trees read back out of guest memory, which cannot be trusted. */
#include "broken_trees.h"
#include "fake_memory.h"
#include "fdt_fixture.h"

#define RAM_SIZE 0x400000u
#define TREE_GPA 0x10000u

struct guest {
	struct fake_memory fake;
	struct pvhload_memmap_entry entry;
	struct pvhload_memmap map;
	struct bytes tree;
};

/* A guest whose tree is at @gpa. */
static void guest_setup(struct guest *g, struct bytes tree, uint64_t gpa)
{
	*g = (struct guest){ .entry = { 0, RAM_SIZE, PVHLOAD_MEMMAP_RAM, 0 },
			     .map = PVHLOAD_MEMMAP_INIT,
			     .tree = tree };
	fake_memory_init(&g->fake, RAM_SIZE, FAKE_READ);
	g->map.entries = &g->entry;
	g->map.count = g->map.capacity = 1;
	g->fake.memory.memmap = &g->map;
	memcpy(g->fake.bytes + gpa, tree.data, tree.size);
}

static void guest_teardown(struct guest *g)
{
	ck_assert(!g->fake.strayed);
	fake_memory_free(&g->fake);
	bytes_free(&g->tree);
}

static struct pvhload_fdt_view *read_view(struct guest *g, uint64_t gpa, uint32_t flags)
{
	struct pvhload_fdt_view *view = NULL;
	struct pvhload_error err;

	ck_status(PVHLOAD_OK, err, pvhload_fdt_read(&g->fake.memory, gpa, flags, &view, &err));
	return view;
}

static struct pvhload_error refuse_read(struct guest *g, uint64_t gpa, uint32_t flags,
					enum pvhload_status status)
{
	struct pvhload_fdt_view *const untouched = (struct pvhload_fdt_view *)(uintptr_t)0x5a5a;
	struct pvhload_fdt_view *view = untouched;
	struct pvhload_error err;

	ck_status(status, err, pvhload_fdt_read(&g->fake.memory, gpa, flags, &view, &err));
	ck_assert_ptr_eq(view, untouched);
	return err;
}

/* A tree of all that is read, and of much that is not. */
static struct bytes told_tree(void)
{
	static const uint64_t high[] = { 0x140000000, 0x1000, 0, 0, 0x150000000, 0x2000 };
	static const uint64_t firmware[] = { 0x40000000, 0x80000 };
	static const uint64_t pools[] = { 0x41000000, 0x1000, 0x42000000, 0x2000 };
	struct tree t = { 0 };

	tree_reserve(&t, 0x43000000, 0x3000);
	machine_begin(&t);
	tree_node(&t, "memory@140000000");
	tree_reg(&t, "reg", high, 6);
	tree_text(&t, "device_type", "memory");
	tree_text(&t, "status", "okay");
	tree_end(&t);
	tree_node(&t, "memory@160000000");
	tree_text(&t, "device_type", "memory");
	tree_reg(&t, "reg", firmware, 2);
	tree_reg(&t, "linux,usable-memory", pools + 2, 2);
	tree_end(&t);
	tree_node(&t, "memory@170000000");
	tree_text(&t, "device_type", "memory");
	tree_text(&t, "status", "disabled");
	tree_reg(&t, "reg", high, 2);
	tree_end(&t);
	tree_node(&t, "reserved-memory");
	tree_u32(&t, "#address-cells", 2);
	tree_u32(&t, "#size-cells", 2);
	tree_bytes(&t, "ranges", NULL, 0);
	tree_node(&t, "mmode_resv0@40000000");
	tree_reg(&t, "reg", firmware, 2);
	tree_bytes(&t, "no-map", NULL, 0);
	tree_end(&t);
	tree_node(&t, "a-name-of-more-than-47-bytes-is-cut-and-shows-it@41000000");
	tree_reg(&t, "reg", pools, 4);
	tree_end(&t);
	tree_node(&t, "found-by-the-kernel");
	tree_u64(&t, "size", 0x1000);
	tree_end(&t);
	tree_node(&t, "off@0");
	tree_text(&t, "status", "disabled");
	tree_reg(&t, "reg", firmware, 2);
	tree_end(&t);
	tree_end(&t);
	tree_node(&t, "chosen");
	tree_text(&t, "bootargs", "console=ttyAMA0 quiet");
	tree_u32(&t, "linux,initrd-start", 0x48000000);
	tree_u64(&t, "linux,initrd-end", 0x148000001);
	tree_u32(&t, "kaslr-seed", 1);
	tree_bytes(&t, "rng-seed", "0123456789abcdef", 16);
	tree_node(&t, "module");
	tree_text(&t, "bootargs", "not this");
	tree_end(&t);
	tree_end(&t);
	tree_end(&t);
	tree_token(&t, TREE_DONE);
	return tree_finish(&t);
}

static void check_reservation(const struct pvhload_fdt_reservation *got, uint64_t gpa,
			      uint64_t size, const char *name, uint32_t kind, uint32_t no_map)
{
	ck_assert_uint_eq(got->gpa, gpa);
	ck_assert_uint_eq(got->size, size);
	ck_assert_str_eq(got->name, name);
	ck_assert_uint_eq(got->kind, kind);
	ck_assert_uint_eq(got->no_map, no_map);
}

static void check_range(const struct pvhload_range *got, uint64_t gpa, uint64_t size)
{
	ck_assert_uint_eq(got->gpa, gpa);
	ck_assert_uint_eq(got->size, size);
}

START_TEST(all_of_it)
{
	struct pvhload_fdt_view *view;
	struct guest g;

	guest_setup(&g, told_tree(), TREE_GPA);
	view = read_view(&g, TREE_GPA, 0);
	ck_assert_uint_eq(view->total_size, g.tree.size);
	ck_assert_uint_eq(view->packed_size, g.tree.size);
	ck_assert_uint_eq(view->version, 17);
	ck_assert_uint_eq(view->last_comp_version, 16);
	ck_assert_uint_eq(view->has_bootargs, 1);
	ck_assert_str_eq(view->bootargs, "console=ttyAMA0 quiet");
	ck_assert_uint_eq(view->has_initrd, 1);
	check_range(&view->initrd, 0x48000000, 0x100000001);
	ck_assert_uint_eq(view->has_kaslr_seed, 1);
	ck_assert_uint_eq(view->kaslr_seed_size, 4);
	ck_assert_uint_eq(view->has_rng_seed, 1);
	ck_assert_uint_eq(view->rng_seed_size, 16);
	ck_assert_uint_eq(view->memory_count, 4);
	check_range(&view->memory[0], MACHINE_RAM_GPA, MACHINE_RAM_SIZE);
	check_range(&view->memory[1], 0x140000000, 0x1000);
	check_range(&view->memory[2], 0x150000000, 0x2000);
	check_range(&view->memory[3], 0x42000000, 0x2000);
	ck_assert_uint_eq(view->reservation_count, 4);
	check_reservation(view->reservations[0], 0x43000000, 0x3000, "/memreserve/ 0",
			  PVHLOAD_FDT_RESERVED_ENTRY, 0);
	check_reservation(view->reservations[1], 0x40000000, 0x80000, "mmode_resv0@40000000",
			  PVHLOAD_FDT_RESERVED_NODE, 1);
	check_reservation(view->reservations[2], 0x41000000, 0x1000,
			  "a-name-of-more-than-47-bytes-is-cut-and-shows-~",
			  PVHLOAD_FDT_RESERVED_NODE, 0);
	check_reservation(view->reservations[3], 0x42000000, 0x2000,
			  "a-name-of-more-than-47-bytes-is-cut-and-shows-~",
			  PVHLOAD_FDT_RESERVED_NODE, 0);
	ck_assert_uint_eq(view->problem_count, 0);
	ck_assert_uint_eq(view->incomplete, 0);
	pvhload_fdt_view_free(view);
	pvhload_fdt_view_free(NULL);
	guest_teardown(&g);
}
END_TEST

/* A root node alone; free bytes after it; at any address, up to the last byte of RAM. */
START_TEST(the_least)
{
	struct pvhload_fdt_view *view;
	struct tree tree = { 0 };
	struct bytes bytes;
	struct guest g;
	uint64_t gpa;

	tree_node(&tree, "");
	tree_end(&tree);
	tree_token(&tree, TREE_DONE);
	bytes = tree_finish(&tree);
	tree_set(&bytes, TREE_TOTALSIZE, 0x1001);
	gpa = RAM_SIZE - 0x1001;
	guest_setup(&g, bytes, gpa);
	view = read_view(&g, gpa, 0);
	ck_assert_uint_eq(view->total_size, 0x1001);
	ck_assert_uint_eq(view->packed_size, bytes.size);
	ck_assert_uint_eq(view->has_bootargs, 0);
	ck_assert_str_eq(view->bootargs, "");
	ck_assert_uint_eq(view->has_initrd, 0);
	check_range(&view->initrd, 0, 0);
	ck_assert_uint_eq(view->has_kaslr_seed + view->has_rng_seed, 0);
	ck_assert_uint_eq(view->memory_count + view->reservation_count, 0);
	pvhload_fdt_view_free(view);
	g.fake.bytes[gpa + 7]++;
	ck_says(refuse_read(&g, gpa, 0, PVHLOAD_E_RANGE), "device tree: 0x1002 bytes at 0x3fefff");
	(void)refuse_read(&g, gpa, PVHLOAD_READ_PARTIAL, PVHLOAD_E_RANGE);
	(void)refuse_read(&g, RAM_SIZE - 39, 0, PVHLOAD_E_RANGE);
	(void)refuse_read(&g, UINT64_MAX - 3, 0, PVHLOAD_E_RANGE);
	guest_teardown(&g);
}
END_TEST

START_TEST(no_tree)
{
	struct pvhload_error err;
	struct guest g;

	guest_setup(&g, machine_tree(), TREE_GPA);
	err = refuse_read(&g, 0x8000, PVHLOAD_READ_PARTIAL, PVHLOAD_E_FORMAT);
	ck_says(err, "no device tree: its magic is 0xa5a5a5a5, not 0xd00dfeed");
	ck_assert_uint_eq(err.gpa, 0x8000);
	ck_assert_uint_eq(err.offset, PVHLOAD_NOWHERE);
	g.fake.bytes[TREE_GPA + TREE_VERSION + 3] = 16;
	(void)refuse_read(&g, TREE_GPA, PVHLOAD_READ_PARTIAL, PVHLOAD_E_UNSUPPORTED);
	g.fake.bytes[TREE_GPA + TREE_VERSION + 3] = 17;
	g.fake.bytes[TREE_GPA + TREE_TOTALSIZE] = 2;
	(void)refuse_read(&g, TREE_GPA, PVHLOAD_READ_PARTIAL, PVHLOAD_E_LIMIT);
	g.fake.bytes[TREE_GPA + TREE_TOTALSIZE] = 0;
	g.fake.bytes[TREE_GPA + TREE_OFF_STRINGS] = 1;
	err = refuse_read(&g, TREE_GPA, PVHLOAD_READ_PARTIAL, PVHLOAD_E_MALFORMED);
	ck_says(err, "strings block");
	guest_teardown(&g);
}
END_TEST

START_TEST(usage)
{
	struct pvhload_fdt_view *view = NULL;
	struct pvhload_error err;
	struct guest g;

	guest_setup(&g, machine_tree(), TREE_GPA);
	ck_status(PVHLOAD_E_USAGE, err, pvhload_fdt_read(NULL, TREE_GPA, 0, &view, &err));
	ck_status(PVHLOAD_E_USAGE, err, pvhload_fdt_read(&g.fake.memory, TREE_GPA, 0, NULL, &err));
	(void)refuse_read(&g, TREE_GPA, 2, PVHLOAD_E_USAGE);
	for (uint64_t call = 1; call <= 2; call++) {
		g.fake.calls = 0;
		g.fake.fail_at = call;
		g.fake.fail_with = -5;
		err = refuse_read(&g, TREE_GPA, PVHLOAD_READ_PARTIAL, PVHLOAD_E_CALLBACK);
		ck_assert_int_eq(err.cause, -5);
	}
	g.fake.fail_at = 0;
	g.entry.size = 0;
	(void)refuse_read(&g, TREE_GPA, 0, PVHLOAD_E_MEMMAP);
	g.fake.memory.memmap = NULL;
	(void)refuse_read(&g, TREE_GPA, 0, PVHLOAD_E_USAGE);
	g.fake.memory.memmap = &g.map;
	g.fake.ops.read = NULL;
	(void)refuse_read(&g, TREE_GPA, 0, PVHLOAD_E_USAGE);
	guest_teardown(&g);
}
END_TEST

/* What is broken ends the call, or is told. */
START_TEST(broken)
{
	for (size_t i = 0; i < broken_tree_count; i++) {
		const struct broken_tree *b = &broken_trees[i];
		struct tree tree = { 0 };
		struct pvhload_fdt_view *view;
		struct pvhload_error err;
		struct guest g;

		b->build(&tree);
		guest_setup(&g, tree_finish(&tree), TREE_GPA);
		err = refuse_read(&g, TREE_GPA, 0, b->status);
		ck_says(err, b->says);
		ck_assert_uint_le(err.gpa - TREE_GPA, g.tree.size);
		ck_assert_uint_eq(err.subject, PVHLOAD_SUBJECT_NONE);
		if (b->part == 0) {
			(void)refuse_read(&g, TREE_GPA, PVHLOAD_READ_PARTIAL, b->status);
		} else {
			view = read_view(&g, TREE_GPA, PVHLOAD_READ_PARTIAL);
			ck_assert_uint_eq(view->incomplete, b->part);
			ck_assert_uint_ge(view->problem_count, 1);
			ck_assert_str_eq(view->problems[0]->message, err.message);
			pvhload_fdt_view_free(view);
		}
		guest_teardown(&g);
	}
}
END_TEST

/* Where a node is broken, the view has what comes before that, in this node as well. */
START_TEST(up_to_what_is_broken)
{
	struct pvhload_fdt_view *view;
	struct tree tree = { 0 };
	struct guest g;

	machine_begin(&tree);
	tree_node(&tree, "chosen");
	tree_text(&tree, "bootargs", "quiet");
	tree_token(&tree, 77);
	tree_text(&tree, "rng-seed", "abc");
	tree_end(&tree);
	tree_end(&tree);
	tree_token(&tree, TREE_DONE);
	guest_setup(&g, tree_finish(&tree), TREE_GPA);
	view = read_view(&g, TREE_GPA, PVHLOAD_READ_PARTIAL);
	ck_assert_uint_eq(view->incomplete, PVHLOAD_PART_FDT);
	ck_assert_uint_eq(view->problem_count, 1);
	ck_assert_uint_eq(view->memory_count, 1);
	ck_assert_str_eq(view->bootargs, "quiet");
	ck_assert_uint_eq(view->has_rng_seed, 0);
	pvhload_fdt_view_free(view);
	guest_teardown(&g);
}
END_TEST

/* A value that is broken takes nothing with it. */
START_TEST(all_but_what_is_broken)
{
	static const uint64_t odd[] = { 0x1000, 0x1000, 0x1000 };
	struct pvhload_fdt_view *view;
	struct tree tree = { 0 };
	struct guest g;

	machine_begin(&tree);
	tree_node(&tree, "memory@1000");
	tree_text(&tree, "device_type", "memory");
	tree_reg(&tree, "reg", odd, 3);
	tree_end(&tree);
	tree_node(&tree, "chosen");
	tree_bytes(&tree, "bootargs", "abc", 3);
	tree_u32(&tree, "linux,initrd-start", 0x1000);
	tree_u32(&tree, "linux,initrd-end", 0x3000);
	tree_end(&tree);
	tree_end(&tree);
	tree_token(&tree, TREE_DONE);
	guest_setup(&g, tree_finish(&tree), TREE_GPA);
	view = read_view(&g, TREE_GPA, PVHLOAD_READ_PARTIAL);
	ck_assert_uint_eq(view->incomplete, PVHLOAD_PART_MEMMAP | PVHLOAD_PART_CMDLINE);
	ck_assert_uint_eq(view->problem_count, 2);
	ck_assert_uint_eq(view->memory_count, 1);
	ck_assert_uint_eq(view->has_bootargs, 0);
	ck_assert_str_eq(view->bootargs, "");
	check_range(&view->initrd, 0x1000, 0x2000);
	pvhload_fdt_view_free(view);
	guest_teardown(&g);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("fdt_read");

	ADD_TESTS(suite, "read", all_of_it, the_least);
	ADD_TESTS(suite, "refused", no_tree, usage, broken);
	ADD_TESTS(suite, "partial", up_to_what_is_broken, all_but_what_is_broken);
	return run_suite(suite);
}
