/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
#include "progress_line.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

/* A step that takes longer is shown while it goes on, and how often. */
#define SHOW_AFTER 500.0
#define SHOW_EVERY 100.0

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

void progress_start(struct progress *progress)
{
	*progress = (struct progress){ .on = isatty(STDERR_FILENO), .last = now() };
}

/* Without a newline: the step's own line is longer, and takes this one's place. */
static void show(struct progress *progress, uint32_t phase, uint64_t done, uint64_t total)
{
	const char *name = phase == PVHLOAD_PROGRESS_DECODE ? "decode" : "commit";
	const double time = now();

	if (phase == PVHLOAD_PROGRESS_PLAN || time - progress->last < SHOW_AFTER ||
	    time - progress->shown < SHOW_EVERY)
		return;
	progress->shown = time;
	if (total == 0)
		fprintf(stderr, "%-12s %5" PRIu64 " MiB\r", name, done >> 20);
	else
		fprintf(stderr, "%-12s %7.0f %%\r", name, 100 * (double)done / (double)total);
}

static int hear(void *user, uint32_t phase, uint64_t done, uint64_t total)
{
	struct progress *progress = user;

	if (phase == PVHLOAD_PROGRESS_DECODE) {
		if (done == 0 && progress->decode_count < PROGRESS_DECODES_MAX)
			progress->decodes[progress->decode_count++].from = now();
		progress->decodes[progress->decode_count - 1].to = now();
	}
	show(progress, phase, done, total);
	return 0;
}

struct pvhload_progress progress_listener(struct progress *progress)
{
	struct pvhload_progress listener = PVHLOAD_PROGRESS_INIT;

	listener.callback = hear;
	listener.user = progress;
	return listener;
}

/* The terminal may be raw already: it needs the carriage return. */
static void print_step(const char *name, double ms, const char *format, va_list args)
{
	char what[128];

	vsnprintf(what, sizeof(what), format, args);
	fprintf(stderr, "%-12s %9.1f ms  %s\r\n", name, ms, what);
}

void progress_step(struct progress *progress, const char *name, const char *format, ...)
{
	const double time = now();
	va_list args;

	if (!progress->on)
		return;
	va_start(args, format);
	print_step(name, time - progress->last, format, args);
	va_end(args);
	progress->last = time;
}

void progress_decode(struct progress *progress, size_t i, const char *format, ...)
{
	va_list args;
	double ms;

	if (!progress->on || i >= progress->decode_count)
		return;
	ms = progress->decodes[i].to - progress->decodes[i].from;
	va_start(args, format);
	print_step("decode", ms, format, args);
	va_end(args);
	progress->last += ms;
}
