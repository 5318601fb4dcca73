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

#include "qemu_virt.h"
#include "stub_rom.h"
#include "tool.h"

#define PROGRAM        "qemu-system-x86_64"
#define QEMU_ROM_ALIGN 0x10000u /* of what pc takes by -bios */

struct child {
	char **argv;
	int monitor_fd;
};

/* Code in memory that QEMU opens by name: nothing stays, however this ends. */
static int make_code(const uint8_t *bytes, size_t size)
{
	const int fd = memfd_create("pvhload-rom", MFD_CLOEXEC);

	if (fd < 0 || write(fd, bytes, size) != (ssize_t)size) {
		(void)tool_fail("QEMU", "cannot make its ROM: %s", strerror(errno));
		if (fd >= 0)
			close(fd);
		return -1;
	}
	return fd;
}

static int make_rom(const struct vmm_guest *guest)
{
	static uint8_t rom[STUB_ROM_SIZE];
	uint8_t stub[QEMU_STUB_SIZE_MAX];
	const char *why_not;

	if (guest->rom && guest->rom->size % QEMU_ROM_ALIGN != 0) {
		(void)tool_fail(PROGRAM,
				"takes a firmware of a multiple of 64 KiB, not of %" PRIu64
				" bytes",
				guest->rom->size);
		return -1;
	}
	if (guest->rom)
		return make_code(guest->rom->host, (size_t)guest->rom->size);
	if (!guest->cpu)
		return make_code(stub, qemu_virt_stub(guest->plan, stub));
	why_not = stub_rom_build(guest->cpu, rom);
	if (!why_not)
		return make_code(rom, sizeof(rom));
	(void)tool_fail(PROGRAM, "%s", why_not);
	return -1;
}

static int run_child(void *arg, int ready)
{
	struct child *child = arg;

	(void)ready; /* closed by exec() */
	if (fcntl(child->monitor_fd, F_SETFD, 0) == 0)
		execvp(child->argv[0], child->argv);
	return errno;
}

static int spawn(struct vmm *vmm, char **argv, const char *package)
{
	struct child child = { .argv = argv, .monitor_fd = vmm->monitor.qemu_fd };
	const int error = vmm_spawn(vmm, run_child, &child);

	if (error == ENOENT)
		return tool_fail(argv[0], "not installed (Debian: apt-get install %s)", package);
	if (error != 0)
		return tool_fail(argv[0], "cannot start: %s", strerror(error));
	return TOOL_DONE;
}

/*
 * A firmware is what pc takes by -bios: it puts it into ROM, with the copy below 1 MiB, and begins at reset by itself.
 *
 * pc splits its RAM where the library's default map does; microvm would at 3.5 GiB.  The debug console is another way to
 * the pipe that the serial console writes to.
 */
static void add_pc(struct qemu_command *c, const struct vmm *vmm, const struct vmm_guest *guest)
{
	qemu_add(c, PROGRAM);
	qemu_add(c, "-machine");
	qemu_add(c, "pc,max-ram-below-4g=3G,memory-backend=ram");
	qemu_add(c, "-cpu");
	qemu_add(c, "max");
	qemu_add(c, "-bios");
	qemu_add(c, "/proc/%ld/fd/%d", (long)getpid(), vmm->rom_fd);
	qemu_add(c, "-chardev");
	qemu_add(c, "file,id=debug,path=/dev/fd/1");
	qemu_add(c, "-device");
	qemu_add(c, "isa-debugcon,iobase=0xe9,chardev=debug");
	if (!guest->rom)
		return;
	/* What SeaBIOS says of itself. */
	qemu_add(c, "-chardev");
	qemu_add(c, "file,id=firmware,path=/dev/fd/1");
	qemu_add(c, "-device");
	qemu_add(c, "isa-debugcon,iobase=0x402,chardev=firmware");
}

/* With the ROM and the monitor that @vmm has. */
static int start(struct vmm *vmm, const struct vmm_guest *guest)
{
	struct qemu_command command = { .count = 0 };
	int result;

	if (guest->cpu)
		add_pc(&command, vmm, guest);
	else
		qemu_add_virt(&command, vmm, guest);
	qemu_add_common(&command, vmm, guest);
	result = spawn(vmm, command.argv,
		       guest->cpu ? "qemu-system-x86" : qemu_virt_package(guest->plan->arch));
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

	*vmm = (struct vmm){ .name = "QEMU", .ended = ended, .rom_fd = make_rom(guest) };
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
