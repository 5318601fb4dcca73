/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/**
 * @file
 * The first state of an arm64 boot processor, as plain data for any VMM.
 *
 * The other processors are powered off; the guest starts them by PSCI, which the device tree has to say.  What is
 * not here is as after reset: the MMU and the data cache are off.
 *
 * @par Ownership and threads
 * Nothing is kept.  Any thread may call these functions.
 *
 * @since 0.3
 */
#ifndef PVHLOAD_ARM64_CPU_H
#define PVHLOAD_ARM64_CPU_H

#include <stddef.h>
#include <stdint.h>

#include <pvhload/macros.h>
#include <pvhload/status.h>

PVHLOAD_BEGIN_DECLS

/** General registers x0 to x30. */
#define PVHLOAD_ARM64_X_COUNT 31u

/** PSTATE with D, A, I and F masked, at EL1h and at EL2h.  Arm ARM, "Process state, PSTATE"; values booted. */
#define PVHLOAD_ARM64_PSTATE_EL1H 0x3c5u
#define PVHLOAD_ARM64_PSTATE_EL2H 0x3c9u

/** The registers a boot sets. */
struct pvhload_arm64_cpu {
	size_t struct_size;                /**< sizeof(struct pvhload_arm64_cpu) */
	uint64_t x[PVHLOAD_ARM64_X_COUNT]; /**< x0 is the device tree's address, the others are 0 */
	uint64_t sp;                       /**< 0: the kernel sets its own */
	uint64_t pc;                       /**< the kernel's entry */
	uint64_t pstate;                   /**< PVHLOAD_ARM64_PSTATE_EL1H or _EL2H */
};

/** Initialiser for a struct pvhload_arm64_cpu. */
#define PVHLOAD_ARM64_CPU_INIT PVHLOAD_SIZED_(pvhload_arm64_cpu)

/**
 * The state for Linux's entry.
 *
 * @par Units
 * Guest-physical addresses.
 *
 * @par ABI source
 * Linux, Documentation/arch/arm64/booting.rst, "Call the kernel image".
 *
 * @param[in]     entry            Where the Image is loaded: it is entered at its first byte.
 * @param[in]     fdt_gpa          Where the device tree is.
 * @param[in]     exception_level  1 or 2; 0 is 1.  2 is for a processor with EL2 (KVM_ARM_VCPU_HAS_EL2): the kernel can
 *                                 be a host of virtual machines then.
 * @param[in,out] state            Filled.  Untouched on failure.
 * @param[out]    err              May be NULL.  Filled on failure only.
 *
 * @retval PVHLOAD_OK       The state is filled.
 * @retval PVHLOAD_E_USAGE  @p state is NULL or its @c struct_size is wrong; @p exception_level is another number.
 */
PVHLOAD_API PVHLOAD_NODISCARD enum pvhload_status
pvhload_arm64_cpu_init_linux(uint64_t entry, uint64_t fdt_gpa, uint32_t exception_level,
			     struct pvhload_arm64_cpu *state, struct pvhload_error *err);

PVHLOAD_END_DECLS

#endif
