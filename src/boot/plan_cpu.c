/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* The processor's first state, copied out of a plan. */
#include "abi/sizes.h"
#include "boot/plan.h"
#include "core/error.h"
#include "core/sized.h"

enum pvhload_status pvhload_plan_get_x86_cpu(const struct pvhload_plan *plan,
					     struct pvhload_x86_cpu *cpu, struct pvhload_error *err)
{
	if (!pvl_error_usable(err))
		return PVHLOAD_E_USAGE;
	if (!plan)
		return pvl_fail(err, PVHLOAD_E_USAGE, PVL_ANYWHERE, "the plan is NULL");
	if (!pvl_sized_out_usable(cpu, PVL_V1_X86_CPU))
		return pvl_fail(err, PVHLOAD_E_USAGE, PVL_ANYWHERE,
				"the processor state is NULL or has a wrong size");
	pvl_sized_out(cpu, plan->info.x86_cpu, sizeof(*cpu));
	return PVHLOAD_OK;
}
