/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* Command lines and page tables: calls without an image or a guest. */
#include "costs.h"

#include <string.h>

#define GIB      UINT64_C(0x40000000)
#define TABLES   (PVHLOAD_X86_PAGE_TABLES_SIZE_MAX / 4096)
#define CAPACITY PVHLOAD_CMDLINE_CAPACITY_MAX

static struct pvhload_range *ranges;
static struct pvhload_x86_page_tables spec = PVHLOAD_X86_PAGE_TABLES_INIT;
static uint8_t *tables;
static char *text;
static struct pvhload_cmdline *line;

static void prepare_tables(size_t count)
{
	ranges = cost_zeros(count * sizeof(*ranges));
	tables = cost_zeros(PVHLOAD_X86_PAGE_TABLES_SIZE_MAX);
	spec.ranges = ranges;
	spec.range_count = count;
}

/* As many tables as there may be: of one range, all but three of them have pages. */
static void prepare_range(void)
{
	prepare_tables(1);
	ranges[0].size = (TABLES - 3) * GIB;
}

/* A page each, the last one first; five in a table: with four, there would be more tables than there may be. */
static void prepare_ranges(void)
{
	const size_t count = PVHLOAD_X86_PAGE_TABLES_RANGES_MAX, in_table = 5;

	prepare_tables(count);
	for (size_t i = 0; i < count; i++)
		ranges[count - 1 - i] = (struct pvhload_range){
			i / in_table * GIB + i % in_table * 2 * PVHLOAD_X86_PAGE_SIZE_2M, 1
		};
}

static void make_tables(void)
{
	uint64_t size;

	must(pvhload_x86_page_tables_size(&spec, &size, &stage_error));
	must_hold(size > PVHLOAD_X86_PAGE_TABLES_SIZE_MAX * 3 / 4, "there are fewer tables");
	must(pvhload_x86_page_tables_build(&spec, tables, PVHLOAD_X86_PAGE_TABLES_SIZE_MAX,
					   &stage_error));
}

/* Words of a letter. */
static void prepare_text(void)
{
	text = cost_zeros(CAPACITY);
	for (size_t i = 0; i + 1 < CAPACITY; i++)
		text[i] = i % 2 ? ' ' : 'a';
}

static void parse(void)
{
	must(pvhload_cmdline_new(CAPACITY, &line, &stage_error));
	must(pvhload_cmdline_parse(line, text, &stage_error));
}

static void no_text(void)
{
}

static void add_words(void)
{
	must(pvhload_cmdline_new(CAPACITY, &line, &stage_error));
	while (pvhload_cmdline_length(line) + 2 < CAPACITY)
		must(pvhload_cmdline_add(line, "a", NULL, &stage_error));
}

static void add_init_args(void)
{
	must(pvhload_cmdline_new(CAPACITY, &line, &stage_error));
	for (size_t i = 0; i < PVHLOAD_CMDLINE_INIT_ARGS_MAX; i++)
		must(pvhload_cmdline_append_init_args(line, "a", &stage_error));
}

static void drop_line(void)
{
	pvhload_cmdline_free(line);
}

const struct cost_case small_costs[] = {
	{ "PVHLOAD_CMDLINE_CAPACITY_MAX", "parse: 32768 words", prepare_text, parse, drop_line },
	{ "PVHLOAD_CMDLINE_CAPACITY_MAX", "add: 32768 words", no_text, add_words, drop_line },
	{ "PVHLOAD_CMDLINE_INIT_ARGS_MAX", "append_init_args: 32", no_text, add_init_args,
	  drop_line },
	{ "PVHLOAD_X86_PAGE_TABLES_SIZE_MAX", "size, build: one range of 1021 GiB", prepare_range,
	  make_tables, NULL },
	{ "PVHLOAD_X86_PAGE_TABLES_RANGES_MAX", "size, build: 4096 ranges", prepare_ranges,
	  make_tables, NULL },
	{ 0 },
};
