/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* Start info with as much in it as there may be: written, read back, and judged. */
#include "costs.h"

#include <string.h>

#define MODULES    PVHLOAD_PVH_MODULES_MAX
#define ENTRIES    PVHLOAD_PVH_MEMMAP_READ_MAX
#define LIST_GPA   0x400000u /* of what does not fit at its usual place */
#define MAP_GPA    0x500000u
#define TEXTS_GPA  0x600000u
#define MODULE_GPA 0x1000000u
#define TEXT_MAX   PVHLOAD_PVH_CMDLINE_LENGTH_MAX
#define MODULE     sizeof(struct pvhload_hvm_modlist_entry)

static struct pvhload_memory *memory;
static struct pvhload_pvh_layout layout = PVHLOAD_PVH_LAYOUT_INIT;
static struct pvhload_pvh_params params = PVHLOAD_PVH_PARAMS_INIT;
static struct pvhload_pvh_view *view;
static struct pvhload_check *check;
static uint32_t flags;

static void write_it(void)
{
	must(pvhload_pvh_write(memory, &layout, &params, &stage_error));
}

static void read_it(void)
{
	must(pvhload_pvh_read(memory, PVHLOAD_PVH_START_INFO_GPA, flags, &view, &stage_error));
	must_hold(flags == 0 || view->problem_count == PVHLOAD_READ_PROBLEMS_MAX,
		  "there are fewer problems");
}

static void drop_view(void)
{
	pvhload_pvh_view_free(view);
}

static void check_it(void)
{
	must(pvhload_pvh_check(memory, PVHLOAD_PVH_START_INFO_GPA, 0, &check, &stage_error));
	must_hold(check->count == PVHLOAD_CHECK_PROBLEMS_MAX, "there are fewer problems");
}

static void drop_check(void)
{
	pvhload_check_free(check);
}

/* Nothing but a map of @entries. */
static void prepare(size_t entries)
{
	memory = cost_memory(PIECES_END);
	params.memmap = cost_pieces(entries);
	params.flags = PVHLOAD_PVH_NOT_LINUX;
	layout.modlist_gpa = LIST_GPA;
	layout.memmap_gpa = MAP_GPA;
	layout.module_cmdlines_gpa = TEXTS_GPA;
}

static void add_modules(size_t text_length)
{
	struct pvhload_pvh_module *modules = cost_zeros(MODULES * sizeof(*modules));
	const char *text = cost_text(text_length);

	for (size_t i = 0; i < MODULES; i++)
		modules[i] = (struct pvhload_pvh_module){ MODULE_GPA + i * 4096, 4096, text };
	params.modules = modules;
	params.module_count = MODULES;
}

static void prepare_map(void)
{
	prepare(ENTRIES);
}

static void prepare_map_to_read(void)
{
	prepare(ENTRIES);
	write_it();
}

static void prepare_modules(void)
{
	prepare(2);
	add_modules(0);
}

static void prepare_modules_to_read(void)
{
	prepare_modules();
	write_it();
}

static void prepare_text(void)
{
	prepare(2);
	params.cmdline = cost_text(TEXT_MAX);
}

/* One byte less than the most, as the command line's own NUL counts. */
static void prepare_texts(void)
{
	prepare(2);
	add_modules(PVHLOAD_PVH_CMDLINE_TOTAL_MAX / MODULES - 1);
	((struct pvhload_pvh_module *)(uintptr_t)params.modules)[0].cmdline =
		cost_text(PVHLOAD_PVH_CMDLINE_TOTAL_MAX / MODULES - 2);
}

static void prepare_texts_to_read(void)
{
	prepare_texts();
	write_it();
}

/* The modules' command lines, or the modules, are where there is no RAM; so are many holes of the map. */
static void spoil_modules(size_t member, uint64_t first, uint64_t step)
{
	for (size_t i = 0; i < MODULES; i++)
		cost_put(cost_ram + LIST_GPA + i * MODULE + member, first + i * step, 8);
}

static void prepare_unreadable(void)
{
	prepare(ENTRIES);
	add_modules(0);
	write_it();
	spoil_modules(offsetof(struct pvhload_hvm_modlist_entry, cmdline_paddr),
		      PIECES_GPA + PIECE_SIZE, PIECE_EVERY);
	memory->memmap = params.memmap;
	flags = PVHLOAD_READ_PARTIAL;
}

static void prepare_outside(void)
{
	prepare(ENTRIES);
	add_modules(0);
	write_it();
	spoil_modules(offsetof(struct pvhload_hvm_modlist_entry, paddr), PIECES_GPA + PIECE_SIZE,
		      PIECE_EVERY);
}

/* Each overlaps the one before, and so all but the first are refused. */
static void prepare_overlaps(void)
{
	prepare_modules_to_read();
	spoil_modules(offsetof(struct pvhload_hvm_modlist_entry, paddr), MODULE_GPA, 2048);
}

const struct cost_case pvh_costs[] = {
	{ "PVHLOAD_PVH_MODULES_MAX", "pvh_write: 4096", prepare_modules, write_it, NULL },
	{ "PVHLOAD_PVH_MODULES_MAX", "pvh_read: 4096", prepare_modules_to_read, read_it,
	  drop_view },
	{ "PVHLOAD_PVH_MEMMAP_READ_MAX", "pvh_write: 4096, in no order", prepare_map, write_it,
	  NULL },
	{ "PVHLOAD_PVH_MEMMAP_READ_MAX", "pvh_read: 4096", prepare_map_to_read, read_it,
	  drop_view },
	{ "PVHLOAD_PVH_CMDLINE_LENGTH_MAX", "pvh_write: 65535 bytes", prepare_text, write_it,
	  NULL },
	{ "PVHLOAD_PVH_CMDLINE_TOTAL_MAX", "pvh_write: 4096 of 255 bytes", prepare_texts, write_it,
	  NULL },
	{ "PVHLOAD_PVH_CMDLINE_TOTAL_MAX", "pvh_read: 4096 of 255 bytes", prepare_texts_to_read,
	  read_it, drop_view },
	{ "PVHLOAD_READ_PROBLEMS_MAX", "pvh_read: 4096 texts not in RAM", prepare_unreadable,
	  read_it, drop_view },
	{ "PVHLOAD_CHECK_PROBLEMS_MAX", "pvh_check: 4096 modules not in RAM", prepare_outside,
	  check_it, drop_check },
	{ "PVHLOAD_CHECK_PROBLEMS_MAX", "pvh_check: 4096 modules overlap", prepare_overlaps,
	  check_it, drop_check },
	{ 0 },
};
