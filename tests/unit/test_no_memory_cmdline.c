/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* Functions of command lines that take no memory: there is none. */
#include "failing_memory.h"
#include "fake_memory.h"
#include "open_image.h"

/* A command line is made in all the memory it takes. */
START_TEST(a_command_line_takes_it_once)
{
	static const char *const values[] = { "a", "b" };
	struct pvhload_cmdline_param param = PVHLOAD_CMDLINE_PARAM_INIT;
	struct pvhload_cmdline *line = NULL, *other = NULL;
	struct pvhload_memmap_entry entries[3];
	const struct pvhload_memmap map = ram_map(entries, 4u << 20);
	struct fake_memory fake;
	struct pvhload_error err = PVHLOAD_ERROR_INIT;
	enum pvhload_status status[12];
	size_t n = 0, allocations;
	int same;

	fake_memory_init(&fake, 4u << 20, 0);
	fake.memory.memmap = &map;
	ck_status(PVHLOAD_OK, err, pvhload_cmdline_new(256, &line, &err));
	ck_status(PVHLOAD_OK, err, pvhload_cmdline_copy(line, 0, &other, &err));
	failing_memory_begin(1); /* nothing of Check's may come before it is not */
	status[n++] = pvhload_cmdline_add(line, "key", "a value", &err);
	status[n++] = pvhload_cmdline_add_list(line, "list", values, 2, &err);
	status[n++] = pvhload_cmdline_append(line, "quiet ro", &err);
	status[n++] = pvhload_cmdline_append_init_args(line, "single", &err);
	status[n++] = pvhload_cmdline_add_virtio_mmio(line, 4096, 0xd0000000, 5, 0, &err);
	status[n++] = pvhload_cmdline_add_console(line, "ttyS0", 115200, &err);
	status[n++] = pvhload_cmdline_get(line, "key", 0, &param, &err);
	status[n++] = pvhload_cmdline_next(line, &param, &err);
	status[n++] = pvhload_cmdline_replace(line, "key", "shorter", &err);
	status[n++] = pvhload_cmdline_remove(line, "quiet", &err);
	same = pvhload_cmdline_equal(line, other);
	status[n++] = pvhload_cmdline_write(line, &fake.memory, 0x20000, &err);
	allocations = failing_memory_end();
	for (size_t i = 0; i < n; i++)
		ck_assert_msg(status[i] == PVHLOAD_OK, "call %zu: %s", i, err.message);
	ck_assert_int_eq(same, 0);
	ck_assert_uint_eq(allocations, 0);
	ck_assert_str_eq((const char *)fake.bytes + 0x20000, pvhload_cmdline_str(line));
	pvhload_cmdline_free(line);
	pvhload_cmdline_free(other);
	fake_memory_free(&fake);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("no_memory_cmdline");

	ADD_TESTS(suite, "no_memory_cmdline", a_command_line_takes_it_once);
	return run_suite(suite);
}
