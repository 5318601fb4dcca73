/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
#include "guest_output.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

static void write_all(const uint8_t *bytes, size_t size)
{
	while (size > 0) {
		const ssize_t n = write(STDOUT_FILENO, bytes, size);

		if (n < 0 && errno != EINTR)
			return; /* nobody reads any more */
		if (n > 0) {
			bytes += n;
			size -= (size_t)n;
		}
	}
}

static void *write_for_good(void *arg)
{
	struct guest_output *o = arg;
	uint8_t bytes[OUTPUT_SIZE];
	size_t size;

	pthread_mutex_lock(&o->lock);
	for (;;) {
		while (o->size == 0)
			pthread_cond_wait(&o->changed, &o->lock);
		size = o->size;
		memcpy(bytes, o->bytes, size);
		o->size = 0;
		o->writing = true;
		pthread_cond_broadcast(&o->changed);
		pthread_mutex_unlock(&o->lock);
		write_all(bytes, size);
		pthread_mutex_lock(&o->lock);
		o->writing = false;
		pthread_cond_broadcast(&o->changed);
	}
	return NULL;
}

void guest_output_open(struct guest_output *o)
{
	pthread_mutex_init(&o->lock, NULL);
	pthread_cond_init(&o->changed, NULL);
	o->size = 0;
	o->writing = o->closed = false;
	/* Without it the first 4096 bytes wait for the end, as a machine that cannot make threads has none to run. */
	(void)pthread_create(&o->thread, NULL, write_for_good, o);
}

void guest_output_put(struct guest_output *o, uint8_t byte)
{
	pthread_mutex_lock(&o->lock);
	while (o->size == OUTPUT_SIZE || o->closed)
		pthread_cond_wait(&o->changed, &o->lock);
	o->bytes[o->size++] = byte;
	if (o->size == 1)
		pthread_cond_broadcast(&o->changed);
	pthread_mutex_unlock(&o->lock);
}

void guest_output_close(struct guest_output *o)
{
	pthread_mutex_lock(&o->lock);
	o->closed = true; /* or who puts on and on would keep the writer at it */
	while (o->writing)
		pthread_cond_wait(&o->changed, &o->lock);
	write_all(o->bytes, o->size);
}
