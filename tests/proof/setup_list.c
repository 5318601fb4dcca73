/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * Reading the setup_data list: its address, and so each header, length and setup_indirect in guest memory, is any, and may
 * be another whenever it is read; so are the flags.  Limits are lowered: NODES nodes, BYTES bytes of all data, PROBLEMS
 * problems.  The page's map is full or not.  Each allocation may fail.
 *
 * Proved: the walk ends, with no more nodes than the limit; memory is read just into what was allocated for it, and an
 * allocation is the view's, or has been freed once.  Not proved: that the data of all nodes together stays in its limit,
 * for which Eva would have to relate two numbers.
 *
 * Modelled: the gate to guest memory (any bytes, any failure), which the driver "gate" is about.
 *
 * with: tests/proof/error_model.c tests/proof/memory_model.c
 * eva: -eva-slevel 0 -eva-min-loop-unroll 4 -eva-alloc-builtin fresh
 * eva: -eva-split-return-function read_node:full,pvl_read_back_begin:full,pvl_linux_read_nodes:full,pvl_read_back_end:full
 * eva: -eva-slevel-function read_node:500,pvl_linux_read_nodes:500,pvl_read_back_begin:500,read_list:500
 * proves: pvl_linux_read_nodes read_next read_node follow_and_read follow read_header read_data check_next
 * proves: break_off fail_of_node pvl_read_back_part add_problem is_guests_fault
 */
#include <pvhload/linux.h>

#define NODES    2u
#define BYTES    8u
#define PROBLEMS 1u

#undef PVHLOAD_LINUX_SETUP_DATA_MAX
#define PVHLOAD_LINUX_SETUP_DATA_MAX NODES
#undef PVHLOAD_LINUX_SETUP_DATA_BYTES_MAX
#define PVHLOAD_LINUX_SETUP_DATA_BYTES_MAX BYTES
#undef PVHLOAD_READ_PROBLEMS_MAX
#define PVHLOAD_READ_PROBLEMS_MAX PROBLEMS

#include "core/libc.h"

/* A case of each length: see proof.h. */
#define malloc(size) (SPLIT_UP_TO(node->len, BYTES), malloc(size))
#include "linux/linux_read_nodes.c"
#undef malloc
#include "guest/read_back.c"

static void read_list(const struct pvhload_memory *mem, uint32_t entries)
{
	static const struct pvl_linux_view fresh;
	static struct pvl_linux_view v;
	struct pvl_read_back r;
	enum pvhload_status status;

	v = fresh;
	v.view.e820_entries = entries;
	status = pvl_read_back_begin(&r, mem, Frama_C_unsigned_int_interval(0, UINT32_MAX), &v);
	if (status == PVHLOAD_OK)
		status = pvl_linux_read_nodes(&r, any_u64(), &v);
	/*@ assert v.view.setup_data_count <= 2; */
	for (size_t i = 0; i < NODES; i++)
		free((void *)v.nodes[i].data);
	if (pvl_read_back_end(&r, status, NULL) == PVHLOAD_OK)
		free(r.problems);
}

int main(void)
{
	const struct pvhload_memmap map = { 0 };
	const struct pvhload_memory mem = { .memmap = &map };

	read_list(&mem, 0);
	read_list(&mem, PVHLOAD_E820_TABLE_MAX);
	return 0;
}
