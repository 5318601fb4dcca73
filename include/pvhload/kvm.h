/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/**
 * @file
 * Processor state and RAM, as KVM has them.
 *
 * For a VMM on KVM.  Include linux/kvm.h before it, from the system or the VMM's own copy, old or new: this
 * header does not include it.  All functions are inline and call nothing of the library.  Those for the processor of
 * an x86 guest are there on x86 alone, as KVM's structs are; pvhload/kvm_registers.h, which this includes, has those for
 * arm64 and riscv64.
 *
 * pvhload_kvm_set_ram(), pvhload_kvm_set_cpu() for the boot processor and pvhload_kvm_set_msrs() for each other one are
 * the whole: they call ioctl().  The rest fill KVM's structs, for a VMM that has calls of its own for them.
 *
 * ABI source: Linux, include/uapi/linux/kvm.h, arch/x86/include/uapi/asm/kvm.h, Documentation/virt/kvm/api.rst.
 *
 * @par Ownership and threads
 * Nothing is kept.  Calls for one processor are made by the thread that runs it, as KVM asks for.
 *
 * @since 0.3
 */
#ifndef PVHLOAD_KVM_H
#define PVHLOAD_KVM_H

#ifndef KVM_GET_SREGS
#error "include linux/kvm.h before pvhload/kvm.h"
#endif

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

#include <pvhload/guest_memory.h>
#include <pvhload/kvm_registers.h>
#include <pvhload/macros.h>
#include <pvhload/x86_cpu.h>

PVHLOAD_BEGIN_DECLS

#if defined(__x86_64__) || defined(__i386__)
/** Where the local APIC's registers for LINT0 and LINT1 are in struct kvm_lapic_state, in bytes. */
#define PVHLOAD_KVM_LAPIC_LINT0 0x350u
#define PVHLOAD_KVM_LAPIC_LINT1 0x360u

/**
 * A segment register.
 *
 * One that is not present is unusable for the processor; KVM_RUN fails if that is not said.
 *
 * @par ABI source
 * Linux, arch/x86/include/uapi/asm/kvm.h (struct kvm_segment).
 *
 * @param[in] segment  The segment.
 * @return             The same for KVM.
 */
static inline struct kvm_segment pvhload_kvm_segment(const struct pvhload_x86_segment *segment)
{
	struct kvm_segment ret;

	memset(&ret, 0, sizeof(ret));
	ret.base = segment->base;
	ret.limit = segment->limit;
	ret.selector = segment->selector;
	ret.type = segment->type;
	ret.present = segment->present;
	ret.dpl = segment->dpl;
	ret.db = segment->db;
	ret.s = segment->s;
	ret.l = segment->l;
	ret.g = segment->g;
	ret.avl = segment->avl;
	ret.unusable = !segment->present;
	return ret;
}

/**
 * GDTR or IDTR.
 *
 * @par ABI source
 * Linux, arch/x86/include/uapi/asm/kvm.h (struct kvm_dtable).
 *
 * @param[in] table  The table.
 * @return           The same for KVM.
 */
static inline struct kvm_dtable pvhload_kvm_dtable(const struct pvhload_x86_table *table)
{
	struct kvm_dtable ret;

	memset(&ret, 0, sizeof(ret));
	ret.base = table->base;
	ret.limit = table->limit;
	return ret;
}

/**
 * General registers, RIP and RFLAGS, for KVM_SET_REGS.
 *
 * @par ABI source
 * Linux, arch/x86/include/uapi/asm/kvm.h (struct kvm_regs).
 *
 * @param[in]  cpu   The state.
 * @param[out] regs  Filled.
 */
static inline void pvhload_kvm_regs(const struct pvhload_x86_cpu *cpu, struct kvm_regs *regs)
{
	memset(regs, 0, sizeof(*regs));
	regs->rax = cpu->rax;
	regs->rbx = cpu->rbx;
	regs->rcx = cpu->rcx;
	regs->rdx = cpu->rdx;
	regs->rsi = cpu->rsi;
	regs->rdi = cpu->rdi;
	regs->rsp = cpu->rsp;
	regs->rbp = cpu->rbp;
	regs->r8 = cpu->r8;
	regs->r9 = cpu->r9;
	regs->r10 = cpu->r10;
	regs->r11 = cpu->r11;
	regs->r12 = cpu->r12;
	regs->r13 = cpu->r13;
	regs->r14 = cpu->r14;
	regs->r15 = cpu->r15;
	regs->rip = cpu->rip;
	regs->rflags = cpu->rflags;
}

/**
 * Segments, tables, control registers and EFER, for KVM_SET_SREGS.
 *
 * @par ABI source
 * Linux, arch/x86/include/uapi/asm/kvm.h (struct kvm_sregs).
 *
 * @param[in]     cpu    The state.
 * @param[in,out] sregs  What KVM_GET_SREGS gave; @c apic_base and @c interrupt_bitmap stay as they are.
 */
static inline void pvhload_kvm_sregs(const struct pvhload_x86_cpu *cpu, struct kvm_sregs *sregs)
{
	sregs->cs = pvhload_kvm_segment(&cpu->cs);
	sregs->ds = pvhload_kvm_segment(&cpu->ds);
	sregs->es = pvhload_kvm_segment(&cpu->es);
	sregs->fs = pvhload_kvm_segment(&cpu->fs);
	sregs->gs = pvhload_kvm_segment(&cpu->gs);
	sregs->ss = pvhload_kvm_segment(&cpu->ss);
	sregs->tr = pvhload_kvm_segment(&cpu->tr);
	sregs->ldt = pvhload_kvm_segment(&cpu->ldt);
	sregs->gdt = pvhload_kvm_dtable(&cpu->gdt);
	sregs->idt = pvhload_kvm_dtable(&cpu->idt);
	sregs->cr0 = cpu->cr0;
	sregs->cr2 = cpu->cr2;
	sregs->cr3 = cpu->cr3;
	sregs->cr4 = cpu->cr4;
	sregs->cr8 = cpu->cr8;
	sregs->efer = cpu->efer;
}

#ifdef KVM_GET_SREGS2
/**
 * The same for KVM_SET_SREGS2, where linux/kvm.h has it.
 *
 * @par ABI source
 * Linux, arch/x86/include/uapi/asm/kvm.h (struct kvm_sregs2).
 *
 * @param[in]     cpu    The state.
 * @param[in,out] sregs  What KVM_GET_SREGS2 gave; @c apic_base stays as it is, and no PDPTRs are valid, as no state
 *                       here is in PAE mode without long mode.
 */
static inline void pvhload_kvm_sregs2(const struct pvhload_x86_cpu *cpu, struct kvm_sregs2 *sregs)
{
	struct kvm_sregs common;

	memset(&common, 0, sizeof(common));
	pvhload_kvm_sregs(cpu, &common);
	/* Both structs begin with the same members, in the same order. */
	memcpy(sregs, &common, offsetof(struct kvm_sregs, apic_base));
	sregs->flags = 0;
	memset(sregs->pdptrs, 0, sizeof(sregs->pdptrs));
}
#endif

/**
 * List the MSRs of a state, for KVM_GET_MSRS.
 *
 * @par ABI source
 * Linux, Documentation/virt/kvm/api.rst (KVM_GET_MSRS).
 *
 * @param[in]  cpu      The state.
 * @param[out] entries  Room for PVHLOAD_X86_MSRS_MAX of them; the first ones are filled, with @c data 0.
 * @return              How many.
 */
static inline uint32_t pvhload_kvm_list_msrs(const struct pvhload_x86_cpu *cpu,
					     struct kvm_msr_entry *entries)
{
	for (uint32_t i = 0; i < cpu->msr_count; i++) {
		memset(&entries[i], 0, sizeof(entries[i]));
		entries[i].index = cpu->msrs[i].index;
	}
	return cpu->msr_count;
}

/**
 * Set in MSRs that were read what the state sets, for KVM_SET_MSRS; other bits stay as they are.
 *
 * @par ABI source
 * Linux, Documentation/virt/kvm/api.rst (KVM_SET_MSRS).
 *
 * @param[in]     cpu      The state.
 * @param[in,out] entries  What KVM_GET_MSRS gave.  One that is not in the state stays as it is.
 * @param[in]     count    How many.
 */
static inline void pvhload_kvm_mask_msrs(const struct pvhload_x86_cpu *cpu,
					 struct kvm_msr_entry *entries, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++)
		for (uint32_t j = 0; j < cpu->msr_count; j++)
			if (entries[i].index == cpu->msrs[j].index)
				entries[i].data =
					(entries[i].data & ~cpu->msrs[j].mask) | cpu->msrs[j].value;
}

/**
 * LINT0 and LINT1, for KVM_SET_LAPIC.
 *
 * @par ABI source
 * Intel SDM, volume 3, "Local Vector Table"; Linux, arch/x86/include/uapi/asm/kvm.h (struct kvm_lapic_state).
 *
 * @param[in]     cpu    The state.
 * @param[in,out] lapic  What KVM_GET_LAPIC gave; other registers stay as they are.
 */
static inline void pvhload_kvm_lapic(const struct pvhload_x86_cpu *cpu,
				     struct kvm_lapic_state *lapic)
{
	/* The host is an x86 as well, so the order of bytes is the same. */
	memcpy(lapic->regs + PVHLOAD_KVM_LAPIC_LINT0, &cpu->lapic.lint0, sizeof(cpu->lapic.lint0));
	memcpy(lapic->regs + PVHLOAD_KVM_LAPIC_LINT1, &cpu->lapic.lint1, sizeof(cpu->lapic.lint1));
}

#endif

/**
 * A slot of RAM, for KVM_SET_USER_MEMORY_REGION.
 *
 * @par ABI source
 * Linux, Documentation/virt/kvm/api.rst (KVM_SET_USER_MEMORY_REGION).
 *
 * @param[in] slot   The slot, as pvhload_memmap_x86_slots() makes it: gpa, size and host address are multiples of
 *                   4096.
 * @param[in] index  KVM's number for it.
 * @return           The region: KVM_MEM_READONLY for a PVHLOAD_RAM_SLOT_ROM, else without flags.  The VMM asks for
 *                   KVM_CAP_READONLY_MEM before it has such a slot.
 */
static inline struct kvm_userspace_memory_region
pvhload_kvm_region(const struct pvhload_ram_slot *slot, uint32_t index)
{
	struct kvm_userspace_memory_region ret;

	memset(&ret, 0, sizeof(ret));
	ret.slot = index;
	ret.guest_phys_addr = slot->gpa;
	ret.memory_size = slot->size;
	ret.userspace_addr = (uintptr_t)slot->host;
	if (slot->flags & PVHLOAD_RAM_SLOT_ROM)
		ret.flags = KVM_MEM_READONLY;
	return ret;
}

/**
 * Give a virtual machine its RAM.
 *
 * @param[in] vm     KVM's descriptor of the virtual machine.
 * @param[in] slots  The slots; KVM's numbers for them are 0, 1 and so on.
 * @param[in] count  How many.
 * @return           0; or -1 with @c errno of the ioctl() that failed.
 */
static inline int pvhload_kvm_set_ram(int vm, const struct pvhload_ram_slot *slots, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct kvm_userspace_memory_region region =
			pvhload_kvm_region(&slots[i], (uint32_t)i);

		if (ioctl(vm, KVM_SET_USER_MEMORY_REGION, &region) < 0)
			return -1;
	}
	return 0;
}

#if defined(__x86_64__) || defined(__i386__)
/**
 * Set the MSRs of a state.
 *
 * @param[in] vcpu  KVM's descriptor of a processor, the first or another: a VMM sets them on all.
 * @param[in] cpu   The state.
 * @return          0; or -1 with @c errno of the call that failed, EINVAL if KVM does not take one of the MSRs.
 */
static inline int pvhload_kvm_set_msrs(int vcpu, const struct pvhload_x86_cpu *cpu)
{
	struct kvm_msrs *msrs =
		(struct kvm_msrs *)calloc(1, sizeof(*msrs) + PVHLOAD_X86_MSRS_MAX *
								     sizeof(struct kvm_msr_entry));
	int done;

	if (!msrs)
		return -1;
	msrs->nmsrs = pvhload_kvm_list_msrs(cpu, msrs->entries);
	done = ioctl(vcpu, KVM_GET_MSRS, msrs);
	if (done == (int)msrs->nmsrs) {
		pvhload_kvm_mask_msrs(cpu, msrs->entries, msrs->nmsrs);
		done = ioctl(vcpu, KVM_SET_MSRS, msrs);
	}
	if (done >= 0 && done != (int)msrs->nmsrs) {
		errno = EINVAL; /* KVM stops at the first that it does not take, without an error */
		done = -1;
	}
	free(msrs);
	return done < 0 ? -1 : 0;
}

/**
 * Set the first state of the boot processor: its registers, MSRs and local APIC.
 *
 * The processor has its CPUID, and the virtual machine an in-kernel interrupt controller; a VMM with one of its own
 * takes the other functions here.  Only what a boot asks for is set, and the rest is as KVM made it: of a processor
 * that a guest has run on, the VMM first resets that (docs/plug-in.md, "Reset").
 *
 * @param[in] vcpu  KVM's descriptor of the processor.
 * @param[in] cpu   The state.
 * @return          0; or -1 with @c errno of the call that failed, see pvhload_kvm_set_msrs().
 */
static inline int pvhload_kvm_set_cpu(int vcpu, const struct pvhload_x86_cpu *cpu)
{
	struct kvm_lapic_state lapic;
	struct kvm_sregs sregs;
	struct kvm_regs regs;

	if (ioctl(vcpu, KVM_GET_SREGS, &sregs) < 0 || ioctl(vcpu, KVM_GET_LAPIC, &lapic) < 0)
		return -1;
	pvhload_kvm_sregs(cpu, &sregs);
	pvhload_kvm_regs(cpu, &regs);
	pvhload_kvm_lapic(cpu, &lapic);
	if (ioctl(vcpu, KVM_SET_SREGS, &sregs) < 0 || ioctl(vcpu, KVM_SET_REGS, &regs) < 0 ||
	    ioctl(vcpu, KVM_SET_LAPIC, &lapic) < 0)
		return -1;
	return pvhload_kvm_set_msrs(vcpu, cpu);
}
#endif

PVHLOAD_END_DECLS

#endif
