/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* Trees that are refused: by one error that says what, where, and by which rule. */
#include "broken_trees.h"
#include "fdt_fixture.h"

static struct bytes with_field(size_t offset, uint32_t value)
{
	struct bytes bytes = machine_tree();

	tree_set(&bytes, offset, value);
	return bytes;
}

/* Fields of the header. */
static const struct {
	size_t offset;
	uint32_t value;
	enum pvhload_status status;
	uint64_t at;
	const char *says;
} fields[] = {
	{ 0, 0xedfe0dd0, PVHLOAD_E_FORMAT, 0,
	  "no device tree: its magic is 0xedfe0dd0, not 0xd00dfeed" },
	{ TREE_VERSION, 16, PVHLOAD_E_UNSUPPORTED, 20,
	  "version 16, compatible with 16 and later; 17" },
	{ TREE_COMPATIBLE, 18, PVHLOAD_E_UNSUPPORTED, 20,
	  "version 17, compatible with 18 and later" },
	{ TREE_TOTALSIZE, 39, PVHLOAD_E_MALFORMED, 4,
	  "says that it has 39 bytes, and its header alone" },
	{ TREE_TOTALSIZE, 0x1000, PVHLOAD_E_MALFORMED, 4,
	  "says that it has 4096 bytes; there are" },
	{ TREE_TOTALSIZE, 0x1000000, PVHLOAD_E_MALFORMED, 4,
	  "says that it has 16777216 bytes; there are" },
	{ TREE_TOTALSIZE, 0x1000001, PVHLOAD_E_LIMIT, 4,
	  "has 16777217 bytes; the limit is 16777216" },
	{ TREE_OFF_STRUCT, 36, PVHLOAD_E_MALFORMED, 36, "structure block, " },
	{ TREE_OFF_STRUCT, 0xfffffffc, PVHLOAD_E_MALFORMED, 0xfffffffc,
	  "at offset 0xfffffffc, is not in [0x28, " },
	{ TREE_OFF_STRUCT, 57, PVHLOAD_E_MALFORMED, 57,
	  "structure block is at offset 0x39, no multiple of 4" },
	{ TREE_SIZE_STRUCT, 0xffffffff, PVHLOAD_E_MALFORMED, 56,
	  "structure block, 4294967295 bytes at offset 0x38" },
	{ TREE_OFF_STRINGS, 0, PVHLOAD_E_MALFORMED, 0, "strings block, " },
	{ TREE_SIZE_STRINGS, 0x1000, PVHLOAD_E_MALFORMED, PVHLOAD_NOWHERE - 1,
	  "strings block, 4096 bytes" },
	{ TREE_OFF_STRINGS, 56, PVHLOAD_E_MALFORMED, 56,
	  "structure block [0x38, 0x108) and strings block [0x38, " },
	{ TREE_OFF_RSVMAP, 44, PVHLOAD_E_MALFORMED, 44,
	  "reservation block is at offset 0x2c, no multiple of 8" },
	{ TREE_OFF_RSVMAP, 32, PVHLOAD_E_MALFORMED, 32,
	  "reservation block, 0 bytes at offset 0x20" },
	{ TREE_OFF_RSVMAP, 0x40, PVHLOAD_E_MALFORMED, 0x40, "does not end within it" },
};

START_TEST(header)
{
	struct fdt_fixture f;

	fdt_setup(&f);
	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		struct pvhload_error err;

		fdt_use(&f, with_field(fields[i].offset, fields[i].value));
		err = fdt_refused(&f, fields[i].status);
		ck_says(err, fields[i].says);
		if (fields[i].at != PVHLOAD_NOWHERE - 1)
			ck_assert_uint_eq(err.offset, fields[i].at);
		ck_assert_uint_eq(err.subject, PVHLOAD_SUBJECT_FDT);
	}
	fdt_teardown(&f);
}
END_TEST

/* However many bytes of a tree are missing. */
START_TEST(truncated)
{
	struct bytes whole = machine_tree();
	struct fdt_fixture f;

	fdt_setup(&f);
	for (size_t size = 0; size < whole.size; size++) {
		fdt_use(&f, bytes_copy(whole.data, size));
		(void)fdt_refused(&f, PVHLOAD_E_MALFORMED);
		if (size < TREE_HEADER_SIZE)
			continue;
		/* the header believes it */
		tree_set(&f.tree, TREE_TOTALSIZE, (uint32_t)size);
		(void)fdt_refused(&f, PVHLOAD_E_MALFORMED);
	}
	bytes_free(&whole);
	fdt_teardown(&f);
}
END_TEST

START_TEST(contents)
{
	struct fdt_fixture f;

	fdt_setup(&f);
	for (size_t i = 0; i < broken_tree_count; i++) {
		struct tree tree = { 0 };
		struct pvhload_error err;

		broken_trees[i].build(&tree);
		fdt_use(&f, tree_finish(&tree));
		err = fdt_refused(&f, broken_trees[i].status);
		ck_says(err, broken_trees[i].says);
		ck_assert_uint_eq(err.subject, PVHLOAD_SUBJECT_FDT);
		ck_assert_uint_le(err.offset, f.tree.size);
	}
	fdt_teardown(&f);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("fdt_tree");

	ADD_TESTS(suite, "trees", header, truncated, contents);
	return run_suite(suite);
}
