/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* The processor's first state: which of them a plan has, and copies of it. */
#include "abi/sizes.h"
#include "boot/protocols.h"
#include "core/error.h"
#include "core/sized.h"

void pvl_describe_x86_cpu(struct pvhload_plan *plan)
{
	plan->info.arch = PVHLOAD_ARCH_X86_64;
	plan->info.x86_cpu = &plan->cpu;
	plan->cpu.struct_size = sizeof(plan->cpu);
}

size_t pvl_append_gdt(struct pvl_layout *layout, uint64_t size, uint64_t usual)
{
	const struct pvl_part gdt = { .name = "gdt",
				      .kind = PVHLOAD_REGION_X86_GDT,
				      .size = size,
				      .align = 1,
				      .limit = PVL_4GIB,
				      .limit_name = PVL_4GIB_NAME,
				      .usual = usual };

	return pvl_layout_append(layout, &gdt);
}

enum pvhload_status pvl_write_gdt(const struct pvl_builder *b, size_t part, struct pvl_block *block,
				  struct pvhload_error *err)
{
	const struct pvl_part *gdt = &b->layout.parts[part];

	PVL_TRY(pvhload_x86_cpu_gdt(&b->plan->cpu, block->at, (size_t)gdt->size, err));
	return pvl_block_append(block, gdt->gpa, gdt->size, err);
}

/* @state is the plan's own, of @own bytes, or NULL; @cpu the caller's. */
static enum pvhload_status copy_state(const struct pvhload_plan *plan, const void *state,
				      size_t own, size_t v1, void *cpu, struct pvhload_error *err)
{
	if (!pvl_sized_out_usable(cpu, v1))
		return pvl_fail(err, PVHLOAD_E_USAGE, PVL_ANYWHERE,
				"the processor state is NULL or has a wrong size");
	if (!state)
		return pvl_fail(err, PVHLOAD_E_PROTOCOL, PVL_ANYWHERE,
				"the plan is for %s: it has no such processor state",
				pvhload_arch_name(plan->info.arch));
	pvl_sized_out(cpu, state, own);
	return PVHLOAD_OK;
}

static enum pvhload_status check_plan(const struct pvhload_plan *plan, struct pvhload_error *err)
{
	if (!pvl_error_usable(err))
		return PVHLOAD_E_USAGE;
	return plan ? PVHLOAD_OK : pvl_fail(err, PVHLOAD_E_USAGE, PVL_ANYWHERE, "the plan is NULL");
}

enum pvhload_status pvhload_plan_get_x86_cpu(const struct pvhload_plan *plan,
					     struct pvhload_x86_cpu *cpu, struct pvhload_error *err)
{
	PVL_TRY(check_plan(plan, err));
	return copy_state(plan, plan->info.x86_cpu, sizeof(*cpu), PVL_V1_X86_CPU, cpu, err);
}

enum pvhload_status pvhload_plan_get_arm64_cpu(const struct pvhload_plan *plan,
					       struct pvhload_arm64_cpu *cpu,
					       struct pvhload_error *err)
{
	PVL_TRY(check_plan(plan, err));
	return copy_state(plan, plan->info.arm64_cpu, sizeof(*cpu), PVL_V1_ARM64_CPU, cpu, err);
}

enum pvhload_status pvhload_plan_get_riscv64_cpu(const struct pvhload_plan *plan,
						 struct pvhload_riscv64_cpu *cpu,
						 struct pvhload_error *err)
{
	PVL_TRY(check_plan(plan, err));
	return copy_state(plan, plan->info.riscv64_cpu, sizeof(*cpu), PVL_V1_RISCV64_CPU, cpu, err);
}
