/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* QEMU as a plain processor on RAM that the library has filled. */
#ifndef TOOL_QEMU_H
#define TOOL_QEMU_H

#include "vmm.h"

/* What is written to port 0xe9 comes as what is written to the serial console does. */
vmm_start_fn qemu_start;

#endif
