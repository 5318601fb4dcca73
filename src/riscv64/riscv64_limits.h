/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* Numbers of riscv64 that a plan is made by. */
#ifndef PVL_RISCV64_RISCV64_LIMITS_H
#define PVL_RISCV64_RISCV64_LIMITS_H

#include "core/arch.h"

/* Bits of a physical address.  RISC-V privileged architecture, "Sv39", "Sv48" and "Sv57". */
#define PVL_RISCV64_PHYSICAL_BITS 56u

extern const struct pvl_arch pvl_arch_riscv64;

#endif
