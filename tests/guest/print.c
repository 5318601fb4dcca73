/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* Lines on the first serial port. */
#include "guest.h"

#define COM1 0x3f8

static void out(uint16_t port, uint8_t value)
{
	__asm__ volatile("outb %0, %1" : : "a"(value), "Nd"(port));
}

static uint8_t in(uint16_t port)
{
	uint8_t value;

	__asm__ volatile("inb %1, %0" : "=a"(value) : "Nd"(port));
	return value;
}

static void put(char c)
{
	while (!(in(COM1 + 5) & 0x20))
		;
	out(COM1, (uint8_t)c);
}

void text(const char *s)
{
	while (*s)
		put(*s++);
}

static void digit(uint64_t value)
{
	put("0123456789abcdef"[value & 0xf]);
}

void hex(uint64_t value)
{
	int shift = 60;

	while (shift > 0 && (value >> shift & 0xf) == 0)
		shift -= 4;
	for (; shift >= 0; shift -= 4)
		digit(value >> shift);
}

void line(const char *name, uint64_t value)
{
	text(name);
	put(' ');
	hex(value);
	put('\n');
}

void bytes(const char *name, const uint8_t *data, size_t size)
{
	text(name);
	put(' ');
	for (size_t i = 0; i < size; i++) {
		digit(data[i] >> 4);
		digit(data[i]);
	}
	put('\n');
}

void end(void)
{
	text("end\n");
	while (!(in(COM1 + 5) & 0x40)) /* until the last byte is out */
		;
}

uint32_t crc32(const uint8_t *data, uint64_t size)
{
	uint32_t crc = 0xffffffff;

	for (uint64_t i = 0; i < size; i++) {
		crc ^= data[i];
		for (int bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? 0xedb88320 : 0);
	}
	return ~crc;
}
