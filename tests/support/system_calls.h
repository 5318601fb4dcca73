/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * The system calls of a function, whoever makes them: the library, the libraries that it calls, and malloc().  It runs in a
 * child that is traced, in which one of them may be made to fail.
 */
#ifndef SUPPORT_SYSTEM_CALLS_H
#define SUPPORT_SYSTEM_CALLS_H

#include <stdbool.h>
#include <stddef.h>

#define SYSTEM_CALLS_MAX 256u

struct system_calls {
	size_t count;
	long numbers[SYSTEM_CALLS_MAX]; /* SYS_* */
};

/*
 * Count those of call(@user).  False if nothing can be traced here: by a
 * sanitizer or valgrind, or where ptrace() is forbidden.  If the child fails, the test does.
 */
bool system_calls_of(void (*call)(void *user), void *user, struct system_calls *ret);

/* What becomes of one call, as the system has it: an error that fits it, EINTR, or fewer bytes than were asked for. */
enum system_call_fault { CALL_FAILS, CALL_IS_INTERRUPTED, CALL_IS_SHORT, CALL_FAULTS };

/* Whether a call of that number can end so. */
bool system_call_can(long number, enum system_call_fault fault);

/*
 * The same with a fault: the @at-th call, counted from 0, ends as @fault says.  after(@user) runs in the child when
 * call(@user) has, with all calls as they are; what it returns, *@ret_wrong is: of the child, to be read at once.
 */
bool system_calls_with_fault(void (*call)(void *user), const char *(*after)(void *user), void *user,
			     size_t at, enum system_call_fault fault, char ret_wrong[256]);

/* List them on standard error, by number. */
void system_calls_list(const struct system_calls *calls);

#endif
