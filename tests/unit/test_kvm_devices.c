/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* The ports of tools/kvm/: what each reads and does.  KVM and the machine's end are played by the test. */
#include <errno.h>
#include <linux/kvm.h>
#include <setjmp.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "kvm/machine.h"
#include "kvm/ports.h"
#include "suite.h"

#define COM1(reg) (SERIAL_PORT + (reg))
enum { DATA, IER, IIR, LCR, MCR, LSR, MSR, SCR };
#define GOES_ON 99 /* no end */
#define TYPED   (3 * SERIAL_FIFO + 5)

static struct machine machine;
static char said[64];
static size_t said_count;
static unsigned int line, edges; /* of the serial port's interrupt */
static jmp_buf ended;

void guest_output_put(struct guest_output *o, uint8_t byte)
{
	ck_assert_ptr_eq(o, &machine.output);
	ck_assert_uint_lt(said_count, sizeof(said));
	said[said_count++] = (char)byte;
}

_Noreturn void machine_end(struct machine *m, enum machine_end end)
{
	ck_assert_ptr_eq(m, &machine);
	longjmp(ended, 1 + (int)end);
}

int __wrap_ioctl(int fd, unsigned long request, const struct kvm_irq_level *level);
int __wrap_ioctl(int fd, unsigned long request, const struct kvm_irq_level *level)
{
	ck_assert_int_eq(fd, 7);
	ck_assert_uint_eq(request, KVM_IRQ_LINE);
	ck_assert_uint_eq(level->irq, 4);
	ck_assert_uint_ne(level->level, line); /* it is told of changes only */
	line = level->level;
	edges += line;
	return 0;
}

static void start(void)
{
	memset(&machine, 0, sizeof(machine));
	pthread_mutex_init(&machine.lock, NULL);
	serial_init(&machine.serial, 7, &machine.output);
	said_count = line = edges = 0;
}

/* An instruction: @count accesses of @size bytes. */
static void access_ports(uint8_t direction, uint16_t port, uint8_t size, uint32_t count,
			 uint8_t *data)
{
	const struct kvm_run run = {
		.io = { .direction = direction, .size = size, .port = port, .count = count }
	};

	port_serve(&machine, &run, data);
}

static uint8_t in(uint16_t port)
{
	uint8_t value;

	access_ports(KVM_EXIT_IO_IN, port, 1, 1, &value);
	return value;
}

static void out(uint16_t port, uint8_t value)
{
	access_ports(KVM_EXIT_IO_OUT, port, 1, 1, &value);
}

static void type(uint8_t byte)
{
	serial_type(&machine.serial, &machine.lock, byte);
}

START_TEST(polled_output)
{
	ck_assert_uint_eq(in(COM1(LSR)), 0x60);
	out(COM1(DATA), 'h');
	out(COM1(DATA), 'i');
	out(PORT_DEBUG, '!');
	out(PORT_FIRMWARE_DEBUG, '?');
	ck_assert_uint_eq(said_count, 4);
	ck_assert_mem_eq(said, "hi!?", 4);
	ck_assert_uint_eq(in(COM1(LSR)), 0x60);
	ck_assert_uint_eq(edges, 0);
	ck_assert_uint_eq(in(PORT_DEBUG), 0xe9);
	ck_assert_uint_eq(in(PORT_FIRMWARE_DEBUG), 0xe9);
}
END_TEST

START_TEST(the_transmitter_interrupts)
{
	ck_assert_uint_eq(in(COM1(IIR)), 0x01);
	out(COM1(IER), 2); /* it is empty, and that is news */
	ck_assert_uint_eq(line, 1);
	ck_assert_uint_eq(in(COM1(IIR)), 0x02);
	ck_assert_uint_eq(line, 0); /* looking clears it */
	ck_assert_uint_eq(in(COM1(IIR)), 0x01);
	out(COM1(DATA), 'x');
	ck_assert_uint_eq(line, 1);
	ck_assert_uint_eq(in(COM1(IIR)), 0x02);
	out(COM1(IER), 0);
	out(COM1(DATA), 'y');
	ck_assert_uint_eq(line, 0);
	out(COM1(IER), 2); /* anew, as Linux tests a 16550 */
	ck_assert_uint_eq(in(COM1(IIR)), 0x02);
	ck_assert_uint_eq(edges, 3);
}
END_TEST

START_TEST(what_is_typed)
{
	type('a');
	type('b');
	ck_assert_uint_eq(line, 0); /* nobody asked */
	ck_assert_uint_eq(in(COM1(LSR)), 0x61);
	out(COM1(IER), 3);
	ck_assert_uint_eq(in(COM1(IIR)), 0x04); /* before the transmitter */
	ck_assert_uint_eq(in(COM1(DATA)), 'a');
	ck_assert_uint_eq(line, 1);
	ck_assert_uint_eq(in(COM1(DATA)), 'b');
	ck_assert_uint_eq(in(COM1(LSR)), 0x60);
	ck_assert_uint_eq(in(COM1(DATA)), 0); /* there is no more */
	ck_assert_uint_eq(in(COM1(IIR)), 0x02);
	ck_assert_uint_eq(line, 0);
}
END_TEST

/* Sixteen bytes in their order, whatever was there before; clearing the FIFO loses them. */
START_TEST(the_fifo)
{
	type('x');
	ck_assert_uint_eq(in(COM1(DATA)), 'x');
	for (unsigned int i = 0; i < SERIAL_FIFO; i++)
		type((uint8_t)('A' + i));
	for (unsigned int i = 0; i < SERIAL_FIFO; i++)
		ck_assert_uint_eq(in(COM1(DATA)), 'A' + i);
	type('y');
	out(COM1(IIR), 0x07);
	ck_assert_uint_eq(in(COM1(LSR)), 0x60);
	ck_assert_uint_eq(in(COM1(IIR)), 0xc1); /* and there is a FIFO */
	type('z');
	ck_assert_uint_eq(in(COM1(DATA)), 'z');
	out(COM1(IIR), 0x00);
	ck_assert_uint_eq(in(COM1(IIR)), 0x01);
}
END_TEST

static void *type_all(void *arg)
{
	for (unsigned int i = 0; i < TYPED; i++)
		type((uint8_t)i);
	return arg;
}

static uint8_t read_locked(uint16_t port)
{
	uint8_t value;

	pthread_mutex_lock(&machine.lock);
	value = in(port);
	pthread_mutex_unlock(&machine.lock);
	return value;
}

/* Who types more than the FIFO takes waits until the guest has read. */
START_TEST(typing_waits)
{
	pthread_t thread;

	ck_assert_int_eq(pthread_create(&thread, NULL, type_all, NULL), 0);
	usleep(10000); /* by then the FIFO is full */
	for (unsigned int i = 0; i < TYPED; i++) {
		while (read_locked(COM1(LSR)) != 0x61)
			usleep(100);
		ck_assert_uint_eq(read_locked(COM1(DATA)), i);
	}
	ck_assert_int_eq(pthread_join(thread, NULL), 0);
	ck_assert_uint_eq(in(COM1(LSR)), 0x60);
}
END_TEST

/* A guest that clears the FIFO makes room as well. */
START_TEST(typing_goes_on)
{
	pthread_t thread;
	int joined;

	ck_assert_int_eq(pthread_create(&thread, NULL, type_all, NULL), 0);
	while ((joined = pthread_tryjoin_np(thread, NULL)) == EBUSY) {
		usleep(1000); /* most of the time it is full by then */
		pthread_mutex_lock(&machine.lock);
		out(COM1(IIR), 0x07);
		pthread_mutex_unlock(&machine.lock);
	}
	ck_assert_int_eq(joined, 0);
}
END_TEST

/* Registers keep what they have of what is written. */
static const struct {
	uint16_t port;
	uint8_t written, read;
} kept[] = {
	{ COM1(IER), 0xff, 0x0f }, { COM1(LCR), 0x1b, 0x1b }, { COM1(MCR), 0xff, 0x1f },
	{ COM1(SCR), 0xa5, 0xa5 }, { COM1(LSR), 0x00, 0x60 }, { COM1(MSR), 0x00, 0xb0 },
	{ 0x600, 0xff, 0x00 },     { 0x601, 0xff, 0x00 },     { 0x602, 0x21, 0x21 },
	{ 0x603, 0x05, 0x05 },     { 0x604, 0x00, 0x01 },     { 0x605, 0x00, 0x00 },
	{ 0x606, 0x00, 0xff },     { 0x5ff, 0x00, 0xff },     { 0x60, 0x12, 0x00 },
	{ 0x64, 0x20, 0x00 },      { 0xcf9, 0x00, 0x00 },     { 0xcf8, 0x00, 0xff },
	{ 0x3f7, 0x00, 0xff },     { 0x400, 0x00, 0xff },     { 0x2f8, 0x00, 0xff },
	{ 0x70, 0x0f, 0xff },      { 0xffff, 0x00, 0xff },
};

START_TEST(registers)
{
	out(kept[_i].port, kept[_i].written);
	ck_assert_uint_eq(in(kept[_i].port), kept[_i].read);
}
END_TEST

START_TEST(the_divisor)
{
	out(COM1(LCR), 0x80);
	out(COM1(DATA), 0x0c);
	out(COM1(IER), 0x34);
	ck_assert_uint_eq(in(COM1(DATA)), 0x0c);
	ck_assert_uint_eq(in(COM1(IER)), 0x34);
	ck_assert_uint_eq(in(COM1(IIR)), 0x01); /* the third register is itself */
	out(COM1(LCR), 0x03);
	ck_assert_uint_eq(in(COM1(IER)), 0);
	ck_assert_uint_eq(said_count, 0);
}
END_TEST

/* In loopback, what is sent is received, and each modem line comes back as another. */
static const struct {
	uint8_t control, status;
} loops[] = { { 0x10, 0x00 }, { 0x11, 0x20 }, { 0x12, 0x10 },
	      { 0x14, 0x40 }, { 0x18, 0x80 }, { 0x1a, 0x90 } };

START_TEST(loopback)
{
	out(COM1(MCR), loops[_i].control);
	ck_assert_uint_eq(in(COM1(MSR)), loops[_i].status);
	for (unsigned int i = 0; i < SERIAL_FIFO + 1; i++)
		out(COM1(DATA), (uint8_t)i);
	ck_assert_uint_eq(said_count, 0);
	for (unsigned int i = 0; i < SERIAL_FIFO; i++)
		ck_assert_uint_eq(in(COM1(DATA)), i);
	ck_assert_uint_eq(in(COM1(LSR)), 0x60);
}
END_TEST

/* What is written where, and how it ends. */
static const struct {
	uint16_t port;
	uint8_t value;
	int end;
} ends[] = {
	{ 0x605, 0x20, MACHINE_OFF },  { 0x605, 0x24, GOES_ON }, /* another type */
	{ 0x605, 0x30, GOES_ON },      { 0x605, 0x00, GOES_ON }, /* the type, not yet enabled */
	{ 0x604, 0x20, GOES_ON },      { 0xcf9, 0x06, MACHINE_RESET }, { 0xcf9, 0x02, GOES_ON },
	{ 0x64, 0xfe, MACHINE_RESET }, { 0x64, 0xff, GOES_ON },        { 0x60, 0xfe, GOES_ON },
};

START_TEST(ends_of_it)
{
	const int end = setjmp(ended);

	if (end == 0)
		out(ends[_i].port, ends[_i].value);
	ck_assert_int_eq(end == 0 ? GOES_ON : end - 1, ends[_i].end);
}
END_TEST

/* Larger accesses, and how they end. */
static const struct {
	uint16_t port;
	uint8_t size, data[4];
	int end;
} wide_ends[] = {
	{ 0x604, 2, { 0x00, 0x20 }, MACHINE_OFF },
	{ 0x604, 2, { 0x20, 0x00 }, GOES_ON },
	{ 0x604, 2, { 0x00, 0x34 }, GOES_ON }, /* another type */
	{ 0x602, 4, { 0, 0, 0x00, 0x20 }, MACHINE_OFF },
	{ 0xcf9, 2, { 0x06, 0x00 }, MACHINE_RESET },
	{ 0xcf8, 4, { 0x00, 0x06, 0x00, 0x80 }, GOES_ON }, /* PCI 00:00.6, function and slot */
	{ 0xcf8, 4, { 0xff, 0xff, 0xff, 0xff }, GOES_ON },
	{ 0xcf8, 2, { 0x00, 0x06 }, GOES_ON },
	{ 0x64, 2, { 0xfe, 0x00 }, MACHINE_RESET },
};

START_TEST(wide_ends_of_it)
{
	const int end = setjmp(ended);
	uint8_t data[4];

	memcpy(data, wide_ends[_i].data, sizeof(data));
	if (end == 0)
		access_ports(KVM_EXIT_IO_OUT, wide_ends[_i].port, wide_ends[_i].size, 1, data);
	ck_assert_int_eq(end == 0 ? GOES_ON : end - 1, wide_ends[_i].end);
}
END_TEST

/* What a larger access reads: each port's own, and none of what is after the last port. */
static const struct {
	uint16_t port;
	uint8_t size, data[4];
} wide_reads[] = {
	{ COM1(IER), 4, { 0x00, 0x01, 0x00, 0x00 } },
	{ COM1(LSR), 4, { 0x60, 0xb0, 0x00, 0xff } },
	{ 0x604, 2, { 0x01, 0x00 } },
	{ 0xcf8, 4, { 0xff, 0xff, 0xff, 0xff } },
	{ 0xcf9, 1, { 0x00 } },
	{ 0xffff, 4, { 0xff, 0xff, 0xff, 0xff } },
};

START_TEST(wide)
{
	uint8_t data[4] = { 0x5a, 0x5a, 0x5a, 0x5a };

	access_ports(KVM_EXIT_IO_IN, wide_reads[_i].port, wide_reads[_i].size, 1, data);
	ck_assert_mem_eq(data, wide_reads[_i].data, wide_reads[_i].size);
	for (size_t i = wide_reads[_i].size; i < sizeof(data); i++)
		ck_assert_uint_eq(data[i], 0x5a);
}
END_TEST

/* rep outsb, insb and insw: all at one port, in their order. */
START_TEST(strings)
{
	uint8_t text[] = "and so on", data[5] = { 0, 0, 0, 0, 0x5a };

	access_ports(KVM_EXIT_IO_OUT, COM1(DATA), 1, sizeof(text) - 1, text);
	ck_assert_uint_eq(said_count, sizeof(text) - 1);
	ck_assert_mem_eq(said, text, sizeof(text) - 1);
	access_ports(KVM_EXIT_IO_OUT, COM1(DATA), 1, 0, text);
	ck_assert_uint_eq(said_count, sizeof(text) - 1);
	for (uint8_t i = 1; i <= 4; i++)
		type(i);
	access_ports(KVM_EXIT_IO_IN, COM1(DATA), 1, 4, data);
	ck_assert_mem_eq(data, "\1\2\3\4\x5a", 5);
	out(COM1(SCR), 7);
	access_ports(KVM_EXIT_IO_IN, COM1(MSR), 2, 2, data);
	ck_assert_mem_eq(data, "\xb0\7\xb0\7\x5a", 5);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("kvm_devices");
	TCase *tc = tcase_create("ports");

	tcase_add_checked_fixture(tc, start, NULL);
	tcase_add_test(tc, polled_output);
	tcase_add_test(tc, the_transmitter_interrupts);
	tcase_add_test(tc, what_is_typed);
	tcase_add_test(tc, the_fifo);
	tcase_add_test(tc, typing_waits);
	tcase_add_test(tc, typing_goes_on);
	tcase_add_loop_test(tc, registers, 0, (int)(sizeof(kept) / sizeof(kept[0])));
	tcase_add_test(tc, the_divisor);
	tcase_add_loop_test(tc, loopback, 0, (int)(sizeof(loops) / sizeof(loops[0])));
	tcase_add_loop_test(tc, ends_of_it, 0, (int)(sizeof(ends) / sizeof(ends[0])));
	tcase_add_loop_test(tc, wide_ends_of_it, 0,
			    (int)(sizeof(wide_ends) / sizeof(wide_ends[0])));
	tcase_add_loop_test(tc, wide, 0, (int)(sizeof(wide_reads) / sizeof(wide_reads[0])));
	tcase_add_test(tc, strings);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
