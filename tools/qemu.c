/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
#include "qemu.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "stub_rom.h"
#include "tool.h"

#define PROGRAM "qemu-system-x86_64"

/* The ROM in memory that QEMU opens by name: nothing stays, however this ends. */
static int make_rom(const struct pvhload_x86_cpu *cpu)
{
	static uint8_t rom[STUB_ROM_SIZE];
	const char *why_not = stub_rom_build(cpu, rom);
	int fd;

	if (why_not) {
		(void)tool_fail(PROGRAM, "%s", why_not);
		return -1;
	}
	fd = memfd_create("pvhload-rom", MFD_CLOEXEC);
	if (fd < 0 || write(fd, rom, sizeof(rom)) != (ssize_t)sizeof(rom)) {
		(void)tool_fail(PROGRAM, "cannot make its ROM: %s", strerror(errno));
		if (fd >= 0)
			close(fd);
		return -1;
	}
	return fd;
}

/* Both ends of two pipes; QEMU's ends go away with exec, where they are dup'ed to 0 and 1. */
static int make_pipes(int in[2], int out[2])
{
	if (pipe2(in, O_CLOEXEC) != 0)
		return tool_fail(PROGRAM, "cannot make a pipe: %s", strerror(errno));
	if (pipe2(out, O_CLOEXEC) != 0) {
		close(in[0]);
		close(in[1]);
		return tool_fail(PROGRAM, "cannot make a pipe: %s", strerror(errno));
	}
	return TOOL_DONE;
}

/* In the child: QEMU, or the reason why not through @report. */
static void run_child(char **argv, int in, int out, int monitor, int report, pid_t parent)
{
	sigset_t none;
	int error;

	sigemptyset(&none);
	(void)signal(SIGPIPE, SIG_DFL);
	/*
	 * Its own process group, so that a Ctrl-C at the terminal is ours to handle; and it is not
	 * to outlive us, however we end: not even if we have ended before it could ask for that.
	 */
	if (setpgid(0, 0) == 0 && prctl(PR_SET_PDEATHSIG, SIGKILL) == 0 && getppid() == parent &&
	    sigprocmask(SIG_SETMASK, &none, NULL) == 0 && dup2(in, STDIN_FILENO) >= 0 &&
	    dup2(out, STDOUT_FILENO) >= 0 && fcntl(monitor, F_SETFD, 0) == 0)
		execvp(PROGRAM, argv);
	error = errno;
	_exit(write(report, &error, sizeof(error)) == sizeof(error) ? 127 : 126);
}

static int spawn(struct qemu *qemu, char **argv, int in, int out)
{
	const pid_t parent = getpid();
	int report[2], error = 0;

	/* Closed by a successful exec: then there is nothing to read. */
	if (pipe2(report, O_CLOEXEC) != 0)
		return tool_fail(PROGRAM, "cannot make a pipe: %s", strerror(errno));
	qemu->pid = fork();
	if (qemu->pid == 0)
		run_child(argv, in, out, qemu->monitor.qemu_fd, report[1], parent);
	close(report[1]);
	if (qemu->pid < 0)
		error = errno;
	else if (read(report[0], &error, sizeof(error)) == sizeof(error))
		(void)waitpid(qemu->pid, NULL, 0);
	close(report[0]);
	if (error == ENOENT)
		return tool_fail(PROGRAM,
				 "not installed (Debian: apt-get install qemu-system-x86)");
	if (error != 0)
		return tool_fail(PROGRAM, "cannot start: %s", strerror(error));
	return TOOL_DONE;
}

static int spawn_with_pipes(struct qemu *qemu, char **argv)
{
	int in[2], out[2], result;

	TOOL_TRY(make_pipes(in, out));
	result = spawn(qemu, argv, in[0], out[1]);
	close(in[0]);
	close(out[1]);
	qemu->to_guest = in[1];
	qemu->from_guest = out[0];
	if (result != TOOL_DONE) {
		close(in[1]);
		close(out[0]);
	}
	return result;
}

/* With the ROM and the monitor that @qemu has. */
static int start(struct qemu *qemu, int ram_fd, uint64_t ram_size)
{
	char memory[160], size[32], rom_path[64], monitor[64];
	/*
	 * pc splits its RAM where the library's default map does; microvm would at 3.5 GiB.  The
	 * files are named by our own descriptors, which QEMU opens anew.
	 */
	char *argv[] = {
		(char *)(uintptr_t)PROGRAM, (char *)(uintptr_t) "-machine",
		(char *)(uintptr_t) "pc,max-ram-below-4g=3G,memory-backend=ram",
		(char *)(uintptr_t) "-accel", (char *)(uintptr_t) "tcg", (char *)(uintptr_t) "-cpu",
		(char *)(uintptr_t) "max", (char *)(uintptr_t) "-object", memory,
		(char *)(uintptr_t) "-m", size, (char *)(uintptr_t) "-bios", rom_path,
		(char *)(uintptr_t) "-nodefaults", (char *)(uintptr_t) "-no-user-config",
		(char *)(uintptr_t) "-no-reboot", (char *)(uintptr_t) "-display",
		(char *)(uintptr_t) "none", (char *)(uintptr_t) "-chardev",
		(char *)(uintptr_t) "stdio,id=console,signal=off", (char *)(uintptr_t) "-serial",
		(char *)(uintptr_t) "chardev:console",
		/* Another way to the pipe that the console writes to. */
		(char *)(uintptr_t) "-chardev", (char *)(uintptr_t) "file,id=debug,path=/dev/fd/1",
		(char *)(uintptr_t) "-device",
		(char *)(uintptr_t) "isa-debugcon,iobase=0xe9,chardev=debug",
		(char *)(uintptr_t) "-chardev", monitor, (char *)(uintptr_t) "-mon",
		(char *)(uintptr_t) "chardev=monitor,mode=control", (char *)(uintptr_t) "-S", NULL
	};
	int result;

	snprintf(memory, sizeof(memory),
		 "memory-backend-file,id=ram,mem-path=/proc/%ld/fd/%d,size=%" PRIu64 ",share=on",
		 (long)getpid(), ram_fd, ram_size);
	snprintf(size, sizeof(size), "size=%" PRIu64 "B", ram_size);
	snprintf(rom_path, sizeof(rom_path), "/proc/%ld/fd/%d", (long)getpid(), qemu->rom_fd);
	snprintf(monitor, sizeof(monitor), "socket,id=monitor,fd=%d", qemu->monitor.qemu_fd);
	result = spawn_with_pipes(qemu, argv);
	close(qemu->monitor.qemu_fd); /* its end is the end of what it says */
	qemu->monitor.qemu_fd = -1;
	return result;
}

int qemu_start(struct qemu *qemu, const struct pvhload_x86_cpu *cpu, int ram_fd, uint64_t ram_size)
{
	int result;

	qemu->rom_fd = make_rom(cpu);
	if (qemu->rom_fd < 0)
		return TOOL_FAILED;
	if (qemu_monitor_open(&qemu->monitor) != TOOL_DONE) {
		close(qemu->rom_fd);
		return tool_fail(PROGRAM, "cannot make a socket: %s", strerror(errno));
	}
	result = start(qemu, ram_fd, ram_size);
	if (result != TOOL_DONE) {
		qemu_monitor_close(&qemu->monitor);
		close(qemu->rom_fd);
	}
	return result;
}

int qemu_finish(struct qemu *qemu, bool kill_it)
{
	int status = 0;

	if (kill_it)
		(void)kill(qemu->pid, SIGKILL);
	while (waitpid(qemu->pid, &status, 0) < 0)
		if (errno != EINTR) {
			status = -1; /* nobody knows: no success */
			break;
		}
	while (qemu_monitor_hear(&qemu->monitor))
		;
	qemu_monitor_close(&qemu->monitor);
	if (qemu->to_guest >= 0)
		close(qemu->to_guest);
	close(qemu->from_guest);
	close(qemu->rom_fd);
	return status;
}
