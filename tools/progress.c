/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
#include "progress.h"

#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

void progress_start(struct progress *progress)
{
	progress->on = isatty(STDERR_FILENO);
	clock_gettime(CLOCK_MONOTONIC, &progress->last);
}

void progress_step(struct progress *progress, const char *name, const char *format, ...)
{
	char what[128];
	struct timespec now;
	va_list args;
	double ms;

	if (!progress->on)
		return;
	clock_gettime(CLOCK_MONOTONIC, &now);
	ms = (double)(now.tv_sec - progress->last.tv_sec) * 1e3 +
	     (double)(now.tv_nsec - progress->last.tv_nsec) / 1e6;
	progress->last = now;
	va_start(args, format);
	vsnprintf(what, sizeof(what), format, args);
	va_end(args);
	/* The terminal may be raw already: it needs the carriage return. */
	fprintf(stderr, "%-12s %9.1f ms  %s\r\n", name, ms, what);
}
