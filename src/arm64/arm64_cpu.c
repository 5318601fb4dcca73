/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
#include <pvhload/arm64_cpu.h>

#include "abi/sizes.h"
#include "core/error.h"
#include "core/libc.h"
#include "core/sized.h"

enum pvhload_status pvhload_arm64_cpu_init_linux(uint64_t entry, uint64_t fdt_gpa,
						 uint32_t exception_level,
						 struct pvhload_arm64_cpu *state,
						 struct pvhload_error *err)
{
	struct pvhload_arm64_cpu made = PVHLOAD_ARM64_CPU_INIT;

	if (!pvl_error_usable(err))
		return PVHLOAD_E_USAGE;
	if (!pvl_sized_out_usable(state, PVL_V1_ARM64_CPU))
		return pvl_fail(err, PVHLOAD_E_USAGE, PVL_ANYWHERE,
				"the processor state is NULL or has a wrong size");
	if (exception_level > 2)
		return pvl_fail(err, PVHLOAD_E_USAGE, PVL_ANYWHERE,
				"a kernel is entered at exception level 1 or 2, not %" PRIu32,
				exception_level);
	made.x[0] = fdt_gpa;
	made.pc = entry;
	made.pstate = exception_level == 2 ? PVHLOAD_ARM64_PSTATE_EL2H : PVHLOAD_ARM64_PSTATE_EL1H;
	pvl_sized_out(state, &made, sizeof(made));
	return PVHLOAD_OK;
}
