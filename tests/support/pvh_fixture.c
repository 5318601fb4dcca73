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
	ck_status(PVHLOAD_OK, err, pvhload_pvh_read(&f->fake.memory, gpa, 0, &view, &err));
	return view;
}

enum pvhload_status write_it(struct pvh_fixture *f, struct pvhload_error *err)
{
	return pvhload_pvh_write(&f->fake.memory, &f->layout, &f->params, err);
}

/* Writing fails with @status and not a byte of the guest changes. */
struct pvhload_error pvh_refused(struct pvh_fixture *f, enum pvhload_status status)
{
	struct pvhload_error err;

	ck_status(status, err, write_it(f, &err));
	ck_assert(fake_memory_untouched(&f->fake));
	ck_assert_uint_eq(f->fake.calls, 0);
	return err;
}
