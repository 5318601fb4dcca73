/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/**
 * @file
 * Parameters that announce devices and choose consoles, each in the one way that Linux reads it.
 *
 * @par Units
 * Bytes; guest-physical addresses.
 *
 * @par ABI source
 * Linux, Documentation/admin-guide/kernel-parameters.txt; what else, the functions say.
 */
#ifndef PVHLOAD_CMDLINE_DEVICES_H
#define PVHLOAD_CMDLINE_DEVICES_H

#include <pvhload/cmdline.h>
#include <pvhload/macros.h>
#include <pvhload/status.h>

PVHLOAD_BEGIN_DECLS

/** The @c id of a device that has none. */
#define PVHLOAD_VIRTIO_MMIO_NO_ID UINT32_MAX

/**
 * Announce a virtio-mmio device: virtio_mmio.device=SIZE\@GPA:IRQ[:ID].
 *
 * The size is written with the largest of K, M and G that divides it.  Devices come up in this order.
 *
 * @param[in,out] line  The command line.  Unchanged on failure.
 * @param[in]     size  Bytes of its registers; not 0.
 * @param[in]     gpa   Where they are.
 * @param[in]     irq   Its interrupt; not 0.
 * @param[in]     id    Its number, at most INT32_MAX, or PVHLOAD_VIRTIO_MMIO_NO_ID.
 * @param[out]    err   May be NULL.  Filled on failure only.
 *
 * @retval PVHLOAD_OK         Added.
 * @retval PVHLOAD_E_USAGE    @p line is NULL, or the @c struct_size of @p err is wrong.
 * @retval PVHLOAD_E_CMDLINE  @p size or @p irq is 0; @p id is above INT32_MAX; the registers would
 *                            pass 2^64; the command line ends within quotes; or it would be too long:
 *                            the message says by how many bytes.
 *
 * @par Ownership and threads
 * No other thread may be using @p line.
 *
 * @par ABI source
 * Linux, drivers/virtio/virtio_mmio.c.
 *
 * @since 0.1
 */
PVHLOAD_API PVHLOAD_NODISCARD enum pvhload_status
pvhload_cmdline_add_virtio_mmio(struct pvhload_cmdline *line, uint64_t size, uint64_t gpa,
				uint32_t irq, uint32_t id, struct pvhload_error *err);

/**
 * Add a console: console=DEVICE, or console=DEVICE,BAUDn8 for a serial line.
 *
 * Linux prints to all of them; /dev/console is the last one.
 *
 * @param[in,out] line    The command line.  Unchanged on failure.
 * @param[in]     device  "ttyS0", "hvc0", "ttyAMA0": printable ASCII without space, ',' and '"'.
 * @param[in]     baud    Bits per second, 8 without parity; 0 to leave that to the driver.
 * @param[out]    err     May be NULL.  Filled on failure only.
 *
 * @retval PVHLOAD_OK         Added.
 * @retval PVHLOAD_E_USAGE    @p line or @p device is NULL, or the @c struct_size of @p err is wrong.
 * @retval PVHLOAD_E_CMDLINE  @p device is empty, longer than 32 bytes or has a character that cannot
 *                            be there; the command line ends within quotes; or it would be too long.
 *
 * @par Ownership and threads
 * The text is copied.  No other thread may be using @p line.
 *
 * @par ABI source
 * Linux, Documentation/admin-guide/kernel-parameters.txt, "console=".
 *
 * @since 0.1
 */
PVHLOAD_API PVHLOAD_NODISCARD enum pvhload_status
pvhload_cmdline_add_console(struct pvhload_cmdline *line, const char *device, uint32_t baud,
			    struct pvhload_error *err);

/** How pvhload_cmdline_add_earlycon() has the device's registers accessed. */
#define PVHLOAD_EARLYCON_IO       1u /**< "io": ports */
#define PVHLOAD_EARLYCON_MMIO     2u /**< "mmio": memory, 8 bits wide */
#define PVHLOAD_EARLYCON_MMIO16   3u /**< "mmio16": 16 bits */
#define PVHLOAD_EARLYCON_MMIO32   4u /**< "mmio32": 32 bits */
#define PVHLOAD_EARLYCON_MMIO32BE 5u /**< "mmio32be": 32 bits, big-endian */

/**
 * Add a console for the time before drivers: earlycon=DRIVER,ACCESS,ADDRESS[,BAUD].
 *
 * @param[in,out] line     The command line.  Unchanged on failure.
 * @param[in]     driver   "uart8250", "pl011", "ns16550a": as for @c device of
 *                         pvhload_cmdline_add_console().
 * @param[in]     access   PVHLOAD_EARLYCON_*.
 * @param[in]     address  The first port or guest-physical address.
 * @param[in]     baud     Bits per second; 0 to leave the line's speed alone.
 * @param[out]    err      May be NULL.  Filled on failure only.
 *
 * @retval PVHLOAD_OK         Added.
 * @retval PVHLOAD_E_USAGE    @p line or @p driver is NULL, @p access is none of its values, or the
 *                            @c struct_size of @p err is wrong.
 * @retval PVHLOAD_E_CMDLINE  As pvhload_cmdline_add_console(); or a port above 0xffff.
 *
 * @par Ownership and threads
 * The text is copied.  No other thread may be using @p line.
 *
 * @par ABI source
 * Linux, Documentation/admin-guide/kernel-parameters.txt, "earlycon="; drivers/tty/serial/
 * serial_core.c.
 *
 * @since 0.1
 */
PVHLOAD_API PVHLOAD_NODISCARD enum pvhload_status
pvhload_cmdline_add_earlycon(struct pvhload_cmdline *line, const char *driver, uint32_t access,
			     uint64_t address, uint32_t baud, struct pvhload_error *err);

PVHLOAD_END_DECLS

#endif
