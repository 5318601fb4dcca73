/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* ACPI Specification 6.5, section 4.8.3; Intel ICH, "RST_CNT"; the keyboard controller's reset, as Linux uses it. */
#include "ports.h"

#include "machine.h"

#define NOBODY                 0xffu /* where there is no device */
#define CONTROL_SCI_EN         0x01u /* of the first byte: ACPI is on, as there is no other mode */
#define CONTROL_SLP_EN         0x20u /* of the second byte */
#define CONTROL_SLP_TYP(value) ((value) >> 2 & 7u)
#define RESET_CPU              0x04u

/* Enabled events are kept, and none ever comes. */
static uint8_t read_power(const struct machine *m, unsigned int at)
{
	if (at >= PORT_PM1_CONTROL - PORT_PM1_EVENT)
		return at == PORT_PM1_CONTROL - PORT_PM1_EVENT ? CONTROL_SCI_EN : 0;
	return m->power.event[at];
}

static void write_power(struct machine *m, unsigned int at, uint8_t value)
{
	if (at == PORT_PM1_CONTROL + 1 - PORT_PM1_EVENT && (value & CONTROL_SLP_EN) != 0 &&
	    CONTROL_SLP_TYP(value) == PM1_OFF_TYPE)
		machine_end(m, MACHINE_OFF);
	/* The first half is the status; a 1 there clears what is 0. */
	if (at >= PM1_EVENT_SIZE / 2 && at < PM1_EVENT_SIZE)
		m->power.event[at] = value;
}

static bool is_power(uint16_t port)
{
	return port >= PORT_PM1_EVENT && port < PORT_PM1_CONTROL + PM1_CONTROL_SIZE;
}

static bool is_serial(uint16_t port)
{
	return port >= SERIAL_PORT && port < SERIAL_PORT + SERIAL_PORTS;
}

static uint8_t port_read(struct machine *m, uint16_t port)
{
	if (is_serial(port))
		return serial_read(&m->serial, port - SERIAL_PORT);
	if (is_power(port))
		return read_power(m, port - PORT_PM1_EVENT);
	switch (port) {
	case PORT_DEBUG:
	case PORT_FIRMWARE_DEBUG:
		return PORT_DEBUG;
	case PORT_I8042_DATA:
	case PORT_I8042_COMMAND:
	case PORT_RESET:
		return 0; /* nothing has come, and a command may be given */
	default:
		return NOBODY;
	}
}

static void port_write(struct machine *m, uint16_t port, uint8_t value)
{
	if (is_serial(port))
		serial_write(&m->serial, port - SERIAL_PORT, value);
	else if (is_power(port))
		write_power(m, port - PORT_PM1_EVENT, value);
	else if (port == PORT_DEBUG || port == PORT_FIRMWARE_DEBUG)
		guest_output_put(&m->output, value);
	else if ((port == PORT_I8042_COMMAND && value == I8042_RESET) ||
		 (port == PORT_RESET && (value & RESET_CPU) != 0))
		machine_end(m, MACHINE_RESET);
}

/*
 * PCI's address register, which is written in one piece over the reset register: only an access that begins at the
 * latter is for it.  There is no PCI.
 */
static bool is_pci_address(uint16_t port, uint8_t size)
{
	return port < PORT_RESET && port + size > PORT_RESET;
}

/* Devices are a byte wide: a larger access is one to each port, and a string instruction does that again and again. */
void port_serve(struct machine *m, const struct kvm_run *run, uint8_t *data)
{
	const size_t bytes = (size_t)run->io.size * run->io.count;
	const bool nobody = is_pci_address(run->io.port, run->io.size);

	for (size_t i = 0; i < bytes; i++) {
		const uint16_t port = (uint16_t)(run->io.port + i % run->io.size);

		if (run->io.direction == KVM_EXIT_IO_IN)
			data[i] = nobody ? NOBODY : port_read(m, port);
		else if (!nobody)
			port_write(m, port, data[i]);
	}
}
