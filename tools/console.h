/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* The terminal and the guest's serial console, joined. */
#ifndef TOOL_CONSOLE_H
#define TOOL_CONSOLE_H

#include "progress_line.h"
#include "qemu.h"
#include "signals.h"

/* How it ended. */
enum console_end {
	CONSOLE_GUEST_ENDED, /* QEMU closed its end, and all it said is out */
	CONSOLE_TIMEOUT,
	CONSOLE_ESCAPED, /* the user asked for it, or our output is gone */
	CONSOLE_SIGNAL,  /* one has come that signals_take() tells */
};

/*
 * Pass bytes both ways until something ends it; @timeout seconds, 0 for none.  If standard input is
 * a terminal it is raw meanwhile, and as before when this returns.  *@ret_any is false if the guest
 * never said anything.
 */
enum console_end console_run(struct qemu *qemu, const struct signals *signals, unsigned int timeout,
			     struct progress *progress, bool *ret_any);

#endif
