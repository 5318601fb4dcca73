/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
#include "qemu.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "stub_rom.h"
#include "tool.h"

#define PROGRAM "qemu-system-x86_64"

extern char **environ;

/* The ROM in memory that QEMU opens by name: nothing is left behind, however this ends. */
static int make_rom(const struct pvhload_cpu_state *cpu)
{
	static uint8_t rom[STUB_ROM_SIZE];
	int fd;

	if (!stub_rom_build(cpu, rom)) {
		(void)tool_fail(PROGRAM, "the guest does not start in 32-bit protected mode");
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

static int spawn(struct qemu *qemu, char **argv, const int in[2], const int out[2])
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	sigset_t none;
	int error;

	sigemptyset(&none);
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, in[0], STDIN_FILENO);
	posix_spawn_file_actions_adddup2(&actions, out[1], STDOUT_FILENO);
	posix_spawnattr_init(&attributes);
	/* Its own process group: a Ctrl-C at the terminal is ours to handle. */
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK);
	posix_spawnattr_setsigmask(&attributes, &none);
	error = posix_spawnp(&qemu->pid, PROGRAM, &actions, &attributes, argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	posix_spawnattr_destroy(&attributes);
	if (error == ENOENT)
		return tool_fail(PROGRAM,
				 "not installed (Debian: apt-get install qemu-system-x86)");
	if (error != 0)
		return tool_fail(PROGRAM, "cannot start: %s", strerror(error));
	return TOOL_DONE;
}

int qemu_start(struct qemu *qemu, const struct pvhload_cpu_state *cpu, int ram_fd,
	       uint64_t ram_size)
{
	char memory[160], size[32], rom_path[64];
	/*
	 * pc splits its RAM where the library's default map does; microvm would at 3.5 GiB.  The
	 * files are named by our own descriptors, which QEMU opens anew.
	 */
	char *argv[] = { (char *)(uintptr_t)PROGRAM,
			 (char *)(uintptr_t) "-machine",
			 (char *)(uintptr_t) "pc,max-ram-below-4g=3G,memory-backend=ram",
			 (char *)(uintptr_t) "-accel",
			 (char *)(uintptr_t) "tcg",
			 (char *)(uintptr_t) "-cpu",
			 (char *)(uintptr_t) "max",
			 (char *)(uintptr_t) "-object",
			 memory,
			 (char *)(uintptr_t) "-m",
			 size,
			 (char *)(uintptr_t) "-bios",
			 rom_path,
			 (char *)(uintptr_t) "-nodefaults",
			 (char *)(uintptr_t) "-no-user-config",
			 (char *)(uintptr_t) "-no-reboot",
			 (char *)(uintptr_t) "-display",
			 (char *)(uintptr_t) "none",
			 (char *)(uintptr_t) "-chardev",
			 (char *)(uintptr_t) "stdio,id=console,signal=off",
			 (char *)(uintptr_t) "-serial",
			 (char *)(uintptr_t) "chardev:console",
			 NULL };
	int in[2], out[2], result, rom;

	rom = make_rom(cpu);
	if (rom < 0)
		return TOOL_FAILED;
	snprintf(memory, sizeof(memory),
		 "memory-backend-file,id=ram,mem-path=/proc/%ld/fd/%d,size=%" PRIu64 ",share=on",
		 (long)getpid(), ram_fd, ram_size);
	snprintf(size, sizeof(size), "size=%" PRIu64 "B", ram_size);
	snprintf(rom_path, sizeof(rom_path), "/proc/%ld/fd/%d", (long)getpid(), rom);
	result = make_pipes(in, out);
	if (result == TOOL_DONE) {
		result = spawn(qemu, argv, in, out);
		close(in[0]);
		close(out[1]);
		qemu->to_guest = in[1];
		qemu->from_guest = out[0];
		if (result != TOOL_DONE) {
			close(in[1]);
			close(out[0]);
		}
	}
	qemu->rom_fd = rom;
	if (result != TOOL_DONE)
		close(rom);
	return result;
}

int qemu_finish(struct qemu *qemu, bool kill_it)
{
	int status = 0;

	if (kill_it)
		(void)kill(qemu->pid, SIGKILL);
	while (waitpid(qemu->pid, &status, 0) < 0 && errno == EINTR)
		;
	if (qemu->to_guest >= 0)
		close(qemu->to_guest);
	close(qemu->from_guest);
	close(qemu->rom_fd);
	return status;
}
