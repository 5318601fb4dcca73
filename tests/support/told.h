/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* A progress callback that keeps what it is told, and ends the call at a given one. */
#ifndef SUPPORT_TOLD_H
#define SUPPORT_TOLD_H

#include <pvhload/pvhload.h>

#define TOLD_MAX 128

struct told_call {
	uint32_t phase;
	uint64_t done, total;
};

struct told {
	struct told_call calls[TOLD_MAX];
	size_t count;
	size_t cancel_at; /* the call, counted from 1, that is answered with TOLD_CANCELS; 0: none */
};

#define TOLD_CANCELS 7

struct pvhload_progress told_progress(struct told *told);

/* Forget the calls, and cancel at this one. */
void told_again(struct told *told, size_t cancel_at);

/* The calls are these. */
void told_expect(const struct told *told, const struct told_call *calls, size_t count);

/* A call ended as the callback asked for. */
void told_check_error(const struct pvhload_error *err);

#endif
