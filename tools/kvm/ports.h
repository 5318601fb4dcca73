/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* The I/O ports of the machine that are not the serial port's; the ACPI tables tell the guest of them. */
#ifndef TOOL_KVM_PORTS_H
#define TOOL_KVM_PORTS_H

/* ACPI's fixed registers, where QEMU's machines have them: 0x2000 to 0x604 turns off. */
#define PORT_PM1_EVENT   0x600u
#define PORT_PM1_CONTROL 0x604u
#define PM1_EVENT_SIZE   4u
#define PM1_CONTROL_SIZE 2u
#define PM1_OFF_TYPE     0u /* SLP_TYP of S5 */

/* The reset register of chipsets: 0x06 resets. */
#define PORT_RESET  0xcf9u
#define RESET_VALUE 0x06u

/* Of a keyboard controller there is what resets: 0xfe to its command port. */
#define PORT_I8042_DATA    0x60u
#define PORT_I8042_COMMAND 0x64u
#define I8042_RESET        0xfeu

/* What is written here is output, and reading it tells that it is there. */
#define PORT_DEBUG 0xe9u

/* The same for a firmware: SeaBIOS and OVMF write here what they do, where reading it gives 0xe9. */
#define PORT_FIRMWARE_DEBUG 0x402u

#endif
