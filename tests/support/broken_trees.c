/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
#include "broken_trees.h"

#include <string.h>

/* A root node with what a row adds, not ended. */
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

static void no_token(struct tree *t)
{
	tree_node(t, "");
	tree_token(t, 7);
	finish(t);
}

static void second_root(struct tree *t)
{
	tree_node(t, "");
	tree_end(t);
	tree_node(t, "");
	finish(t);
}

static void named_root(struct tree *t)
{
	tree_node(t, "root");
	finish(t);
}

static void unended_root(struct tree *t)
{
	tree_node(t, "");
	tree_token(t, TREE_DONE);
}

static void no_root(struct tree *t)
{
	tree_token(t, TREE_DONE);
}

static void lone_end(struct tree *t)
{
	finish(t);
}

static void lone_property(struct tree *t)
{
	tree_text(t, "compatible", "x");
	tree_node(t, "");
	finish(t);
}

static void late_property(struct tree *t)
{
	begin(t);
	tree_node(t, "a");
	tree_end(t);
	tree_text(t, "compatible", "x");
	finish(t);
}

static void endless(struct tree *t)
{
	tree_node(t, "");
	tree_end(t);
	tree_token(t, TREE_NOP);
}

static void long_property(struct tree *t)
{
	tree_node(t, "");
	tree_text(t, "compatible", "x");
	t->structure.data[t->structure.size - 16 + 7] = 200;
	finish(t);
}

static void stray_name(struct tree *t)
{
	tree_node(t, "");
	tree_text(t, "compatible", "x");
	t->structure.data[t->structure.size - 16 + 11] = 200;
	finish(t);
}

static void long_node_name(struct tree *t)
{
	char name[PVHLOAD_FDT_NAME_MAX + 2];

	memset(name, 'n', sizeof(name));
	name[sizeof(name) - 1] = '\0';
	begin(t);
	tree_node(t, name);
	tree_end(t);
	finish(t);
}

static void long_property_name(struct tree *t)
{
	char name[PVHLOAD_FDT_NAME_MAX + 2];

	memset(name, 'n', sizeof(name));
	name[sizeof(name) - 1] = '\0';
	begin(t);
	tree_text(t, name, "x");
	finish(t);
}

/* A mebibyte of names, without an end. */
static void endless_names(struct tree *t)
{
	begin(t);
	finish(t);
	bytes_free(&t->strings);
	t->strings = bytes_zero(1u << 20);
	memset(t->strings.data, 'n', t->strings.size);
}

/* Nodes in each other, @depth of them. */
static void nested(struct tree *t, uint32_t depth)
{
	begin(t);
	for (uint32_t i = 1; i < depth; i++)
		tree_node(t, "n");
	for (uint32_t i = 1; i < depth; i++)
		tree_end(t);
	finish(t);
}

static void too_deep(struct tree *t)
{
	nested(t, PVHLOAD_FDT_DEPTH_MAX + 1);
}

static void two_chosen(struct tree *t)
{
	begin(t);
	tree_node(t, "chosen");
	tree_end(t);
	tree_node(t, "chosen@0");
	tree_end(t);
	finish(t);
}

static void two_reserved(struct tree *t)
{
	begin(t);
	tree_node(t, "reserved-memory");
	tree_end(t);
	tree_node(t, "reserved-memory");
	tree_end(t);
	finish(t);
}

static void twice(struct tree *t)
{
	begin(t);
	tree_node(t, "chosen");
	tree_text(t, "bootargs", "a");
	tree_text(t, "bootargs", "b");
	tree_end(t);
	finish(t);
}

static void chosen_with(struct tree *t, const char *name, const void *bytes, size_t size)
{
	begin(t);
	tree_node(t, "chosen");
	tree_bytes(t, name, bytes, size);
	tree_u32(t, "linux,initrd-end", 0x1000);
	tree_end(t);
	finish(t);
}

static void no_nul(struct tree *t)
{
	chosen_with(t, "bootargs", "quiet", 5);
}

static void inner_nul(struct tree *t)
{
	chosen_with(t, "bootargs", "quiet\0x", 8);
}

static void empty_bootargs(struct tree *t)
{
	chosen_with(t, "bootargs", NULL, 0);
}

static void odd_initrd(struct tree *t)
{
	chosen_with(t, "linux,initrd-start", "12", 2);
}

static void inside_out(struct tree *t)
{
	chosen_with(t, "linux,initrd-start", "\0\0\x10\1", 4);
}

static void memory_with(struct tree *t, const uint64_t *numbers, size_t count)
{
	tree_node(t, "memory@0");
	tree_text(t, "device_type", "memory");
	tree_reg(t, "reg", numbers, count);
	tree_end(t);
	finish(t);
}

static void odd_reg(struct tree *t)
{
	static const uint64_t numbers[] = { 0, 0x1000, 0x2000 };

	begin(t);
	memory_with(t, numbers, 3);
}

static void wrapping_reg(struct tree *t)
{
	static const uint64_t numbers[] = { UINT64_MAX, 2 };

	begin(t);
	memory_with(t, numbers, 2);
}

static void no_cells(struct tree *t)
{
	static const uint64_t numbers[] = { 0, 0x1000 };

	tree_node(t, "");
	memory_with(t, numbers, 2);
}

static void three_cells(struct tree *t)
{
	static const uint64_t numbers[] = { 0, 0x1000 };

	tree_node(t, "");
	tree_u32(t, "#address-cells", 3);
	tree_u32(t, "#size-cells", 1);
	memory_with(t, numbers, 2);
}

static void long_cells(struct tree *t)
{
	tree_node(t, "");
	tree_u64(t, "#address-cells", 2);
	finish(t);
}

static void many_banks(struct tree *t)
{
	uint64_t numbers[2 * (PVHLOAD_FDT_RANGES_MAX + 1)];

	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		numbers[i] = 0x1000;
	begin(t);
	memory_with(t, numbers, sizeof(numbers) / sizeof(numbers[0]));
}

static void many_memories(struct tree *t)
{
	begin(t);
	for (uint32_t i = 0; i <= PVHLOAD_FDT_RANGES_MAX; i++) {
		tree_node(t, "m");
		tree_text(t, "device_type", "memory");
		tree_end(t);
	}
	finish(t);
}

static void many_entries(struct tree *t)
{
	for (uint32_t i = 0; i <= PVHLOAD_FDT_RANGES_MAX; i++)
		tree_reserve(t, 0x1000, 0x1000);
	begin(t);
	finish(t);
}

static void wrapping_entry(struct tree *t)
{
	tree_reserve(t, UINT64_MAX, 2);
	begin(t);
	finish(t);
}

static void many_reservations(struct tree *t)
{
	static const uint64_t numbers[] = { 0x1000, 0x1000 };

	tree_reserve(t, 0x1000, 0x1000);
	begin(t);
	tree_node(t, "reserved-memory");
	tree_u32(t, "#address-cells", 2);
	tree_u32(t, "#size-cells", 2);
	for (uint32_t i = 0; i < PVHLOAD_FDT_RANGES_MAX; i++) {
		tree_node(t, "r");
		tree_reg(t, "reg", numbers, 2);
		tree_end(t);
	}
	tree_end(t);
	finish(t);
}

static void reservation_without_cells(struct tree *t)
{
	static const uint64_t numbers[] = { 0x1000, 0x1000 };

	begin(t);
	tree_node(t, "reserved-memory");
	tree_node(t, "firmware@1000");
	tree_reg(t, "reg", numbers, 2);
	tree_end(t);
	tree_end(t);
	finish(t);
}

const struct broken_tree broken_trees[] = {
	{ no_token, PVHLOAD_E_MALFORMED, PVHLOAD_PART_FDT,
	  "the device tree, at offset 0x40: no token" },
	{ second_root, PVHLOAD_E_MALFORMED, PVHLOAD_PART_FDT,
	  "at offset 0x44: a second root node" },
	{ named_root, PVHLOAD_E_MALFORMED, PVHLOAD_PART_FDT,
	  "at offset 0x38: the root node has a name" },
	{ unended_root, PVHLOAD_E_MALFORMED, PVHLOAD_PART_FDT,
	  "at offset 0x40: the tree ends before its root node" },
	{ no_root, PVHLOAD_E_MALFORMED, PVHLOAD_PART_FDT,
	  "at offset 0x38: the tree ends before its root node" },
	{ lone_end, PVHLOAD_E_MALFORMED, PVHLOAD_PART_FDT,
	  "at offset 0x38: a node ends that has not begun" },
	{ lone_property, PVHLOAD_E_MALFORMED, PVHLOAD_PART_FDT,
	  "at offset 0x38: a property of no node" },
	{ late_property, PVHLOAD_E_MALFORMED, PVHLOAD_PART_FDT,
	  "at offset 0x6c: a property after a child of its node" },
	{ endless, PVHLOAD_E_MALFORMED, PVHLOAD_PART_FDT,
	  "at offset 0x48: the structure block ends before the tree" },
	{ long_property, PVHLOAD_E_MALFORMED, PVHLOAD_PART_FDT,
	  "a property does not end within the structure block" },
	{ stray_name, PVHLOAD_E_MALFORMED, PVHLOAD_PART_FDT,
	  "name of a property has no NUL within 256 bytes, or is not in" },
	{ long_node_name, PVHLOAD_E_MALFORMED, PVHLOAD_PART_FDT,
	  "name of a node has no NUL within 256 bytes" },
	{ long_property_name, PVHLOAD_E_MALFORMED, PVHLOAD_PART_FDT,
	  "name of a property has no NUL within 256 bytes" },
	{ endless_names, PVHLOAD_E_MALFORMED, PVHLOAD_PART_FDT,
	  "name of a property has no NUL within 256 bytes" },
	{ too_deep, PVHLOAD_E_LIMIT, PVHLOAD_PART_FDT, "more than 64 nodes in each other" },
	{ two_chosen, PVHLOAD_E_MALFORMED, PVHLOAD_PART_FDT, "a second node /chosen@0" },
	{ two_reserved, PVHLOAD_E_MALFORMED, PVHLOAD_PART_FDT, "a second node /reserved-memory" },
	{ twice, PVHLOAD_E_MALFORMED, PVHLOAD_PART_FDT,
	  "node chosen of the device tree has bootargs twice" },
	{ no_nul, PVHLOAD_E_MALFORMED, PVHLOAD_PART_CMDLINE,
	  "bootargs is no text that ends with its only NUL" },
	{ inner_nul, PVHLOAD_E_MALFORMED, PVHLOAD_PART_CMDLINE,
	  "bootargs is no text that ends with its only NUL" },
	{ empty_bootargs, PVHLOAD_E_MALFORMED, PVHLOAD_PART_CMDLINE,
	  "bootargs is no text that ends with its only NUL" },
	{ odd_initrd, PVHLOAD_E_MALFORMED, PVHLOAD_PART_INITRD,
	  "linux,initrd-start has 2 bytes, not 4 or 8" },
	{ inside_out, PVHLOAD_E_MALFORMED, PVHLOAD_PART_INITRD,
	  "the initrd ends at 0x1000 and starts at 0x1001" },
	{ odd_reg, PVHLOAD_E_MALFORMED, PVHLOAD_PART_MEMMAP,
	  "node memory@0 of the device tree: reg has 24 bytes, no multiple of 16" },
	{ wrapping_reg, PVHLOAD_E_MALFORMED, PVHLOAD_PART_MEMMAP,
	  "0x2 bytes from 0xffffffffffffffff pass 2^64" },
	{ no_cells, PVHLOAD_E_MALFORMED, PVHLOAD_PART_MEMMAP,
	  "addresses of 0 and sizes of 0 cells" },
	{ three_cells, PVHLOAD_E_MALFORMED, PVHLOAD_PART_MEMMAP,
	  "addresses of 3 and sizes of 1 cells" },
	{ long_cells, PVHLOAD_E_MALFORMED, PVHLOAD_PART_FDT,
	  "node / of the device tree: #address-cells has 8 bytes, not 4" },
	{ many_banks, PVHLOAD_E_LIMIT, PVHLOAD_PART_MEMMAP, "more banks of memory than 256" },
	{ many_memories, PVHLOAD_E_LIMIT, PVHLOAD_PART_MEMMAP, "more nodes of memory than 256" },
	{ many_entries, PVHLOAD_E_LIMIT, 0, "memory reservation block has more than 256 entries" },
	{ wrapping_entry, PVHLOAD_E_MALFORMED, PVHLOAD_PART_RESERVATIONS,
	  "entry 0 of the device tree's memory reservation block: 0x2 bytes" },
	{ many_reservations, PVHLOAD_E_LIMIT, PVHLOAD_PART_RESERVATIONS,
	  "more reservations than 256" },
	{ reservation_without_cells, PVHLOAD_E_MALFORMED, PVHLOAD_PART_RESERVATIONS,
	  "node firmware@1000 of the device tree: reg has" },
};
const size_t broken_tree_count = sizeof(broken_trees) / sizeof(broken_trees[0]);
