/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * Scenes whose instructions are counted: the library's own, as callgrind counts them, are the same in each run, and need
 * no quiet machine.
 */
#ifndef BENCH_COUNTS_H
#define BENCH_COUNTS_H

#include <stdint.h>

#include "../stage.h"

struct scene {
	const char *name;
	const char *what;      /* in words */
	uint64_t target;       /* most instructions of the library's own functions */
	void (*prepare)(void); /* not counted */
	void (*counted)(void);
	void (*check)(void); /* that the work was done; not counted */
};

/* Each ends with one without a name. */
extern const struct scene cmdline_scenes[], memmap_scenes[], plan_scenes[], paging_scenes[];

#endif
