/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * Parameters for devices and consoles.
 *
 * ABI source: Linux, drivers/virtio/virtio_mmio.c, vm_cmdline_set(); lib/cmdline.c, memparse();
 * drivers/tty/serial/serial_core.c, uart_parse_earlycon() and uart_parse_options().
 */
#include <pvhload/cmdline_devices.h>

#include "cmdline/cmdline.h"
#include "core/error.h"
#include "core/libc.h"

#define DEVICE_MAX 32u
/* Room for the longest value: a device, ",mmio32be", two numbers and commas. */
#define VALUE_SIZE 128u

static enum pvhload_status add_value(struct pvhload_cmdline *line, const char *key,
				     const char *value, struct pvhload_error *err)
{
	struct pvl_param param;

	PVL_TRY(pvl_param_init(key, &value, 1, false, &param, err));
	return pvl_cmdline_add_param(line, &param, err);
}

/* Divide @size by the largest unit that leaves a whole number, and return that unit's letter. */
static const char *split_unit(uint64_t *size)
{
	static const char *const suffixes[] = { "", "K", "M", "G" };
	size_t i = 0;

	while (i < 3 && *size % 1024 == 0) {
		*size /= 1024;
		i++;
	}
	return suffixes[i];
}

enum pvhload_status pvhload_cmdline_add_virtio_mmio(struct pvhload_cmdline *line, uint64_t size,
						    uint64_t gpa, uint32_t irq, uint32_t id,
						    struct pvhload_error *err)
{
	char value[VALUE_SIZE];
	const char *unit;
	int n;

	PVL_TRY(pvl_cmdline_usable(line, "", err));
	if (size == 0 || irq == 0)
		return pvl_fail(err, PVHLOAD_E_CMDLINE, PVL_ANYWHERE,
				"the %s of a virtio-mmio device cannot be 0",
				size == 0 ? "size" : "irq");
	if (size - 1 > UINT64_MAX - gpa)
		return pvl_fail(err, PVHLOAD_E_CMDLINE, PVL_GPA(gpa),
				"a virtio-mmio device of 0x%" PRIx64 " bytes at 0x%" PRIx64
				" passes the end of the address space",
				size, gpa);
	if (id > INT32_MAX && id != PVHLOAD_VIRTIO_MMIO_NO_ID)
		return pvl_fail(err, PVHLOAD_E_CMDLINE, PVL_ANYWHERE,
				"the virtio-mmio device's id %" PRIu32 " is above %d", id,
				INT32_MAX);
	unit = split_unit(&size);
	n = snprintf(value, sizeof(value), "%" PRIu64 "%s@0x%" PRIx64 ":%" PRIu32, size, unit, gpa,
		     irq);
	if (id != PVHLOAD_VIRTIO_MMIO_NO_ID)
		snprintf(value + n, sizeof(value) - (size_t)n, ":%" PRIu32, id);
	return add_value(line, "virtio_mmio.device", value, err);
}

/* In a value, the device's or driver's name ends at a comma, so it has none, and no space. */
static enum pvhload_status check_device(const struct pvhload_cmdline *line, const char *device,
					struct pvhload_error *err)
{
	struct pvl_param param;
	size_t length;

	PVL_TRY(pvl_cmdline_usable(line, device, err));
	length = strlen(device);
	if (length == 0 || length > DEVICE_MAX)
		return pvl_fail(err, PVHLOAD_E_CMDLINE, PVL_ANYWHERE,
				"a console's name has %zu bytes, allowed are 1 to %u", length,
				DEVICE_MAX);
	PVL_TRY(pvl_param_init("console", &device, 1, true, &param, err));
	if (param.quoted)
		return pvl_fail(err, PVHLOAD_E_CMDLINE, PVL_AT(strcspn(device, " ")),
				"a console's name has a space at offset %zu", strcspn(device, " "));
	return PVHLOAD_OK;
}

enum pvhload_status pvhload_cmdline_add_console(struct pvhload_cmdline *line, const char *device,
						uint32_t baud, struct pvhload_error *err)
{
	char value[VALUE_SIZE];

	PVL_TRY(check_device(line, device, err));
	if (baud == 0)
		return add_value(line, "console", device, err);
	snprintf(value, sizeof(value), "%s,%" PRIu32 "n8", device, baud);
	return add_value(line, "console", value, err);
}

enum pvhload_status pvhload_cmdline_add_earlycon(struct pvhload_cmdline *line, const char *driver,
						 uint32_t access, uint64_t address, uint32_t baud,
						 struct pvhload_error *err)
{
	static const char *const names[] = { "", "io", "mmio", "mmio16", "mmio32", "mmio32be" };
	char value[VALUE_SIZE];
	int n;

	PVL_TRY(check_device(line, driver, err));
	if (access == 0 || access >= sizeof(names) / sizeof(names[0]))
		return pvl_fail(err, PVHLOAD_E_USAGE, PVL_ANYWHERE,
				"access %" PRIu32 " is not a PVHLOAD_EARLYCON_* value", access);
	if (access == PVHLOAD_EARLYCON_IO && address > 0xffff)
		return pvl_fail(err, PVHLOAD_E_CMDLINE, PVL_ANYWHERE,
				"port 0x%" PRIx64 " is above 0xffff", address);
	n = snprintf(value, sizeof(value), "%s,%s,0x%" PRIx64, driver, names[access], address);
	if (baud != 0)
		snprintf(value + n, sizeof(value) - (size_t)n, ",%" PRIu32, baud);
	return add_value(line, "earlycon", value, err);
}
