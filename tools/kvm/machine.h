/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* The machine, in the process that is there for it. */
#ifndef TOOL_KVM_MACHINE_H
#define TOOL_KVM_MACHINE_H

#include <pthread.h>
#include <stdint.h>

#include <linux/kvm.h>

#include "../vmm.h"
#include "kvm.h"
#include "guest_output.h"
#include "serial.h"

/* How it ends: what the process exits with. */
enum machine_end {
	MACHINE_OFF = 0,
	MACHINE_FAILED = 1, /* a message has been printed */
	MACHINE_RESET = 3,
};

struct machine;

struct vcpu {
	struct machine *machine;
	unsigned int index;
	int fd;
	struct kvm_run *run;
	pthread_t thread;
};

/* The fixed registers of ACPI's power management, as bytes. */
#define PM_EVENT_SIZE 4u
struct power {
	uint8_t event[PM_EVENT_SIZE]; /* status, which is always 0, and what is enabled */
};

struct machine {
	const struct vmm_guest *guest;
	int kvm;
	int vm;
	struct vcpu vcpus[KVM_CPUS_MAX];
	pthread_mutex_t lock; /* of what the devices have, as below */
	struct serial serial;
	struct power power;
	struct guest_output output; /* has a lock of its own */
};

/* Run a guest to its end, or print why it cannot run. */
enum machine_end machine_run(const struct vmm_guest *guest);

/* End the process, from any thread; all that the guest has said is out before. */
_Noreturn void machine_end(struct machine *m, enum machine_end end);

/* Print why, with the errno there is, and end the process so. */
_Noreturn void machine_fail(struct machine *m, const char *what);

/* cpuid.c: what the processor numbered @index is said to be. */
int cpuid_set(struct machine *m, const struct vcpu *vcpu);

/* vcpu.c: make one, and run it in a thread of its own. */
void vcpu_make(struct machine *m, unsigned int index);
void vcpu_start(struct vcpu *vcpu);

/* ports.c: what an instruction reads from I/O ports or writes to them, with the lock held. */
void port_serve(struct machine *m, const struct kvm_run *run, uint8_t *data);

#endif
