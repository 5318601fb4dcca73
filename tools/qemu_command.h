/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* QEMU's command line while it is made. */
#ifndef TOOL_QEMU_COMMAND_H
#define TOOL_QEMU_COMMAND_H

#include <stddef.h>

#include "vmm.h"

#define QEMU_WORDS_MAX 64u
#define QEMU_TEXT_MAX  2048u

struct qemu_command {
	char *argv[QEMU_WORDS_MAX + 1];
	size_t count;
	char text[QEMU_TEXT_MAX];
	size_t used;
};

/* Append a word; they all fit. */
__attribute__((format(printf, 2, 3))) void qemu_add(struct qemu_command *c, const char *format,
						    ...);

/* Append what every machine has: RAM, the console, the monitor, and a processor that waits for it. */
void qemu_add_common(struct qemu_command *c, const struct vmm *vmm, const struct vmm_guest *guest);

#endif
