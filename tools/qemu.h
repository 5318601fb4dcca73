/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* QEMU as a plain processor on RAM that the library has filled. */
#ifndef TOOL_QEMU_H
#define TOOL_QEMU_H

#include <stdbool.h>
#include <sys/types.h>

#include <pvhload/x86_cpu.h>

#include "qemu_monitor.h"

/* A running QEMU; its serial console is the pipes, and what is written to port 0xe9 comes as well. */
struct qemu {
	pid_t pid;
	int to_guest;
	int from_guest;
	int rom_fd;
	struct qemu_monitor monitor;
};

/*
 * Start QEMU on the RAM in @ram_fd, @ram_size bytes, with the processor in @cpu.  Returns TOOL_DONE,
 * or prints a message and returns TOOL_FAILED.
 */
int qemu_start(struct qemu *qemu, const struct pvhload_x86_cpu *cpu, int ram_fd, uint64_t ram_size);

/*
 * Wait for it to end, or kill it first; returns what waitpid() says of it.  The monitor's record of it has
 * then been filled.
 */
int qemu_finish(struct qemu *qemu, bool kill_it);

#endif
