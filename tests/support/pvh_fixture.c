/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
#include "pvh_fixture.h"

void pvh_setup(struct pvh_fixture *f)
{
	fake_memory_init(&f->fake, RAM_SIZE, FAKE_READ);
	f->map = ram_map(f->entries, RAM_SIZE);
	f->params = (struct pvhload_pvh_params)PVHLOAD_PVH_PARAMS_INIT;
	f->params.memmap = &f->map;
	f->layout = (struct pvhload_pvh_layout)PVHLOAD_PVH_LAYOUT_INIT;
}

void pvh_teardown(struct pvh_fixture *f)
{
	fake_memory_free(&f->fake);
}

struct pvhload_pvh_view *read_back(struct pvh_fixture *f, uint64_t gpa)
{
	struct pvhload_pvh_view *view = NULL;
	struct pvhload_error err;

	f->fake.memory.memmap = &f->map;
	ck_status(PVHLOAD_OK, err, pvhload_pvh_read(&f->fake.memory, gpa, &view, &err));
	return view;
}
