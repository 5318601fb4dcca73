/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
#include <pvhload/riscv64_cpu.h>

#include "abi/sizes.h"
#include "core/error.h"
#include "core/sized.h"

enum pvhload_status pvhload_riscv64_cpu_init_linux(uint64_t entry, uint64_t fdt_gpa, uint64_t hart,
						   struct pvhload_riscv64_cpu *state,
						   struct pvhload_error *err)
{
	struct pvhload_riscv64_cpu made = PVHLOAD_RISCV64_CPU_INIT;

	if (!pvl_error_usable(err))
		return PVHLOAD_E_USAGE;
	if (!pvl_sized_out_usable(state, PVL_V1_RISCV64_CPU))
		return pvl_fail(err, PVHLOAD_E_USAGE, PVL_ANYWHERE,
				"the processor state is NULL or has a wrong size");
	made.pc = entry;
	made.a0 = hart;
	made.a1 = fdt_gpa;
	made.mode = PVHLOAD_RISCV64_MODE_S;
	pvl_sized_out(state, &made, sizeof(made));
	return PVHLOAD_OK;
}
