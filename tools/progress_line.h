/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* What each step did and how long it took, on standard error if that is a terminal. */
#ifndef TOOL_PROGRESS_LINE_H
#define TOOL_PROGRESS_LINE_H

#include <stdbool.h>
#include <stddef.h>

#include <pvhload/progress.h>

/* A compressed file that holds a bzImage: what it decodes to is decoded as well. */
#define PROGRESS_DECODES_MAX 2u

/* Times are milliseconds of a clock that only goes forward. */
struct progress {
	bool on;
	double last;  /* the end of the step before */
	double shown; /* when a step that takes long was last shown */
	struct {
		double from, to;
	} decodes[PROGRESS_DECODES_MAX];
	size_t decode_count;
};

void progress_start(struct progress *progress);

/* For the library, whose reports come to @progress. */
struct pvhload_progress progress_listener(struct progress *progress);

/* The step that began at the last call is done. */
__attribute__((format(printf, 3, 4))) void progress_step(struct progress *progress,
							 const char *name, const char *format, ...);

/* The @i-th decoding that the library reported is a step; it is no part of the next one. */
__attribute__((format(printf, 3, 4))) void progress_decode(struct progress *progress, size_t i,
							   const char *format, ...);

#endif
