/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* QEMU's monitor (QMP) on a socket: it lets the guest start, and says how it ended. */
#ifndef TOOL_QEMU_MONITOR_H
#define TOOL_QEMU_MONITOR_H

#include <stdbool.h>
#include <stddef.h>

#define MONITOR_LINE_MAX 512u /* of what it says, a line; of longer ones the start is looked at */

struct qemu_monitor {
	int fd;      /* ours */
	int qemu_fd; /* QEMU's, until it is started */
	bool reset;  /* the guest reset the machine, as a triple fault does too */
	char line[MONITOR_LINE_MAX];
	size_t used; /* of the line */
};

/*
 * Make the socket, with the command to start the guest in it, so that no event is before it.  TOOL_DONE, or
 * TOOL_FAILED with errno.
 */
int qemu_monitor_open(struct qemu_monitor *monitor);

/* Take what it has said, without waiting; false if there was nothing. */
bool qemu_monitor_hear(struct qemu_monitor *monitor);

void qemu_monitor_close(struct qemu_monitor *monitor);

#endif
