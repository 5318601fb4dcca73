/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* What comes out of an edit: exactly what was asked for, and all else as it was. */
#include "fdt_fixture.h"

static const uint8_t kaslr_seed[8] = "01234567";
static const uint8_t rng_seed[32] = "random bytes, or so it is said..";

/* A tree of a machine whose /chosen has all that an edit can set. */
static struct bytes full_tree(void)
{
	struct tree tree = { 0 };

	machine_begin(&tree);
	tree_node(&tree, "chosen");
	tree_text(&tree, "bootargs", "quiet");
	tree_u32(&tree, "linux,initrd-start", 0x44000000);
	tree_u32(&tree, "linux,initrd-end", 0x45000000);
	tree_bytes(&tree, "kaslr-seed", "76543210", 8);
	tree_bytes(&tree, "rng-seed", "abcd", 4);
	tree_end(&tree);
	tree_end(&tree);
	tree_token(&tree, TREE_DONE);
	return tree_finish(&tree);
}

START_TEST(chosen)
{
	static const uint8_t start[] = { 0, 0, 0, 0, 0x48, 0, 0, 0 };
	static const uint8_t end[] = { 0, 0, 0, 0, 0x48, 0x12, 0x34, 0x56 };
	struct fdt_fixture f;
	struct bytes made;

	if (skip_without_fdt())
		return;
	fdt_setup(&f);
	f.fdt.kaslr_seed = kaslr_seed;
	f.fdt.rng_seed = rng_seed;
	f.fdt.rng_seed_size = sizeof(rng_seed);
	made = fdt_edited(&f);
	check_text(&made, "/chosen", "bootargs", "console=ttyAMA0");
	check_property(&made, "/chosen", "linux,initrd-start", start, sizeof(start));
	check_property(&made, "/chosen", "linux,initrd-end", end, sizeof(end));
	check_property(&made, "/chosen", "kaslr-seed", kaslr_seed, sizeof(kaslr_seed));
	check_property(&made, "/chosen", "rng-seed", rng_seed, sizeof(rng_seed));
	/* What was there is there still. */
	check_text(&made, "/chosen", "stdout-path", "/uart@9000000");
	check_text(&made, "/uart@9000000", "status", "okay");
	check_text(&made, "/memory@40000000", "device_type", "memory");
	bytes_free(&made);
	fdt_teardown(&f);
}
END_TEST

/* An initrd may be anywhere: 8 bytes whatever the tree's cells are. */
START_TEST(high_initrd)
{
	static const uint8_t start[] = { 0, 0, 0, 1, 0x40, 0, 0, 0 };
	static const uint8_t end[] = { 0, 0, 0, 1, 0x40, 0, 0, 1 };
	struct fdt_fixture f;
	struct bytes made;

	if (skip_without_fdt())
		return;
	fdt_setup(&f);
	fdt_use(&f, full_tree());
	f.params.initrd_gpa = 0x140000000;
	f.params.initrd_size = 1;
	made = fdt_edited(&f);
	check_property(&made, "/chosen", "linux,initrd-start", start, sizeof(start));
	check_property(&made, "/chosen", "linux,initrd-end", end, sizeof(end));
	bytes_free(&made);
	fdt_teardown(&f);
}
END_TEST

/* What is not given is left as the tree has it. */
START_TEST(left_alone)
{
	static const uint8_t start[] = { 0x44, 0, 0, 0 }, end[] = { 0x45, 0, 0, 0 };
	struct fdt_fixture f;
	struct bytes made;

	if (skip_without_fdt())
		return;
	fdt_setup(&f);
	fdt_use(&f, full_tree());
	f.params = (struct pvhload_fdt_params)PVHLOAD_FDT_PARAMS_INIT;
	made = fdt_edited(&f);
	check_text(&made, "/chosen", "bootargs", "quiet");
	check_property(&made, "/chosen", "linux,initrd-start", start, sizeof(start));
	check_property(&made, "/chosen", "linux,initrd-end", end, sizeof(end));
	check_property(&made, "/chosen", "kaslr-seed", "76543210", 8);
	check_property(&made, "/chosen", "rng-seed", "abcd", 4);
	ck_assert_uint_eq(made.size, f.tree.size);
	bytes_free(&made);
	fdt_teardown(&f);
}
END_TEST

START_TEST(nothing_given)
{
	struct pvhload_error err;
	struct fdt_fixture f;
	size_t size = 0;

	if (skip_without_fdt())
		return;
	fdt_setup(&f);
	ck_status(PVHLOAD_OK, err, pvhload_fdt_edit(&f.fdt, NULL, NULL, 0, &size, &err));
	ck_assert_uint_eq(size, f.tree.size);
	fdt_teardown(&f);
}
END_TEST

/* The four ways to deal with a command line that the tree has or has not. */
START_TEST(bootargs)
{
	static const struct {
		uint32_t way;
		const char *given, *with, *without; /* without: of a tree that has none */
	} cases[] = {
		{ PVHLOAD_FDT_BOOTARGS_AUTO, "a b", "a b", "a b" },
		{ PVHLOAD_FDT_BOOTARGS_AUTO, "", "quiet", NULL },
		{ PVHLOAD_FDT_BOOTARGS_AUTO, NULL, "quiet", NULL },
		{ PVHLOAD_FDT_BOOTARGS_REPLACE, "a b", "a b", "a b" },
		{ PVHLOAD_FDT_BOOTARGS_REPLACE, NULL, "", "" },
		{ PVHLOAD_FDT_BOOTARGS_APPEND, "a b", "quiet a b", "a b" },
		{ PVHLOAD_FDT_BOOTARGS_APPEND, "", "quiet", "" },
		{ PVHLOAD_FDT_BOOTARGS_APPEND, NULL, "quiet", "" },
		{ PVHLOAD_FDT_BOOTARGS_KEEP, "a b", "quiet", NULL },
	};
	struct fdt_fixture f;

	if (skip_without_fdt())
		return;
	fdt_setup(&f);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct bytes made;

		f.fdt.bootargs = cases[i].way;
		f.params.cmdline = cases[i].given;
		fdt_use(&f, full_tree());
		made = fdt_edited(&f);
		check_text(&made, "/chosen", "bootargs", cases[i].with);
		bytes_free(&made);
		fdt_use(&f, machine_tree());
		made = fdt_edited(&f);
		check_text(&made, "/chosen", "bootargs", cases[i].without);
		bytes_free(&made);
	}
	fdt_teardown(&f);
}
END_TEST

/* A tree without /chosen gets one, as a child of the root node. */
START_TEST(no_chosen)
{
	struct tree tree = { 0 };
	struct fdt_fixture f;
	struct bytes made;

	if (skip_without_fdt())
		return;
	fdt_setup(&f);
	machine_begin(&tree);
	tree_node(&tree, "soc");
	tree_node(&tree, "chosen");
	tree_text(&tree, "bootargs", "not this");
	tree_end(&tree);
	tree_end(&tree);
	tree_end(&tree);
	tree_token(&tree, TREE_DONE);
	fdt_use(&f, tree_finish(&tree));
	made = fdt_edited(&f);
	check_text(&made, "/chosen", "bootargs", "console=ttyAMA0");
	check_text(&made, "/soc/chosen", "bootargs", "not this");
	bytes_free(&made);
	fdt_teardown(&f);
}
END_TEST

/* A tree with free bytes, as QEMU's has a MiB of them, at an address that is no multiple of 8. */
START_TEST(unpacked)
{
	struct bytes large = bytes_zero((1u << 20) + 4), made, packed;
	struct fdt_fixture f;

	if (skip_without_fdt())
		return;
	fdt_setup(&f);
	made = fdt_edited(&f);
	memcpy(large.data + 4, f.tree.data, f.tree.size);
	f.fdt.tree = large.data + 4;
	f.fdt.size = large.size - 4;
	large.data[4 + TREE_TOTALSIZE + 1] = 0x10;
	large.data[4 + TREE_TOTALSIZE + 2] = large.data[4 + TREE_TOTALSIZE + 3] = 0;
	packed = fdt_edited(&f);
	ck_assert_uint_eq(packed.size, made.size);
	ck_assert_mem_eq(packed.data, made.data, made.size);
	bytes_free(&packed);
	bytes_free(&made);
	bytes_free(&large);
	fdt_teardown(&f);
}
END_TEST

/* Room for a firmware is in the tree, after all blocks, and zeros. */
START_TEST(room)
{
	struct bytes packed, made, zeros = bytes_zero(0x1000);
	struct fdt_fixture f;

	if (skip_without_fdt())
		return;
	fdt_setup(&f);
	packed = fdt_edited(&f);
	f.fdt.room = zeros.size;
	made = fdt_edited(&f);
	ck_assert_uint_eq(made.size, packed.size + zeros.size);
	tree_set(&packed, TREE_TOTALSIZE, (uint32_t)made.size);
	ck_assert_mem_eq(made.data, packed.data, packed.size);
	ck_assert_mem_eq(made.data + packed.size, zeros.data, zeros.size);
	bytes_free(&zeros);
	bytes_free(&packed);
	bytes_free(&made);
	fdt_teardown(&f);
}
END_TEST

/* Nodes of memory become one, wherever they are; what only looks like one is left. */
START_TEST(write_memory)
{
	static const uint64_t other[] = { 0x80000000, 0x1000 };
	static const uint8_t reg[] = { 0, 0, 0, 0, 0x40, 0, 0, 0, 0, 0, 0, 0, 0x10, 0, 0, 0,
				       0, 0, 0, 1, 0x40, 0, 0, 0, 0, 0, 0, 0, 0x10, 0, 0, 0 };
	struct tree tree = { 0 };
	struct fdt_fixture f;
	struct bytes made;

	if (skip_without_fdt())
		return;
	fdt_setup(&f);
	machine_begin(&tree);
	tree_node(&tree, "memory-controller");
	tree_text(&tree, "device_type", "memory-controller");
	tree_end(&tree);
	tree_node(&tree, "memory@80000000");
	tree_text(&tree, "device_type", "memory");
	tree_reg(&tree, "reg", other, 2);
	tree_end(&tree);
	tree_end(&tree);
	tree_token(&tree, TREE_DONE);
	fdt_use(&f, tree_finish(&tree));
	f.fdt.flags = PVHLOAD_FDT_WRITE_MEMORY;
	made = fdt_edited(&f);
	check_text(&made, "/memory@40000000", "device_type", "memory");
	check_property(&made, "/memory@40000000", "reg", reg, sizeof(reg));
	ck_assert(!tree_has_node(&made, "/memory@80000000"));
	ck_assert(tree_has_node(&made, "/memory-controller"));
	bytes_free(&made);
	fdt_teardown(&f);
}
END_TEST

/* With one cell for each, as a 32-bit machine has them. */
START_TEST(one_cell)
{
	static const uint8_t reg[] = { 0x40, 0, 0, 0, 0x10, 0, 0, 0 };
	struct tree tree = { 0 };
	struct fdt_fixture f;
	struct bytes made;

	if (skip_without_fdt())
		return;
	fdt_setup(&f);
	tree_node(&tree, "");
	tree_u32(&tree, "#address-cells", 1);
	tree_u32(&tree, "#size-cells", 1);
	tree_end(&tree);
	tree_token(&tree, TREE_DONE);
	fdt_use(&f, tree_finish(&tree));
	f.fdt.flags = PVHLOAD_FDT_WRITE_MEMORY;
	ck_says(fdt_refused(&f, PVHLOAD_E_MEMMAP),
		"RAM [0x140000000, 0x150000000) does not fit into the device tree's 1 cells");
	f.map.count = 1;
	made = fdt_edited(&f);
	check_property(&made, "/memory@40000000", "reg", reg, sizeof(reg));
	bytes_free(&made);
	fdt_teardown(&f);
}
END_TEST

START_TEST(capacity)
{
	struct bytes dst = bytes_zero(0x1000), zeros = bytes_zero(0x1000);
	struct pvhload_error err;
	struct fdt_fixture f;
	size_t size, none = 1234;

	if (skip_without_fdt())
		return;
	fdt_setup(&f);
	ck_status(PVHLOAD_OK, err, pvhload_fdt_edit(&f.fdt, &f.params, NULL, 0, &size, &err));
	ck_status(PVHLOAD_E_CAPACITY, err,
		  pvhload_fdt_edit(&f.fdt, &f.params, dst.data, size - 1, &none, &err));
	ck_says(err, "bytes, and there is room for");
	ck_assert_mem_eq(dst.data, zeros.data, zeros.size);
	ck_assert_uint_eq(none, 1234);
	ck_status(PVHLOAD_OK, err,
		  pvhload_fdt_edit(&f.fdt, &f.params, dst.data, size, &none, &err));
	ck_assert_uint_eq(none, size);
	bytes_free(&dst);
	bytes_free(&zeros);
	fdt_teardown(&f);
}
END_TEST

/* The same tree with its strings before its structure; @tree is freed. */
static struct bytes in_other_order(struct bytes tree)
{
	const uint32_t at = tree_get(&tree, TREE_OFF_STRUCT);
	const uint32_t structure = tree_get(&tree, TREE_SIZE_STRUCT);
	const uint32_t strings = tree_get(&tree, TREE_SIZE_STRINGS);
	const uint32_t filled = (strings + 7) & ~7u;
	struct bytes made = bytes_zero(at + filled + structure);

	memcpy(made.data, tree.data, at);
	memcpy(made.data + at, tree.data + at + structure, strings);
	memcpy(made.data + at + filled, tree.data + at, structure);
	tree_set(&made, TREE_OFF_STRINGS, at);
	tree_set(&made, TREE_OFF_STRUCT, at + filled);
	tree_set(&made, TREE_TOTALSIZE, (uint32_t)made.size);
	bytes_free(&tree);
	return made;
}

static struct bytes tree_with(size_t size)
{
	static const uint8_t bytes[3000];
	struct tree tree = { 0 };

	machine_begin(&tree);
	tree_node(&tree, "large");
	tree_bytes(&tree, "bytes", bytes, size);
	tree_end(&tree);
	tree_end(&tree);
	tree_token(&tree, TREE_DONE);
	return tree_finish(&tree);
}

/* Blocks may be in any order, however large: the guest's is the same, and has no bytes of the host's heap. */
START_TEST(other_order)
{
	static const size_t sizes[] = { 4, 3000 }; /* less and more than an edit adds */

	if (skip_without_fdt())
		return;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		struct bytes usual, made;
		struct fdt_fixture f;

		fdt_setup(&f);
		fdt_use(&f, tree_with(sizes[i]));
		usual = fdt_edited(&f);
		fdt_use(&f, in_other_order(tree_with(sizes[i])));
		made = fdt_edited(&f);
		ck_assert_uint_eq(made.size, usual.size);
		ck_assert_mem_eq(made.data, usual.data, usual.size);
		bytes_free(&usual);
		bytes_free(&made);
		fdt_teardown(&f);
	}
}
END_TEST

static void expect_padded(const struct bytes *made, const char *name)
{
	static const uint8_t zeros[4];
	size_t size;
	const uint8_t *value = tree_find(made, "/chosen", name, &size);

	ck_assert_ptr_nonnull(value);
	ck_assert_mem_eq(value + size, zeros, (4 - size % 4) % 4);
}

/* Each value is followed by zeros up to a multiple of 4 bytes, whatever was there before. */
START_TEST(padding)
{
	static const uint8_t seed[64] = { 1 };
	char cmdline[601];

	if (skip_without_fdt())
		return;
	for (size_t length = 1; length < sizeof(cmdline); length++) {
		struct fdt_fixture f;
		struct bytes made;

		fdt_setup(&f);
		memset(cmdline, 'x', length);
		cmdline[length] = '\0';
		f.params.cmdline = cmdline;
		f.fdt.bootargs = PVHLOAD_FDT_BOOTARGS_REPLACE;
		f.fdt.rng_seed = seed;
		f.fdt.rng_seed_size = 1 + length % sizeof(seed);
		made = fdt_edited(&f);
		expect_padded(&made, "bootargs");
		expect_padded(&made, "rng-seed");
		bytes_free(&made);
		fdt_teardown(&f);
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("fdt_edit");

	ADD_TESTS(suite, "chosen", chosen, high_initrd, left_alone, nothing_given, bootargs,
		  no_chosen);
	ADD_TESTS(suite, "padding", padding);
	ADD_TESTS(suite, "size", unpacked, room, capacity);
	ADD_TESTS(suite, "memory", write_memory, one_cell);
	ADD_TESTS(suite, "order", other_order);
	return run_suite(suite);
}
