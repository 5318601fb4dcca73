/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * The n-th call of the heap fails, for every n of a boot, whoever makes it: the library, libelf, a codec, or the C library.
 * The boot fails with a message, or has the right bytes all the same; nothing is left behind.
 */
#include <stdio.h>

#include "boot_scenes.h"
#include "heap_calls.h"

START_TEST(each_take)
{
	struct boot_scene s;
	struct heap_calls calls, failed;
	size_t most, refused = 0;

	if (!heap_calls_seen()) {
		puts("# SKIP each_take: the heap's calls are not seen here");
		return;
	}
	if (!boot_scene_setup(&s, &boot_scenes[_i].kind))
		return;
	heap_calls_begin();
	boot_scene_run(&s);
	calls = heap_calls_end();
	ck_assert_msg(s.status == PVHLOAD_OK, "%s", s.err.message);
	ck_assert_uint_gt(calls.takes, 0);
	most = calls.takes;
	for (size_t n = 1; n <= most; n++) {
		const char *wrong;

		boot_scene_again(&s);
		heap_calls_begin();
		heap_calls_fail(n);
		boot_scene_run(&s);
		failed = heap_calls_end();
		wrong = boot_scene_wrong(&s);
		ck_assert_msg(!wrong, "%s: take %zu of %zu: %s", boot_scenes[_i].name, n, most,
			      wrong);
		ck_assert_msg(s.status == PVHLOAD_OK || s.status == PVHLOAD_E_NO_MEMORY,
			      "%s: take %zu of %zu: %s", boot_scenes[_i].name, n, most,
			      s.err.message);
		refused += s.status != PVHLOAD_OK;
		ck_assert_msg(failed.blocks == 0, "%s: take %zu of %zu: %ld blocks are left",
			      boot_scenes[_i].name, n, most, failed.blocks);
	}
	ck_assert_uint_gt(refused, 0);
	printf("# %zu faults: %s\n", most, boot_scenes[_i].name);
	boot_scene_teardown(&s);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("failing_heap");
	TCase *all = tcase_create("failing_heap");

	tcase_add_loop_test(all, each_take, 0, BOOT_SCENES);
	tcase_set_timeout(all, 120);
	suite_add_tcase(suite, all);
	return run_suite(suite);
}
