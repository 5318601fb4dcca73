/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * The system calls of a function, whoever makes them: the library, the libraries that it calls, and malloc().  It runs in a
 * child that is traced.
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

/* List them on standard error, by number. */
void system_calls_list(const struct system_calls *calls);

#endif
