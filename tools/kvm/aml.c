/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* ACPI Specification 6.5: encodings, section 20.2; resources, section 6.4.2; _S5, section 7.4.2. */
#include "aml.h"

#include "ports.h"
#include "serial.h"

enum {
	NAME_OP = 0x08,
	BYTE_PREFIX = 0x0a,
	DWORD_PREFIX = 0x0c,
	SCOPE_OP = 0x10,
	BUFFER_OP = 0x11,
	PACKAGE_OP = 0x12,
	EXT_PREFIX = 0x5b,
	DEVICE_OP = 0x82, /* after EXT_PREFIX */
};

#define NAME_SIZE 4u
/* PNP0501, a 16550A, as _HID has it: three letters of 5 bits, then the digits, high byte first. */
#define PNP0501                        \
	{                              \
		0x41, 0xd0, 0x05, 0x01 \
	}

/* Of a length in two bytes: the low 4 bits and that one byte follows, then 8 bits. */
#define LENGTH_SIZE 2u
#define LENGTH_TWO  0x40u

/* Something with a length begins; the value is for end(). */
static size_t begin(struct bytes *b)
{
	bytes_zeros(b, LENGTH_SIZE);
	return b->size - LENGTH_SIZE;
}

/* It ends here.  The length counts itself. */
static void end(struct bytes *b, size_t start)
{
	const size_t length = b->size - start;

	bytes_set(b, start, 1, LENGTH_TWO | (length & 0xf));
	bytes_set(b, start + 1, 1, length >> 4);
}

static void op(struct bytes *b, uint8_t code)
{
	bytes_number(b, 1, code);
}

static void name(struct bytes *b, const char *text)
{
	op(b, NAME_OP);
	bytes_add(b, text, NAME_SIZE);
}

/* SLP_TYP of S5 for both control registers, of which there is one; two reserved elements. */
static void add_s5(struct bytes *b)
{
	size_t start;

	name(b, "_S5_");
	op(b, PACKAGE_OP);
	start = begin(b);
	op(b, 4);
	for (unsigned int i = 0; i < 4; i++) {
		op(b, BYTE_PREFIX);
		op(b, i < 2 ? PM1_OFF_TYPE : 0);
	}
	end(b, start);
}

/* Ports and interrupt of the serial port. */
static void add_resources(struct bytes *b)
{
	enum { IO = 0x47, DECODES_16 = 1, ALIGNED_1 = 1, IRQ = 0x22, END = 0x79, SIZE = 8 + 3 + 2 };
	size_t start;

	name(b, "_CRS");
	op(b, BUFFER_OP);
	start = begin(b);
	op(b, BYTE_PREFIX);
	op(b, SIZE);
	op(b, IO);
	op(b, DECODES_16);
	bytes_number(b, 2, SERIAL_PORT);
	bytes_number(b, 2, SERIAL_PORT);
	op(b, ALIGNED_1);
	op(b, SERIAL_PORTS);
	op(b, IRQ);
	bytes_number(b, 2, 1u << SERIAL_IRQ);
	op(b, END);
	op(b, 0); /* a checksum of 0 is none */
	end(b, start);
}

static void add_serial(struct bytes *b)
{
	static const uint8_t id[] = PNP0501;
	size_t start;

	op(b, EXT_PREFIX);
	op(b, DEVICE_OP);
	start = begin(b);
	bytes_add(b, "COM1", NAME_SIZE);
	name(b, "_HID");
	op(b, DWORD_PREFIX);
	bytes_add(b, id, sizeof(id));
	add_resources(b);
	end(b, start);
}

void aml_build(struct bytes *b)
{
	size_t start;

	add_s5(b);
	op(b, SCOPE_OP);
	start = begin(b);
	bytes_add(b, "_SB_", NAME_SIZE);
	add_serial(b);
	end(b, start);
}
