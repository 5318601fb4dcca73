/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* The DSDT's code: the few objects that this machine needs. */
#ifndef TOOL_KVM_AML_H
#define TOOL_KVM_AML_H

#include "table_bytes.h"

/* _S5, by which the guest turns off, and _SB.COM1, the serial port. */
void aml_build(struct bytes *b);

#endif
