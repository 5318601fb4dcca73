/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
#include "system_calls.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#include "suite.h"

/* What the child says that nothing else here does: the call begins, it ends. */
#define MARK SYS_getppid

/* Sanitizers make system calls of their own. */
#ifdef __has_feature
#define HAS_FEATURE(name) __has_feature(name)
#else
#define HAS_FEATURE(name) 0
#endif

#if defined(__x86_64__) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__) && \
	!HAS_FEATURE(address_sanitizer) && !HAS_FEATURE(memory_sanitizer) &&                  \
	!HAS_FEATURE(thread_sanitizer)

static void run_child(void (*call)(void *user), void *user)
{
	if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) != 0)
		_exit(2);
	raise(SIGSTOP);
	(void)syscall(MARK);
	call(user);
	(void)syscall(MARK);
	_exit(0);
}

/* Go on to the next stop at a system call, and return which; -1: the child has ended, with *@ret_status. */
static long next_stop(pid_t child, int *ret_status)
{
	struct user_regs_struct regs;
	int pending = 0;

	do {
		if (ptrace(PTRACE_SYSCALL, child, NULL, pending) != 0 ||
		    waitpid(child, ret_status, 0) != child || !WIFSTOPPED(*ret_status))
			return -1;
		pending = WSTOPSIG(*ret_status);
	} while (pending != (SIGTRAP | 0x80));
	if (ptrace(PTRACE_GETREGS, child, NULL, &regs) != 0)
		return -1;
	return (long)regs.orig_rax;
}

/* The log of statuses that the tests keep is written in the child as well; the library writes nothing. */
static bool is_log(long number)
{
	return number == SYS_write && getenv("PVHLOAD_STATUS_LOG");
}

/* A system call stops twice, when it begins and when it ends. */
static void count(pid_t child, struct system_calls *ret, int *ret_status)
{
	size_t marks = 0;
	long number;

	while ((number = next_stop(child, ret_status)) >= 0) {
		if (number == MARK)
			marks++;
		else if (marks == 1 && !is_log(number) && ret->count < SYSTEM_CALLS_MAX)
			ret->numbers[ret->count++] = number;
		if (next_stop(child, ret_status) < 0)
			break;
	}
}

bool system_calls_of(void (*call)(void *user), void *user, struct system_calls *ret)
{
	const pid_t child = fork();
	int status = 0;

	ck_assert_int_ge(child, 0);
	if (child == 0)
		run_child(call, user);
	ret->count = 0;
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	if (!WIFSTOPPED(status))
		return false;
	ck_assert_int_eq(ptrace(PTRACE_SETOPTIONS, child, NULL,
				PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL),
			 0);
	count(child, ret, &status);
	ck_assert_msg(WIFEXITED(status) && WEXITSTATUS(status) == 0, "the child: 0x%x", status);
	return true;
}

#else

bool system_calls_of(void (*call)(void *user), void *user, struct system_calls *ret)
{
	(void)call;
	(void)user;
	(void)ret;
	return false;
}

#endif

void system_calls_list(const struct system_calls *calls)
{
	for (size_t i = 0; i < calls->count; i++)
		fprintf(stderr, "system call %ld\n", calls->numbers[i]);
}
