/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
#include "qemu_monitor.h"

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tool.h"

/* QEMU starts with its processor stopped (-S). */
static const char start[] = "{\"execute\":\"qmp_capabilities\"}\n{\"execute\":\"cont\"}\n";

int qemu_monitor_open(struct qemu_monitor *monitor)
{
	int fds[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) != 0)
		return TOOL_FAILED;
	*monitor = (struct qemu_monitor){ .fd = fds[0], .qemu_fd = fds[1] };
	if (write(monitor->fd, start, sizeof(start) - 1) == (ssize_t)sizeof(start) - 1)
		return TOOL_DONE;
	qemu_monitor_close(monitor);
	return TOOL_FAILED;
}

/* A line is an object; of events, only that of the end has a reason. */
static void judge_line(struct qemu_monitor *monitor)
{
	monitor->line[monitor->used] = '\0';
	if (strstr(monitor->line, "\"SHUTDOWN\""))
		monitor->reset = strstr(monitor->line, "\"guest-reset\"") != NULL;
	monitor->used = 0;
}

bool qemu_monitor_hear(struct qemu_monitor *monitor)
{
	char bytes[MONITOR_LINE_MAX];
	const ssize_t n = recv(monitor->fd, bytes, sizeof(bytes), MSG_DONTWAIT);

	for (ssize_t i = 0; i < n; i++) {
		if (bytes[i] == '\n')
			judge_line(monitor);
		else if (monitor->used + 1 < MONITOR_LINE_MAX)
			monitor->line[monitor->used++] = bytes[i];
	}
	return n > 0;
}

void qemu_monitor_close(struct qemu_monitor *monitor)
{
	close(monitor->fd);
	if (monitor->qemu_fd >= 0)
		close(monitor->qemu_fd);
}
