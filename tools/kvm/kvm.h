/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * A small PC on KVM: processors, interrupt controllers and a timer from KVM, and of ours a serial port, ACPI tables,
 * and the ports that reset and turn off.  docs/architecture.md has the list.
 */
#ifndef TOOL_KVM_H
#define TOOL_KVM_H

#include <pvhload/guest_memory.h>

#include "../vmm.h"

#define KVM_CPUS_MAX 16u

/* Where the RSDP is, with the tables after it: no RAM for the guest, as a BIOS has it, but memory is there. */
#define KVM_RSDP_GPA    0xe0000u
#define KVM_TABLES_SIZE 0x1000u

/* Why no guest can be run so here, or NULL. */
const char *kvm_why_not(void);

/* Write the ACPI tables for so many processors to the first MiB of guest RAM. */
void kvm_put_tables(void *ram, unsigned int cpu_count);

/* What is written to port 0xe9 comes as what is written to the serial console does. */
vmm_start_fn kvm_start;

#endif
