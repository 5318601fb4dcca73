/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* What the guest writes, on its way to standard output: a byte costs no system call of its own. */
#ifndef TOOL_KVM_GUEST_OUTPUT_H
#define TOOL_KVM_GUEST_OUTPUT_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define OUTPUT_SIZE 4096u

struct guest_output {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	pthread_t thread; /* writes while the guest goes on */
	uint8_t bytes[OUTPUT_SIZE];
	size_t size;
	bool writing;
	bool closed;
};

void guest_output_open(struct guest_output *o);

/* One byte; waits if nobody has read the last 4096. */
void guest_output_put(struct guest_output *o, uint8_t byte);

/* Write what there is.  Nothing is taken after that: who puts more waits for ever. */
void guest_output_close(struct guest_output *o);

#endif
