/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* A random device tree, what it says, and what the guest's will be. */
#ifndef PROPERTY_SCENE_TREE_H
#define PROPERTY_SCENE_TREE_H

#include <pvhload/pvhload.h>
#include <stdbool.h>

#include "bytes.h"
#include "random.h"

#define TREE_RANGES_MAX   64u
#define TREE_BOOTARGS_MAX 2200u

/* Bytes from @gpa on. */
struct tree_range {
	uint64_t gpa;
	uint64_t size;
};

struct scene_tree {
	struct bytes bytes; /* the caller's */
	struct pvhload_fdt fdt;
	/* What it says. */
	struct tree_range memory[TREE_RANGES_MAX];
	size_t memory_count;
	struct tree_range reserved[TREE_RANGES_MAX]; /* its own initrd is none */
	size_t reserved_count;
	uint32_t address_cells, size_cells;
	bool has_bootargs;
	char bootargs[TREE_BOOTARGS_MAX + 1]; /* "" if there is none */
	bool has_initrd;
	struct tree_range initrd;
	/* How long its blocks are, and of that what goes if its memory is replaced. */
	uint64_t structure, memory_nodes, strings, entries;
	bool has_chosen;
	uint64_t chosen_bootargs, chosen_start, chosen_end, chosen_kaslr, chosen_rng; /* 0: none */
	bool has_name[8]; /* does the strings block have it? */
	/* What is added. */
	uint8_t kaslr_seed[PVHLOAD_FDT_KASLR_SEED_SIZE];
	uint8_t rng_seed[64];
};

/* A tree for a machine with the RAM of @map, or nearly so. */
void scene_tree_make(struct scene_tree *t, const struct pvhload_memmap *map, struct random *r);
void scene_tree_free(struct scene_tree *t);

/* The command line that the guest finds, of @given and the tree's; @size bytes at @ret are enough for both. */
void scene_tree_cmdline(const struct scene_tree *t, const char *given, char *ret, size_t size);

/*
 * Bytes that the guest's tree takes, free ones included, where the map has @ram_ranges of RAM, by address, that do not
 * touch: of the blocks of the Devicetree Specification, without gaps, and
 * each name in the strings block once.
 */
uint64_t scene_tree_size(const struct scene_tree *t, const char *given, bool initrd,
			 const struct tree_range *ram, size_t ram_ranges);

/* The same of the caller's tree, packed. */
uint64_t scene_tree_packed(const struct scene_tree *t);

#endif
