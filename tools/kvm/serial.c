/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* Registers and bits: National Semiconductor, PC16550D, section 8. */
#include "serial.h"

#include <sys/ioctl.h>

#include <linux/kvm.h>

/* Registers; with DLAB in the line control register, the first two are the divisor. */
enum {
	DATA,
	INTERRUPT_ENABLE,
	IDENTIFY,
	LINE_CONTROL,
	MODEM_CONTROL,
	LINE_STATUS,
	MODEM_STATUS,
	SCRATCH
};

#define ENABLE_RECEIVED   0x01u
#define ENABLE_SENT       0x02u
#define ENABLE_ALL        0x0fu
#define IDENTIFY_NONE     0x01u
#define IDENTIFY_SENT     0x02u
#define IDENTIFY_RECEIVED 0x04u
#define IDENTIFY_FIFO     0xc0u
#define FIFO_ON           0x01u
#define FIFO_CLEAR        0x02u
#define LINE_DLAB         0x80u
#define STATUS_RECEIVED   0x01u
#define STATUS_IDLE       0x60u /* nothing is being sent, and there is room */
#define MODEM_DTR         0x01u
#define MODEM_RTS         0x02u
#define MODEM_OUT1        0x04u
#define MODEM_OUT2        0x08u
#define MODEM_LOOP        0x10u
#define MODEM_ALL         0x1fu
#define MODEM_CTS         0x10u
#define MODEM_DSR         0x20u
#define MODEM_RING        0x40u
#define MODEM_DCD         0x80u

static unsigned int cause(const struct serial *s)
{
	if (s->count > 0 && (s->interrupt_enable & ENABLE_RECEIVED) != 0)
		return IDENTIFY_RECEIVED;
	if (s->sent && (s->interrupt_enable & ENABLE_SENT) != 0)
		return IDENTIFY_SENT;
	return IDENTIFY_NONE;
}

/* Make the line what the registers say. */
static void update(struct serial *s)
{
	const bool interrupt = cause(s) != IDENTIFY_NONE;
	const struct kvm_irq_level line = { .irq = SERIAL_IRQ, .level = interrupt };

	if (interrupt != s->interrupt)
		(void)ioctl(s->vm, KVM_IRQ_LINE, &line);
	s->interrupt = interrupt;
}

void serial_init(struct serial *s, int vm, struct guest_output *output)
{
	*s = (struct serial){ .vm = vm, .output = output };
	pthread_cond_init(&s->room, NULL);
}

static void receive(struct serial *s, uint8_t byte)
{
	s->received[(s->first + s->count) % SERIAL_FIFO] = byte;
	s->count++;
}

static uint8_t take_received(struct serial *s)
{
	const uint8_t byte = s->received[s->first];

	if (s->count == 0)
		return 0;
	s->first = (s->first + 1) % SERIAL_FIFO;
	s->count--;
	pthread_cond_signal(&s->room);
	return byte;
}

static uint8_t identify(struct serial *s)
{
	const unsigned int why = cause(s);

	if (why == IDENTIFY_SENT)
		s->sent = false;
	return (uint8_t)(why | (s->fifo_on ? IDENTIFY_FIFO : 0));
}

/* Nobody is at the other end and all is well; in loopback it is ourselves. */
static uint8_t modem_status(const struct serial *s)
{
	const unsigned int m = s->modem_control;

	if ((m & MODEM_LOOP) == 0)
		return MODEM_DCD | MODEM_DSR | MODEM_CTS;
	return (uint8_t)(((m & MODEM_RTS) != 0 ? MODEM_CTS : 0) |
			 ((m & MODEM_DTR) != 0 ? MODEM_DSR : 0) |
			 ((m & MODEM_OUT1) != 0 ? MODEM_RING : 0) |
			 ((m & MODEM_OUT2) != 0 ? MODEM_DCD : 0));
}

static uint8_t get(struct serial *s, unsigned int reg)
{
	switch (reg) {
	case DATA:
		return take_received(s);
	case INTERRUPT_ENABLE:
		return s->interrupt_enable;
	case IDENTIFY:
		return identify(s);
	case LINE_CONTROL:
		return s->line_control;
	case MODEM_CONTROL:
		return s->modem_control;
	case LINE_STATUS:
		return (uint8_t)(STATUS_IDLE | (s->count > 0 ? STATUS_RECEIVED : 0));
	case MODEM_STATUS:
		return modem_status(s);
	default:
		return s->scratch;
	}
}

static void send(struct serial *s, uint8_t byte)
{
	if ((s->modem_control & MODEM_LOOP) == 0)
		guest_output_put(s->output, byte);
	else if (s->count < SERIAL_FIFO)
		receive(s, byte);
	s->sent = true;
}

static void control_fifo(struct serial *s, uint8_t value)
{
	s->fifo_on = (value & FIFO_ON) != 0;
	if ((value & FIFO_CLEAR) != 0) {
		s->count = 0;
		pthread_cond_signal(&s->room);
	}
}

static void set(struct serial *s, unsigned int reg, uint8_t value)
{
	switch (reg) {
	case DATA:
		send(s, value);
		break;
	case INTERRUPT_ENABLE:
		/* Who begins to ask is told that the transmitter is empty. */
		if ((value & ~s->interrupt_enable & ENABLE_SENT) != 0)
			s->sent = true;
		s->interrupt_enable = value & ENABLE_ALL;
		break;
	case IDENTIFY:
		control_fifo(s, value);
		break;
	case LINE_CONTROL:
		s->line_control = value;
		break;
	case MODEM_CONTROL:
		s->modem_control = value & MODEM_ALL;
		break;
	case SCRATCH:
		s->scratch = value;
		break;
	default:
		break; /* the status registers */
	}
}

static bool is_divisor(const struct serial *s, unsigned int reg)
{
	return reg <= INTERRUPT_ENABLE && (s->line_control & LINE_DLAB) != 0;
}

uint8_t serial_read(struct serial *s, unsigned int reg)
{
	const uint8_t value = is_divisor(s, reg) ? s->divisor[reg] : get(s, reg);

	update(s);
	return value;
}

void serial_write(struct serial *s, unsigned int reg, uint8_t value)
{
	if (is_divisor(s, reg))
		s->divisor[reg] = value;
	else
		set(s, reg, value);
	update(s);
}

void serial_type(struct serial *s, pthread_mutex_t *lock, uint8_t byte)
{
	pthread_mutex_lock(lock);
	while (s->count == SERIAL_FIFO)
		pthread_cond_wait(&s->room, lock);
	receive(s, byte);
	update(s);
	pthread_mutex_unlock(lock);
}
