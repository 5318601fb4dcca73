/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* What each step did and how long it took, on standard error if that is a terminal. */
#ifndef TOOL_PROGRESS_H
#define TOOL_PROGRESS_H

#include <stdbool.h>
#include <time.h>

struct progress {
	bool on;
	struct timespec last;
};

void progress_start(struct progress *progress);

/* The step that began at the last call is done. */
__attribute__((format(printf, 3, 4))) void progress_step(struct progress *progress,
							 const char *name, const char *format, ...);

#endif
