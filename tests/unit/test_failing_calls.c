/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * The n-th system call fails, is interrupted, or moves fewer bytes than it was asked to, for every n of a boot, those of
 * malloc() included: the boot fails with a message, or has the right bytes by another way; nothing is left behind.
 */
#include <stdio.h>

#include "boot_scenes.h"
#include "system_calls.h"

/* In the child, which knows how its run ended. */
static const char *wrong_after_failure(void *user)
{
	return boot_scene_wrong(user);
}

/* Interrupted and short calls are carried on, and change nothing. */
static const char *wrong_after_retry(void *user)
{
	struct boot_scene *s = user;

	return s->status == PVHLOAD_OK ? boot_scene_wrong(s) : s->err.message;
}

static bool is_file_call(long number)
{
	return system_call_can(number, CALL_IS_SHORT);
}

START_TEST(each_call)
{
	struct boot_scene s;
	struct system_calls calls;
	size_t faults = 0;
	char wrong[256];

	if (!boot_scene_setup(&s, &boot_scenes[_i].kind))
		return;
	if (!system_calls_of(boot_scene_run, &s, &calls)) {
		puts("# SKIP each_call: a child cannot be traced here");
		boot_scene_teardown(&s);
		return;
	}
	if (s.file >= 0)
		ck_assert_uint_gt(calls.count, 0);
	for (size_t i = 0; i < calls.count * CALL_FAULTS; i++) {
		const enum system_call_fault fault = (enum system_call_fault)(i % CALL_FAULTS);
		const long number = calls.numbers[i / CALL_FAULTS];

		if (!system_call_can(number, fault))
			continue;
		boot_scene_again(&s);
		faults++;
		(void)system_calls_with_fault(boot_scene_run,
					      fault != CALL_FAILS && is_file_call(number)
						      ? wrong_after_retry
						      : wrong_after_failure,
					      &s, i / CALL_FAULTS, fault, wrong);
		ck_assert_msg(wrong[0] == '\0', "%s: call %zu of %zu, number %ld, fault %d: %s",
			      boot_scenes[_i].name, i / CALL_FAULTS, calls.count, number,
			      (int)fault, wrong);
	}
	printf("# %zu faults: %s\n", faults, boot_scenes[_i].name);
	boot_scene_teardown(&s);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("failing_calls");
	TCase *all = tcase_create("failing_calls");

	tcase_add_loop_test(all, each_call, 0, BOOT_SCENES);
	tcase_set_timeout(all, 120);
	suite_add_tcase(suite, all);
	return run_suite(suite);
}
