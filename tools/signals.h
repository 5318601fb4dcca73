/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * Signals that would end the program, as something to read: while a guest runs, the terminal has to
 * be restored and QEMU ended first.
 */
#ifndef TOOL_SIGNALS_H
#define TOOL_SIGNALS_H

#include <signal.h>

struct signals {
	int fd; /* a signalfd, readable when one has come */
	sigset_t before;
};

/* From here on none of them ends us; -1 with a message printed if that cannot be had. */
int signals_hold(struct signals *signals);

/* The one that has come. */
int signals_take(const struct signals *signals);

/* As before: one that is still pending ends us here. */
void signals_release(struct signals *signals);

#endif
