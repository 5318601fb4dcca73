/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * Device trees, written token by token and without libfdt, so that they can be broken in any way, and read by a walk that
 * is not the library's.
 */
#ifndef SUPPORT_DEVICE_TREES_H
#define SUPPORT_DEVICE_TREES_H

#include <stdbool.h>

#include "bytes.h"

/* Offsets in the header. */
#define TREE_TOTALSIZE    4u
#define TREE_OFF_STRUCT   8u
#define TREE_OFF_STRINGS  12u
#define TREE_OFF_RSVMAP   16u
#define TREE_VERSION      20u
#define TREE_COMPATIBLE   24u
#define TREE_SIZE_STRINGS 32u
#define TREE_SIZE_STRUCT  36u
#define TREE_HEADER_SIZE  40u

/* Tokens. */
#define TREE_BEGIN 1u
#define TREE_END   2u
#define TREE_PROP  3u
#define TREE_NOP   4u
#define TREE_DONE  9u

/* A tree that is being written: begin with zeros. */
struct tree {
	struct bytes rsvmap, structure, strings;
};

void tree_reserve(struct tree *tree, uint64_t gpa, uint64_t size);
void tree_token(struct tree *tree, uint32_t token);
void tree_node(struct tree *tree, const char *name);
void tree_end(struct tree *tree);
void tree_bytes(struct tree *tree, const char *name, const void *bytes, size_t size);
void tree_text(struct tree *tree, const char *name, const char *text);
void tree_u32(struct tree *tree, const char *name, uint32_t value);
void tree_u64(struct tree *tree, const char *name, uint64_t value);
/* Pairs of an address and a size, of 2 cells each. */
void tree_reg(struct tree *tree, const char *name, const uint64_t *numbers, size_t count);

/* The bytes of it, the blocks in the order of the specification; @tree is zeros again. */
struct bytes tree_finish(struct tree *tree);

/*
 * A machine with 256 MiB at 0x40000000:
 *
 *     / { #address-cells = <2>; #size-cells = <2>;
 *         memory@40000000 { device_type = "memory"; reg = ...; };
 *         uart@9000000 { status = "okay"; };
 *         chosen { stdout-path = "/uart@9000000"; }; };
 */
#define MACHINE_RAM_GPA  0x40000000u
#define MACHINE_RAM_SIZE 0x10000000u
struct bytes machine_tree(void);

/* The same up to the end of memory, with the root node not ended: what follows is the test's. */
void machine_begin(struct tree *tree);

/* Set or read a field of the header. */
void tree_set(struct bytes *bytes, size_t offset, uint32_t value);
uint32_t tree_get(const struct bytes *bytes, size_t offset);

/* The value of property @name of the node at @path, "/" or "/a/b", which are found by their whole names; NULL: none. */
const uint8_t *tree_find(const struct bytes *bytes, const char *path, const char *name,
			 size_t *ret_size);

/* Is there a node at @path? */
bool tree_has_node(const struct bytes *bytes, const char *path);

#endif
