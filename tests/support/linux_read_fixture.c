/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
#include "linux_read_fixture.h"

void linux_read_setup(struct linux_read *f)
{
	memset(f, 0, sizeof(*f));
	fake_memory_init(&f->fake, RAM_SIZE, FAKE_READ);
	f->map = ram_map(f->entries, RAM_SIZE);
	f->fake.memory.memmap = &f->map;
}

void linux_read_teardown(struct linux_read *f)
{
	pvhload_linux_view_free(f->view);
	fake_memory_free(&f->fake);
}

const struct pvhload_linux_view *page_read(struct linux_read *f)
{
	struct pvhload_error err;

	put_zero_page(f->fake.bytes + PAGE, &f->spec);
	pvhload_linux_view_free(f->view);
	ck_status(PVHLOAD_OK, err, pvhload_linux_read(&f->fake.memory, PAGE, 0, &f->view, &err));
	ck_assert(!f->fake.strayed);
	return f->view;
}

struct pvhload_error page_refused_at(struct linux_read *f, uint64_t gpa, enum pvhload_status status)
{
	struct pvhload_linux_view *const untouched = (struct pvhload_linux_view *)(uintptr_t)0x5a5a;
	struct pvhload_linux_view *view = untouched;
	struct pvhload_error err;

	ck_status(status, err, pvhload_linux_read(&f->fake.memory, gpa, 0, &view, &err));
	ck_assert_ptr_eq(view, untouched);
	ck_assert(!f->fake.strayed);
	return err;
}

struct pvhload_error page_refused(struct linux_read *f, enum pvhload_status status)
{
	put_zero_page(f->fake.bytes + PAGE, &f->spec);
	return page_refused_at(f, PAGE, status);
}
