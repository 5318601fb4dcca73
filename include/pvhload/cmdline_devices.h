/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/**
 * @file
 * Parameters that announce devices and choose consoles, written as Linux reads them.
 *
 * @par Units
 * Bytes; guest-physical addresses.
 *
 * @par Ownership and threads
 * Texts are copied.  No other thread may use the command line meanwhile.
 *
 * @par ABI source
 * Linux, Documentation/admin-guide/kernel-parameters.txt, and what the functions name.
 *
 * @since 0.1
 */
#ifndef PVHLOAD_CMDLINE_DEVICES_H
#define PVHLOAD_CMDLINE_DEVICES_H

#include <pvhload/cmdline.h>
#include <pvhload/macros.h>
#include <pvhload/status.h>

PVHLOAD_BEGIN_DECLS

/** No @c id: Linux numbers the device itself. */
#define PVHLOAD_VIRTIO_MMIO_NO_ID UINT32_MAX

/**
 * Announce a virtio-mmio device: virtio_mmio.device=SIZE\@GPA:IRQ[:ID].
 *
 * The size is written with the largest unit of K, M and G that divides it.  Linux adds the devices in
 * the order of the command line.
 *
 * @param[in,out] line  The command line.  Unchanged on failure.
 * @param[in]     size  Bytes of its register window; not 0.
 * @param[in]     gpa   Address of the window.
 * @param[in]     irq   Its interrupt number; not 0.
 * @param[in]     id    The device's number, at most INT32_MAX, or PVHLOAD_VIRTIO_MMIO_NO_ID.
 * @param[out]    err   May be NULL.  Filled on failure only.
 *
 * @retval PVHLOAD_OK         Added.
 * @retval PVHLOAD_E_USAGE    @p line is NULL, or the @c struct_size of @p err is wrong.
 * @retval PVHLOAD_E_CMDLINE  @p size or @p irq is 0; @p id is above INT32_MAX; the window passes
 *                            the end of the address space; or as pvhload_cmdline_add().
 *
 * @par ABI source
 * Linux, drivers/virtio/virtio_mmio.c.
 */
PVHLOAD_API PVHLOAD_NODISCARD enum pvhload_status
pvhload_cmdline_add_virtio_mmio(struct pvhload_cmdline *line, uint64_t size, uint64_t gpa,
				uint32_t irq, uint32_t id, struct pvhload_error *err);

/**
 * Add a console: console=DEVICE, or console=DEVICE,BAUDn8 for a serial line.
 *
 * Linux prints to all consoles; the last one is /dev/console.
 *
 * @param[in,out] line    The command line.  Unchanged on failure.
 * @param[in]     device  "ttyS0", "hvc0", "ttyAMA0": printable ASCII without space, ',' and '"'.
 * @param[in]     baud    Bits per second, with 8 data bits and no parity; 0 for the driver's default.
 * @param[out]    err     May be NULL.  Filled on failure only.
 *
 * @retval PVHLOAD_OK         Added.
 * @retval PVHLOAD_E_USAGE    @p line or @p device is NULL, or the @c struct_size of @p err is wrong.
 * @retval PVHLOAD_E_CMDLINE  @p device is empty, longer than 32 bytes or has a character that is not
 *                            allowed; or as pvhload_cmdline_add().
 *
 * @par ABI source
 * Linux, Documentation/admin-guide/kernel-parameters.txt, "console=".
 */
PVHLOAD_API PVHLOAD_NODISCARD enum pvhload_status
pvhload_cmdline_add_console(struct pvhload_cmdline *line, const char *device, uint32_t baud,
			    struct pvhload_error *err);

/** How an early console's registers are accessed. */
#define PVHLOAD_EARLYCON_IO       1u /**< "io": ports */
#define PVHLOAD_EARLYCON_MMIO     2u /**< "mmio": memory, 8 bits wide */
#define PVHLOAD_EARLYCON_MMIO16   3u /**< "mmio16": 16 bits */
#define PVHLOAD_EARLYCON_MMIO32   4u /**< "mmio32": 32 bits */
#define PVHLOAD_EARLYCON_MMIO32BE 5u /**< "mmio32be": 32 bits, big-endian */

/**
 * Add a console that works before its driver is loaded: earlycon=DRIVER,ACCESS,ADDRESS[,BAUD].
 *
 * @param[in,out] line     The command line.  Unchanged on failure.
 * @param[in]     driver   "uart8250", "pl011", "ns16550a"; characters as in @c device of
 *                         pvhload_cmdline_add_console().
 * @param[in]     access   PVHLOAD_EARLYCON_*.
 * @param[in]     address  The first port or guest-physical address.
 * @param[in]     baud     Bits per second; 0 to keep the speed that is set.
 * @param[out]    err      May be NULL.  Filled on failure only.
 *
 * @retval PVHLOAD_OK         Added.
 * @retval PVHLOAD_E_USAGE    @p line or @p driver is NULL, @p access is not one of these, or the
 *                            @c struct_size of @p err is wrong.
 * @retval PVHLOAD_E_CMDLINE  As pvhload_cmdline_add_console(); or a port above 0xffff.
 *
 * @par ABI source
 * Linux, Documentation/admin-guide/kernel-parameters.txt, "earlycon="; drivers/tty/serial/
 * serial_core.c.
 */
PVHLOAD_API PVHLOAD_NODISCARD enum pvhload_status
pvhload_cmdline_add_earlycon(struct pvhload_cmdline *line, const char *driver, uint32_t access,
			     uint64_t address, uint32_t baud, struct pvhload_error *err);

PVHLOAD_END_DECLS

#endif
