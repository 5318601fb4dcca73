/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* Limits of an edit, from both sides, and arguments that are refused. */
#include "fdt_fixture.h"

/* A root node, not ended. */
static void begin(struct tree *tree)
{
	tree_node(tree, "");
	tree_u32(tree, "#address-cells", 2);
	tree_u32(tree, "#size-cells", 2);
}

static void finish(struct tree *tree)
{
	tree_end(tree);
	tree_token(tree, TREE_DONE);
}

/* The other side of the limits. */
START_TEST(at_the_limits)
{
	char name[PVHLOAD_FDT_NAME_MAX + 1];
	struct fdt_fixture f;
	struct tree tree = { 0 };
	struct bytes made;

	if (skip_without_fdt())
		return;
	fdt_setup(&f);
	memset(name, 'n', sizeof(name));
	name[sizeof(name) - 1] = '\0';
	for (uint32_t i = 0; i < PVHLOAD_FDT_RANGES_MAX; i++)
		tree_reserve(&tree, 0x1000, 0x1000);
	begin(&tree);
	for (uint32_t i = 1; i < PVHLOAD_FDT_DEPTH_MAX; i++)
		tree_node(&tree, i == 1 ? name : "n");
	tree_text(&tree, name, "x");
	for (uint32_t i = 1; i < PVHLOAD_FDT_DEPTH_MAX; i++)
		tree_end(&tree);
	for (uint32_t i = 0; i < PVHLOAD_FDT_RANGES_MAX; i++) {
		static const uint64_t bank[] = { 0x1000, 0x1000 };

		tree_node(&tree, "m");
		tree_text(&tree, "device_type", "memory");
		tree_reg(&tree, "reg", bank, 2);
		tree_end(&tree);
	}
	finish(&tree);
	fdt_use(&f, tree_finish(&tree));
	f.fdt.flags = PVHLOAD_FDT_WRITE_MEMORY;
	made = fdt_edited(&f);
	ck_assert(!tree_has_node(&made, "/m"));
	ck_assert(tree_has_node(&made, "/memory@40000000"));
	bytes_free(&made);
	fdt_teardown(&f);
}
END_TEST

/* A tree with a property of @size bytes. */
static struct bytes padded(size_t size)
{
	struct bytes zeros = bytes_zero(size);
	struct tree tree = { 0 };

	begin(&tree);
	tree_bytes(&tree, "four", zeros.data, size);
	tree_node(&tree, "chosen");
	tree_end(&tree);
	finish(&tree);
	bytes_free(&zeros);
	return tree_finish(&tree);
}

/* One that takes @size bytes when it is packed. */
static struct bytes tree_of(size_t size)
{
	struct bytes least = padded(0);
	const size_t rest = size - least.size;

	bytes_free(&least);
	return padded(rest);
}

/* 2 MiB of a tree are fine, and no byte more, whatever makes them. */
START_TEST(two_mib)
{
	static const char says[] = "Linux on arm64 stops without a word above 2097152";
	struct fdt_fixture f;
	struct bytes made;

	if (skip_without_fdt())
		return;
	fdt_setup(&f);
	f.params = (struct pvhload_fdt_params)PVHLOAD_FDT_PARAMS_INIT;
	fdt_use(&f, tree_of(PVHLOAD_FDT_LIMIT - 8));
	f.fdt.room = 8;
	made = fdt_edited(&f);
	ck_assert_uint_eq(made.size, PVHLOAD_FDT_LIMIT);
	bytes_free(&made);
	f.fdt.room = 9;
	ck_says(fdt_refused(&f, PVHLOAD_E_LIMIT), "takes 2097144 bytes, and 9 are to be left free");
	f.fdt.room = 0;
	fdt_use(&f, tree_of(PVHLOAD_FDT_LIMIT));
	ck_assert_uint_eq(f.tree.size, PVHLOAD_FDT_LIMIT);
	made = fdt_edited(&f);
	ck_assert_uint_eq(made.size, PVHLOAD_FDT_LIMIT);
	bytes_free(&made);
	f.fdt.room = 1;
	ck_says(fdt_refused(&f, PVHLOAD_E_LIMIT), "takes 2097152 bytes, and 1 are to be left free",
		says);
	f.fdt.room = SIZE_MAX;
	ck_says(fdt_refused(&f, PVHLOAD_E_LIMIT), says);
	f.fdt.room = 0;
	f.params.cmdline = "quiet";
	ck_says(fdt_refused(&f, PVHLOAD_E_LIMIT), "bytes, and 0 are to be left free", says);
	f.params.cmdline = NULL;
	fdt_use(&f, tree_of(PVHLOAD_FDT_LIMIT + 4));
	ck_says(fdt_refused(&f, PVHLOAD_E_LIMIT), "takes 2097156 bytes", says);
	fdt_teardown(&f);
}
END_TEST

START_TEST(arguments)
{
	static const uint8_t seed[PVHLOAD_FDT_RNG_SEED_MAX + 1];
	struct pvhload_error err;
	struct fdt_fixture f;
	size_t size = 1234;

	fdt_setup(&f);
	ck_status(PVHLOAD_E_USAGE, err, pvhload_fdt_edit(NULL, &f.params, NULL, 0, &size, &err));
	ck_status(PVHLOAD_E_USAGE, err, pvhload_fdt_edit(&f.fdt, &f.params, NULL, 0, NULL, &err));
	f.fdt.tree = NULL;
	(void)fdt_refused(&f, PVHLOAD_E_USAGE);
	f.fdt.tree = f.tree.data;
	f.fdt.struct_size = sizeof(f.fdt) - 1;
	(void)fdt_refused(&f, PVHLOAD_E_USAGE);
	f.fdt.struct_size = sizeof(f.fdt);
	f.params.struct_size = 0;
	(void)fdt_refused(&f, PVHLOAD_E_USAGE);
	f.params.struct_size = sizeof(f.params);
	f.fdt.bootargs = PVHLOAD_FDT_BOOTARGS_KEEP + 1;
	ck_says(fdt_refused(&f, PVHLOAD_E_USAGE), "unknown value of pvhload_fdt::bootargs: 4");
	f.fdt.bootargs = 0;
	f.fdt.flags = 2;
	ck_says(fdt_refused(&f, PVHLOAD_E_USAGE), "unknown flags of pvhload_fdt: 0x2");
	f.fdt.flags = PVHLOAD_FDT_WRITE_MEMORY;
	f.params.memmap = NULL;
	ck_says(fdt_refused(&f, PVHLOAD_E_USAGE), "PVHLOAD_FDT_WRITE_MEMORY without a memory map");
	f.fdt.flags = 0;
	f.fdt.kaslr_seed = seed;
	ck_says(fdt_refused(&f, PVHLOAD_E_USAGE), "kaslr_seed is all zeros");
	f.fdt.kaslr_seed = NULL;
	f.fdt.rng_seed = seed;
	ck_says(fdt_refused(&f, PVHLOAD_E_USAGE), "rng_seed is set, and rng_seed_size 0");
	f.fdt.rng_seed_size = sizeof(seed);
	ck_says(fdt_refused(&f, PVHLOAD_E_LIMIT), "rng_seed has 513 bytes; the limit is 512");
	f.fdt.rng_seed = NULL;
	ck_says(fdt_refused(&f, PVHLOAD_E_USAGE), "rng_seed is NULL, and rng_seed_size 513");
	f.fdt.rng_seed_size = 0;
	f.params.initrd_gpa = UINT64_MAX;
	err = fdt_refused(&f, PVHLOAD_E_RANGE);
	ck_says(err, "the initrd, 0x123456 bytes at 0xffffffffffffffff, passes 2^64");
	ck_assert_uint_eq(err.gpa, UINT64_MAX);
	fdt_teardown(&f);
}
END_TEST

/* A build without libfdt refuses what is fine. */
START_TEST(no_libfdt)
{
#ifndef PVL_HAVE_FDT
	struct fdt_fixture f;

	fdt_setup(&f);
	ck_says(fdt_refused(&f, PVHLOAD_E_UNSUPPORTED),
		"takes libfdt, and this build is without it");
	fdt_teardown(&f);
#endif
}
END_TEST

START_TEST(command_lines)
{
	char *text = malloc(PVHLOAD_FDT_CMDLINE_MAX + 2);
	struct tree tree = { 0 };
	struct fdt_fixture f;
	struct bytes made;

	if (!skip_without_fdt()) {
		fdt_setup(&f);
		memset(text, 'x', PVHLOAD_FDT_CMDLINE_MAX + 1);
		text[PVHLOAD_FDT_CMDLINE_MAX + 1] = '\0';
		f.params.cmdline = text;
		ck_says(fdt_refused(&f, PVHLOAD_E_CMDLINE),
			"bootargs would have 65536 bytes; the limit is 65535");
		text[PVHLOAD_FDT_CMDLINE_MAX] = '\0';
		made = fdt_edited(&f);
		check_text(&made, "/chosen", "bootargs", text);
		bytes_free(&made);
		machine_begin(&tree);
		tree_node(&tree, "chosen");
		tree_text(&tree, "bootargs", text);
		tree_end(&tree);
		finish(&tree);
		fdt_use(&f, tree_finish(&tree));
		f.params.cmdline = "";
		made = fdt_edited(&f);
		check_text(&made, "/chosen", "bootargs", text);
		bytes_free(&made);
		f.fdt.bootargs = PVHLOAD_FDT_BOOTARGS_APPEND;
		made = fdt_edited(&f);
		check_text(&made, "/chosen", "bootargs", text);
		bytes_free(&made);
		f.params.cmdline = "x";
		ck_says(fdt_refused(&f, PVHLOAD_E_CMDLINE), "bootargs would have 65537 bytes");
		fdt_teardown(&f);
	}
	free(text);
}
END_TEST

START_TEST(memory_maps)
{
	struct pvhload_memmap_entry many[PVHLOAD_FDT_RANGES_MAX + 1];
	struct tree tree = { 0 };
	struct fdt_fixture f;

	fdt_setup(&f);
	f.fdt.flags = PVHLOAD_FDT_WRITE_MEMORY;
	f.entries[0].type = f.entries[1].type = PVHLOAD_MEMMAP_RESERVED;
	ck_says(fdt_refused(&f, PVHLOAD_E_MEMMAP),
		"has 0 ranges of RAM; a device tree takes 1 to 256");
	f.entries[0].size = 0;
	(void)fdt_refused(&f, PVHLOAD_E_MEMMAP);
	for (size_t i = 0; i < sizeof(many) / sizeof(many[0]); i++)
		many[i] = (struct pvhload_memmap_entry){ i << 20, 0x1000, PVHLOAD_MEMMAP_RAM, 0 };
	f.map.entries = many;
	f.map.count = f.map.capacity = sizeof(many) / sizeof(many[0]);
	ck_says(fdt_refused(&f, PVHLOAD_E_MEMMAP), "has 257 ranges of RAM");
	f.map.count--;
	tree_node(&tree, "");
	tree_u32(&tree, "#address-cells", 2);
	finish(&tree);
	fdt_use(&f, tree_finish(&tree));
	ck_says(fdt_refused(&f, PVHLOAD_E_MALFORMED),
		"#address-cells 2 and #size-cells 0; each has to be 1 or 2");
	if (!skip_without_fdt()) {
		f.map.count = 1;
		begin(&tree);
		tree_node(&tree, "memory@0");
		tree_end(&tree);
		finish(&tree);
		fdt_use(&f, tree_finish(&tree));
		ck_says(fdt_refused(&f, PVHLOAD_E_MALFORMED),
			"a node /memory@0 whose device_type is not \"memory\"");
	}
	fdt_teardown(&f);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("fdt_rules");

	ADD_TESTS(suite, "limits", at_the_limits, two_mib, command_lines, memory_maps);
	ADD_TESTS(suite, "arguments", arguments, no_libfdt);
	return run_suite(suite);
}
