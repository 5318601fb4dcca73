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

static enum pvhload_status record(const char *function, enum pvhload_status status)
{
	const char *path = getenv("PVHLOAD_STATUS_LOG");
	char line[128];
	int fd, n;

	if (!path)
		return status;
	fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0666);
	n = snprintf(line, sizeof(line), "%s %s\n", function, pvhload_status_name(status));
	if (fd < 0 || write(fd, line, (size_t)n) != n)
		abort();
	close(fd);
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
