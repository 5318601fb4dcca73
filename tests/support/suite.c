/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
#include "suite.h"

#include <stdio.h>

/* The last line of the log of statuses says that it has all of them. */
static void end_log(const char *path)
{
	FILE *log = fopen(path, "a");

	if (!log || fputs("complete -\n", log) < 0 || fclose(log) != 0)
		abort();
}

int run_suite(Suite *suite)
{
	SRunner *runner = srunner_create(suite);
	const char *log = getenv("PVHLOAD_STATUS_LOG");
	int failed;

	srunner_set_tap(runner, "-");
	srunner_run_all(runner, CK_SILENT);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	if (log && failed == 0)
		end_log(log);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

struct pvhload_error fresh_error(void)
{
	struct pvhload_error err;

	memset(&err, 0x5a, sizeof(err));
	err.struct_size = sizeof(err);
	return err;
}

bool is_fresh(const struct pvhload_error *err)
{
	const struct pvhload_error fresh = fresh_error();

	return memcmp(err, &fresh, sizeof(fresh)) == 0;
}

void ck_says_(const char *message, const char *const *parts)
{
	for (; *parts; parts++)
		ck_assert_msg(strstr(message, *parts) != NULL, "'%s' is not in the message: %s",
			      *parts, message);
}
