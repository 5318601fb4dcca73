/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * The system calls that docs/security.md allows the library ("System calls": tests/check/security.py holds the two
 * lists against each other), and a filter that allows no others.
 */
#ifndef SUPPORT_ALLOWED_CALLS_H
#define SUPPORT_ALLOWED_CALLS_H

#include <stdbool.h>
#include <stddef.h>

struct allowed_call {
	const char *name;
	long number;
	/* Whether the C library makes it depends on its version, and on what is free on the heap. */
	bool may_be_unused;
};

#define ALLOWED_CALLS_MAX 32
extern const struct allowed_call allowed_calls[];
extern const size_t allowed_call_count;

enum filtered {
	FILTERED_DONE,   /* no other call was made */
	FILTERED_DENIED, /* one was, and ended the child */
	FILTERED_NONE,   /* this system or this build has no filter that means anything */
};

/*
 * Run call(@user) in a child that may make no other calls than these, less the calls of the name @without, if it is not
 * NULL.  *@ret_denied is the number of the one that was made all the same.  If the child fails otherwise, the test does.
 */
enum filtered run_filtered(void (*call)(void *user), void *user, const char *without,
			   long *ret_denied);

#endif
