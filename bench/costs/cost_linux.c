/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* A zero page and what it leads to, with as much in it as there may be: written, read back, and judged. */
#include "costs.h"

#include <string.h>

#define ENTRIES  PVHLOAD_LINUX_MEMMAP_MAX
#define NODES    PVHLOAD_LINUX_SETUP_DATA_MAX
#define DATA_GPA 0x1000000u
#define TYPE     1000u /* of nobody's data */

static struct pvhload_memory *memory;
static struct pvhload_linux_layout layout = PVHLOAD_LINUX_LAYOUT_INIT;
static struct pvhload_linux_params params = PVHLOAD_LINUX_PARAMS_INIT;
static struct pvhload_source sources[NODES];
static struct pvhload_linux_setup_data data[NODES];
static struct pvhload_linux_view *view;
static struct pvhload_check *check;

static void write_it(void)
{
	must(pvhload_linux_write(memory, &layout, &params, &stage_error));
}

static void read_it(void)
{
	must(pvhload_linux_read(memory, PVHLOAD_LINUX_ZERO_PAGE_GPA, 0, &view, &stage_error));
}

static void drop_view(void)
{
	pvhload_linux_view_free(view);
}

static void check_it(void)
{
	must(pvhload_linux_check(memory, PVHLOAD_LINUX_ZERO_PAGE_GPA, 0, &check, &stage_error));
}

static void drop_check(void)
{
	pvhload_check_free(check);
}

static void prepare(size_t entries)
{
	memory = cost_memory(PIECES_END);
	params.memmap = cost_pieces(entries);
	layout.setup_data_gpa = DATA_GPA;
}

static void add_data(size_t count, size_t size, uint32_t type)
{
	uint8_t *bytes = cost_zeros(count * size);

	memset(bytes, 'd', count * size); /* so that each page is one of its own */
	for (size_t i = 0; i < count; i++) {
		sources[i] = pvhload_source_buffer(bytes + i * size, size);
		data[i] =
			(struct pvhload_linux_setup_data){ sizeof(data[i]), &sources[i], type, 0 };
	}
	params.setup_data = data;
	params.setup_data_count = count;
}

static void prepare_map(void)
{
	prepare(ENTRIES);
}

static void prepare_map_to_read(void)
{
	prepare_map();
	write_it();
}

static void prepare_data(void)
{
	prepare(2);
	add_data(NODES, PVHLOAD_LINUX_SETUP_DATA_BYTES_MAX / NODES, TYPE);
}

static void prepare_data_to_read(void)
{
	prepare_data();
	write_it();
}

static void prepare_seed(void)
{
	prepare(2);
	add_data(1, PVHLOAD_LINUX_EARLY_DATA_MAX, PVHLOAD_SETUP_RNG_SEED);
}

/* Longer than what is written may be. */
static void prepare_text(void)
{
	prepare(2);
	write_it();
	memset(cost_ram + PVHLOAD_LINUX_CMDLINE_GPA, 'a', PVHLOAD_LINUX_CMDLINE_LENGTH_MAX);
}

static void prepare_check(void)
{
	prepare(ENTRIES);
	add_data(NODES - 1, 4096, TYPE);
	write_it();
}

/* The data of prepare_data(), by a plan, whose nodes are read when it is committed. */
static void prepare_load(void)
{
	static struct pvhload_source kernel;
	static struct pvhload_boot_x86 x86 = PVHLOAD_BOOT_X86_INIT;

	prepare_data();
	kernel = cost_bzimage(0);
	x86.setup_data = data;
	x86.setup_data_count = NODES;
	cost_prepare_plan(2);
	cost_config.kernel = &kernel;
	cost_config.x86 = &x86;
}

const struct cost_case linux_costs[] = {
	{ "PVHLOAD_LINUX_MEMMAP_MAX", "linux_write: 4096, in no order", prepare_map, write_it,
	  NULL },
	{ "PVHLOAD_LINUX_MEMMAP_MAX", "linux_read: 4096", prepare_map_to_read, read_it, drop_view },
	{ "PVHLOAD_LINUX_MEMMAP_MAX", "linux_check: 4096, and 64 nodes", prepare_check, check_it,
	  drop_check },
	{ "PVHLOAD_LINUX_SETUP_DATA_BYTES_MAX", "load: 64 of 1 MiB", prepare_load, cost_load,
	  cost_drop_plan },
	{ "PVHLOAD_LINUX_SETUP_DATA_BYTES_MAX", "linux_write: 64 of 1 MiB", prepare_data, write_it,
	  NULL },
	{ "PVHLOAD_LINUX_SETUP_DATA_BYTES_MAX", "linux_read: 64 of 1 MiB", prepare_data_to_read,
	  read_it, drop_view },
	{ "PVHLOAD_LINUX_EARLY_DATA_MAX", "linux_write: a seed", prepare_seed, write_it, NULL },
	{ "PVHLOAD_LINUX_CMDLINE_LENGTH_MAX", "linux_read: 65536 bytes", prepare_text, read_it,
	  drop_view },
	{ 0 },
};
