/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* Processors.  All but the first wait in KVM for INIT and a start-up IPI, as after reset. */
#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

#include <linux/kvm.h>

#include <pvhload/kvm.h>

#include "../tool.h"
#include "machine.h"

void vcpu_make(struct machine *m, unsigned int index)
{
	struct vcpu *vcpu = &m->vcpus[index];
	const int size = ioctl(m->kvm, KVM_GET_VCPU_MMAP_SIZE, 0);

	*vcpu = (struct vcpu){ .machine = m, .index = index };
	vcpu->fd = ioctl(m->vm, KVM_CREATE_VCPU, index);
	vcpu->run = vcpu->fd < 0 || size < 0 ? MAP_FAILED
					     : mmap(NULL, (size_t)size, PROT_READ | PROT_WRITE,
						    MAP_SHARED, vcpu->fd, 0);
	if (vcpu->run == MAP_FAILED)
		machine_fail(m, "cannot make a processor");
	if (cpuid_set(m, vcpu) < 0)
		machine_fail(m, "cannot tell a processor what it is");
	if (pvhload_kvm_set_msrs(vcpu->fd, m->guest->cpu) < 0)
		machine_fail(m, "cannot set a processor's MSRs");
}

static void do_io(struct vcpu *vcpu)
{
	struct kvm_run *run = vcpu->run;

	pthread_mutex_lock(&vcpu->machine->lock);
	port_serve(vcpu->machine, run, (uint8_t *)run + run->io.data_offset);
	pthread_mutex_unlock(&vcpu->machine->lock);
}

/* KVM cannot go on: where that is helps whoever wrote the guest. */
static _Noreturn void give_up(struct vcpu *vcpu)
{
	const struct kvm_run *run = vcpu->run;
	struct kvm_regs regs = { .rip = 0 };

	(void)ioctl(vcpu->fd, KVM_GET_REGS, &regs);
	if (run->exit_reason == KVM_EXIT_FAIL_ENTRY)
		(void)tool_fail("KVM", "processor %u cannot be entered (reason 0x%llx), rip 0x%llx",
				vcpu->index, run->fail_entry.hardware_entry_failure_reason,
				regs.rip);
	else if (run->exit_reason == KVM_EXIT_INTERNAL_ERROR)
		(void)tool_fail("KVM",
				"processor %u does what KVM cannot (suberror %u), rip 0x%llx",
				vcpu->index, run->internal.suberror, regs.rip);
	else
		(void)tool_fail("KVM", "processor %u left with reason %u, rip 0x%llx", vcpu->index,
				run->exit_reason, regs.rip);
	machine_end(vcpu->machine, MACHINE_FAILED);
}

static void serve(struct vcpu *vcpu)
{
	struct kvm_run *run = vcpu->run;

	switch (run->exit_reason) {
	case KVM_EXIT_IO:
		do_io(vcpu);
		break;
	case KVM_EXIT_MMIO: /* there is no such device */
		if (!run->mmio.is_write)
			memset(run->mmio.data, 0xff, sizeof(run->mmio.data));
		break;
	case KVM_EXIT_SHUTDOWN: /* a triple fault */
		machine_end(vcpu->machine, MACHINE_RESET);
	default:
		give_up(vcpu);
	}
}

static void *run_vcpu(void *arg)
{
	struct vcpu *vcpu = arg;

	for (;;) {
		/* EAGAIN: it was told to start. */
		if (ioctl(vcpu->fd, KVM_RUN, 0) == 0)
			serve(vcpu);
		else if (errno != EINTR && errno != EAGAIN)
			machine_fail(vcpu->machine, "a processor cannot run");
	}
	return NULL;
}

void vcpu_start(struct vcpu *vcpu)
{
	const int error = pthread_create(&vcpu->thread, NULL, run_vcpu, vcpu);

	if (error != 0) {
		errno = error;
		machine_fail(vcpu->machine, "cannot make a thread");
	}
}
