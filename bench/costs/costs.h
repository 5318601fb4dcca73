/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * What an input at a limit, or just below it, costs: processor time and heap of the calls that it is given to.  A case runs
 * in a process of its own, so that nothing has to be put back.
 */
#ifndef BENCH_COSTS_H
#define BENCH_COSTS_H

#include <stdbool.h>

#include "../stage.h"

struct cost_case {
	const char *limit; /* as docs/security.md has it: a macro, or some words */
	const char *what;
	void (*prepare)(void); /* the input; not measured */
	void (*call)(void);    /* measured, several times */
	void (*finish)(void);  /* after each call, not measured; NULL: nothing is left */
};

/* Each ends with one without a limit. */
extern const struct cost_case fdt_costs[], guest_costs[], image_costs[], linux_costs[],
	multiboot_costs[], plan_costs[], pvh_costs[], small_costs[];

/* The program ends unless @status is @expected. */
void must_be(enum pvhload_status status, enum pvhload_status expected);

/* Zeros that the program keeps, of memory that is none of the heap. */
void *cost_zeros(size_t size);

/* Little-endian, of 1 to 8 bytes. */
void cost_put(uint8_t *at, uint64_t value, size_t size);

/* So many letters and a NUL, which the program keeps. */
char *cost_text(size_t length);

/* Guest memory from 0 up to @size, all of it RAM unless it has another map: what is read is at cost_ram. */
struct pvhload_memory *cost_memory(size_t size);
extern uint8_t *cost_ram;

/* RAM up to 128 MiB, and then PIECES of it with gaps: @count entries in no order. */
#define PIECES_GPA  (128 * MIB)
#define PIECES_END  (512 * MIB) /* so much memory has them all */
#define PIECE_EVERY 0x10000u
#define PIECE_SIZE  0xf000u
struct pvhload_memmap *cost_pieces(size_t count);

/* A plan of stage_kernel() in that map: the case fills in the rest. */
extern struct pvhload_boot_config cost_config;
void cost_prepare_plan(size_t entries);
void cost_make_plan(void);
void cost_drop_plan(void);

/* Plan, and write memory of as much as the map has. */
void cost_load(void);

/*
 * So many modules for the plan, with @text_length bytes of command line each; of a byte, or @sized: of up to 17 pages, so
 * that some fit in a piece of the map, and some do not.
 */
void cost_prepare_modules(size_t count, size_t text_length, bool sized);

/* A bzImage that decodes itself and takes @cmdline_max bytes of command line; 0: 2047. */
struct pvhload_source cost_bzimage(uint32_t cmdline_max);

#endif
