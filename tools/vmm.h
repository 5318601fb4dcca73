/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* What runs the guest: a process of its own, QEMU or a VMM of ours, whose pipes are the guest's serial console. */
#ifndef TOOL_VMM_H
#define TOOL_VMM_H

#include <stdbool.h>
#include <sys/types.h>

#include <pvhload/plan.h>

#include "qemu_monitor.h"

/* What a guest starts from: RAM that has been filled, and the boot processor's state. */
struct vmm_guest {
	const struct pvhload_plan_info *plan;
	const struct pvhload_x86_cpu *cpu; /* the plan's; NULL for another architecture */
	int ram_fd;
	void *ram;
	uint64_t ram_size;
	const struct pvhload_ram_slot *rom; /* what has a firmware; NULL without one */
	unsigned int cpu_count;
};

/* How a VMM that was not killed ended. */
enum vmm_end {
	VMM_OFF,     /* the guest turned the machine off */
	VMM_RESET,   /* the guest reset it, as a triple fault does too */
	VMM_FAILED,  /* not by the guest, and it has said why */
	VMM_CRASHED, /* nobody has said why */
};

/* A running VMM. */
struct vmm {
	const char *name;
	pid_t pid;
	int to_guest;
	int from_guest;
	struct qemu_monitor monitor; /* of QEMU; else its fd is -1 */
	int rom_fd;                  /* of QEMU */
	/* What the status that waitpid() gave means; what else belongs to the VMM is freed. */
	enum vmm_end (*ended)(struct vmm *vmm, int status);
};

/* Start a guest.  Returns TOOL_DONE, or prints a message and returns TOOL_FAILED. */
typedef int vmm_start_fn(struct vmm *vmm, const struct vmm_guest *guest);

/* Wait for a VMM to end, or kill it first, and free what belongs to it. */
enum vmm_end vmm_finish(struct vmm *vmm, bool kill_it);

/*
 * For those that start one: run @child in a process, with the pipes at descriptors 0 and 1, and wait until it has
 * closed @ready, as exec() does, or returned an errno.  That is the result here as well: 0, or why there is no VMM.
 * The process does not outlive this one.
 */
typedef int vmm_child_fn(void *arg, int ready);
int vmm_spawn(struct vmm *vmm, vmm_child_fn *child, void *arg);

#endif
