/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * A kernel that nobody trusts, decoded by a child process that can do nothing else, as a VMM does it that serves unknown
 * tenants.  The child has the kernel's file and a socket, the system calls that decoding takes (docs/security.md), and
 * limits on memory and time.  What it hands back is a sealed memfd.  The parent checks the seals and boots from it: it
 * runs no decoder, and what it parses are the headers of an ELF file or a flat Image, which it trusts no more than before.
 *
 *     sandbox KERNEL [RAM-FILE]              write the guest's RAM as it is ready to run
 *     sandbox --try call|limit|signal|memory|cpu|stop
 *                                            see that the sandbox holds here: the child does that, and decodes nothing
 *
 * Fork before there are threads, and before the guest's RAM is mapped: RLIMIT_AS counts what the child inherits.  A VMM
 * that has both already starts a program of its own for this.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* the seals of a memfd */
#endif
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <pvhload/pvhload.h>

#define MIB      (1024ull * 1024)
#define RAM_SIZE (128 * MIB)
#define DECODED  (256 * MIB) /* most bytes of a kernel */
#define MEMORY \
	(768 * MIB) /* of the child: the file, the kernel, and 192 MiB for the dictionary of xz */
#define CPU_TIME   30u /* seconds of the child */
#define WALL_TIME  60u /* seconds until it is given up, whatever it waits for */
#define EVERY_SEAL (F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL)

/* The child's descriptors: all others are closed. */
enum { KERNEL = 3, SOCKET = 4 };

#ifdef __x86_64__
#define THIS_ARCH AUDIT_ARCH_X86_64
#else
#define THIS_ARCH AUDIT_ARCH_AARCH64
#endif

/* Words of 32 bits; of what is longer, of a little-endian processor, the lower one. */
#define LOAD_AT(at)        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (at))
#define LOAD(what)         LOAD_AT(offsetof(struct seccomp_data, what))
#define LOAD_HIGH(what)    LOAD_AT(offsetof(struct seccomp_data, what) + 4)
#define KILL               BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS)
#define PERMIT             BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)
#define IS(value, yes, no) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (value), (yes), (no))
#define ALLOW(call)        IS(SYS_##call, 0, 1), PERMIT
/* Memory, but none that can be executed. */
#define ALLOW_NOT_EXEC(call)                 \
	IS(SYS_##call, 0, 4), LOAD(args[2]), \
		BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, PROT_EXEC, 0, 1), KILL, PERMIT
/* What the library does with a descriptor.  Others of its commands have signals sent to any process of this user. */
#define ALLOW_SEALS(call)                                                                      \
	IS(SYS_##call, 0, 6), LOAD(args[1]), IS(F_DUPFD_CLOEXEC, 2, 0), IS(F_GET_SEALS, 1, 0), \
		IS(F_ADD_SEALS, 0, 1), PERMIT, KILL
/* Limits of the child, which are read: it might set those of any process of this user. */
#define ALLOW_READING(call)                                                           \
	IS(SYS_##call, 0, 8), LOAD(args[0]), IS(0, 0, 5), LOAD(args[2]), IS(0, 0, 3), \
		LOAD_HIGH(args[2]), IS(0, 0, 1), PERMIT, KILL

#define LIMIT(resource, most) setrlimit((resource), &(const struct rlimit){ (most), (most) })

/* What the child may do from here on; anything else ends it. */
static int allow_few_calls(void)
{
	struct sock_filter steps[] = {
		LOAD(arch),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, THIS_ARCH, 1, 0),
		KILL,
		LOAD(nr),
		/* the library */
		ALLOW(pread64),
		ALLOW(preadv),
		ALLOW(fstat),
		ALLOW(newfstatat),
		ALLOW(fstatfs),
		ALLOW_SEALS(fcntl),
		ALLOW(close),
		ALLOW_NOT_EXEC(mmap),
		ALLOW(munmap),
		ALLOW(madvise),
		ALLOW(memfd_create),
		ALLOW(ftruncate),
		ALLOW_READING(prlimit64),
		/* malloc(), and glibc's qsort() of much */
		ALLOW(brk),
		ALLOW(mremap),
		ALLOW(getrandom),
		ALLOW(sysinfo),
		/* this program */
		ALLOW(sendmsg),
		ALLOW(exit_group),
		KILL,
	};
	const struct sock_fprog filter = { sizeof(steps) / sizeof(steps[0]), steps };

	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
	       prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter);
}

/* The hard limit on CPU time is a second more, so that the signal of the soft one says why the child ended. */
static int limit_all(rlim_t cpu_time)
{
	const struct rlimit cpu = { cpu_time, cpu_time + 1 };

	return setrlimit(RLIMIT_CPU, &cpu) || LIMIT(RLIMIT_AS, MEMORY) || LIMIT(RLIMIT_CORE, 0) ||
	       LIMIT(RLIMIT_FSIZE, DECODED) || LIMIT(RLIMIT_NOFILE, 16);
}

/* The kernel and the socket are all that is open, standard error but for that. */
static int keep_two(int kernel, int socket)
{
	const int high = fcntl(socket, F_DUPFD, SOCKET + 1);

	return high < 0 || dup2(kernel, KERNEL) < 0 || dup2(high, SOCKET) < 0 || close(0) ||
	       close(1) || syscall(SYS_close_range, SOCKET + 1, ~0u, 0);
}

/* A text, and with it @fd, unless that is -1. */
static int reply(const char *text, int fd)
{
	union {
		struct cmsghdr head;
		char room[CMSG_SPACE(sizeof(int))];
	} control = { .room = { 0 } };
	struct iovec bytes = { (void *)(uintptr_t)text, strlen(text) };
	struct msghdr message = { .msg_iov = &bytes, .msg_iovlen = 1 };

	if (fd >= 0) {
		message.msg_control = &control;
		message.msg_controllen = sizeof(control);
		control.head.cmsg_level = SOL_SOCKET;
		control.head.cmsg_type = SCM_RIGHTS;
		control.head.cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(&control.head), &fd, sizeof(fd));
	}
	return sendmsg(SOCKET, &message, MSG_NOSIGNAL) < 0;
}

static int decode(void)
{
	const struct pvhload_source source = pvhload_source_fd(KERNEL);
	struct pvhload_image_options options = PVHLOAD_IMAGE_OPTIONS_INIT;
	struct pvhload_error err = PVHLOAD_ERROR_INIT;
	struct pvhload_image *image;

	options.decode_limit = DECODED;
	if (pvhload_image_open(&source, &options, &image, &err) ||
	    pvhload_image_share(image, &err)) {
		reply(err.message, -1);
		return 1;
	}
	return reply("decoded", pvhload_image_shared_fd(image));
}

/* What a child does that has been taken over. */
static int misbehave(const char *how)
{
	volatile unsigned int spin = 1;
	void *memory;

	if (strcmp(how, "call") == 0)
		return open("/etc/passwd", O_RDONLY);
	if (strcmp(how, "limit") == 0)
		return LIMIT(RLIMIT_FSIZE, DECODED);
	if (strcmp(how, "signal") == 0)
		return fcntl(SOCKET, F_SETOWN, 1);
	if (strcmp(how, "cpu") == 0)
		while (spin)
			;
	memory = malloc(MEMORY);
	return reply(memory ? "there is memory above the limit" : "no memory above the limit", -1);
}

/* The child; @how is NULL, or how to misbehave. */
_Noreturn static void child(int kernel, int socket, const char *how)
{
	/* It does not outlive its parent. */
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) || keep_two(kernel, socket) ||
	    limit_all(how ? 1 : CPU_TIME))
		_exit(1);
	if (how && strcmp(how, "stop") == 0)
		raise(SIGSTOP);
	if (allow_few_calls()) {
		reply("the child cannot be confined: this system has no seccomp filters", -1);
		_exit(1);
	}
	_exit(how ? misbehave(how) : decode());
}

/* What arrives is whatever the child wanted: a text of any bytes, and no descriptor, one, or more than there is room for. */
static ssize_t receive(int socket, char *text, size_t size, int *ret_fd)
{
	union {
		struct cmsghdr head;
		char room[CMSG_SPACE(sizeof(int))];
	} control;
	struct iovec bytes = { text, size - 1 };
	struct msghdr message = { .msg_iov = &bytes,
				  .msg_iovlen = 1,
				  .msg_control = &control,
				  .msg_controllen = CMSG_LEN(sizeof(int)) };
	const ssize_t got = recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
	const struct cmsghdr *head = CMSG_FIRSTHDR(&message);

	text[got > 0 ? got : 0] = '\0';
	for (char *at = text; *at; at++)
		*at = *at >= ' ' && *at <= '~' ? *at : '?';
	if (got >= 0 && head && head->cmsg_level == SOL_SOCKET && head->cmsg_type == SCM_RIGHTS &&
	    head->cmsg_len == CMSG_LEN(sizeof(int)))
		memcpy(ret_fd, CMSG_DATA(head), sizeof(*ret_fd));
	return got;
}

static void say_why_it_ended(pid_t pid)
{
	int status = 0;

	kill(pid,
	     SIGKILL); /* nothing to who has ended already: it has only closed its socket otherwise */
	waitpid(pid, &status, 0);
	if (!WIFSIGNALED(status))
		fprintf(stderr, "sandbox: the child exited: %d\n", WEXITSTATUS(status));
	else if (WTERMSIG(status) == SIGSYS)
		fprintf(stderr, "sandbox: the child was killed: it made a forbidden system call\n");
	else if (WTERMSIG(status) == SIGXCPU)
		fprintf(stderr, "sandbox: the child was killed: no CPU time is left\n");
	else
		fprintf(stderr, "sandbox: the child was killed by signal %d (%s)\n",
			WTERMSIG(status), strsignal(WTERMSIG(status)));
}

/* The descriptor that the child sends, or -1, when it has been said why.  The child is gone in any case. */
static int wait_for(pid_t pid, int socket, unsigned int wall_time)
{
	struct pollfd readable = { .fd = socket, .events = POLLIN };
	char text[PVHLOAD_ERROR_MESSAGE_SIZE];
	int fd = -1;
	ssize_t got;

	if (poll(&readable, 1, (int)wall_time * 1000) != 1) {
		fprintf(stderr, "sandbox: the child was ended: %u seconds are over\n", wall_time);
	} else {
		got = receive(socket, text, sizeof(text), &fd);
		if (got <= 0) {
			say_why_it_ended(pid);
			return fd;
		}
		if (fd < 0)
			fprintf(stderr, "sandbox: %s\n", text);
	}
	kill(pid, SIGKILL); /* it has nothing more to say */
	waitpid(pid, NULL, 0);
	return fd;
}

/* Nobody can change these bytes any more, or make them fewer, and they are not too many. */
static int is_usable(int fd)
{
	const int seals = fcntl(fd, F_GET_SEALS);
	struct stat st;

	return seals >= 0 && (seals & EVERY_SEAL) == EVERY_SEAL && fstat(fd, &st) == 0 &&
	       st.st_size > 0 && (uint64_t)st.st_size <= DECODED;
}

static int decode_in_child(int kernel, const char *how)
{
	int sockets[2], fd;
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sockets)) {
		perror("socketpair");
		return -1;
	}
	pid = fork();
	if (pid == 0)
		child(kernel, sockets[1], how);
	close(sockets[1]);
	if (pid < 0) {
		perror("fork");
		close(sockets[0]);
		return -1;
	}
	fd = wait_for(pid, sockets[0], how && strcmp(how, "stop") == 0 ? 2 : WALL_TIME);
	close(sockets[0]);
	if (fd >= 0 && !is_usable(fd)) {
		fprintf(stderr, "sandbox: what the child sent is no sealed memfd\n");
		close(fd);
		return -1;
	}
	return fd;
}

/* A decoder has no business in this process, whatever is in the file: one byte is the most that it may decode to. */
static int boot(int fd, void *ram)
{
	const struct pvhload_source source = pvhload_source_fd(fd);
	const struct pvhload_memmap_x86 x86 = { .struct_size = sizeof(x86), .ram_size = RAM_SIZE };
	struct pvhload_ram_slot slot = { .size = RAM_SIZE,
					 .host = ram,
					 .flags = PVHLOAD_RAM_SLOT_ZEROED | PVHLOAD_RAM_SLOT_MAP };
	const struct pvhload_memory memory = { .struct_size = sizeof(memory),
					       .ops = pvhload_ram_flat_ops(),
					       .user = &slot };
	struct pvhload_memmap_entry entries[8];
	struct pvhload_memmap map = { .struct_size = sizeof(map),
				      .entries = entries,
				      .capacity = 8 };
	struct pvhload_image_options options = PVHLOAD_IMAGE_OPTIONS_INIT;
	struct pvhload_boot_config config = PVHLOAD_BOOT_CONFIG_INIT;
	struct pvhload_x86_cpu cpu = PVHLOAD_X86_CPU_INIT;
	struct pvhload_error err = PVHLOAD_ERROR_INIT;
	struct pvhload_image *image = NULL;
	struct pvhload_plan *plan = NULL;
	int failed;

	options.decode_limit = 1;
	config.memmap = &map;
	config.cmdline = "console=ttyS0";
	failed = pvhload_image_open(&source, &options, &image, &err) ||
		 pvhload_memmap_init_x86(&x86, &map, &err);
	config.image = image;
	failed = failed || pvhload_boot_plan(&config, &plan, &err) ||
		 pvhload_plan_commit(plan, &memory, &err) ||
		 pvhload_plan_get_x86_cpu(plan, &cpu, &err);
	if (failed)
		fprintf(stderr, "sandbox: %s\n", err.message);
	else
		printf("start at 0x%" PRIx64 "\n", cpu.rip);
	pvhload_plan_free(plan);
	pvhload_image_close(image);
	return failed;
}

static int save(const char *path, const void *ram)
{
	FILE *file = fopen(path, "wb");
	int failed = !file || fwrite(ram, RAM_SIZE, 1, file) != 1;

	if (file)
		failed |= fclose(file);
	if (failed)
		perror(path);
	return failed;
}

static int boot_and_save(int fd, const char *path)
{
	const int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;
	void *ram = mmap(NULL, RAM_SIZE, PROT_READ | PROT_WRITE, flags, -1, 0);
	int failed;

	if (ram == MAP_FAILED) {
		perror("mmap");
		return 1;
	}
	failed = boot(fd, ram) || (path && save(path, ram));
	munmap(ram, RAM_SIZE);
	return failed;
}

int main(int argc, char **argv)
{
	const char *how = argc == 3 && strcmp(argv[1], "--try") == 0 ? argv[2] : NULL;
	int kernel, fd, failed;

	if (argc != 2 && argc != 3) {
		fprintf(stderr,
			"usage: sandbox KERNEL [RAM-FILE] | --try call|limit|signal|memory|cpu|stop\n");
		return 1;
	}
	/* A pipe that nobody writes to would be waited for. */
	kernel = open(how ? "/dev/null" : argv[1], O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (kernel < 0) {
		perror(argv[1]);
		return 1;
	}
	fd = decode_in_child(kernel, how);
	close(kernel);
	if (fd < 0)
		return 1;
	failed = boot_and_save(fd, argc == 3 ? argv[2] : NULL);
	close(fd);
	return failed || fflush(stdout) || ferror(stdout);
}
