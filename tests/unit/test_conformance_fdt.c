/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * Device trees of rust-vmm's linux-loader (0.14), which it loads for arm64 and riscv64 as bytes: its limit, what it takes,
 * and the range test of its configurator.  What is refused there and fits here, and the other way round, has a "there".
 */
#include "conformance.h"
#include "fdt_fixture.h"

/* A tree of @size bytes, of which @free are free ones at its end. */
static struct bytes tree_of(size_t size, size_t free)
{
	struct bytes zeros = bytes_zero(size), least, bytes;
	size_t value = 0;

	for (int round = 0; round < 2; round++) {
		struct tree tree = { 0 };

		tree_node(&tree, "");
		tree_bytes(&tree, "pad", zeros.data, value);
		tree_node(&tree, "chosen");
		tree_end(&tree);
		tree_end(&tree);
		tree_token(&tree, TREE_DONE);
		least = tree_finish(&tree);
		if (round == 1)
			break;
		value = size - free - least.size;
		bytes_free(&least);
	}
	bytes = bytes_copy(zeros.data, size);
	memcpy(bytes.data, least.data, least.size);
	tree_set(&bytes, TREE_TOTALSIZE, (uint32_t)size);
	bytes_free(&least);
	bytes_free(&zeros);
	return bytes;
}

/* load_dtb: 2 MiB are taken, and more is DtbTooBig. */
START_TEST(load_dtb)
{
	static const char magic[32] = "any 32 bytes are a tree there";
	struct fdt_fixture f;
	struct bytes made;

	fdt_setup(&f);
	f.params = (struct pvhload_fdt_params)PVHLOAD_FDT_PARAMS_INIT;
	fdt_use(&f, tree_of(0x200004, 0));
	(void)fdt_refused(&f, PVHLOAD_E_LIMIT);
	fdt_use(&f, bytes_copy(magic, 0)); /* Ok there, at any address */
	(void)fdt_refused(&f, PVHLOAD_E_MALFORMED);
	fdt_use(&f, bytes_copy(magic, sizeof(magic))); /* Ok there */
	(void)fdt_refused(&f, PVHLOAD_E_MALFORMED);
	if (!skip_without_fdt()) {
		fdt_use(&f, tree_of(0x200000, 0));
		made = fdt_edited(&f);
		ck_assert_uint_eq(made.size, 0x200000);
		bytes_free(&made);
		/* DtbTooBig there: what counts is what the guest gets */
		fdt_use(&f, tree_of(0x300000, 0x2ffe00));
		made = fdt_edited(&f);
		ck_assert_uint_eq(made.size, 0x200);
		bytes_free(&made);
	}
	fdt_teardown(&f);
}
END_TEST

/* The configurator, with a tree that is one: up to the end of RAM, which is FDTPastRamEnd there, and no byte further. */
START_TEST(configure_fdt_boot_by_parts)
{
	struct bytes made;
	struct fdt_fixture f;
	struct g16 g;

	if (skip_without_fdt())
		return;
	fdt_setup(&f);
	made = fdt_edited(&f);
	g16_setup(&g);
	g16_not_written(&g, G16 - made.size + 1, made.data, made.size);
	g16_written(&g, G16 - made.size, made.data, made.size);
	g16_written(&g, 0x1000, made.data, made.size);
	g16_teardown(&g);
	bytes_free(&made);
	fdt_teardown(&f);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("conformance_fdt");

	ADD_TESTS(suite, "device trees", load_dtb, configure_fdt_boot_by_parts);
	return run_suite(suite);
}
