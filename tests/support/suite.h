/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* Check, with TAP on standard output and the assertions all suites use. */
#ifndef SUPPORT_SUITE_H
#define SUPPORT_SUITE_H

#include <check.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <pvhload/pvhload.h>

/* Run the suite; main() returns what this returns. */
int run_suite(Suite *suite);

/* One test case that holds the tests given. */
#define ADD_TESTS(suite, case_name, ...)                                           \
	do {                                                                       \
		const TTest *const tests_[] = { __VA_ARGS__ };                     \
		TCase *case_ = tcase_create(case_name);                            \
		for (size_t i_ = 0; i_ < sizeof(tests_) / sizeof(tests_[0]); i_++) \
			tcase_add_test(case_, tests_[i_]);                         \
		tcase_set_timeout(case_, 120);                                     \
		suite_add_tcase(suite, case_);                                     \
	} while (0)

/* An error struct with a pattern in it, so that a test sees whether it was touched. */
struct pvhload_error fresh_error(void);
bool is_fresh(const struct pvhload_error *err);

/* @call, which has @err among its arguments, returns @expected and fills @err accordingly. */
#define ck_status(expected, err, call)                                                           \
	do {                                                                                     \
		(err) = fresh_error();                                                           \
		enum pvhload_status got_ = (call);                                               \
		ck_assert_msg(got_ == (expected), "%s: %s, expected %s (%s)", #call,             \
			      pvhload_status_name(got_), pvhload_status_name(expected),          \
			      (err).message);                                                    \
		if (got_ == PVHLOAD_OK)                                                          \
			ck_assert_msg(is_fresh(&(err)), "%s touched the error", #call);          \
		else                                                                             \
			ck_assert_msg((err).status == (int32_t)got_ && (err).message[0] != '\0', \
				      "%s did not fill the error", #call);                       \
	} while (0)

/* The message of a failure says all of this. */
void ck_says_(const char *message, const char *const *parts);
#define ck_says(err, ...) ck_says_((err).message, (const char *const[]){ __VA_ARGS__, NULL })

#endif
