/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
#include "qemu.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "stub_rom.h"
#include "tool.h"

#define PROGRAM "qemu-system-x86_64"

struct child {
	char **argv;
	int monitor_fd;
};

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

static int run_child(void *arg, int ready)
{
	struct child *child = arg;

	(void)ready; /* closed by exec() */
	if (fcntl(child->monitor_fd, F_SETFD, 0) == 0)
		execvp(PROGRAM, child->argv);
	return errno;
}

static int spawn(struct vmm *vmm, char **argv)
{
	struct child child = { .argv = argv, .monitor_fd = vmm->monitor.qemu_fd };
	const int error = vmm_spawn(vmm, run_child, &child);

	if (error == ENOENT)
		return tool_fail(PROGRAM,
				 "not installed (Debian: apt-get install qemu-system-x86)");
	if (error != 0)
		return tool_fail(PROGRAM, "cannot start: %s", strerror(error));
	return TOOL_DONE;
}

/* With the ROM and the monitor that @vmm has. */
static int start(struct vmm *vmm, const struct vmm_guest *guest)
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
		 (long)getpid(), guest->ram_fd, guest->ram_size);
	snprintf(size, sizeof(size), "size=%" PRIu64 "B", guest->ram_size);
	snprintf(rom_path, sizeof(rom_path), "/proc/%ld/fd/%d", (long)getpid(), vmm->rom_fd);
	snprintf(monitor, sizeof(monitor), "socket,id=monitor,fd=%d", vmm->monitor.qemu_fd);
	result = spawn(vmm, argv);
	close(vmm->monitor.qemu_fd); /* its end is the end of what it says */
	vmm->monitor.qemu_fd = -1;
	return result;
}

/* Once it has ended, its monitor has nothing more to say. */
static enum vmm_end ended(struct vmm *vmm, int status)
{
	while (qemu_monitor_hear(&vmm->monitor))
		;
	qemu_monitor_close(&vmm->monitor);
	close(vmm->rom_fd);
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
		return VMM_CRASHED;
	return vmm->monitor.reset ? VMM_RESET : VMM_OFF;
}

int qemu_start(struct vmm *vmm, const struct vmm_guest *guest)
{
	int result;

	*vmm = (struct vmm){ .name = "QEMU", .ended = ended, .rom_fd = make_rom(guest->cpu) };
	if (vmm->rom_fd < 0)
		return TOOL_FAILED;
	if (qemu_monitor_open(&vmm->monitor) != TOOL_DONE) {
		close(vmm->rom_fd);
		return tool_fail(PROGRAM, "cannot make a socket: %s", strerror(errno));
	}
	result = start(vmm, guest);
	if (result != TOOL_DONE) {
		qemu_monitor_close(&vmm->monitor);
		close(vmm->rom_fd);
	}
	return result;
}
