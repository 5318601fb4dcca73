/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * Every public function that can fail, wrapped by the linker: what it returned goes to the file named
 * by PVHLOAD_STATUS_LOG, if that is set.  tests/check/statuses.py holds the log against the headers,
 * of which wraps.py makes the list.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <pvhload/pvhload.h>

static int log_fd = -1;

/* Once, and before any test: some have no descriptor to spare, and some count them. */
__attribute__((constructor)) static void open_log(void)
{
	const char *path = getenv("PVHLOAD_STATUS_LOG");

	if (!path)
		return;
	log_fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	if (log_fd < 0)
		abort();
}

static enum pvhload_status record(const char *function, enum pvhload_status status)
{
	char line[128];
	int n;

	if (log_fd < 0)
		return status;
	n = snprintf(line, sizeof(line), "%s %s\n", function, pvhload_status_name(status));
	if (write(log_fd, line, (size_t)n) != n)
		abort();
	return status;
}

#define WRAP(name, parameters, arguments)                      \
	enum pvhload_status __real_##name parameters;          \
	enum pvhload_status __wrap_##name parameters;          \
	enum pvhload_status __wrap_##name parameters           \
	{                                                      \
		return record(#name, __real_##name arguments); \
	}

#include "statuses_wraps.h"
