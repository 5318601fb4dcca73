/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/**
 * @file
 * The boot protocols: how a kernel is entered, and what it is told.
 *
 * ABI source: Xen, docs/misc/pvh.pandoc; Linux, Documentation/arch/x86/boot.rst, arm64/booting.rst and riscv/boot.rst;
 * Intel SDM, volume 3, "Processor Management and Initialization"; GNU Multiboot Specification 0.6.96; Multiboot2
 * Specification 2.0.
 */
#ifndef PVHLOAD_PROTOCOL_H
#define PVHLOAD_PROTOCOL_H

#include <pvhload/macros.h>
#include <pvhload/status.h>

PVHLOAD_BEGIN_DECLS

/** Boot protocols. */
#define PVHLOAD_PROTOCOL_AUTO          0u /**< the best the image can be entered by */
#define PVHLOAD_PROTOCOL_PVH           1u /**< x86/HVM direct boot: PHYS32_ENTRY and struct hvm_start_info */
#define PVHLOAD_PROTOCOL_X86_LINUX64   2u /**< Linux/x86, by the 64-bit entry, with a zero page */
#define PVHLOAD_PROTOCOL_X86_LINUX32   3u /**< Linux/x86, by the 32-bit entry, with a zero page */
#define PVHLOAD_PROTOCOL_ARM64_LINUX   4u /**< Linux/arm64, with a device tree.  @since 0.3 */
#define PVHLOAD_PROTOCOL_RISCV64_LINUX 5u /**< Linux/riscv64, with a device tree.  @since 0.3 */
#define PVHLOAD_PROTOCOL_MULTIBOOT1    6u /**< Multiboot 1, see multiboot.h.  @since 0.3 */
#define PVHLOAD_PROTOCOL_MULTIBOOT2    7u /**< Multiboot 2.  @since 0.3 */
#define PVHLOAD_PROTOCOL_X86_RESET     8u /**< an x86 firmware, from the reset state.  @since 0.3 */

/**
 * The name of a protocol, for people and scripts: "pvh", "linux64".
 *
 * @param[in] protocol  PVHLOAD_PROTOCOL_*.
 * @return              The name, or "unknown".  Never NULL.
 *
 * @par Ownership and threads
 * The text is constant and lives as long as the library is loaded.  Any thread may call this.
 *
 * @since 0.1
 */
PVHLOAD_API const char *pvhload_protocol_name(uint32_t protocol);

/**
 * The protocol that pvhload_protocol_name() calls @p name, "auto" included: for a VMM's own options.
 *
 * @param[in]  name          "auto", "pvh", "linux64", "linux32", "arm64", "riscv64", "multiboot1", "multiboot2" or
 *                           "reset", in lower case.
 * @param[out] ret_protocol  PVHLOAD_PROTOCOL_*.  Written on success only.
 * @param[out] err           May be NULL.  Filled on failure only; the message lists the names.
 *
 * @retval PVHLOAD_OK           There is one of that name.
 * @retval PVHLOAD_E_USAGE      A pointer other than @p err is NULL.
 * @retval PVHLOAD_E_NOT_FOUND  There is none.
 *
 * @par Units
 * None.
 *
 * @par Ownership and threads
 * Nothing is kept.  Any thread may call this.
 *
 * @since 0.2
 */
PVHLOAD_API PVHLOAD_NODISCARD enum pvhload_status
pvhload_protocol_from_name(const char *name, uint32_t *ret_protocol, struct pvhload_error *err);

PVHLOAD_END_DECLS

#endif
