/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
#include "pools.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#define THREADS 2

struct queue {
	atomic_size_t next;
	size_t count;
	void (*task)(void *arg, size_t index);
	void *arg;
};

static void *work(void *arg)
{
	struct queue *queue = arg;
	size_t i;

	while ((i = atomic_fetch_add(&queue->next, 1)) < queue->count)
		queue->task(queue->arg, i);
	return NULL;
}

static int note(void *user, size_t count)
{
	struct pool_calls *calls = user;

	calls->runs++;
	calls->tasks += count;
	return calls->answer;
}

int pool_of_two_threads(void *user, void (*task)(void *arg, size_t index), void *arg, size_t count)
{
	struct queue queue = { .count = count, .task = task, .arg = arg };
	pthread_t threads[THREADS];

	for (size_t i = 0; i < THREADS; i++)
		if (pthread_create(&threads[i], NULL, work, &queue) != 0)
			abort();
	for (size_t i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	return note(user, count);
}

int pool_in_reverse(void *user, void (*task)(void *arg, size_t index), void *arg, size_t count)
{
	for (size_t i = count; i-- > 0;)
		task(arg, i);
	return note(user, count);
}

int pool_of_less(void *user, void (*task)(void *arg, size_t index), void *arg, size_t count)
{
	for (size_t i = 0; i + 1 < count; i++)
		task(arg, i);
	return note(user, count);
}

int pool_of_more(void *user, void (*task)(void *arg, size_t index), void *arg, size_t count)
{
	task(arg, SIZE_MAX);
	for (size_t i = 0; i < count + 2; i++)
		task(arg, i);
	return note(user, count);
}

struct pvhload_pool pool_of(pool_run run, struct pool_calls *calls)
{
	struct pvhload_pool pool = PVHLOAD_POOL_INIT;

	pool.run = run;
	pool.user = calls;
	return pool;
}
