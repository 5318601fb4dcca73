/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
#include "machine.h"

#include <cpuid.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <pvhload/kvm.h>

#include "../tool.h"

/* Three pages that KVM needs on Intel processors, and one more: after RAM, no device's, and below a firmware. */
#define TSS_GPA      0xfeffd000u
#define IDENTITY_GPA 0xfeffc000u

_Noreturn void machine_end(struct machine *m, enum machine_end end)
{
	guest_output_close(&m->output);
	_exit((int)end);
}

_Noreturn void machine_fail(struct machine *m, const char *what)
{
	(void)tool_fail("KVM", "%s: %s", what, strerror(errno));
	machine_end(m, MACHINE_FAILED);
}

static void make_vm(struct machine *m)
{
	/* Port 0x61 is KVM's, with which Linux finds out how fast its clocks go. */
	const struct kvm_pit_config pit = { .flags = KVM_PIT_SPEAKER_DUMMY };
	uint64_t identity = IDENTITY_GPA;

	m->kvm = open("/dev/kvm", O_RDWR | O_CLOEXEC);
	m->vm = m->kvm >= 0 ? ioctl(m->kvm, KVM_CREATE_VM, 0) : -1;
	if (m->vm < 0 || ioctl(m->vm, KVM_SET_IDENTITY_MAP_ADDR, &identity) < 0 ||
	    ioctl(m->vm, KVM_SET_TSS_ADDR, TSS_GPA) < 0 ||
	    ioctl(m->vm, KVM_CREATE_IRQCHIP, 0) < 0 || ioctl(m->vm, KVM_CREATE_PIT2, &pit) < 0)
		machine_fail(m, "cannot make a virtual machine");
}

/* As the library's map of a PC has it; the RAM has been made of the same size. */
static void give_ram(struct machine *m)
{
	const struct pvhload_memmap_x86 pc = { .struct_size = sizeof(pc),
					       .ram_size = m->guest->ram_size };
	struct pvhload_ram_slot slots[PVHLOAD_X86_SLOTS_MAX + 1];
	size_t count = 0;

	if (pvhload_memmap_x86_slots(&pc, m->guest->ram, 0, slots, PVHLOAD_X86_SLOTS_MAX, &count,
				     NULL) != PVHLOAD_OK)
		machine_fail(m, "cannot give the guest its RAM");
	if (m->guest->rom)
		slots[count++] = *m->guest->rom;
	if (pvhload_kvm_set_ram(m->vm, slots, count) < 0)
		machine_fail(m, "cannot give the guest its memory");
}

/* After reset, RDX says which processor it is, as CPUID does. */
static int set_cpu(const struct vcpu *vcpu)
{
	struct pvhload_x86_cpu cpu = *vcpu->machine->guest->cpu;
	unsigned int eax = 0, ebx, ecx, edx;

	if (vcpu->machine->guest->rom && __get_cpuid(1, &eax, &ebx, &ecx, &edx) != 0)
		cpu.rdx = eax;
	return pvhload_kvm_set_cpu(vcpu->fd, &cpu);
}

/* For good: what is typed is handed to the serial port as it takes it. */
static _Noreturn void hear_user(struct machine *m)
{
	uint8_t bytes[SERIAL_FIFO];
	ssize_t n;

	while ((n = read(STDIN_FILENO, bytes, sizeof(bytes))) > 0 || (n < 0 && errno == EINTR))
		for (ssize_t i = 0; i < n; i++)
			serial_type(&m->serial, &m->lock, bytes[i]);
	for (;;)
		(void)pause();
}

enum machine_end machine_run(const struct vmm_guest *guest)
{
	static struct machine m; /* for all threads, until the process ends */

	m.guest = guest;
	pthread_mutex_init(&m.lock, NULL);
	guest_output_open(&m.output);
	make_vm(&m);
	give_ram(&m);
	serial_init(&m.serial, m.vm, &m.output);
	for (unsigned int i = 0; i < guest->cpu_count; i++)
		vcpu_make(&m, i);
	if (set_cpu(&m.vcpus[0]) < 0)
		machine_fail(&m, "cannot set the processor's registers");
	for (unsigned int i = 0; i < guest->cpu_count; i++)
		vcpu_start(&m.vcpus[i]);
	hear_user(&m);
}
