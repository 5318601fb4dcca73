/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/**
 * @file
 * The first state of a riscv64 boot hart, as plain data for any VMM.
 *
 * The other harts are stopped; the guest starts them by the SBI's HSM extension.  What is not here is as after reset,
 * with interrupts off.
 *
 * @par Ownership and threads
 * Nothing is kept.  Any thread may call these functions.
 *
 * @since 0.3
 */
#ifndef PVHLOAD_RISCV64_CPU_H
#define PVHLOAD_RISCV64_CPU_H

#include <stddef.h>
#include <stdint.h>

#include <pvhload/macros.h>
#include <pvhload/status.h>

PVHLOAD_BEGIN_DECLS

/** pvhload_riscv64_cpu::mode: S, which is HS or VS as well.  Linux, asm/kvm.h, KVM_RISCV_MODE_S. */
#define PVHLOAD_RISCV64_MODE_S 1u

/** The registers a boot sets. */
struct pvhload_riscv64_cpu {
	size_t struct_size; /**< sizeof(struct pvhload_riscv64_cpu) */
	uint64_t pc;        /**< the kernel's entry */
	uint64_t a0;        /**< the number of the hart that boots */
	uint64_t a1;        /**< the device tree's address */
	uint64_t satp;      /**< 0: no page tables */
	uint32_t mode;      /**< PVHLOAD_RISCV64_MODE_S */
	uint32_t reserved;  /**< 0 */
};

/** Initialiser for a struct pvhload_riscv64_cpu. */
#define PVHLOAD_RISCV64_CPU_INIT PVHLOAD_SIZED_(pvhload_riscv64_cpu)

/**
 * The state for Linux's entry.
 *
 * Under a firmware in machine mode (OpenSBI) the VMM enters that, and it sets this state: pvhload_riscv64_cpu::pc and
 * @c a1 are what it is told.
 *
 * @par Units
 * Guest-physical addresses.
 *
 * @par ABI source
 * Linux, Documentation/arch/riscv/boot.rst.
 *
 * @param[in]     entry    Where the Image is loaded: it is entered at its first byte.
 * @param[in]     fdt_gpa  Where the device tree is.
 * @param[in]     hart     The number of the hart that boots.
 * @param[in,out] state    Filled.  Untouched on failure.
 * @param[out]    err      May be NULL.  Filled on failure only.
 *
 * @retval PVHLOAD_OK       The state is filled.
 * @retval PVHLOAD_E_USAGE  @p state is NULL or its @c struct_size is wrong.
 */
PVHLOAD_API PVHLOAD_NODISCARD enum pvhload_status
pvhload_riscv64_cpu_init_linux(uint64_t entry, uint64_t fdt_gpa, uint64_t hart,
			       struct pvhload_riscv64_cpu *state, struct pvhload_error *err);

PVHLOAD_END_DECLS

#endif
