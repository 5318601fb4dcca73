/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* Start info read back, from guests that cannot be trusted. */
#include "pvh_fixture.h"

/* Reading what a hostile guest may have written. */
static void hostile(struct pvh_fixture *f)
{
	struct bytes b;

	pvh_setup(f);
	f->fake.memory.memmap = &f->map;
	b = (struct bytes){ f->fake.bytes + 0x6000, 56 };
	memset(b.data, 0, 56);
	poke(&b, 0, PVHLOAD_START_INFO_MAGIC, 4);
	poke(&b, 4, 1, 4);
}

static struct pvhload_error refuse_read(struct pvh_fixture *f, uint64_t gpa,
					enum pvhload_status status)
{
	struct pvhload_pvh_view *const untouched = (struct pvhload_pvh_view *)(uintptr_t)0x5a5a;
	struct pvhload_pvh_view *view = untouched;
	struct pvhload_error err;

	ck_status(status, err, pvhload_pvh_read(&f->fake.memory, gpa, 0, &view, &err));
	ck_assert_ptr_eq(view, untouched);
	ck_assert(!f->fake.strayed);
	return err;
}

START_TEST(reading_the_least)
{
	struct pvhload_pvh_view *view;
	struct pvh_fixture f;
	struct bytes b;

	hostile(&f);
	view = read_back(&f, 0x6000);
	ck_assert_uint_eq(view->has_cmdline, 0);
	ck_assert_str_eq(view->cmdline, "");
	ck_assert_uint_eq(view->module_count, 0);
	ck_assert_uint_eq(view->memmap_count, 0);
	pvhload_pvh_view_free(view);

	/* version 0 has no map, whatever is after its 40 bytes: even the end of RAM */
	b = (struct bytes){ f.fake.bytes + RAM_SIZE - 40, 40 };
	memcpy(b.data, f.fake.bytes + 0x6000, 40);
	poke(&b, 4, 0, 4);
	view = read_back(&f, RAM_SIZE - 40);
	ck_assert_uint_eq(view->version, 0);
	ck_assert_uint_eq(view->memmap_count, 0);
	pvhload_pvh_view_free(view);
	poke(&b, 4, 1, 4);
	(void)refuse_read(&f, RAM_SIZE - 40, PVHLOAD_E_RANGE);
	pvh_teardown(&f);
}
END_TEST

START_TEST(reading_what_is_not_there)
{
	struct pvhload_error err;
	struct pvh_fixture f;
	struct bytes b;

	hostile(&f);
	b = (struct bytes){ f.fake.bytes + 0x6000, 56 };
	err = refuse_read(&f, 0x8000, PVHLOAD_E_FORMAT);
	ck_says(err, "no start info at 0x8000", "0xa5a5a5a5");
	(void)refuse_read(&f, 0xa0000, PVHLOAD_E_RANGE);
	(void)refuse_read(&f, RAM_SIZE - 39, PVHLOAD_E_RANGE);
	(void)refuse_read(&f, UINT64_MAX, PVHLOAD_E_RANGE);
	(void)refuse_read(&f, UINT64_MAX - 40, PVHLOAD_E_RANGE);

	poke(&b, 24, RAM_SIZE, 8); /* command line */
	err = refuse_read(&f, 0x6000, PVHLOAD_E_RANGE);
	ck_says(err, "command line");
	poke(&b, 24, 0, 8);
	poke(&b, 12, 1, 4); /* a module, and where it is listed */
	poke(&b, 16, UINT64_MAX - 15, 8);
	err = refuse_read(&f, 0x6000, PVHLOAD_E_RANGE);
	ck_says(err, "modlist");
	poke(&b, 16, 0, 8);
	err = refuse_read(&f, 0x6000, PVHLOAD_E_MALFORMED);
	ck_says(err, "modlist has 1 entries at address 0");
	poke(&b, 12, PVHLOAD_PVH_MODULES_MAX + 1, 4);
	poke(&b, 16, 0x7000, 8);
	err = refuse_read(&f, 0x6000, PVHLOAD_E_LIMIT);
	ck_says(err, "modlist has 4097 entries", "4096");
	poke(&b, 12, UINT32_MAX, 4);
	(void)refuse_read(&f, 0x6000, PVHLOAD_E_LIMIT);
	poke(&b, 12, 0, 4);
	poke(&b, 48, 2, 4);
	err = refuse_read(&f, 0x6000, PVHLOAD_E_MALFORMED);
	ck_says(err, "memmap has 2 entries at address 0");
	poke(&b, 40, 0x8000, 8);
	poke(&b, 48, PVHLOAD_PVH_MEMMAP_READ_MAX + 1, 4);
	err = refuse_read(&f, 0x6000, PVHLOAD_E_LIMIT);
	ck_says(err, "memmap has 4097 entries");
	poke(&b, 48, 1, 4);
	poke(&b, 40, 0x9fbf9, 8);
	err = refuse_read(&f, 0x6000, PVHLOAD_E_RANGE);
	ck_says(err, "memmap");
	pvh_teardown(&f);
}
END_TEST

START_TEST(reading_endless_text)
{
	struct pvhload_error err;
	struct pvh_fixture f;
	struct bytes b;

	hostile(&f);
	b = (struct bytes){ f.fake.bytes + 0x6000, 56 };
	poke(&b, 24, 0x200000, 8);
	err = refuse_read(&f, 0x6000, PVHLOAD_E_MALFORMED);
	ck_says(err, "command line", "no NUL within 65536 bytes");
	poke(&b, 24, RAM_SIZE - 300, 8);
	err = refuse_read(&f, 0x6000, PVHLOAD_E_MALFORMED);
	ck_says(err, "no NUL within 300 bytes");
	f.fake.bytes[RAM_SIZE - 1] = 0;
	pvhload_pvh_view_free(read_back(&f, 0x6000));

	/* a thousand modules that all point to one long text */
	f.fake.bytes[0x20ffff] = 0;
	poke(&b, 12, 1000, 4);
	poke(&b, 16, 0x300000, 8);
	for (size_t i = 0; i < 1000; i++)
		poke(&(struct bytes){ f.fake.bytes + 0x300000, 0 }, 32 * i + 16, 0x200000, 8);
	err = refuse_read(&f, 0x6000, PVHLOAD_E_LIMIT);
	ck_says(err, "command line of module 15", "1048576");
	pvh_teardown(&f);
}
END_TEST

START_TEST(reading_usage_and_failures)
{
	struct pvhload_pvh_view *view = NULL;
	struct pvhload_memory_ops ops;
	struct pvhload_error err;
	struct pvh_fixture f;
	struct bytes b;

	hostile(&f);
	b = (struct bytes){ f.fake.bytes + 0x6000, 56 };
	ck_status(PVHLOAD_E_USAGE, err, pvhload_pvh_read(NULL, 0x6000, 0, &view, &err));
	ck_status(PVHLOAD_E_USAGE, err, pvhload_pvh_read(&f.fake.memory, 0x6000, 0, NULL, &err));
	f.fake.memory.memmap = NULL;
	(void)refuse_read(&f, 0x6000, PVHLOAD_E_USAGE);
	f.fake.memory.memmap = &f.map;
	ops = f.fake.ops;
	ops.read = NULL;
	f.fake.memory.ops = &ops;
	(void)refuse_read(&f, 0x6000, PVHLOAD_E_USAGE);
	f.fake.memory.ops = &f.fake.ops;
	f.entries[0].type = 0;
	(void)refuse_read(&f, 0x6000, PVHLOAD_E_MEMMAP);
	f.entries[0].type = 1;

	poke(&b, 12, 1, 4);
	poke(&b, 16, 0x7000, 8);
	poke(&b, 24, 0x20000, 8);
	poke(&b, 40, 0x8000, 8);
	poke(&b, 48, 1, 4);
	memset(f.fake.bytes + 0x20000, 0, 1);
	poke(&(struct bytes){ f.fake.bytes + 0x7000, 0 }, 16, 0x20000, 8);
	view = read_back(&f, 0x6000);
	pvhload_pvh_view_free(view);
	/* start info in two parts, command line, map, list, module's command line */
	for (uint64_t n = 1; n <= 6; n++) {
		f.fake.calls = 0;
		f.fake.fail_at = n;
		err = refuse_read(&f, 0x6000, PVHLOAD_E_CALLBACK);
		ck_assert_int_eq(err.cause, -77);
		ck_says(err, "read callback returned -77");
	}
	f.fake.calls = 0;
	f.fake.fail_at = 7;
	pvhload_pvh_view_free(read_back(&f, 0x6000));
	pvh_teardown(&f);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("pvh_read");

	ADD_TESTS(suite, "pvh_read", reading_the_least, reading_what_is_not_there,
		  reading_endless_text, reading_usage_and_failures);
	return run_suite(suite);
}
