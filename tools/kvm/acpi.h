/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* ACPI tables that tell of the machine: its processors, its I/O APIC, its serial port, how to turn it off and reset it. */
#ifndef TOOL_KVM_ACPI_H
#define TOOL_KVM_ACPI_H

#include <stdint.h>

/* Build them at @at, in KVM_TABLES_SIZE bytes that a guest sees at @gpa; the RSDP is first. */
void acpi_build(uint8_t *at, uint32_t gpa, unsigned int cpu_count);

#endif
