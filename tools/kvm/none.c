/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* In place of the rest, where the host is no x86-64 with KVM. */
#include "kvm.h"

#include "../tool.h"

static const char no_kvm[] = "this program was built without it";

const char *kvm_why_not(void)
{
	return no_kvm;
}

void kvm_put_tables(void *ram, unsigned int cpu_count)
{
	(void)ram;
	(void)cpu_count;
}

int kvm_start(struct vmm *vmm, const struct vmm_guest *guest)
{
	(void)vmm;
	(void)guest;
	return tool_fail("KVM", "%s", no_kvm);
}
