/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* The terminal and the guest's serial console, joined. */
#ifndef TOOL_CONSOLE_H
#define TOOL_CONSOLE_H

#include <stdint.h>

#include "progress_line.h"
#include "signals.h"
#include "vmm.h"

/* How it ended. */
enum console_end {
	CONSOLE_GUEST_ENDED, /* the VMM closed its end, and all it said is out */
	CONSOLE_TIMEOUT,
	CONSOLE_ESCAPED, /* the user asked for it, or our output is gone */
	CONSOLE_SIGNAL,  /* one has come that signals_take() tells */
};

/* What to do while the guest runs. */
struct console_watch {
	unsigned int timeout; /* seconds; 0 for none */
	const char *
		hint; /* for standard error, if nothing has come for CONSOLE_HINT_AFTER seconds; or NULL */
};
#define CONSOLE_HINT_AFTER 5u

/* What there was to see. */
struct console_report {
	bool any;         /* the guest said something */
	uint64_t elapsed; /* milliseconds until it ended */
};

/*
 * Pass bytes both ways until something ends it.  If standard input is a terminal it is raw meanwhile, and as
 * before when this returns.
 */
enum console_end console_run(struct vmm *vmm, const struct signals *signals,
			     const struct console_watch *watch, struct progress *progress,
			     struct console_report *ret);

#endif
