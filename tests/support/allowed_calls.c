/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
#include "allowed_calls.h"

#ifdef __linux__

#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "suite.h"

/* Older headers lack it. */
#ifndef F_GET_SEALS
#define F_GET_SEALS 1034
#endif

/* Sanitizers make system calls of their own. */
#ifdef __has_feature
#define HAS_FEATURE(name) __has_feature(name)
#else
#define HAS_FEATURE(name) 0
#endif
#if defined(__x86_64__) && defined(__LP64__) && !defined(__SANITIZE_ADDRESS__) && \
	!defined(__SANITIZE_THREAD__) && !HAS_FEATURE(address_sanitizer) &&       \
	!HAS_FEATURE(memory_sanitizer) && !HAS_FEATURE(thread_sanitizer)
#define HAS_FILTER 1
#else
#define HAS_FILTER 0
#endif

#if HAS_FILTER
#define CALL(name)                       \
	{                                \
#name, SYS_##name, false \
	}
#define LIBC_CALL(name)                 \
	{                               \
#name, SYS_##name, true \
	}

const struct allowed_call allowed_calls[] = {
	CALL(pread64),         CALL(pwrite64),     CALL(fcntl),
	CALL(close),           CALL(mmap),         CALL(munmap),
	CALL(madvise),         CALL(memfd_create), CALL(ftruncate),
	CALL(fallocate),       CALL(prlimit64),    LIBC_CALL(fstat),
	LIBC_CALL(newfstatat), LIBC_CALL(brk),     LIBC_CALL(mremap),
	LIBC_CALL(mprotect),   LIBC_CALL(futex),   LIBC_CALL(getrandom),
	LIBC_CALL(sysinfo),    CALL(preadv),       CALL(fstatfs),
};
const size_t allowed_call_count = sizeof(allowed_calls) / sizeof(allowed_calls[0]);

#define STEPS_MAX    (4 * ALLOWED_CALLS_MAX + 16)
#define NO_FILTER    4
#define DENIED       5
#define OFFSET(what) ((uint32_t)offsetof(struct seccomp_data, what))

struct filter {
	struct sock_filter steps[STEPS_MAX];
	unsigned short count;
};

static void add_step(struct filter *f, struct sock_filter step)
{
	if (f->count == STEPS_MAX)
		abort();
	f->steps[f->count++] = step;
}

#define LOAD(what)        ((struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, OFFSET(what)))
#define ANSWER(action)    ((struct sock_filter)BPF_STMT(BPF_RET | BPF_K, (action)))
#define JUMP(op, k, t, f) ((struct sock_filter)BPF_JUMP(BPF_JMP | (op) | BPF_K, (k), (t), (f)))

/* Only what the document says of it: fcntl()'s commands, and no memory that can be executed. */
static void allow(struct filter *f, long number)
{
	static const uint32_t commands[] = { F_DUPFD_CLOEXEC, F_GET_SEALS, F_ADD_SEALS };

	if (number == SYS_fcntl) {
		add_step(f, JUMP(BPF_JEQ, (uint32_t)number, 0, 6));
		add_step(f, LOAD(args[1]));
		for (uint8_t i = 0; i < 3; i++)
			add_step(f, JUMP(BPF_JEQ, commands[i], (uint8_t)(3 - i), 0));
		add_step(f, ANSWER(SECCOMP_RET_TRAP));
	} else if (number == SYS_mmap || number == SYS_mprotect) {
		add_step(f, JUMP(BPF_JEQ, (uint32_t)number, 0, 4));
		add_step(f, LOAD(args[2]));
		add_step(f, JUMP(BPF_JSET, PROT_EXEC, 0, 1));
		add_step(f, ANSWER(SECCOMP_RET_TRAP));
	} else {
		add_step(f, JUMP(BPF_JEQ, (uint32_t)number, 0, 1));
	}
	add_step(f, ANSWER(SECCOMP_RET_ALLOW));
}

/* The library writes to no descriptor of its own accord: what a test says, and the log of statuses that the tests keep. */
static void allow_report(struct filter *f)
{
	if (getenv("PVHLOAD_STATUS_LOG")) {
		allow(f, SYS_write);
		return;
	}
	add_step(f, JUMP(BPF_JEQ, SYS_write, 0, 4));
	add_step(f, LOAD(args[0]));
	add_step(f, JUMP(BPF_JEQ, STDERR_FILENO, 1, 0));
	add_step(f, ANSWER(SECCOMP_RET_TRAP));
	add_step(f, ANSWER(SECCOMP_RET_ALLOW));
}

static int install(const char *without)
{
	struct filter f = { .count = 0 };
	struct sock_fprog program = { .filter = f.steps };

	add_step(&f, LOAD(nr));
	allow(&f, SYS_exit_group);
	allow_report(&f);
	for (size_t i = 0; i < allowed_call_count; i++)
		if (!without || strcmp(allowed_calls[i].name, without) != 0)
			allow(&f, allowed_calls[i].number);
	add_step(&f, ANSWER(SECCOMP_RET_TRAP));
	program.len = f.count;
	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
	       prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0;
}

/* What the parent reads. */
static volatile long *denied;

static void tell(int signal, siginfo_t *info, void *context)
{
	(void)signal;
	(void)context;
	*denied = info->si_syscall;
	_exit(DENIED);
}

static void run_child(void (*call)(void *user), void *user, const char *without)
{
	struct sigaction action = { .sa_sigaction = tell, .sa_flags = SA_SIGINFO };

	if (sigaction(SIGSYS, &action, NULL) != 0 || install(without) != 0)
		_exit(NO_FILTER);
	call(user);
	_exit(0);
}

enum filtered run_filtered(void (*call)(void *user), void *user, const char *without,
			   long *ret_denied)
{
	const int shared = MAP_SHARED | MAP_ANONYMOUS;
	int status = 0, code;
	pid_t child;

	denied = mmap(NULL, sizeof(*denied), PROT_READ | PROT_WRITE, shared, -1, 0);
	ck_assert_ptr_ne((void *)(uintptr_t)denied, MAP_FAILED);
	child = fork();
	ck_assert_int_ge(child, 0);
	if (child == 0)
		run_child(call, user, without);
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	*ret_denied = *denied;
	munmap((void *)(uintptr_t)denied, sizeof(*denied));
	ck_assert_msg(WIFEXITED(status), "the child: 0x%x", status);
	code = WEXITSTATUS(status);
	ck_assert_msg(code == 0 || code == DENIED || code == NO_FILTER, "the child exits: %d",
		      code);
	return code == 0 ? FILTERED_DONE : code == DENIED ? FILTERED_DENIED : FILTERED_NONE;
}
#endif
#endif

#if !defined(__linux__) || !HAS_FILTER
const struct allowed_call allowed_calls[] = { { NULL, 0, true } };
const size_t allowed_call_count = 0;

enum filtered run_filtered(void (*call)(void *user), void *user, const char *without,
			   long *ret_denied)
{
	(void)call;
	(void)user;
	(void)without;
	(void)ret_denied;
	return FILTERED_NONE;
}
#endif
