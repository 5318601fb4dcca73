/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
#include "scene_tree.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "device_trees.h"

#define PAGE UINT64_C(4096)

/* Names that the guest's tree may have and the caller's has not. */
enum tree_name {
	BOOTARGS,
	INITRD_START,
	INITRD_END,
	KASLR_SEED,
	RNG_SEED,
	DEVICE_TYPE,
	REG,
	NAMES
};
static const char *const names[NAMES] = { "bootargs",   "linux,initrd-start", "linux,initrd-end",
					  "kaslr-seed", "rng-seed",           "device_type",
					  "reg" };

static uint64_t padded(uint64_t size)
{
	return (size + 3) / 4 * 4;
}

/* What a property with @size bytes takes in the structure block. */
static uint64_t property(uint64_t size)
{
	return 12 + padded(size);
}

static uint64_t node(const char *name)
{
	return 4 + padded(strlen(name) + 1) + 4;
}

static void put_cells(struct bytes *out, uint64_t value, uint32_t cells)
{
	for (uint32_t i = 0; i < cells * 4; i++)
		out->data[out->size++] = (uint8_t)(value >> (8 * (cells * 4 - 1 - i)));
}

static void put_reg(struct tree *tree, const char *name, const struct tree_range *ranges,
		    size_t count, uint32_t address_cells, uint32_t size_cells)
{
	uint8_t data[TREE_RANGES_MAX * 16];
	struct bytes out = { data, 0 };

	for (size_t i = 0; i < count; i++) {
		put_cells(&out, ranges[i].gpa, address_cells);
		put_cells(&out, ranges[i].size, size_cells);
	}
	tree_bytes(tree, name, out.data, out.size);
}

static bool fits(uint64_t value, uint32_t cells)
{
	return cells == 2 || value <= UINT32_MAX;
}

/* What of the map the tree has for memory: mostly all RAM. */
static void choose_memory(struct scene_tree *t, const struct pvhload_memmap *map, struct random *r)
{
	const bool some = random_one_in(r, 8), less = random_one_in(r, 10);

	for (size_t i = 0; i < map->count && t->memory_count < TREE_RANGES_MAX; i++) {
		const struct pvhload_memmap_entry *e = &map->entries[i];
		struct tree_range range = { e->gpa, e->size };

		if (e->type != PVHLOAD_MEMMAP_RAM || (some && random_one_in(r, 3)) ||
		    !fits(e->gpa, t->address_cells) || !fits(e->size, t->size_cells))
			continue;
		if (less && random_one_in(r, 2) && e->size > 2)
			range.size -= 1 + random_below(r, random_one_in(r, 2) ? e->size - 1
							  : e->size < PAGE    ? e->size - 1
									      : PAGE);
		t->memory[t->memory_count++] = range;
	}
}

/* One node of memory, or one that counts for nothing. */
static void put_memory(struct tree *tree, const struct scene_tree *t, size_t first, size_t count,
		       bool disabled)
{
	char name[40];

	snprintf(name, sizeof(name), "memory@%" PRIx64 "%s", t->memory[first].gpa,
		 disabled ? "x" : "");
	tree_node(tree, name);
	tree_text(tree, "device_type", "memory");
	put_reg(tree, "reg", &t->memory[first], count, t->address_cells, t->size_cells);
	if (disabled)
		tree_text(tree, "status", "disabled");
	tree_end(tree);
}

/* In one node or several. */
static void put_memories(struct tree *tree, struct scene_tree *t, struct random *r)
{
	const size_t before = tree->structure.size;
	size_t at = 0;

	while (at < t->memory_count) {
		const size_t left = t->memory_count - at;
		const size_t count = random_one_in(r, 3) ? 1 + (size_t)random_below(r, left) : left;

		put_memory(tree, t, at, count, false);
		at += count;
	}
	if (t->memory_count > 0 && random_one_in(r, 8))
		put_memory(tree, t, 0, 1, true);
	t->memory_nodes = tree->structure.size - before;
}

/* Somewhere in or beside RAM. */
static struct tree_range some_range(const struct pvhload_memmap *map, struct random *r)
{
	const struct pvhload_memmap_entry *e = &map->entries[random_below(r, map->count)];
	struct tree_range range = { .gpa = e->gpa + random_below(r, e->size) };

	range.size = random_size(r, 0, random_one_in(r, 5) ? 30 : 22);
	if (random_one_in(r, 4))
		range.gpa = e->gpa;
	if (!random_one_in(r, 3))
		range.gpa &= ~(random_one_in(r, 2) ? UINT64_C(0xfff) : UINT64_C(0x1fffff));
	return range;
}

static void reserve(struct scene_tree *t, struct tree_range range)
{
	t->reserved[t->reserved_count++] = range;
}

static void put_entries(struct tree *tree, struct scene_tree *t, const struct pvhload_memmap *map,
			struct random *r)
{
	for (uint64_t n = random_one_in(r, 3) ? 1 + random_below(r, 3) : 0; n > 0; n--) {
		const struct tree_range range = some_range(map, r);

		tree_reserve(tree, range.gpa, range.size);
		reserve(t, range);
		t->entries++;
	}
}

static void put_reservations(struct tree *tree, struct scene_tree *t,
			     const struct pvhload_memmap *map, struct random *r)
{
	tree_node(tree, "reserved-memory");
	tree_u32(tree, "#address-cells", 2);
	tree_u32(tree, "#size-cells", 2);
	tree_bytes(tree, "ranges", NULL, 0);
	for (uint64_t n = random_below(r, 3); n > 0; n--) {
		struct tree_range ranges[2] = { some_range(map, r), { 0, 0 } };
		const size_t count = 1 + (size_t)random_below(r, 2);
		const bool disabled = random_one_in(r, 6);
		char name[40];

		ranges[1] = some_range(map, r);
		snprintf(name, sizeof(name), "area-%" PRIu64 "@%" PRIx64, n, ranges[0].gpa);
		tree_node(tree, name);
		put_reg(tree, "reg", ranges, count, 2, 2);
		if (random_one_in(r, 2))
			tree_bytes(tree, "no-map", NULL, 0);
		if (disabled)
			tree_text(tree, "status", "disabled");
		tree_end(tree);
		for (size_t i = 0; i < count && !disabled; i++)
			reserve(t, ranges[i]);
	}
	tree_end(tree);
}

static void put_initrd(struct tree *tree, struct scene_tree *t, const struct pvhload_memmap *map,
		       struct random *r)
{
	const struct tree_range initrd = some_range(map, r);
	const uint64_t end = initrd.gpa + initrd.size;
	const bool narrow = end <= UINT32_MAX && random_one_in(r, 2);

	t->has_initrd = true;
	t->initrd = initrd;
	if (narrow) {
		tree_u32(tree, "linux,initrd-start", (uint32_t)initrd.gpa);
		tree_u32(tree, "linux,initrd-end", (uint32_t)end);
	} else {
		tree_u64(tree, "linux,initrd-start", initrd.gpa);
		tree_u64(tree, "linux,initrd-end", end);
	}
	t->chosen_start = t->chosen_end = property(narrow ? 4 : 8);
}

static void put_chosen(struct tree *tree, struct scene_tree *t, const struct pvhload_memmap *map,
		       struct random *r)
{
	static const uint64_t lengths[] = { 0, 5, 1000, 1023, 1024, 2047, 2048 };
	const uint64_t length = random_one_in(r, 12) ? random_of(r, lengths) : random_below(r, 60);

	t->has_chosen = true;
	tree_node(tree, "chosen");
	tree_text(tree, "stdout-path", "/uart@9000000");
	if (random_one_in(r, 2)) {
		t->has_bootargs = true;
		memset(t->bootargs, 'b', (size_t)length);
		t->bootargs[length] = '\0';
		tree_text(tree, "bootargs", t->bootargs);
		t->chosen_bootargs = property(length + 1);
	}
	if (random_one_in(r, 6))
		put_initrd(tree, t, map, r);
	if (random_one_in(r, 4)) {
		tree_bytes(tree, "kaslr-seed", "\1\2\3\4\5\6\7", 8);
		t->chosen_kaslr = property(8);
	}
	if (random_one_in(r, 4)) {
		tree_bytes(tree, "rng-seed", "0123456789ab", 12);
		t->chosen_rng = property(12);
	}
	tree_end(tree);
}

static void put_uart(struct tree *tree)
{
	tree_node(tree, "uart@9000000");
	tree_text(tree, "compatible", "test,uart");
	tree_end(tree);
}

static void note_names(struct scene_tree *t, const struct bytes *strings)
{
	for (size_t n = 0; n < NAMES; n++) {
		const size_t size = strlen(names[n]) + 1;

		t->has_name[n] = false;
		for (size_t at = 0; at + size <= strings->size; at++)
			t->has_name[n] |= memcmp(strings->data + at, names[n], size) == 0;
	}
}

static void put_root(struct tree *tree, struct scene_tree *t, const struct pvhload_memmap *map,
		     struct random *r)
{
	const bool memory_first = random_one_in(r, 2);

	tree_node(tree, "");
	tree_u32(tree, "#address-cells", t->address_cells);
	tree_u32(tree, "#size-cells", t->size_cells);
	if (memory_first)
		put_memories(tree, t, r);
	if (random_one_in(r, 2))
		put_uart(tree);
	if (!random_one_in(r, 5))
		put_chosen(tree, t, map, r);
	if (random_one_in(r, 3))
		put_reservations(tree, t, map, r);
	if (!memory_first)
		put_memories(tree, t, r);
	tree_end(tree);
	tree_token(tree, TREE_DONE);
}

static void make_options(struct scene_tree *t, struct random *r)
{
	t->fdt = (struct pvhload_fdt)PVHLOAD_FDT_INIT;
	t->fdt.tree = t->bytes.data;
	t->fdt.size = t->bytes.size;
	t->fdt.bootargs = (uint32_t)random_below(r, 4);
	t->fdt.flags = random_one_in(r, 3) ? PVHLOAD_FDT_WRITE_MEMORY : 0;
	for (size_t i = 0; i < sizeof(t->kaslr_seed); i++)
		t->kaslr_seed[i] = (uint8_t)random_below(r, 256);
	t->kaslr_seed[3] |= 1;
	for (size_t i = 0; i < sizeof(t->rng_seed); i++)
		t->rng_seed[i] = (uint8_t)random_below(r, 256);
	if (random_one_in(r, 2))
		t->fdt.kaslr_seed = t->kaslr_seed;
	if (random_one_in(r, 2)) {
		t->fdt.rng_seed = t->rng_seed;
		t->fdt.rng_seed_size = 1 + (size_t)random_below(r, sizeof(t->rng_seed));
	}
	if (random_one_in(r, 6))
		t->fdt.room = (size_t)random_size(r, 0, random_one_in(r, 8) ? 20 : 13);
	if (random_one_in(r, 200))
		t->fdt.room = PVHLOAD_FDT_LIMIT - (size_t)random_below(r, 4096);
}

void scene_tree_make(struct scene_tree *t, const struct pvhload_memmap *map, struct random *r)
{
	struct tree tree = { .rsvmap = { NULL, 0 } };

	scene_tree_free(t);
	t->memory_count = t->reserved_count = 0;
	t->has_bootargs = t->has_initrd = t->has_chosen = false;
	t->chosen_bootargs = t->chosen_start = t->chosen_end = t->chosen_kaslr = t->chosen_rng = 0;
	t->entries = 0;
	t->bootargs[0] = '\0';
	t->address_cells = random_one_in(r, 10) ? 1 : 2;
	t->size_cells = random_one_in(r, 10) ? 1 : 2;
	choose_memory(t, map, r);
	put_entries(&tree, t, map, r);
	put_root(&tree, t, map, r);
	t->structure = tree.structure.size;
	t->strings = tree.strings.size;
	note_names(t, &tree.strings);
	t->bytes = tree_finish(&tree);
	make_options(t, r);
}

void scene_tree_free(struct scene_tree *t)
{
	bytes_free(&t->bytes);
	t->bytes = (struct bytes){ NULL, 0 };
}

void scene_tree_cmdline(const struct scene_tree *t, const char *given, char *ret, size_t size)
{
	const bool both = t->bootargs[0] != '\0' && given[0] != '\0';

	switch (t->fdt.bootargs) {
	case PVHLOAD_FDT_BOOTARGS_AUTO:
		snprintf(ret, size, "%s", given[0] != '\0' ? given : t->bootargs);
		break;
	case PVHLOAD_FDT_BOOTARGS_REPLACE:
		snprintf(ret, size, "%s", given);
		break;
	case PVHLOAD_FDT_BOOTARGS_APPEND:
		snprintf(ret, size, "%s%s%s", t->bootargs, both ? " " : "", given);
		break;
	default:
		snprintf(ret, size, "%s", t->bootargs);
	}
}

/* A property of /chosen has @size bytes now, where it had @old in the structure block. */
static uint64_t changed(const struct scene_tree *t, enum tree_name name, uint64_t old,
			uint64_t size)
{
	return property(size) - old + (t->has_name[name] ? 0 : strlen(names[name]) + 1);
}

static uint64_t new_memory(const struct scene_tree *t, size_t ram_ranges, uint64_t first)
{
	char name[40];

	snprintf(name, sizeof(name), "memory@%" PRIx64, first);
	return node(name) + changed(t, DEVICE_TYPE, 0, sizeof("memory")) +
	       changed(t, REG, 0, ram_ranges * 4 * (t->address_cells + t->size_cells));
}

uint64_t scene_tree_packed(const struct scene_tree *t)
{
	return TREE_HEADER_SIZE + (t->entries + 1) * 16 + t->structure + t->strings;
}

uint64_t scene_tree_size(const struct scene_tree *t, const char *given, bool initrd,
			 const struct tree_range *ram, size_t ram_ranges)
{
	const uint32_t way = t->fdt.bootargs;
	const bool sets = way == PVHLOAD_FDT_BOOTARGS_REPLACE ||
			  way == PVHLOAD_FDT_BOOTARGS_APPEND ||
			  (way == PVHLOAD_FDT_BOOTARGS_AUTO && given[0] != '\0');
	static char cmdline[TREE_BOOTARGS_MAX + 70000];
	uint64_t size = scene_tree_packed(t) + (t->has_chosen ? 0 : node("chosen"));

	scene_tree_cmdline(t, given, cmdline, sizeof(cmdline));
	if (t->fdt.flags & PVHLOAD_FDT_WRITE_MEMORY && ram_ranges > 0)
		size += new_memory(t, ram_ranges, ram->gpa) - t->memory_nodes;
	if (sets)
		size += changed(t, BOOTARGS, t->chosen_bootargs, strlen(cmdline) + 1);
	if (initrd)
		size += changed(t, INITRD_START, t->chosen_start, 8) +
			changed(t, INITRD_END, t->chosen_end, 8);
	if (t->fdt.kaslr_seed)
		size += changed(t, KASLR_SEED, t->chosen_kaslr, 8);
	if (t->fdt.rng_seed)
		size += changed(t, RNG_SEED, t->chosen_rng, t->fdt.rng_seed_size);
	return size + t->fdt.room;
}
