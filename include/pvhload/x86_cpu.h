/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/**
 * @file
 * The first state of the boot processor, as plain data that any hypervisor's interface can take.
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

/** Everything that has to be loaded into the processor; what is not named is as after reset. */
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
 * @par Ownership and threads
 * Nothing is kept.  Any thread may call this.
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
 *
 * @since 0.1
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
 * @par Ownership and threads
 * Nothing is kept.  Any thread may call this.
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
 * @retval PVHLOAD_E_USAGE  @p state is NULL or its @c struct_size is wrong; @p levels is none of these; @p
 *                          page_tables_gpa is not a multiple of 4096.
 *
 * @since 0.1
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
 * @par Ownership and threads
 * Nothing is kept.  Any thread may call this.
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
 *
 * @since 0.1
 */
PVHLOAD_API PVHLOAD_NODISCARD enum pvhload_status
pvhload_x86_cpu_init_linux32(uint32_t entry, uint32_t zero_page_gpa, uint32_t gdt_gpa,
			     struct pvhload_x86_cpu *state, struct pvhload_error *err);

/**
 * The bytes of the GDT that a state's selectors and cached descriptors imply.
 *
 * In long mode, which is while EFER.LMA is set, the TSS has a descriptor of 16 bytes.
 *
 * @par Units
 * Bytes: @c state->gdt.limit + 1 of them.
 *
 * @par Ownership and threads
 * Nothing is kept.  Any thread may call this.
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
 * @retval PVHLOAD_E_USAGE     A pointer is NULL, @c state->size is wrong, or the descriptor of a
 *                             selector does not lie within the table, or is in the LDT.
 * @retval PVHLOAD_E_CAPACITY  @p capacity is below @c state->gdt.limit + 1.
 *
 * @since 0.1
 */
PVHLOAD_API PVHLOAD_NODISCARD enum pvhload_status
pvhload_x86_cpu_gdt(const struct pvhload_x86_cpu *state, uint8_t *bytes, size_t capacity,
		    struct pvhload_error *err);

PVHLOAD_END_DECLS

#endif
