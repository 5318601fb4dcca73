/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* Memory for the time of a call: of the stack, if it is not too much, or in one piece of the heap. */
#ifndef PVL_CORE_BLOCKS_H
#define PVL_CORE_BLOCKS_H

#include <stddef.h>

#include <pvhload/status.h>

/* Most blocks, and bytes of one that is on the stack. */
#define PVL_BLOCKS_MAX  6u
#define PVL_STACK_BLOCK 3840u

struct pvl_blocks {
	size_t count;                 /* not 0 */
	size_t sizes[PVL_BLOCKS_MAX]; /* not 0 */
	void *at[PVL_BLOCKS_MAX];     /* aligned for any object */
};

/*
 * Set blocks->at and do @call(@user); the blocks end with it.  They are on the stack, each in a frame of its own, or in
 * one allocation if one of them is larger than PVL_STACK_BLOCK.
 */
enum pvhload_status pvl_with_blocks(struct pvl_blocks *blocks,
				    enum pvhload_status (*call)(void *user,
								struct pvhload_error *err),
				    void *user, struct pvhload_error *err);

#endif
