/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* Device trees, written word by word: edited, read back, and judged. */
#include "costs.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BLOCKS   56u /* the header and an empty reservation block */
#define BEGIN    1u
#define END      2u
#define PROP     3u
#define DONE     9u
#define RANGES   PVHLOAD_FDT_RANGES_MAX
#define BANK     0x100000u
#define TREE_GPA 0x10000000u
#define ADDED    (68u << 10) /* bytes that editing adds, at most */

static const char strings[] = "device_type\0reg\0#address-cells\0#size-cells";
enum { DEVICE_TYPE = 0, REG = 12, ADDRESS_CELLS = 16, SIZE_CELLS = 31, OTHER = 43 };

static uint8_t *tree;
static size_t at; /* bytes written */
static char long_name[PVHLOAD_FDT_NAME_MAX + 1];

static void put(const void *bytes, size_t size)
{
	memcpy(tree + at, bytes, size);
	at += (size + 3) / 4 * 4;
}

static void word(uint32_t value)
{
	const uint8_t bytes[] = { (uint8_t)(value >> 24), (uint8_t)(value >> 16),
				  (uint8_t)(value >> 8), (uint8_t)value };

	put(bytes, 4);
}

static void begin(const char *name)
{
	word(BEGIN);
	put(name, strlen(name) + 1);
}

static void property(uint32_t name, const void *value, size_t size)
{
	word(PROP);
	word((uint32_t)size);
	word(name);
	put(value, size);
}

/* Two cells each. */
static void property_reg(uint64_t gpa, uint64_t size)
{
	uint8_t bytes[16];

	for (size_t i = 0; i < 8; i++) {
		bytes[i] = (uint8_t)(gpa >> (56 - 8 * i));
		bytes[8 + i] = (uint8_t)(size >> (56 - 8 * i));
	}
	property(REG, bytes, sizeof(bytes));
}

static void put_cells(void)
{
	static const uint8_t two[4] = { 0, 0, 0, 2 };

	property(ADDRESS_CELLS, two, 4);
	property(SIZE_CELLS, two, 4);
}

/* No two the same, of up to 256. */
static void begin_numbered(const char *name, size_t i)
{
	char numbered[32];

	snprintf(numbered, sizeof(numbered), "%s@%zx", name, i);
	begin(numbered);
}

/* After each bank there is as much that is none. */
static void put_memory(size_t count, uint64_t size)
{
	for (size_t i = 0; i < count; i++) {
		begin_numbered("memory", i);
		property(DEVICE_TYPE, "memory", 7);
		property_reg(i * 2 * size, size);
		word(END);
	}
}

static void put_reservations(size_t count)
{
	begin("reserved-memory");
	put_cells();
	for (size_t i = 0; i < count; i++) {
		begin_numbered("r", i);
		property_reg(i * 2 * BANK, 4096);
		word(END);
	}
	word(END);
}

static void begin_tree(size_t room)
{
	memset(long_name, 'p', sizeof(long_name) - 1);
	tree = cost_zeros(room);
	at = BLOCKS;
	begin("");
	put_cells();
}

/* The root, the strings and the header. */
static void end_tree(void)
{
	const size_t structure_end = at + 8, size = structure_end + OTHER + sizeof(long_name);

	word(END);
	word(DONE);
	put(strings, sizeof(strings));
	memcpy(tree + structure_end + OTHER, long_name, sizeof(long_name));
	at = 0;
	word(0xd00dfeed);
	word((uint32_t)size);
	word(BLOCKS);
	word((uint32_t)structure_end);
	word(40);
	word(17);
	word(16);
	word(0);
	word((uint32_t)(size - structure_end));
	word((uint32_t)(structure_end - BLOCKS));
	at = size;
}

static void put_chain(void)
{
	for (size_t i = 1; i < PVHLOAD_FDT_DEPTH_MAX; i++)
		begin("n");
	for (size_t i = 1; i < PVHLOAD_FDT_DEPTH_MAX; i++)
		word(END);
}

static void put_node(void)
{
	begin("n");
	word(END);
}

static void put_named(void)
{
	begin(long_name);
	word(END);
}

static void put_property(void)
{
	property(OTHER, "", 0);
}

/* A tree of @size bytes, nearly, with so many banks and reservations; what fills the rest comes last. */
static void make_tree(size_t size, size_t ranges, void (*filler)(void))
{
	begin_tree(size);
	put_memory(ranges, ranges == 1 ? PIECES_END : BANK);
	put_reservations(ranges);
	begin("n"); /* for properties */
	if (filler != put_property)
		word(END);
	while (at + 2048 < size)
		filler();
	if (filler == put_property)
		word(END);
	end_tree();
}

static struct pvhload_fdt fdt = PVHLOAD_FDT_INIT;
static struct pvhload_fdt_params params = PVHLOAD_FDT_PARAMS_INIT;
static struct pvhload_memory *memory;
static struct pvhload_fdt_view *view;
static struct pvhload_check *check;
static void *made;

/* Without libfdt there is no row. */
static void end_without_libfdt(void)
{
	size_t size;

	if (pvhload_fdt_edit(&fdt, NULL, NULL, 0, &size, NULL) == PVHLOAD_E_UNSUPPORTED)
		exit(0);
}

/* All that can be added is. */
static void prepare_edit(size_t ranges, void (*filler)(void))
{
	const char *text = cost_text(PVHLOAD_FDT_CMDLINE_MAX);

	make_tree(PVHLOAD_FDT_LIMIT - ADDED, ranges, filler);
	fdt.tree = tree;
	fdt.size = at;
	fdt.kaslr_seed = fdt.rng_seed = text;
	fdt.rng_seed_size = PVHLOAD_FDT_RNG_SEED_MAX;
	params.cmdline = text;
	params.initrd_size = 1;
	made = cost_zeros(PVHLOAD_FDT_LIMIT);
	end_without_libfdt();
}

static void prepare_edit_nodes(void)
{
	prepare_edit(1, put_node);
}

/* Most of it is in no block. */
static void prepare_edit_large(void)
{
	uint8_t *large = cost_zeros(PVHLOAD_FDT_SIZE_MAX);

	prepare_edit_nodes();
	memcpy(large, fdt.tree, fdt.size);
	for (size_t i = 0; i < 4; i++) /* totalsize */
		large[4 + i] = (uint8_t)(PVHLOAD_FDT_SIZE_MAX >> (24 - 8 * i));
	fdt.tree = large;
	fdt.size = PVHLOAD_FDT_SIZE_MAX;
}

static void prepare_edit_properties(void)
{
	prepare_edit(1, put_property);
}

static void prepare_edit_ranges(void)
{
	prepare_edit(RANGES, put_node);
	fdt.flags = PVHLOAD_FDT_WRITE_MEMORY;
	params.memmap = cost_pieces(RANGES);
}

static void edit(void)
{
	size_t size;

	must(pvhload_fdt_edit(&fdt, &params, made, PVHLOAD_FDT_LIMIT, &size, &stage_error));
}

static void prepare_read(size_t ranges, void (*filler)(void))
{
	memory = cost_memory(PIECES_END);
	make_tree(PVHLOAD_FDT_SIZE_MAX, ranges, filler);
	memcpy(cost_ram + TREE_GPA, tree, at);
}

static void prepare_read_nodes(void)
{
	prepare_read(RANGES, put_node);
}

static void prepare_read_properties(void)
{
	prepare_read(1, put_property);
}

static void prepare_read_chains(void)
{
	prepare_read(1, put_chain);
}

static void prepare_read_named(void)
{
	prepare_read(1, put_named);
}

static void read_it(void)
{
	must(pvhload_fdt_read(memory, TREE_GPA, 0, &view, &stage_error));
}

static void drop_view(void)
{
	pvhload_fdt_view_free(view);
}

static void check_it(void)
{
	must(pvhload_fdt_check(memory, TREE_GPA, &check, &stage_error));
}

static void drop_check(void)
{
	pvhload_check_free(check);
}

/* An arm64 kernel, whose plan edits the tree; RAM is where the tree has it. */
static void prepare_load(void)
{
	static uint8_t image[4096];
	static struct pvhload_source kernel;
	static struct pvhload_memmap_entry ram = { 0, PIECES_END, PVHLOAD_MEMMAP_RAM, 0 };
	static struct pvhload_memmap map = { sizeof(map), &ram, 1, 1, 0 };

	prepare_edit_nodes();
	(void)cost_memory(PIECES_END);
	cost_put(image + 16, sizeof(image), 8);
	memcpy(image + 56, "ARM\x64", 4);
	kernel = pvhload_source_buffer(image, sizeof(image));
	cost_prepare_plan(2);
	cost_config.kernel = &kernel;
	cost_config.memmap = &map;
	cost_config.fdt = &fdt;
}

const struct cost_case fdt_costs[] = {
	{ "PVHLOAD_FDT_LIMIT", "fdt_edit: 2 MiB of nodes", prepare_edit_nodes, edit, NULL },
	{ "PVHLOAD_FDT_LIMIT", "fdt_edit: 2 MiB of properties", prepare_edit_properties, edit,
	  NULL },
	{ "PVHLOAD_FDT_LIMIT", "load: arm64, 2 MiB of nodes", prepare_load, cost_load,
	  cost_drop_plan },
	{ "PVHLOAD_FDT_RANGES_MAX", "fdt_edit: 256 of each, 2 MiB", prepare_edit_ranges, edit,
	  NULL },
	{ "PVHLOAD_FDT_SIZE_MAX", "fdt_edit: 16 MiB, 2 of them used", prepare_edit_large, edit,
	  NULL },
	{ "PVHLOAD_FDT_SIZE_MAX", "fdt_read: 16 MiB of nodes", prepare_read_nodes, read_it,
	  drop_view },
	{ "PVHLOAD_FDT_SIZE_MAX", "fdt_read: 16 MiB of properties", prepare_read_properties,
	  read_it, drop_view },
	{ "PVHLOAD_FDT_SIZE_MAX", "fdt_check: 16 MiB of properties", prepare_read_properties,
	  check_it, drop_check },
	{ "PVHLOAD_FDT_DEPTH_MAX", "fdt_read: 16 MiB, 64 deep", prepare_read_chains, read_it,
	  drop_view },
	{ "PVHLOAD_FDT_NAME_MAX", "fdt_read: 16 MiB of names", prepare_read_named, read_it,
	  drop_view },
	{ 0 },
};
