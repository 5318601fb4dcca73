/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/**
 * @file
 * The first state of the boot processor, as plain data for any VMM.
 *
 * It is for one processor.  The others wait as after reset, for the INIT and start-up IPIs by which the guest
 * starts them (KVM: KVM_MP_STATE_UNINITIALIZED), and get none of the registers.  A VMM sets pvhload_x86_cpu::msrs
 * on them too: memory types have to be the same on all (Intel SDM, volume 3, "MTRR Considerations in MP Systems").
 * LINT0 stays masked there, as external interrupts are for the boot processor.
 *
 * @par Ownership and threads
 * Nothing is kept.  Any thread may call these functions.
 *
 * @since 0.1
 */
#ifndef PVHLOAD_X86_CPU_H
#define PVHLOAD_X86_CPU_H

#include <pvhload/macros.h>
#include <pvhload/status.h>

PVHLOAD_BEGIN_DECLS

/**
 * A segment register with its cached descriptor.  Field meanings: Intel SDM, volume 3, "Segment
 * Descriptors" and "System Descriptor Types".
 */
struct pvhload_x86_segment {
	uint64_t base;     /**< linear address */
	uint32_t limit;    /**< highest offset in bytes, already scaled if @c g is 1 */
	uint16_t selector; /**< the visible part */
	uint8_t type; /**< 4-bit type: 0xb code (execute, read, accessed), 3 data, 0xb busy TSS */
	uint8_t s;    /**< 1 code or data, 0 system */
	uint8_t dpl;  /**< privilege level */
	uint8_t present;     /**< P bit */
	uint8_t l;           /**< 1 for 64-bit code */
	uint8_t db;          /**< D/B bit: 1 for 32-bit code and stack */
	uint8_t g;           /**< 1 if the descriptor's limit counts 4 KiB units */
	uint8_t avl;         /**< available to software */
	uint8_t reserved[2]; /**< 0 */
};

/** GDTR or IDTR. */
struct pvhload_x86_table {
	uint64_t base;        /**< linear address */
	uint16_t limit;       /**< highest offset in bytes: size - 1 */
	uint16_t reserved[3]; /**< 0 */
};

/**
 * Bits of a model-specific register: those in @c mask must be set to @c value, the others stay as the
 * VMM's processor has them.
 */
struct pvhload_x86_msr {
	uint32_t index;    /**< the register's number, as in ECX of WRMSR */
	uint32_t reserved; /**< 0 */
	uint64_t mask;     /**< which bits this sets */
	uint64_t value;    /**< their values; 0 outside of @c mask */
};

/** Most MSRs of a state. */
#define PVHLOAD_X86_MSRS_MAX 16u

/** The MSRs that a state sets.  Numbers and bits: Intel SDM, volume 4. */
#define PVHLOAD_X86_MSR_MISC_ENABLE   0x1a0u /**< IA32_MISC_ENABLE */
#define PVHLOAD_X86_MSR_MTRR_DEF_TYPE 0x2ffu /**< IA32_MTRR_DEF_TYPE */

/**
 * Registers of the local APIC that are not as after reset: the offset of each is that in its page.  Layout:
 * Intel SDM, volume 3, "Local Vector Table".
 *
 * No ABI text asks for them; firmware sets them so.  Without LINT0 a kernel whose timer interrupt comes through
 * the 8259 hangs at "Calibrating delay loop" (found by booting Linux 2.6.34, 3.4, 5.8 and 6.0).
 */
struct pvhload_x86_lapic {
	uint32_t lint0; /**< at 0x350: 0x700, ExtINT, which is the 8259's interrupt line */
	uint32_t lint1; /**< at 0x360: 0x400, NMI */
};

/**
 * Everything that has to be loaded into the processor; anything else is as after reset.
 *
 * Two MSRs are set, whatever the entry of a kernel:
 *
 * - IA32_MTRR_DEF_TYPE: MTRRs on, fixed ranges off, the default memory type is write-back.  PVH
 *   guests start so (Xen, docs/misc/pvh.pandoc, "MTRR"); Linux's boot protocol does not say,
 *   firmware does it.  MMIO gets its type from what the host maps there, or by the guest's
 *   own page tables.
 * - IA32_MISC_ENABLE: fast strings on, as firmware does; no ABI text asks for it.
 */
struct pvhload_x86_cpu {
	size_t struct_size; /**< sizeof(struct pvhload_x86_cpu) */
	uint64_t rax, rbx, rcx, rdx, rsi, rdi, rsp, rbp;
	uint64_t r8, r9, r10, r11, r12, r13, r14, r15;
	uint64_t rip;
	uint64_t rflags;
	struct pvhload_x86_segment cs, ds, es, fs, gs, ss, tr, ldt;
	struct pvhload_x86_table
		gdt; /**< its bytes are in guest memory, see pvhload_x86_cpu_gdt() */
	struct pvhload_x86_table idt; /**< limit 0: the guest sets up its own before it enables
	                                   interrupts */
	uint64_t cr0, cr2, cr3, cr4, cr8;
	uint64_t efer;
	struct pvhload_x86_msr msrs[PVHLOAD_X86_MSRS_MAX]; /**< the first @c msr_count of them */
	uint32_t msr_count;                                /**< how many */
	uint32_t reserved;                                 /**< 0 */
	struct pvhload_x86_lapic lapic; /**< of the local APIC, which is not among the registers */
};

/** Initialiser for a struct pvhload_x86_cpu. */
#define PVHLOAD_X86_CPU_INIT PVHLOAD_SIZED_(pvhload_x86_cpu)

/** Bytes of the GDT that goes with the PVH entry: null, code, data, TSS. */
#define PVHLOAD_PVH_GDT_SIZE 32u

/**
 * Bytes of the GDT that goes with Linux's entries: null, unused, code, data, TSS, of which the last
 * takes 16 bytes in long mode.
 */
#define PVHLOAD_LINUX_GDT_SIZE 48u

/**
 * The state for a PVH entry.
 *
 * 32-bit protected mode without paging: EBX holds the start info's address, CS is flat code, the
 * other segments are flat data, TR is a busy 32-bit TSS, CR0 is PE and ET, CR4 and EFER are 0,
 * RFLAGS has only its fixed bit.  Registers the ABI leaves open are 0.
 *
 * @par Units
 * Guest-physical addresses.
 *
 * @par ABI source
 * Xen, docs/misc/pvh.pandoc; the concrete values of what it leaves open are those of Xen's own
 * builder (xen/arch/x86/hvm/dom0_build.c), selectors and GDT those of Firecracker and Cloud
 * Hypervisor.
 *
 * @param[in]     entry           PHYS32_ENTRY.
 * @param[in]     start_info_gpa  Where struct hvm_start_info is.
 * @param[in]     gdt_gpa         Where the bytes of pvhload_x86_cpu_gdt() are, or will be.
 * @param[in,out] state           Filled.  Untouched on failure.
 * @param[out]    err             May be NULL.  Filled on failure only.
 *
 * @retval PVHLOAD_OK       The state is filled.
 * @retval PVHLOAD_E_USAGE  @p state is NULL or its @c struct_size is wrong.
 */
PVHLOAD_API PVHLOAD_NODISCARD enum pvhload_status
pvhload_x86_cpu_init_pvh(uint32_t entry, uint32_t start_info_gpa, uint32_t gdt_gpa,
			 struct pvhload_x86_cpu *state, struct pvhload_error *err);

/**
 * The state for Linux's 64-bit entry.
 *
 * Long mode with paging: RSI holds the zero page's address, CS is flat 64-bit code at 0x10, the
 * other segments are flat data at 0x18, TR is a busy 64-bit TSS at 0x20.  CR0 is PE, ET and PG, CR4
 * is PAE, with LA57 for 5 levels, EFER is LME and LMA, RFLAGS has only its fixed bit: no interrupts.
 * Registers the ABI leaves open are 0.
 *
 * @par Units
 * Guest-physical addresses, which the page tables must map to themselves (see
 * pvhload_x86_page_tables_build()).
 *
 * @par ABI source
 * Linux, Documentation/arch/x86/boot.rst, "64-bit Boot Protocol".  What it leaves open is as at the
 * PVH entry.
 *
 * @param[in]     entry            Address of the 64-bit entry.
 * @param[in]     zero_page_gpa    Where struct boot_params is.
 * @param[in]     gdt_gpa          Where the bytes of pvhload_x86_cpu_gdt() are, or will be.
 * @param[in]     page_tables_gpa  Where the root of the page tables is: the value of CR3.
 * @param[in]     levels           Levels of the page tables: 4 or 5; 0 is 4.
 * @param[in,out] state            Filled.  Untouched on failure.
 * @param[out]    err              May be NULL.  Filled on failure only.
 *
 * @retval PVHLOAD_OK       The state is filled.
 * @retval PVHLOAD_E_USAGE  @p state is NULL or its @c struct_size is wrong; @p levels is another
 *                          number; @p page_tables_gpa is not a multiple of 4096.
 */
PVHLOAD_API PVHLOAD_NODISCARD enum pvhload_status
pvhload_x86_cpu_init_linux64(uint64_t entry, uint64_t zero_page_gpa, uint64_t gdt_gpa,
			     uint64_t page_tables_gpa, uint32_t levels,
			     struct pvhload_x86_cpu *state, struct pvhload_error *err);

/**
 * The state for Linux's 32-bit entry.
 *
 * 32-bit protected mode without paging: ESI holds the zero page's address, EBP, EDI and EBX are 0,
 * CS is flat code at 0x10, the other segments are flat data at 0x18, TR is a busy 32-bit TSS at 0x20.
 * CR0 is PE and ET, CR4 and EFER are 0, RFLAGS has only its fixed bit: no interrupts.  Registers the
 * ABI leaves open are 0.
 *
 * @par Units
 * Guest-physical addresses.
 *
 * @par ABI source
 * Linux, Documentation/arch/x86/boot.rst, "32-bit Boot Protocol".  What it leaves open is as at the
 * PVH entry.
 *
 * @param[in]     entry          Address of the 32-bit entry.
 * @param[in]     zero_page_gpa  Where struct boot_params is.
 * @param[in]     gdt_gpa        Where the bytes of pvhload_x86_cpu_gdt() are, or will be.
 * @param[in,out] state          Filled.  Untouched on failure.
 * @param[out]    err            May be NULL.  Filled on failure only.
 *
 * @retval PVHLOAD_OK       The state is filled.
 * @retval PVHLOAD_E_USAGE  @p state is NULL or its @c struct_size is wrong.
 */
PVHLOAD_API PVHLOAD_NODISCARD enum pvhload_status
pvhload_x86_cpu_init_linux32(uint32_t entry, uint32_t zero_page_gpa, uint32_t gdt_gpa,
			     struct pvhload_x86_cpu *state, struct pvhload_error *err);

/**
 * The state after reset, from which a firmware starts.
 *
 * Real mode: CS is 0xf000 with base 0xffff0000, RIP 0xfff0, so that the first instruction is at 0xfffffff0; the other
 * segments are 0, limits are 0xffff; CR0 has CD, NW and ET, RFLAGS its fixed bit.  No MSR is set, and LINT0 and LINT1
 * are masked.  All registers are 0 but RDX, which after reset has the processor's family, model and stepping, as CPUID
 * leaf 1 has them in EAX: it is 0 here, and the VMM's to set.
 *
 * @par Units
 * None.
 *
 * @par ABI source
 * Intel SDM, volume 3, "Processor State After Reset", "Local APIC State After Power-Up or Reset".
 *
 * @param[in,out] state  Filled.  Untouched on failure.
 * @param[out]    err    May be NULL.  Filled on failure only.
 *
 * @retval PVHLOAD_OK       The state is filled.
 * @retval PVHLOAD_E_USAGE  @p state is NULL or its @c struct_size is wrong.
 *
 * @since 0.3
 */
PVHLOAD_API PVHLOAD_NODISCARD enum pvhload_status
pvhload_x86_cpu_init_reset(struct pvhload_x86_cpu *state, struct pvhload_error *err);

/**
 * The state for a Multiboot kernel, ELF64 files included.
 *
 * As pvhload_x86_cpu_init_pvh() has it, with the same GDT, but that EAX holds the version's magic number, 0x2badb002 or
 * 0x36d76289, and EBX the address of the information.
 *
 * @par Units
 * Guest-physical addresses.
 *
 * @par ABI source
 * GNU Multiboot Specification 0.6.96, 3.2; Multiboot2 Specification 2.0, 3.3.  Both leave ESP, GDTR and IDTR open.
 *
 * @param[in]     version   Of Multiboot: 1 or 2.
 * @param[in]     entry     Where the kernel is entered.
 * @param[in]     info_gpa  Where the information is.
 * @param[in]     gdt_gpa   Where the bytes of pvhload_x86_cpu_gdt() are, or will be.
 * @param[in,out] state     Filled.  Untouched on failure.
 * @param[out]    err       May be NULL.  Filled on failure only.
 *
 * @retval PVHLOAD_OK       The state is filled.
 * @retval PVHLOAD_E_USAGE  @p state is NULL or its @c struct_size is wrong, or @p version is another number.
 *
 * @since 0.3
 */
PVHLOAD_API PVHLOAD_NODISCARD enum pvhload_status
pvhload_x86_cpu_init_multiboot(uint32_t version, uint32_t entry, uint32_t info_gpa,
			       uint32_t gdt_gpa, struct pvhload_x86_cpu *state,
			       struct pvhload_error *err);

/**
 * The bytes of the GDT that a state's selectors and cached descriptors imply.
 *
 * In long mode, which is while EFER.LMA is set, the TSS has a descriptor of 16 bytes.
 *
 * @par Units
 * Bytes: @c state->gdt.limit + 1 of them.
 *
 * @par ABI source
 * Intel SDM, volume 3, "Segment Descriptors" and "TSS Descriptor in 64-bit mode".
 *
 * @param[in]  state     The state.
 * @param[out] bytes     The table, ready to be written to the guest.  Untouched on failure.
 * @param[in]  capacity  Bytes at @p bytes.
 * @param[out] err       May be NULL.  Filled on failure only.
 *
 * @retval PVHLOAD_OK          The table is at @p bytes.
 * @retval PVHLOAD_E_USAGE     A pointer is NULL, @c state->struct_size is wrong, or the descriptor of a
 *                             selector does not lie within the table, or is in the LDT.
 * @retval PVHLOAD_E_CAPACITY  @p capacity is below @c state->gdt.limit + 1.
 */
PVHLOAD_API PVHLOAD_NODISCARD enum pvhload_status
pvhload_x86_cpu_gdt(const struct pvhload_x86_cpu *state, uint8_t *bytes, size_t capacity,
		    struct pvhload_error *err);

PVHLOAD_END_DECLS

#endif
