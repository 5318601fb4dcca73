/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
#include "kvm.h"

#include <cpuid.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../tool.h"
#include "acpi.h"
#include "machine.h"

/* CPUID: what makes a processor one that KVM has guests run on, and does not emulate. */
#define CPUID_1_ECX_VMX         (1u << 5)
#define CPUID_8000_0001_ECX_SVM (1u << 2)

static bool processor_can(void)
{
	unsigned int eax, ebx, ecx, edx;

	if (__get_cpuid(1, &eax, &ebx, &ecx, &edx) != 0 && (ecx & CPUID_1_ECX_VMX) != 0)
		return true;
	return __get_cpuid(0x80000001u, &eax, &ebx, &ecx, &edx) != 0 &&
	       (ecx & CPUID_8000_0001_ECX_SVM) != 0;
}

const char *kvm_why_not(void)
{
	const int fd = open("/dev/kvm", O_RDWR | O_CLOEXEC);

	if (fd < 0 && errno == ENOENT)
		return "there is no /dev/kvm";
	if (fd < 0)
		return errno == EACCES ? "/dev/kvm cannot be opened: permission denied"
				       : "/dev/kvm cannot be opened";
	close(fd);
	/* A /dev/kvm that is there all the same emulates, slowly and in part. */
	return processor_can() ? NULL : "the processor shows neither vmx nor svm";
}

void kvm_put_tables(void *ram, unsigned int cpu_count)
{
	acpi_build((uint8_t *)ram + KVM_RSDP_GPA, KVM_RSDP_GPA, cpu_count);
}

/* What KVM has belongs to the process that asked for it, so all of it is asked for here. */
static int run_child(void *arg, int ready)
{
	const struct vmm_guest *guest = arg;

	close(ready); /* from here on, it says itself what fails */
	_exit((int)machine_run(guest));
}

static enum vmm_end ended(struct vmm *vmm, int status)
{
	(void)vmm;
	if (!WIFEXITED(status))
		return VMM_CRASHED;
	switch (WEXITSTATUS(status)) {
	case MACHINE_OFF:
		return VMM_OFF;
	case MACHINE_RESET:
		return VMM_RESET;
	case MACHINE_FAILED:
		return VMM_FAILED;
	default:
		return VMM_CRASHED;
	}
}

int kvm_start(struct vmm *vmm, const struct vmm_guest *guest)
{
	struct vmm_guest copy = *guest;
	int error;

	*vmm = (struct vmm){ .name = "KVM", .ended = ended, .rom_fd = -1, .monitor = { .fd = -1 } };
	error = vmm_spawn(vmm, run_child, &copy);
	return error == 0 ? TOOL_DONE : tool_fail("KVM", "cannot start: %s", strerror(error));
}
