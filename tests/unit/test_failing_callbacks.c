/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * The n-th callback fails, for every n of a boot, be it of a reader, of guest memory, of progress or of a pool: the boot fails
 * by that callback's status and with a message, or, as host_ptr may say no and a first look at a payload may fail, has the right
 * bytes; nothing is left behind.
 */
#include <stdio.h>

#include "boot_scenes.h"

START_TEST(each_callback)
{
	size_t count, refused = 0;
	struct boot_scene s;

	if (!boot_scene_setup(&s, &boot_scenes[_i].kind))
		return;
	boot_scene_run(&s);
	count = s.callbacks;
	ck_assert_uint_eq(s.pools > 0, boot_scenes[_i].kind.from == SCENE_POOL);
	for (size_t n = 1; n <= count; n++) {
		const char *wrong;

		boot_scene_again(&s);
		s.fail_callback = n;
		boot_scene_run(&s);
		wrong = boot_scene_wrong(&s);
		ck_assert_msg(!wrong, "%s: callback %zu of %zu: %s: %s", boot_scenes[_i].name, n,
			      count, wrong, s.err.message);
		ck_assert_msg(s.status == s.expects ||
				      (s.status == PVHLOAD_OK && s.expects == PVHLOAD_E_SOURCE),
			      "%s: callback %zu of %zu: %s", boot_scenes[_i].name, n, count,
			      s.err.message);
		if (s.status != PVHLOAD_OK) {
			refused++;
			ck_assert_int_eq(s.err.cause, -77);
			ck_assert_uint_eq(s.failed_after, s.retried ? n : 0);
		}
	}
	ck_assert_uint_gt(refused, 0);
	printf("# %zu faults: %s\n", count, boot_scenes[_i].name);
	boot_scene_teardown(&s);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("failing_callbacks");
	TCase *all = tcase_create("failing_callbacks");

	tcase_add_loop_test(all, each_callback, 0, BOOT_SCENES);
	tcase_set_timeout(all, 120);
	suite_add_tcase(suite, all);
	return run_suite(suite);
}
