/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
#include "qemu_command.h"

#include <assert.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

void qemu_add(struct qemu_command *c, const char *format, ...)
{
	char *word = &c->text[c->used];
	va_list args;
	int length;

	va_start(args, format);
	length = vsnprintf(word, sizeof(c->text) - c->used, format, args);
	va_end(args);
	assert(length >= 0 && (size_t)length < sizeof(c->text) - c->used &&
	       c->count < QEMU_WORDS_MAX);
	c->used += (size_t)length + 1;
	c->argv[c->count++] = word;
	c->argv[c->count] = NULL;
}

static void add_pair(struct qemu_command *c, const char *option, const char *value)
{
	qemu_add(c, "%s", option);
	qemu_add(c, "%s", value);
}

/* Files are named by our own descriptors, which QEMU opens anew. */
void qemu_add_common(struct qemu_command *c, const struct vmm *vmm, const struct vmm_guest *guest)
{
	add_pair(c, "-accel", "tcg");
	qemu_add(c, "-object");
	qemu_add(c,
		 "memory-backend-file,id=ram,mem-path=/proc/%ld/fd/%d,size=%" PRIu64
		 ",share=on,align=2M",
		 (long)getpid(), guest->ram_fd, guest->ram_size);
	qemu_add(c, "-m");
	qemu_add(c, "size=%" PRIu64 "B", guest->ram_size);
	qemu_add(c, "-nodefaults");
	qemu_add(c, "-no-user-config");
	qemu_add(c, "-no-reboot");
	add_pair(c, "-display", "none");
	add_pair(c, "-chardev", "stdio,id=console,signal=off");
	add_pair(c, "-serial", "chardev:console");
	qemu_add(c, "-chardev");
	qemu_add(c, "socket,id=monitor,fd=%d", vmm->monitor.qemu_fd);
	add_pair(c, "-mon", "chardev=monitor,mode=control");
	qemu_add(c, "-S");
}
