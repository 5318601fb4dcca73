/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
#include "output.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
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

/* Names that a signal has to take back; the program writes two files at most. */
static char *unfinished[2];

static void take_back(int number)
{
	for (size_t i = 0; i < sizeof(unfinished) / sizeof(unfinished[0]); i++)
		if (unfinished[i])
			(void)unlink(unfinished[i]);
	(void)raise(number); /* the handler is gone: SA_RESETHAND */
}

static const int numbers[] = { SIGHUP, SIGINT, SIGTERM };

static void take_back_on_signals(void)
{
	struct sigaction action = { .sa_handler = take_back, .sa_flags = (int)SA_RESETHAND };
	struct sigaction old;

	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		if (sigaction(numbers[i], NULL, &old) == 0 && old.sa_handler == SIG_DFL)
			(void)sigaction(numbers[i], &action, NULL);
}

static void remember(char *name, char *instead)
{
	for (size_t i = 0; i < sizeof(unfinished) / sizeof(unfinished[0]); i++)
		if (unfinished[i] == instead) {
			unfinished[i] = name;
			return;
		}
}

/* What is there and is no regular file (a pipe), or named as a device (/dev/stdout). */
static bool in_place(const char *path)
{
	struct stat st;

	return strncmp(path, "/dev/", 5) == 0 || strncmp(path, "/proc/", 6) == 0 ||
	       (stat(path, &st) == 0 && !S_ISREG(st.st_mode));
}

/* The mode of the file that is replaced, or that of an ordinary new one. */
static mode_t mode_for(const char *target)
{
	struct stat st;
	mode_t mask;

	if (stat(target, &st) == 0)
		return st.st_mode & 07777;
	mask = umask(0);
	umask(mask);
	return 0666 & ~mask;
}

static void forget(struct output *out)
{
	remember(NULL, out->temporary);
	free(out->target);
	free(out->temporary);
}

/* Signals wait meanwhile: none is to come between the file and its being remembered. */
static int create(struct output *out)
{
	sigset_t set, before;
	int fd;

	sigemptyset(&set);
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		sigaddset(&set, numbers[i]);
	(void)sigprocmask(SIG_BLOCK, &set, &before);
	fd = mkostemp(out->temporary, O_CLOEXEC);
	if (fd >= 0) {
		remember(out->temporary, NULL);
		take_back_on_signals();
	}
	(void)sigprocmask(SIG_SETMASK, &before, NULL);
	return fd;
}

int output_open(struct output *out, const char *path)
{
	out->path = path;
	out->target = out->temporary = NULL;
	if (in_place(path)) {
		out->fd = open(path, O_WRONLY | O_CLOEXEC);
		return out->fd < 0 ? failed(out, "open") : TOOL_DONE;
	}
	/* A link stays one: what it points to is replaced. */
	out->target = realpath(path, NULL);
	if (!out->target)
		out->target = strdup(path);
	if (!out->target || asprintf(&out->temporary, "%s.XXXXXX", out->target) < 0) {
		out->temporary = NULL;
		forget(out);
		return tool_fail(path, "no memory");
	}
	out->fd = create(out);
	if (out->fd < 0) {
		const int result = failed(out, "create");

		forget(out);
		return result;
	}
	(void)fchmod(out->fd, mode_for(out->target));
	return TOOL_DONE;
}

int output_open_standard(struct output *out)
{
	*out = (struct output){ .path = "standard output" };
	out->fd = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 0);
	return out->fd < 0 ? failed(out, "open") : TOOL_DONE;
}

int output_is_apart(const char *path, const int *fds, size_t count)
{
	struct stat out, in;

	if ((strcmp(path, "-") == 0 ? fstat(STDOUT_FILENO, &out) : stat(path, &out)) != 0 ||
	    !S_ISREG(out.st_mode))
		return TOOL_DONE;
	for (size_t i = 0; i < count; i++)
		if (fstat(fds[i], &in) == 0 && in.st_dev == out.st_dev && in.st_ino == out.st_ino)
			return tool_fail(path, "it is read as well: write to another file");
	return TOOL_DONE;
}

/* The name by which output_open() would write it, to be freed; NULL without memory. */
static char *final_name(const char *path)
{
	const char *name = strrchr(path, '/');
	char *whole = realpath(path, NULL), *folder, *above;

	if (whole)
		return whole;
	folder = name ? strndup(path, (size_t)(name - path) + 1) : strdup("./");
	above = folder ? realpath(folder, NULL) : NULL;
	if (above && asprintf(&whole, "%s/%s", above, name ? name + 1 : path) < 0)
		whole = NULL;
	free(folder);
	free(above);
	return whole ? whole : strdup(path);
}

/* What is written in place is told by what it is. */
static bool is_one_device(const char *a, const char *b)
{
	struct stat of_a, of_b;

	return in_place(a) && in_place(b) && stat(a, &of_a) == 0 && stat(b, &of_b) == 0 &&
	       of_a.st_dev == of_b.st_dev && of_a.st_ino == of_b.st_ino;
}

bool output_is_same(const char *a, const char *b)
{
	char *name_a = final_name(a), *name_b = final_name(b);
	const bool same = name_a && name_b && strcmp(name_a, name_b) == 0;

	free(name_a);
	free(name_b);
	return same || is_one_device(a, b);
}

int output_is_not_printed_to(const char *path)
{
	struct stat out, printed;

	if (stat(path, &out) != 0 || !S_ISREG(out.st_mode) || fstat(STDOUT_FILENO, &printed) != 0 ||
	    out.st_dev != printed.st_dev || out.st_ino != printed.st_ino)
		return TOOL_DONE;
	return tool_fail(path, "standard output goes there as well: write to another file");
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
	if (result == TOOL_DONE && rename(out->temporary, out->target) != 0)
		result = failed(out, "create");
	if (result != TOOL_DONE)
		(void)unlink(out->temporary);
	forget(out);
	return result;
}
