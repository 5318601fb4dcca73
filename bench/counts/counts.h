/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * Scenes whose instructions are counted: the library's own, as callgrind counts them, are the same in each run, and need
 * no quiet machine.
 */
#ifndef BENCH_COUNTS_H
#define BENCH_COUNTS_H

#include <stddef.h>
#include <stdint.h>

#include <pvhload/pvhload.h>

#define MIB UINT64_C(0x100000)

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

/* The one error of the program.  It ends if @status is one. */
extern struct pvhload_error scene_error;
void must(enum pvhload_status status);

/* The program ends if @true_ is not. */
void must_hold(int true_, const char *what);

/* A PC's map with room for many entries, in one array of the program. */
#define SCENE_ENTRIES 20000u
struct pvhload_memmap *scene_map(void);

/* @count entries in an order of no kind, the same each time. */
void scene_shuffle(struct pvhload_memmap_entry *entries, size_t count);

#endif
