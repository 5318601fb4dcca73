/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* Device trees that are none, that contradict themselves, or that no kernel takes. */
#include "broken_trees.h"
#include "errors.h"
#include "fdt_fixture.h"

/* Edit the fixture's tree. */
static struct pvhload_error edit_of(struct fdt_fixture *f)
{
	struct pvhload_error err = fresh_error();
	size_t size = 0;
	const enum pvhload_status status =
		pvhload_fdt_edit(&f->fdt, &f->params, NULL, 0, &size, &err);

	ck_assert_uint_eq(size, 0);
	fdt_teardown(f);
	return failed(status, &err);
}

/* A machine's tree with another number in its header. */
static struct pvhload_error header_with(size_t offset, uint32_t value)
{
	struct fdt_fixture f;

	fdt_setup(&f);
	tree_set(&f.tree, offset, value);
	return edit_of(&f);
}

/* The broken tree of which the library says @says. */
static struct pvhload_error broken(const char *says)
{
	struct tree tree = { 0 };
	struct fdt_fixture f;

	for (size_t i = 0; i < broken_tree_count; i++)
		if (strstr(broken_trees[i].says, says)) {
			broken_trees[i].build(&tree);
			break;
		}
	fdt_setup(&f);
	fdt_use(&f, tree_finish(&tree));
	return edit_of(&f);
}

#define HEADER(name, offset, value)                    \
	static struct pvhload_error name(void)         \
	{                                              \
		return header_with((offset), (value)); \
	}
#define BROKEN(name, says)                     \
	static struct pvhload_error name(void) \
	{                                      \
		return broken(says);           \
	}

HEADER(swapped, 0, 0xedfe0dd0)
HEADER(old_version, TREE_VERSION, 16)
HEADER(huge, TREE_TOTALSIZE, 0x7fffffff)
HEADER(tiny, TREE_TOTALSIZE, 32)
HEADER(cut, TREE_TOTALSIZE, 0x10000)
HEADER(stray_block, TREE_OFF_STRUCT, 0x10000)
HEADER(odd_block, TREE_OFF_STRUCT, 0x39)
HEADER(overlapping, TREE_OFF_STRINGS, 0x38)
HEADER(endless_reservations, TREE_OFF_RSVMAP, 0x40)
BROKEN(many_entries, "block has more than")
BROKEN(wrapping_entry, "entry 0")
BROKEN(no_token, "no token")
BROKEN(second_root, "second root")
BROKEN(named_root, "has a name")
BROKEN(early_end, "0x40: the tree ends")
BROKEN(lone_end, "a node ends")
BROKEN(lone_property, "a property of no node")
BROKEN(late_property, "after a child")
BROKEN(endless, "block ends before")
BROKEN(long_property, "does not end within the structure")
BROKEN(stray_name, "or is not in")
BROKEN(long_name, "name of a node")
BROKEN(too_deep, "in each other")
BROKEN(two_chosen, "/chosen@0")
BROKEN(twice, "twice")
BROKEN(no_nul, "only NUL")
BROKEN(odd_initrd, "not 4 or 8")
BROKEN(inside_out, "and starts at")
BROKEN(odd_reg, "no multiple of 16")
BROKEN(wrapping_reg, "pass 2^64")
BROKEN(no_cells, "addresses of 0")
BROKEN(long_cells, "#address-cells has")
BROKEN(many_banks, "banks of memory")

static struct pvhload_error no_header(void)
{
	struct fdt_fixture f;

	fdt_setup(&f);
	f.fdt.size = 4;
	return edit_of(&f);
}

static struct pvhload_error no_room_for_firmware(void)
{
	struct fdt_fixture f;

	fdt_setup(&f);
	f.fdt.room = 0x200000;
	return edit_of(&f);
}

static struct pvhload_error long_cmdline(void)
{
	static char text[0x10001];
	struct fdt_fixture f;

	fdt_setup(&f);
	memset(text, 'x', sizeof(text) - 1);
	f.params.cmdline = text;
	return edit_of(&f);
}

static struct pvhload_error zero_seed(void)
{
	static const uint8_t zeros[8];
	struct fdt_fixture f;

	fdt_setup(&f);
	f.fdt.kaslr_seed = zeros;
	return edit_of(&f);
}

static struct pvhload_error seed_without_size(void)
{
	struct fdt_fixture f;

	fdt_setup(&f);
	f.fdt.rng_seed = "seed";
	return edit_of(&f);
}

static struct pvhload_error long_seed(void)
{
	struct fdt_fixture f;

	fdt_setup(&f);
	f.fdt.rng_seed = "seed";
	f.fdt.rng_seed_size = 4096;
	return edit_of(&f);
}

static struct pvhload_error no_map(void)
{
	struct fdt_fixture f;

	fdt_setup(&f);
	f.fdt.flags = PVHLOAD_FDT_WRITE_MEMORY;
	f.params.memmap = NULL;
	return edit_of(&f);
}

static struct pvhload_error no_ram(void)
{
	struct fdt_fixture f;

	fdt_setup(&f);
	f.fdt.flags = PVHLOAD_FDT_WRITE_MEMORY;
	f.entries[0].type = f.entries[1].type = PVHLOAD_MEMMAP_RESERVED;
	return edit_of(&f);
}

/* A tree whose root has @cells for addresses and sizes; the second bank of RAM is above 4 GiB. */
static struct pvhload_error memory_by_cells(uint32_t cells)
{
	struct tree tree = { 0 };
	struct fdt_fixture f;

	tree_node(&tree, "");
	tree_u32(&tree, "#address-cells", cells);
	tree_u32(&tree, "#size-cells", cells);
	tree_end(&tree);
	tree_token(&tree, TREE_DONE);
	fdt_setup(&f);
	fdt_use(&f, tree_finish(&tree));
	f.fdt.flags = PVHLOAD_FDT_WRITE_MEMORY;
	return edit_of(&f);
}

static struct pvhload_error one_cell(void)
{
	return memory_by_cells(1);
}

static struct pvhload_error three_cells(void)
{
	return memory_by_cells(3);
}

static struct pvhload_error wrapping_initrd(void)
{
	struct fdt_fixture f;

	fdt_setup(&f);
	f.params.initrd_gpa = UINT64_MAX;
	return edit_of(&f);
}

static struct pvhload_error unknown_way(void)
{
	struct fdt_fixture f;

	fdt_setup(&f);
	f.fdt.bootargs = 9;
	return edit_of(&f);
}

static struct pvhload_error unknown_flag(void)
{
	struct fdt_fixture f;

	fdt_setup(&f);
	f.fdt.flags = 0x80;
	return edit_of(&f);
}

static struct pvhload_error no_struct(void)
{
	struct fdt_fixture f;

	fdt_setup(&f);
	f.fdt.tree = NULL;
	return edit_of(&f);
}

static const struct mistake mistakes[] = {
	{ "Bytes that are no device tree", no_header, PVHLOAD_E_MALFORMED,
	  "a device tree has at least 40 bytes; there are 4",
	  "Give the whole tree; its size is in its header, big-endian, at offset 4." },
	{ "A device tree of the wrong byte order", swapped, PVHLOAD_E_FORMAT,
	  "no device tree: its magic is 0xedfe0dd0, not 0xd00dfeed",
	  "All of a device tree is big-endian, whatever the machine: do not swap it. A tree's source (`.dts`) is to be compiled by dtc first." },
	{ "A device tree of an old version", old_version, PVHLOAD_E_UNSUPPORTED,
	  "the device tree has version 16, compatible with 16 and later; 17 is supported",
	  "Compile it anew: dtc writes version 17 unless told otherwise (`-V 17`)." },
	{ "A device tree of an absurd size", huge, PVHLOAD_E_LIMIT,
	  "the device tree says that it has 2147483647 bytes; the limit is 16777216",
	  "Correct totalsize; a kernel takes 2 MiB at most." },
	{ "A device tree smaller than its header", tiny, PVHLOAD_E_MALFORMED,
	  "the device tree says that it has 32 bytes, and its header alone has 40",
	  "Correct totalsize, which counts the header as well." },
	{ "A device tree that was cut off", cut, PVHLOAD_E_MALFORMED,
	  "the device tree says that it has 65536 bytes; there are 326",
	  "Give all of it: totalsize bytes, the free ones at its end included, or pack it (`fdt_pack()`)." },
	{ "A block of a device tree outside of it", stray_block, PVHLOAD_E_MALFORMED,
	  "the device tree's structure block, 208 bytes at offset 0x10000, is not in [0x28, 0x146)",
	  "The header is damaged, or the tree was moved in parts: make it anew." },
	{ "A block of a device tree that is not aligned", odd_block, PVHLOAD_E_MALFORMED,
	  "the device tree's structure block is at offset 0x39, no multiple of 4",
	  "The structure block is at a multiple of 4, the memory reservation block of 8." },
	{ "Blocks of a device tree that overlap", overlapping, PVHLOAD_E_MALFORMED,
	  "the device tree's structure block [0x38, 0x108) and strings block [0x38, 0x76) overlap",
	  "The header is damaged: make the tree anew." },
	{ "Reservations of a device tree without an end", endless_reservations, PVHLOAD_E_MALFORMED,
	  "the device tree's memory reservation block, at offset 0x40, does not end within it",
	  "End the memory reservation block with an entry of zeros." },
	{ "More reservations than a device tree may have", many_entries, PVHLOAD_E_LIMIT,
	  "the device tree's memory reservation block has more than 256 entries",
	  "Join ranges that touch." },
	{ "A reservation that wraps", wrapping_entry, PVHLOAD_E_MALFORMED,
	  "entry 0 of the device tree's memory reservation block: 0x2 bytes from 0xffffffffffffffff pass 2^64",
	  "Correct the entry: an address and a size, not an end, of 8 bytes each." },
	{ "A device tree with something that is no token", no_token, PVHLOAD_E_MALFORMED,
	  "the device tree, at offset 0x40: no token",
	  "The tree is damaged at this offset; a value's length that is wrong shows up at the next token." },
	{ "A device tree with two roots", second_root, PVHLOAD_E_MALFORMED,
	  "the device tree, at offset 0x44: a second root node",
	  "End the root node last, and begin no node after it." },
	{ "A device tree whose root has a name", named_root, PVHLOAD_E_MALFORMED,
	  "the device tree, at offset 0x38: the root node has a name",
	  "Begin it by `fdt_begin_node(fdt, \"\")`." },
	{ "A device tree that ends too early", early_end, PVHLOAD_E_MALFORMED,
	  "the device tree, at offset 0x40: the tree ends before its root node",
	  "End each node that was begun (`fdt_end_node()`) before `fdt_finish()`." },
	{ "A device tree whose node ends twice", lone_end, PVHLOAD_E_MALFORMED,
	  "the device tree, at offset 0x38: a node ends that has not begun",
	  "End each node once." },
	{ "A device tree with a property of no node", lone_property, PVHLOAD_E_MALFORMED,
	  "the device tree, at offset 0x38: a property of no node",
	  "Begin the root node first (`fdt_begin_node(fdt, \"\")`)." },
	{ "A property after a child", late_property, PVHLOAD_E_MALFORMED,
	  "the device tree, at offset 0x6c: a property after a child of its node",
	  "Write all properties of a node before its children: kernels and libfdt look for them there." },
	{ "A device tree without an end", endless, PVHLOAD_E_MALFORMED,
	  "the device tree, at offset 0x48: the structure block ends before the tree",
	  "The structure block ends with FDT_END, and size_dt_struct counts it." },
	{ "A property longer than the device tree", long_property, PVHLOAD_E_MALFORMED,
	  "the device tree, at offset 0x40: a property does not end within the structure block",
	  "Correct the property's length." },
	{ "A property without a name", stray_name, PVHLOAD_E_MALFORMED,
	  "the device tree, at offset 0x40: the name of a property has no NUL within 256 bytes, or is not in the strings block",
	  "The offset of a name counts from the strings block, and size_dt_strings counts all names and their NULs." },
	{ "A node with an endless name", long_name, PVHLOAD_E_MALFORMED,
	  "the device tree, at offset 0x60: the name of a node has no NUL within 256 bytes",
	  "Shorten it: a name with its address takes few bytes." },
	{ "Nodes too deep in each other", too_deep, PVHLOAD_E_LIMIT,
	  "the device tree, at offset 0x258: more than 64 nodes in each other",
	  "End each node: trees of real machines are less than 10 deep." },
	{ "Two nodes /chosen", two_chosen, PVHLOAD_E_MALFORMED,
	  "the device tree has a second node /chosen@0",
	  "Have one: a kernel would read the first and ignore the other." },
	{ "A property of /chosen that is there twice", twice, PVHLOAD_E_MALFORMED,
	  "node chosen of the device tree has bootargs twice",
	  "Have it once: a kernel would read the first and ignore the other." },
	{ "Bootargs without a NUL", no_nul, PVHLOAD_E_MALFORMED,
	  "node chosen of the device tree: bootargs is no text that ends with its only NUL",
	  "Set it by `fdt_setprop_string()`; without bootargs, leave the property out." },
	{ "An initrd's address of an odd size", odd_initrd, PVHLOAD_E_MALFORMED,
	  "node chosen of the device tree: linux,initrd-start has 2 bytes, not 4 or 8",
	  "Give it 4 or 8 bytes, big-endian, or leave it to pvhload_fdt_params::initrd_gpa." },
	{ "An initrd that ends before it starts", inside_out, PVHLOAD_E_MALFORMED,
	  "node chosen of the device tree: the initrd ends at 0x1000 and starts at 0x1001",
	  "linux,initrd-end is an address, not a size; big-endian as all is." },
	{ "A reg of memory that is cut off", odd_reg, PVHLOAD_E_MALFORMED,
	  "node memory@0 of the device tree: reg has 24 bytes, no multiple of 16",
	  "Each range is an address and a size, with as many cells as the root node says." },
	{ "A bank of memory that wraps", wrapping_reg, PVHLOAD_E_MALFORMED,
	  "node memory@0 of the device tree: 0x2 bytes from 0xffffffffffffffff pass 2^64",
	  "The second number is a size, not an end." },
	{ "A device tree without #address-cells", no_cells, PVHLOAD_E_MALFORMED,
	  "node memory@0 of the device tree: reg has addresses of 0 and sizes of 0 cells, as #address-cells and #size-cells above it say, not of 1 or 2",
	  "Give the root node `#address-cells` and `#size-cells`: what is taken without them differs from kernel to kernel." },
	{ "#address-cells of 8 bytes", long_cells, PVHLOAD_E_MALFORMED,
	  "node / of the device tree: #address-cells has 8 bytes, not 4",
	  "Set it by `fdt_setprop_u32()`." },
	{ "More banks of memory than a device tree may have", many_banks, PVHLOAD_E_LIMIT,
	  "the device tree has more banks of memory than 256", "Join banks that touch." },
	{ "A device tree above 2 MiB", no_room_for_firmware, PVHLOAD_E_LIMIT,
	  "the device tree takes 326 bytes, and 2097152 are to be left free; Linux on arm64 stops without a word above 2097152",
	  "Leave fewer bytes free: a firmware that adds reservations takes 4 KiB." },
	{ "A command line above any limit", long_cmdline, PVHLOAD_E_CMDLINE,
	  "bootargs would have 65536 bytes; the limit is 65535",
	  "Shorten it: Linux on arm64 keeps 2047 bytes." },
	{ "A seed of zeros", zero_seed, PVHLOAD_E_USAGE,
	  "kaslr_seed is all zeros, which Linux takes for no seed",
	  "Fill it with random bytes, or set it to NULL: then the kernel does not move." },
	{ "A seed without its size", seed_without_size, PVHLOAD_E_USAGE,
	  "rng_seed is set, and rng_seed_size 0", "Set both, or neither." },
	{ "A seed that is too long", long_seed, PVHLOAD_E_LIMIT,
	  "rng_seed has 4096 bytes; the limit is 512", "32 bytes do." },
	{ "Memory without a map", no_map, PVHLOAD_E_USAGE,
	  "PVHLOAD_FDT_WRITE_MEMORY without a memory map",
	  "Give pvhload_fdt_params::memmap the map that the VMM has." },
	{ "A map without RAM, for a device tree", no_ram, PVHLOAD_E_MEMMAP,
	  "the memory map has 0 ranges of RAM; a device tree takes 1 to 256",
	  "Give the guest's RAM type PVHLOAD_MEMMAP_RAM." },
	{ "RAM that a device tree's cells do not hold", one_cell, PVHLOAD_E_MEMMAP,
	  "RAM [0x140000000, 0x150000000) does not fit into the device tree's 1 cells of addresses and 1 of sizes",
	  "Give the root node 2 cells for addresses and sizes." },
	{ "Memory by cells that nobody reads", three_cells, PVHLOAD_E_MALFORMED,
	  "the device tree's root node has #address-cells 3 and #size-cells 3; each has to be 1 or 2",
	  "Give the root node 2 cells for addresses and sizes." },
	{ "An initrd that wraps", wrapping_initrd, PVHLOAD_E_RANGE,
	  "the initrd, 0x123456 bytes at 0xffffffffffffffff, passes 2^64",
	  "Check initrd_gpa and initrd_size: the second is a size, not an end." },
	{ "An unknown way to deal with bootargs", unknown_way, PVHLOAD_E_USAGE,
	  "unknown value of pvhload_fdt::bootargs: 9",
	  "PVHLOAD_FDT_BOOTARGS_..., of a header that is not newer than the library." },
	{ "An unknown flag of a device tree", unknown_flag, PVHLOAD_E_USAGE,
	  "unknown flags of pvhload_fdt: 0x80", "PVHLOAD_FDT_WRITE_MEMORY, or 0." },
	{ "No device tree", no_struct, PVHLOAD_E_USAGE, "no struct pvhload_fdt, or no tree in it",
	  "Begin with PVHLOAD_FDT_INIT, and set `tree` and `size`." },
};

THEME(trees_theme, "Device trees", mistakes);
