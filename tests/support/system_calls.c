/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
#include "system_calls.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
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

#define WRONG_SIZE 256u

/* The call that is tampered with, and what is to be found in its place when it ends. */
struct tamper {
	size_t at;
	enum system_call_fault fault;
	bool armed, replace;
	long result;
	unsigned long long place; /* that brk() asks for */
};

struct traced {
	void (*call)(void *user);
	const char *(*after)(void *user); /* NULL: nothing */
	void *user;
	char *wrong; /* WRONG_SIZE bytes that both processes have */
};

static void run_child(const struct traced *t)
{
	const char *wrong;

	if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) != 0)
		_exit(2);
	raise(SIGSTOP);
	(void)syscall(MARK);
	t->call(t->user);
	(void)syscall(MARK);
	wrong = t->after ? t->after(t->user) : NULL;
	if (wrong)
		snprintf(t->wrong, WRONG_SIZE, "%s", wrong);
	_exit(0);
}

/* Go on to the next stop at a system call; false: the child has ended, with *@ret_status. */
static bool next_stop(pid_t child, struct user_regs_struct *ret, int *ret_status)
{
	int pending = 0;

	do {
		if (ptrace(PTRACE_SYSCALL, child, NULL, pending) != 0 ||
		    waitpid(child, ret_status, 0) != child || !WIFSTOPPED(*ret_status))
			return false;
		pending = WSTOPSIG(*ret_status);
	} while (pending != (SIGTRAP | 0x80));
	return ptrace(PTRACE_GETREGS, child, NULL, ret) == 0;
}

/* The log of statuses that the tests keep is written in the child as well; the library writes nothing. */
static bool is_log(long number)
{
	return number == SYS_write && getenv("PVHLOAD_STATUS_LOG");
}

/* What a system says that is out of what the call wants. */
static int error_of(const struct user_regs_struct *regs)
{
	switch ((long)regs->orig_rax) {
	case SYS_fcntl:
		return regs->rsi == F_DUPFD_CLOEXEC ? EMFILE : EPERM;
	case SYS_ftruncate:
	case SYS_fallocate:
	case SYS_pwrite64:
		return ENOSPC;
	case SYS_mmap:
	case SYS_mremap:
	case SYS_madvise:
	case SYS_mprotect:
	case SYS_munmap:
	case SYS_memfd_create:
		return ENOMEM;
	case SYS_prlimit64:
		return EPERM;
	default:
		return EIO;
	}
}

/* A descriptor is closed whatever close() returns; that a mapping cannot be taken away is not tried. */
static bool is_done_all_the_same(long number)
{
	return number == SYS_close || number == SYS_munmap;
}

/* Where the call begins. */
static void change_begin(pid_t child, struct user_regs_struct *regs, struct tamper *t)
{
	const long number = (long)regs->orig_rax;

	t->armed = true;
	t->replace = t->fault != CALL_IS_SHORT && number != SYS_brk;
	t->result = t->fault == CALL_IS_INTERRUPTED ? -EINTR : -error_of(regs);
	t->place = regs->rdi;
	if (number == SYS_brk)
		regs->rdi = 0; /* fails by saying where the break is */
	else if (t->fault == CALL_IS_SHORT)
		regs->rdx = number == SYS_preadv ? 1 : (regs->rdx + 1) / 2;
	else if (!is_done_all_the_same(number))
		regs->orig_rax = (unsigned long long)-1;
	ck_assert_int_eq(ptrace(PTRACE_SETREGS, child, NULL, regs), 0);
}

/* And where it ends. */
static void change_end(pid_t child, struct user_regs_struct *regs, struct tamper *t)
{
	t->armed = false;
	/* The C library compares the break with what it asked for, in the register that it passed that in. */
	if ((long)regs->orig_rax == SYS_brk)
		regs->rdi = t->place;
	else if (t->replace)
		regs->rax = (unsigned long long)t->result;
	else
		return;
	ck_assert_int_eq(ptrace(PTRACE_SETREGS, child, NULL, regs), 0);
}

/* A system call stops twice, when it begins and when it ends. */
static void count(pid_t child, struct system_calls *ret, struct tamper *tamper, int *ret_status)
{
	struct user_regs_struct regs;
	size_t marks = 0;

	while (next_stop(child, &regs, ret_status)) {
		const long number = (long)regs.orig_rax;

		if (number == MARK) {
			marks++;
		} else if (marks == 1 && !is_log(number) && ret->count < SYSTEM_CALLS_MAX) {
			if (tamper && tamper->at == ret->count)
				change_begin(child, &regs, tamper);
			ret->numbers[ret->count++] = number;
		}
		if (!next_stop(child, &regs, ret_status))
			break;
		if (tamper && tamper->armed)
			change_end(child, &regs, tamper);
	}
}

/* False if nothing can be traced. */
static bool trace(const struct traced *t, struct tamper *tamper, struct system_calls *ret)
{
	const pid_t child = fork();
	int status = 0;

	ck_assert_int_ge(child, 0);
	if (child == 0)
		run_child(t);
	ret->count = 0;
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	if (!WIFSTOPPED(status))
		return false;
	ck_assert_int_eq(ptrace(PTRACE_SETOPTIONS, child, NULL,
				PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL),
			 0);
	count(child, ret, tamper, &status);
	ck_assert_msg(WIFEXITED(status) && WEXITSTATUS(status) == 0,
		      "the child: 0x%x, after %zu calls", status, ret->count);
	return true;
}

bool system_calls_of(void (*call)(void *user), void *user, struct system_calls *ret)
{
	const struct traced t = { .call = call, .user = user };

	return trace(&t, NULL, ret);
}

bool system_call_can(long number, enum system_call_fault fault)
{
	if (fault == CALL_FAILS)
		return true;
	if (number == SYS_pread64 || number == SYS_preadv || number == SYS_pwrite64)
		return true;
	return fault == CALL_IS_INTERRUPTED && (number == SYS_ftruncate || number == SYS_fallocate);
}

bool system_calls_with_fault(void (*call)(void *user), const char *(*after)(void *user), void *user,
			     size_t at, enum system_call_fault fault, char ret_wrong[256])
{
	struct tamper tamper = { .at = at, .fault = fault };
	struct traced t = { call, after, user, NULL };
	struct system_calls calls;
	bool traced;

	t.wrong = mmap(NULL, WRONG_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ck_assert_ptr_ne(t.wrong, MAP_FAILED);
	traced = trace(&t, &tamper, &calls);
	memcpy(ret_wrong, t.wrong, WRONG_SIZE);
	munmap(t.wrong, WRONG_SIZE);
	return traced;
}

#else

bool system_calls_of(void (*call)(void *user), void *user, struct system_calls *ret)
{
	(void)call;
	(void)user;
	(void)ret;
	return false;
}

bool system_call_can(long number, enum system_call_fault fault)
{
	(void)number;
	(void)fault;
	return false;
}

bool system_calls_with_fault(void (*call)(void *user), const char *(*after)(void *user), void *user,
			     size_t at, enum system_call_fault fault, char ret_wrong[256])
{
	(void)call;
	(void)after;
	(void)user;
	(void)at;
	(void)fault;
	ret_wrong[0] = '\0';
	return false;
}

#endif

void system_calls_list(const struct system_calls *calls)
{
	for (size_t i = 0; i < calls->count; i++)
		fprintf(stderr, "system call %ld\n", calls->numbers[i]);
}
