/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
#include "output.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tool.h"

static int failed(const struct output *out, const char *what)
{
	return tool_fail(out->path, "cannot %s: %s", what, strerror(errno));
}

/* What is there and is no regular file (a pipe, /dev/null) is written in place. */
static bool in_place(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && !S_ISREG(st.st_mode);
}

int output_open(struct output *out, const char *path)
{
	mode_t mask;

	out->path = path;
	out->temporary = NULL;
	if (in_place(path)) {
		out->fd = open(path, O_WRONLY | O_CLOEXEC);
		return out->fd < 0 ? failed(out, "open") : TOOL_DONE;
	}
	if (asprintf(&out->temporary, "%s.XXXXXX", path) < 0) {
		out->temporary = NULL;
		return tool_fail(path, "no memory");
	}
	out->fd = mkostemp(out->temporary, O_CLOEXEC);
	if (out->fd < 0) {
		free(out->temporary);
		return failed(out, "create");
	}
	/* mkostemp() makes a file for its owner alone; what is asked for is an ordinary one. */
	mask = umask(0);
	umask(mask);
	(void)fchmod(out->fd, 0666 & ~mask);
	return TOOL_DONE;
}

int output_write(struct output *out, const void *bytes, size_t size)
{
	const char *at = bytes;

	while (size > 0) {
		ssize_t n = write(out->fd, at, size);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return failed(out, "write");
		at += n;
		size -= (size_t)n;
	}
	return TOOL_DONE;
}

int output_close(struct output *out, int result)
{
	if (close(out->fd) != 0 && result == TOOL_DONE)
		result = failed(out, "write");
	if (!out->temporary)
		return result;
	if (result == TOOL_DONE && rename(out->temporary, out->path) != 0)
		result = failed(out, "create");
	if (result != TOOL_DONE)
		(void)unlink(out->temporary);
	free(out->temporary);
	return result;
}
