/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* Pools of a caller's: of two threads, and of none, which go through tasks in other orders or fail. */
#ifndef SUPPORT_POOLS_H
#define SUPPORT_POOLS_H

#include <pvhload/pvhload.h>

/* How run() was called, and what it is to do: these are what @user of a pool points to. */
struct pool_calls {
	size_t runs;  /* calls of run() */
	size_t tasks; /* in all of them */
	int answer;   /* what run() returns */
};

typedef int (*pool_run)(void *user, void (*task)(void *arg, size_t index), void *arg, size_t count);

int pool_of_two_threads(void *user, void (*task)(void *arg, size_t index), void *arg, size_t count);
int pool_in_reverse(void *user, void (*task)(void *arg, size_t index), void *arg, size_t count);
/* Leaves out the last task, and says nothing of it. */
int pool_of_less(void *user, void (*task)(void *arg, size_t index), void *arg, size_t count);
/* Does some that there are not as well. */
int pool_of_more(void *user, void (*task)(void *arg, size_t index), void *arg, size_t count);

struct pvhload_pool pool_of(pool_run run, struct pool_calls *calls);

#endif
