/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/**
 * @file
 * The first state of an arm64 or riscv64 processor, as KVM_SET_ONE_REG takes it.
 *
 * Include linux/kvm.h before it, from the system or the VMM's own copy; pvhload/kvm.h includes this.  All functions
 * are inline and call nothing of the library.  The lists are the same on every host: a register's number is made of
 * constants and of its place in the structs of the guest's architecture.
 *
 * ABI source: Linux, include/uapi/linux/kvm.h (KVM_REG_...), arch/arm64/include/uapi/asm/kvm.h (struct kvm_regs),
 * arch/riscv/include/uapi/asm/kvm.h (struct kvm_riscv_core).  Not run on such a KVM yet: computed from these headers.
 *
 * @par Ownership and threads
 * Nothing is kept.  Calls for one processor are made by the thread that runs it, as KVM asks for.
 *
 * @since 0.3
 */
#ifndef PVHLOAD_KVM_REGISTERS_H
#define PVHLOAD_KVM_REGISTERS_H

#ifndef KVM_SET_ONE_REG
#error "include linux/kvm.h before pvhload/kvm_registers.h"
#endif

#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>

#include <pvhload/arm64_cpu.h>
#include <pvhload/macros.h>
#include <pvhload/riscv64_cpu.h>

PVHLOAD_BEGIN_DECLS

/** Registers of these lists: x0 to x3, pc and pstate; pc, a0 and a1. */
#define PVHLOAD_KVM_ARM64_REGISTERS   6u
#define PVHLOAD_KVM_RISCV64_REGISTERS 3u

/** KVM_REG_ARM64 | KVM_REG_SIZE_U64 | KVM_REG_ARM_CORE; added: the offset in struct kvm_regs, in words of 4 bytes. */
#define PVHLOAD_KVM_ARM64_CORE        0x6030000000100000u
#define PVHLOAD_KVM_ARM64_CORE_X      0x00u /**< x0; two for each further one */
#define PVHLOAD_KVM_ARM64_CORE_PC     0x40u
#define PVHLOAD_KVM_ARM64_CORE_PSTATE 0x42u

/** KVM_REG_RISCV | KVM_REG_SIZE_U64 | KVM_REG_RISCV_CORE; added: the member of struct kvm_riscv_core, by number. */
#define PVHLOAD_KVM_RISCV64_CORE    0x8030000002000000u
#define PVHLOAD_KVM_RISCV64_CORE_PC 0x00u
#define PVHLOAD_KVM_RISCV64_CORE_A0 0x0au
#define PVHLOAD_KVM_RISCV64_CORE_A1 0x0bu

/** A register and what is set in it. */
struct pvhload_kvm_register {
	uint64_t id;    /**< for struct kvm_one_reg */
	uint64_t value; /**< 8 bytes, in the host's order */
};

/**
 * The registers of an arm64 state, in the order in which they are set.
 *
 * The VMM has made the processor before: KVM_ARM_PREFERRED_TARGET, then KVM_ARM_VCPU_INIT with KVM_ARM_VCPU_PSCI_0_2,
 * for EL2 with KVM_ARM_VCPU_HAS_EL2, and on all but the boot processor with KVM_ARM_VCPU_POWER_OFF.
 *
 * @param[in]  cpu        The state.
 * @param[out] registers  Room for PVHLOAD_KVM_ARM64_REGISTERS of them.
 * @return                How many: PVHLOAD_KVM_ARM64_REGISTERS.
 */
static inline size_t pvhload_kvm_list_arm64(const struct pvhload_arm64_cpu *cpu,
					    struct pvhload_kvm_register *registers)
{
	size_t count = 0;

	for (uint64_t i = 0; i < 4; i++) {
		registers[count].id = PVHLOAD_KVM_ARM64_CORE + PVHLOAD_KVM_ARM64_CORE_X + 2 * i;
		registers[count++].value = cpu->x[i];
	}
	registers[count].id = PVHLOAD_KVM_ARM64_CORE + PVHLOAD_KVM_ARM64_CORE_PC;
	registers[count++].value = cpu->pc;
	registers[count].id = PVHLOAD_KVM_ARM64_CORE + PVHLOAD_KVM_ARM64_CORE_PSTATE;
	registers[count++].value = cpu->pstate;
	return count;
}

/**
 * The registers of a riscv64 state, in the order in which they are set.
 *
 * Mode S and satp 0 are what KVM makes a processor with.  One that KVM reports as KVM_MP_STATE_STOPPED is not the
 * boot hart, and gets none.
 *
 * @param[in]  cpu        The state.
 * @param[out] registers  Room for PVHLOAD_KVM_RISCV64_REGISTERS of them.
 * @return                How many: PVHLOAD_KVM_RISCV64_REGISTERS.
 */
static inline size_t pvhload_kvm_list_riscv64(const struct pvhload_riscv64_cpu *cpu,
					      struct pvhload_kvm_register *registers)
{
	registers[0].id = PVHLOAD_KVM_RISCV64_CORE + PVHLOAD_KVM_RISCV64_CORE_PC;
	registers[0].value = cpu->pc;
	registers[1].id = PVHLOAD_KVM_RISCV64_CORE + PVHLOAD_KVM_RISCV64_CORE_A0;
	registers[1].value = cpu->a0;
	registers[2].id = PVHLOAD_KVM_RISCV64_CORE + PVHLOAD_KVM_RISCV64_CORE_A1;
	registers[2].value = cpu->a1;
	return PVHLOAD_KVM_RISCV64_REGISTERS;
}

/**
 * Set registers, one after the other.
 *
 * @param[in] vcpu       KVM's descriptor of the processor.
 * @param[in] registers  From one of the lists.
 * @param[in] count      How many.
 * @return               0; or -1 with @c errno of the ioctl() that failed, and those before it are set.
 */
static inline int pvhload_kvm_set_registers(int vcpu, const struct pvhload_kvm_register *registers,
					    size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct kvm_one_reg reg;

		memset(&reg, 0, sizeof(reg));
		reg.id = registers[i].id;
		reg.addr = (uintptr_t)&registers[i].value;
		if (ioctl(vcpu, KVM_SET_ONE_REG, &reg) < 0)
			return -1;
	}
	return 0;
}

/**
 * Set the first state of an arm64 boot processor: pvhload_kvm_list_arm64() says what it needs.
 *
 * @param[in] vcpu  KVM's descriptor of the processor.
 * @param[in] cpu   The state.
 * @return          0; or -1 with @c errno of the ioctl() that failed.
 */
static inline int pvhload_kvm_set_arm64_cpu(int vcpu, const struct pvhload_arm64_cpu *cpu)
{
	struct pvhload_kvm_register registers[PVHLOAD_KVM_ARM64_REGISTERS];

	return pvhload_kvm_set_registers(vcpu, registers, pvhload_kvm_list_arm64(cpu, registers));
}

/**
 * Set the first state of a riscv64 boot hart: pvhload_kvm_list_riscv64() says what it needs.
 *
 * @param[in] vcpu  KVM's descriptor of the processor.
 * @param[in] cpu   The state.
 * @return          0; or -1 with @c errno of the ioctl() that failed.
 */
static inline int pvhload_kvm_set_riscv64_cpu(int vcpu, const struct pvhload_riscv64_cpu *cpu)
{
	struct pvhload_kvm_register registers[PVHLOAD_KVM_RISCV64_REGISTERS];

	return pvhload_kvm_set_registers(vcpu, registers, pvhload_kvm_list_riscv64(cpu, registers));
}

PVHLOAD_END_DECLS

#endif
