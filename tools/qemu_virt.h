/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* QEMU's machine "virt" for arm64 and riscv64, which it describes by a device tree. */
#ifndef TOOL_QEMU_VIRT_H
#define TOOL_QEMU_VIRT_H

#include "qemu_command.h"
#include "session.h"

/* The program for that architecture, and the package it is in. */
const char *qemu_virt_program(uint32_t arch);
const char *qemu_virt_package(uint32_t arch);

/* Append the machine that has the processors of @guest, and starts by the code in @vmm's ROM. */
void qemu_add_virt(struct qemu_command *c, const struct vmm *vmm, const struct vmm_guest *guest);

/* Most bytes of that code, and the code that sets the registers of the plan: how many bytes. */
#define QEMU_STUB_SIZE_MAX 256u
size_t qemu_virt_stub(const struct pvhload_plan_info *plan, uint8_t stub[QEMU_STUB_SIZE_MAX]);

/* The machine's tree, and what QEMU and its firmware use of RAM. */
extern const struct session_vmm qemu_virt;

#endif
