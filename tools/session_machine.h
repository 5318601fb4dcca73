/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* The machine that a plan is for: its architecture, where its RAM begins, its memory map and device tree. */
#ifndef TOOL_SESSION_MACHINE_H
#define TOOL_SESSION_MACHINE_H

#include "session.h"

/* Find out which machine the image, which is open, is for. */
int session_find_machine(struct session *s);

/* True for a machine that is described by a device tree. */
bool session_has_tree(const struct session *s);

/* Make the memory map of --memory and --reserve. */
int session_make_map(struct session *s);

/* A device tree and seeds, and the bytes that these point to; without a tree, a UKI's own is used. */
struct tree {
	struct pvhload_fdt fdt;
	uint8_t *bytes; /* of the tree, ours to free */
	uint8_t *seed;  /* of --rng-seed, likewise */
	uint8_t kaslr_seed[PVHLOAD_FDT_KASLR_SEED_SIZE];
};

/* Of --dtb, or what the VMM has; its seeds are those of --rng-seed and --kaslr. */
int session_make_tree(const struct session *s, struct tree *ret);
void session_free_tree(struct tree *tree);

#endif
