/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* A pool of two threads: the caller's own, and one that is started for each piece of work. */
#include "bench.h"

#include <pthread.h>
#include <stdatomic.h>

struct work {
	void (*task)(void *arg, size_t index);
	void *arg;
	size_t count;
	atomic_size_t next;
};

static void *do_tasks(void *of)
{
	struct work *work = of;
	size_t i;

	while ((i = atomic_fetch_add(&work->next, 1)) < work->count)
		work->task(work->arg, i);
	return NULL;
}

static int run_by_two(void *user, void (*task)(void *arg, size_t index), void *arg, size_t count)
{
	struct work work = { .task = task, .arg = arg, .count = count };
	pthread_t helper;

	(void)user;
	if (pthread_create(&helper, NULL, do_tasks, &work))
		return -1;
	do_tasks(&work);
	return pthread_join(helper, NULL);
}

const struct pvhload_pool two_threads = {
	.struct_size = sizeof(two_threads),
	.run = run_by_two,
};
