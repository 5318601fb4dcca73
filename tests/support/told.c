/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
#include "told.h"

#include <inttypes.h>

#include "suite.h"

static int note(void *user, uint32_t phase, uint64_t done, uint64_t total)
{
	struct told *told = user;

	ck_assert_uint_lt(told->count, TOLD_MAX);
	told->calls[told->count++] = (struct told_call){ phase, done, total };
	return told->count == told->cancel_at ? TOLD_CANCELS : 0;
}

struct pvhload_progress told_progress(struct told *told)
{
	struct pvhload_progress progress = PVHLOAD_PROGRESS_INIT;

	progress.callback = note;
	progress.user = told;
	return progress;
}

void told_again(struct told *told, size_t cancel_at)
{
	told->count = 0;
	told->cancel_at = cancel_at;
}

void told_expect(const struct told *told, const struct told_call *calls, size_t count)
{
	for (size_t i = 0; i < told->count && i < count; i++) {
		const struct told_call *a = &told->calls[i], *b = &calls[i];

		ck_assert_msg(a->phase == b->phase && a->done == b->done && a->total == b->total,
			      "call %zu is %" PRIu32 ": %" PRIu64 " of %" PRIu64, i, a->phase,
			      a->done, a->total);
	}
	ck_assert_uint_eq(told->count, count);
}

void told_check_error(const struct pvhload_error *err)
{
	ck_assert_int_eq(err->cause, TOLD_CANCELS);
	ck_assert_str_eq(err->message, "cancelled by the caller");
	ck_assert_uint_eq(err->gpa, PVHLOAD_NOWHERE);
	ck_assert_uint_eq(err->offset, PVHLOAD_NOWHERE);
}
