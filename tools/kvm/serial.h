/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* The first serial port: a 16550A whose transmitter is always done. */
#ifndef TOOL_KVM_SERIAL_H
#define TOOL_KVM_SERIAL_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "guest_output.h"

#define SERIAL_PORT  0x3f8u
#define SERIAL_PORTS 8u
#define SERIAL_IRQ   4u
#define SERIAL_FIFO  16u

struct serial {
	int vm;
	struct guest_output *output;
	pthread_cond_t room; /* in the FIFO */
	uint8_t received[SERIAL_FIFO];
	unsigned int first;
	unsigned int count;
	uint8_t interrupt_enable, line_control, modem_control, scratch;
	uint8_t divisor[2];
	bool fifo_on;
	bool sent;      /* the transmitter got empty, and nobody has looked */
	bool interrupt; /* the level of the line */
};

void serial_init(struct serial *s, int vm, struct guest_output *output);

/* A register, with the machine's lock held. */
uint8_t serial_read(struct serial *s, unsigned int reg);
void serial_write(struct serial *s, unsigned int reg, uint8_t value);

/* A byte comes in; waits for room in the FIFO.  @lock is the machine's, which is taken. */
void serial_type(struct serial *s, pthread_mutex_t *lock, uint8_t byte);

#endif
