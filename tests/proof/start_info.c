/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * Reading start info, and all that it points to: every byte in guest memory is any, and may be another whenever it is read;
 * its address and the flags are any.  Limits are lowered: MODULES modules, ENTRIES entries of the map, texts of TEXT bytes
 * and of TEXTS bytes together, PROBLEMS problems.  Each allocation may fail.
 *
 * Proved: memory is read just into what was allocated for it, and nothing is read outside a table; counts are within the
 * limits; on failure the caller's pointer is as it was, and all has been freed; a view can be freed as a whole, once.
 *
 * Modelled: the gate to guest memory (any bytes, any failure), which the driver "gate" is about; where RAM ends.
 *
 * with: tests/proof/error_model.c tests/proof/memory_model.c
 * eva: -eva-slevel 0 -eva-min-loop-unroll 4 -eva-alloc-builtin fresh -eva-partition-value rows,has_modules
 * eva: -eva-split-return-function pvl_read_text:full,read_chunks:full,read_text:full,read_table:full,check_table:full,read_entries:full,fill_memmap:full,fill_modules:full,read_modules:full,read_all:full,pvhload_pvh_read:full
 * eva: -eva-slevel-function pvl_read_text:300,read_chunks:300,read_text:300,read_table:300,check_table:300,read_entries:300,fill_memmap:300,fill_modules:300,read_modules:300,read_all:300,pvhload_pvh_read:300,read_view:300
 * proves: pvhload_pvh_read pvhload_pvh_view_free read_all read_start_info read_tail read_cmdline read_text
 * proves: read_memmap read_modules read_entries read_table check_table check_count fill_memmap fill_modules
 * proves: read_module_text pvl_read_text read_chunks pvl_read_back_begin pvl_read_back_part pvl_read_back_end
 */
#include <pvhload/pvh.h>

#define MODULES  2u
#define ENTRIES  2u
#define TEXT     3u
#define TEXTS    6u
#define PROBLEMS 2u

#undef PVHLOAD_PVH_MODULES_MAX
#define PVHLOAD_PVH_MODULES_MAX MODULES
#undef PVHLOAD_PVH_MEMMAP_READ_MAX
#define PVHLOAD_PVH_MEMMAP_READ_MAX ENTRIES
#undef PVHLOAD_PVH_CMDLINE_LENGTH_MAX
#define PVHLOAD_PVH_CMDLINE_LENGTH_MAX TEXT
#undef PVHLOAD_PVH_CMDLINE_TOTAL_MAX
#define PVHLOAD_PVH_CMDLINE_TOTAL_MAX TEXTS
#undef PVHLOAD_READ_PROBLEMS_MAX
#define PVHLOAD_READ_PROBLEMS_MAX PROBLEMS

#include "core/checked.h"
#include "core/error.h"
#include "core/libc.h"
#include "memory/read_text.h"

/* A case of each of their values, to the end: entries of the table that is read, and whether there are modules. */
static uint32_t rows;
static int has_modules;

static void *allocated(bool modules, void *memory)
{
	if (modules)
		has_modules = memory != NULL;
	return memory;
}

/* What functions that read no table have in the place of theirs. */
static uint32_t no_count;
static uint32_t *count = &no_count;

/* The size of a module is that of an entry of the map, so it is known by its text. */
#define calloc(n, size)  allocated((#size "        ")[8] == 'm', calloc(n, size))
#define pvl_fail_in(...) (rows = *count, pvl_fail_in(__VA_ARGS__))
#include "pvh/pvh_read.c"
#undef calloc
#undef pvl_fail_in

/* Model of the gate where RAM ends: it lets no byte through. */
static enum pvhload_status no_ram(uint64_t max)
{
	/*@ assert max == 0; */
	return PVHLOAD_E_RANGE;
}

/* A case of each size: see proof.h. */
#define malloc(bytes)                (SPLIT_UP_TO(max, TEXT + 1), malloc(bytes))
#define realloc(old, bytes)          (SPLIT_UP_TO(ret->length, TEXT + 1), realloc(old, bytes))
#define pvl_memory_check(m, a, n, e) no_ram(max)
#include "memory/read_text.c"
#undef malloc
#undef realloc
#undef pvl_memory_check
#include "guest/read_back.c"

/* The rest of the gate's model, where RAM ends. */
uint64_t pvl_ram_until(const struct pvl_ram *ram, uint64_t gpa)
{
	return Frama_C_unsigned_long_long_interval(gpa, UINT64_MAX);
}

static void read_view(const struct pvhload_memory *mem)
{
	struct pvhload_error err = PVHLOAD_ERROR_INIT;
	struct pvhload_pvh_view *view = NULL;

	if (pvhload_pvh_read(mem, any_u64(), Frama_C_unsigned_int_interval(0, UINT32_MAX), &view,
			     &err) == PVHLOAD_OK) {
		/*@ assert \valid(view); */
		/*@ assert view->module_count <= 2 && view->memmap_count <= 2; */
		pvhload_pvh_view_free(view);
	} else {
		/*@ assert view == \null; */
	}
}

int main(void)
{
	struct pvhload_memmap map = { 0 };
	struct pvhload_memory mem = { 0 };

	read_view(&mem);
	mem.memmap = &map;
	read_view(&mem);
	(void)pvhload_pvh_read(&mem, 0, 0, NULL, NULL);
	pvhload_pvh_view_free(NULL);
	return 0;
}
