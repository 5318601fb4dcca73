/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* What the programs of counts/ and costs/ share: an end at the first failure, a map, a kernel. */
#ifndef BENCH_STAGE_H
#define BENCH_STAGE_H

#include <stddef.h>
#include <stdint.h>

#include <pvhload/pvhload.h>

#define MIB UINT64_C(0x100000)

/* The one error of the program.  It ends if @status is one. */
extern struct pvhload_error stage_error;
void must(enum pvhload_status status);

/* The program ends if @true_ is not. */
void must_hold(int true_, const char *what);

/* A PC's map with room for many entries, in one array of the program. */
#define STAGE_ENTRIES 20000u
struct pvhload_memmap *stage_map(void);

/* @count entries in an order of no kind, the same each time. */
void stage_shuffle(struct pvhload_memmap_entry *entries, size_t count);

/* An ELF file of two pages, the second of which is loaded; entered by PVH. */
#define STAGE_KERNEL_GPA (16 * MIB)
struct pvhload_source stage_kernel(void);

#endif
