/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* Whom progress is told, and what an answer other than 0 comes to. */
#include <limits.h>

#include "core/progress.h"
#include "suite.h"

struct told {
	int answer;
	unsigned int calls;
	uint32_t phase;
	uint64_t done, total;
};

static int note(void *user, uint32_t phase, uint64_t done, uint64_t total)
{
	struct told *told = user;

	told->calls++;
	told->phase = phase;
	told->done = done;
	told->total = total;
	return told->answer;
}

START_TEST(reported)
{
	struct told told = { .answer = 0 };
	struct pvhload_progress caller = PVHLOAD_PROGRESS_INIT, copy;
	struct pvhload_error err;

	caller.callback = note;
	caller.user = &told;
	ck_status(PVHLOAD_OK, err, pvl_progress_copy(&copy, &caller, &err));
	caller.callback = NULL; /* the copy is what counts */
	ck_status(PVHLOAD_OK, err,
		  pvl_progress_report(&copy, PVHLOAD_PROGRESS_COMMIT, 5, UINT64_MAX, &err));
	ck_assert_uint_eq(told.calls, 1);
	ck_assert_uint_eq(told.phase, PVHLOAD_PROGRESS_COMMIT);
	ck_assert_uint_eq(told.done, 5);
	ck_assert_uint_eq(told.total, UINT64_MAX);
}
END_TEST

START_TEST(cancelled)
{
	static const int answers[] = { 1, -1, INT_MIN, INT_MAX };

	for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
		struct told told = { .answer = answers[i] };
		const struct pvhload_progress progress = { sizeof(progress), note, &told };
		struct pvhload_error err;

		ck_status(PVHLOAD_E_CANCELLED, err,
			  pvl_progress_report(&progress, PVHLOAD_PROGRESS_PLAN, 0, 0, &err));
		ck_assert_int_eq(err.cause, answers[i]);
		ck_assert_str_eq(err.message, "cancelled by the caller");
		ck_assert_int_eq(pvl_progress_report(&progress, PVHLOAD_PROGRESS_PLAN, 0, 0, NULL),
				 PVHLOAD_E_CANCELLED);
	}
}
END_TEST

struct advance {
	uint64_t bytes;
	unsigned int calls; /* so far, afterwards */
	uint64_t done;      /* that was told last */
};

/* At the start, after every step's work, and at the end what has not been told. */
START_TEST(many_parts)
{
	static const struct advance advances[] = { { 0, 1, 0 },
						   { PVL_PROGRESS_STEP - 1, 1, 0 },
						   { 1, 2, PVL_PROGRESS_STEP },
						   { PVL_PROGRESS_STEP - 1, 2, PVL_PROGRESS_STEP },
						   { 2, 3, 2 * PVL_PROGRESS_STEP + 1 },
						   { 5, 3, 2 * PVL_PROGRESS_STEP + 1 } };
	struct told told = { .answer = 0 };
	const struct pvhload_progress progress = { sizeof(progress), note, &told };
	struct pvl_work work = { .progress = &progress,
				 .phase = PVHLOAD_PROGRESS_COMMIT,
				 .total = 2 * PVL_PROGRESS_STEP + 6 };
	struct pvhload_error err;

	ck_status(PVHLOAD_OK, err, pvl_work_begin(&work, &err));
	for (size_t i = 0; i < sizeof(advances) / sizeof(advances[0]); i++) {
		ck_status(PVHLOAD_OK, err, pvl_work_advance(&work, advances[i].bytes, &err));
		ck_assert_uint_eq(told.calls, advances[i].calls);
		ck_assert_uint_eq(told.done, advances[i].done);
		ck_assert_uint_eq(told.phase, PVHLOAD_PROGRESS_COMMIT);
		ck_assert_uint_eq(told.total, work.total);
	}
	told.answer = 1;
	ck_status(PVHLOAD_E_CANCELLED, err, pvl_work_end(&work, &err));
	ck_assert_uint_eq(told.done, work.total);
	/* it has been told: once is enough */
	ck_status(PVHLOAD_OK, err, pvl_work_end(&work, &err));
	ck_assert_uint_eq(told.calls, 4);

	work.progress = NULL;
	ck_status(PVHLOAD_OK, err, pvl_work_begin(&work, &err));
	ck_status(PVHLOAD_OK, err, pvl_work_advance(&work, UINT64_MAX, &err));
	ck_assert_uint_eq(told.calls, 4);
}
END_TEST

START_TEST(nobody)
{
	struct pvhload_progress copy;
	struct pvhload_error err;

	ck_status(PVHLOAD_OK, err, pvl_progress_copy(&copy, NULL, &err));
	ck_assert(!copy.callback);
	ck_status(PVHLOAD_OK, err, pvl_progress_report(&copy, 1, 0, 0, &err));
}
END_TEST

START_TEST(refused)
{
	struct pvhload_progress caller = PVHLOAD_PROGRESS_INIT, copy, before;
	struct pvhload_error err;

	memset(&copy, 0x5a, sizeof(copy));
	before = copy;
	ck_status(PVHLOAD_E_USAGE, err, pvl_progress_copy(&copy, &caller, &err));
	ck_says(err, "no callback");
	caller.callback = note;
	caller.struct_size -= 1;
	ck_status(PVHLOAD_E_USAGE, err, pvl_progress_copy(&copy, &caller, &err));
	ck_assert_int_eq(memcmp(&copy, &before, sizeof(copy)), 0);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("progress");

	ADD_TESTS(suite, "progress", reported, cancelled, many_parts, nobody, refused);
	return run_suite(suite);
}
