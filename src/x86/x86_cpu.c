/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * First processor states, and the GDT that goes with them.
 *
 * ABI source: Xen, docs/misc/pvh.pandoc; the concrete values of what it leaves open are Xen's own
 * (xen/arch/x86/hvm/dom0_build.c).  Linux, Documentation/arch/x86/boot.rst.  GNU Multiboot Specification
 * 0.6.96, 3.2; Multiboot2 Specification 2.0, 3.3.  Descriptor layout and
 * register bits: Intel SDM, volume 3.
 */
#include <stdbool.h>
#include <stddef.h>

#include <pvhload/x86_cpu.h>

#include "abi/multiboot_layout.h"
#include "abi/sizes.h"
#include "core/error.h"
#include "core/libc.h"
#include "core/sized.h"
#include "core/store.h"
#include "x86/limits.h"

/* What differs between the entries: their selectors, and the size of the GDT. */
struct selectors {
	uint16_t code;
	uint16_t data;
	uint16_t tss;
	uint16_t gdt_size;
};

static const struct selectors pvh_selectors = { 0x08, 0x10, 0x18, PVHLOAD_PVH_GDT_SIZE };
static const struct selectors linux_selectors = { 0x10, 0x18, 0x20, PVHLOAD_LINUX_GDT_SIZE };

#define TYPE_CODE    0xbu /* execute, read, accessed */
#define TYPE_DATA    0x3u /* read, write, accessed */
#define TYPE_TSS     0xbu /* 32-bit TSS, or 64-bit in long mode; busy */
#define TYPE_LDT     0x2u
#define TSS_LIMIT    0x67u
#define RESET_LIMIT  0xffffu
#define CR0_PE       0x01u
#define CR0_ET       0x10u /* fixed to 1 */
#define CR0_NW       0x20000000u
#define CR0_CD       0x40000000u
#define CR0_PG       0x80000000u
#define CR4_PAE      0x20u
#define CR4_LA57     0x1000u
#define EFER_LME     0x100u
#define EFER_LMA     0x400u
#define RFLAGS_FIXED 0x02u

#define MTRR_TYPE_MASK      0xffu
#define MTRR_WRITE_BACK     0x06u
#define MTRR_FIXED_ENABLE   0x400u
#define MTRR_ENABLE         0x800u
#define MISC_FAST_STRINGS   0x1u
#define LVT_MASKED          0x10000u
#define LVT_DELIVERY_NMI    0x400u
#define LVT_DELIVERY_EXTINT 0x700u

#define DESCRIPTOR_SIZE 8u
#define TABLE_INDICATOR 0x4u /* in a selector: LDT instead of GDT */

static struct pvhload_x86_segment flat(uint16_t selector, uint8_t type)
{
	return (struct pvhload_x86_segment){ .limit = 0xffffffffu,
					     .selector = selector,
					     .type = type,
					     .s = 1,
					     .present = 1,
					     .db = 1,
					     .g = 1 };
}

/* What a BIOS sets besides the registers; x86_cpu.h has the source of each. */
static void set_as_firmware(struct pvhload_x86_cpu *cpu)
{
	cpu->msrs[cpu->msr_count++] = (struct pvhload_x86_msr){
		.index = PVHLOAD_X86_MSR_MTRR_DEF_TYPE,
		.mask = MTRR_TYPE_MASK | MTRR_FIXED_ENABLE | MTRR_ENABLE,
		.value = MTRR_ENABLE | MTRR_WRITE_BACK,
	};
	cpu->msrs[cpu->msr_count++] = (struct pvhload_x86_msr){
		.index = PVHLOAD_X86_MSR_MISC_ENABLE,
		.mask = MISC_FAST_STRINGS,
		.value = MISC_FAST_STRINGS,
	};
	cpu->lapic.lint0 = LVT_DELIVERY_EXTINT;
	cpu->lapic.lint1 = LVT_DELIVERY_NMI;
}

/* What all entries have in common: flat 32-bit protected mode without paging, and no flags. */
static struct pvhload_x86_cpu flat_state(const struct selectors *selectors, uint64_t entry,
					 uint64_t gdt_gpa)
{
	struct pvhload_x86_cpu made = PVHLOAD_X86_CPU_INIT;

	made.rip = entry;
	made.rflags = RFLAGS_FIXED;
	made.cs = flat(selectors->code, TYPE_CODE);
	made.ds = made.es = made.fs = made.gs = made.ss = flat(selectors->data, TYPE_DATA);
	made.tr = (struct pvhload_x86_segment){
		.limit = TSS_LIMIT, .selector = selectors->tss, .type = TYPE_TSS, .present = 1
	};
	/* As after reset: an empty table that KVM accepts. */
	made.ldt = (struct pvhload_x86_segment){ .limit = RESET_LIMIT,
						 .type = TYPE_LDT,
						 .present = 1 };
	made.gdt.base = gdt_gpa;
	made.gdt.limit = (uint16_t)(selectors->gdt_size - 1);
	made.cr0 = CR0_PE | CR0_ET;
	set_as_firmware(&made);
	return made;
}

static enum pvhload_status check_state(const struct pvhload_x86_cpu *state,
				       struct pvhload_error *err)
{
	if (!pvl_error_usable(err))
		return PVHLOAD_E_USAGE;
	if (!pvl_sized_out_usable(state, PVL_V1_X86_CPU))
		return pvl_fail(err, PVHLOAD_E_USAGE, PVL_ANYWHERE,
				"the processor state is NULL or has a wrong size");
	return PVHLOAD_OK;
}

/* The state for a 32-bit entry, which gets @rbx and @rsi. */
static enum pvhload_status init_flat(const struct selectors *selectors, uint32_t entry,
				     uint32_t gdt_gpa, uint32_t rbx, uint32_t rsi,
				     struct pvhload_x86_cpu *state, struct pvhload_error *err)
{
	struct pvhload_x86_cpu made;

	PVL_TRY(check_state(state, err));
	made = flat_state(selectors, entry, gdt_gpa);
	made.rbx = rbx;
	made.rsi = rsi;
	pvl_sized_out(state, &made, sizeof(made));
	return PVHLOAD_OK;
}

enum pvhload_status pvhload_x86_cpu_init_pvh(uint32_t entry, uint32_t start_info_gpa,
					     uint32_t gdt_gpa, struct pvhload_x86_cpu *state,
					     struct pvhload_error *err)
{
	return init_flat(&pvh_selectors, entry, gdt_gpa, start_info_gpa, 0, state, err);
}

enum pvhload_status pvhload_x86_cpu_init_linux32(uint32_t entry, uint32_t zero_page_gpa,
						 uint32_t gdt_gpa, struct pvhload_x86_cpu *state,
						 struct pvhload_error *err)
{
	return init_flat(&linux_selectors, entry, gdt_gpa, 0, zero_page_gpa, state, err);
}

enum pvhload_status pvhload_x86_cpu_init_multiboot(uint32_t version, uint32_t entry,
						   uint32_t info_gpa, uint32_t gdt_gpa,
						   struct pvhload_x86_cpu *state,
						   struct pvhload_error *err)
{
	struct pvhload_x86_cpu made;

	PVL_TRY(check_state(state, err));
	if (version != 1 && version != 2)
		return pvl_fail(err, PVHLOAD_E_USAGE, PVL_ANYWHERE,
				"Multiboot has the versions 1 and 2, not %" PRIu32, version);
	made = flat_state(&pvh_selectors, entry, gdt_gpa);
	made.rax = version == 1 ? PVL_MB1_ENTERED : PVL_MB2_ENTERED;
	made.rbx = info_gpa;
	pvl_sized_out(state, &made, sizeof(made));
	return PVHLOAD_OK;
}

enum pvhload_status pvhload_x86_cpu_init_linux64(uint64_t entry, uint64_t zero_page_gpa,
						 uint64_t gdt_gpa, uint64_t page_tables_gpa,
						 uint32_t levels, struct pvhload_x86_cpu *state,
						 struct pvhload_error *err)
{
	struct pvhload_x86_cpu made;

	PVL_TRY(check_state(state, err));
	if (levels != 0 && levels != 4 && levels != 5)
		return pvl_fail(err, PVHLOAD_E_USAGE, PVL_ANYWHERE,
				"page tables have 4 or 5 levels, not %" PRIu32, levels);
	if (page_tables_gpa % PVL_X86_PAGE_SIZE != 0)
		return pvl_fail(err, PVHLOAD_E_USAGE, PVL_GPA(page_tables_gpa),
				"the page tables' address 0x%" PRIx64 " is not a multiple of %u",
				page_tables_gpa, PVL_X86_PAGE_SIZE);
	made = flat_state(&linux_selectors, entry, gdt_gpa);
	made.rsi = zero_page_gpa;
	made.cs.l = 1;
	made.cs.db = 0;
	made.cr0 |= CR0_PG;
	made.cr3 = page_tables_gpa;
	made.cr4 = CR4_PAE | (levels == 5 ? CR4_LA57 : 0);
	made.efer = EFER_LME | EFER_LMA;
	pvl_sized_out(state, &made, sizeof(made));
	return PVHLOAD_OK;
}

static uint64_t encode(const struct pvhload_x86_segment *s)
{
	const uint64_t limit = s->g ? s->limit >> 12 : s->limit;
	const uint64_t base = s->base & 0xffffffffu;

	return (limit & 0xffffu) | (base & 0xffffffu) << 16 | (uint64_t)(s->type & 0xfu) << 40 |
	       (uint64_t)(s->s & 1u) << 44 | (uint64_t)(s->dpl & 3u) << 45 |
	       (uint64_t)(s->present & 1u) << 47 | (limit >> 16 & 0xfu) << 48 |
	       (uint64_t)(s->avl & 1u) << 52 | (uint64_t)(s->l & 1u) << 53 |
	       (uint64_t)(s->db & 1u) << 54 | (uint64_t)(s->g & 1u) << 55 | (base >> 24) << 56;
}

/* A system descriptor has a second half in long mode: the base's upper 32 bits. */
static bool has_second_half(const struct pvhload_x86_cpu *state,
			    const struct pvhload_x86_segment *s)
{
	return state->efer & EFER_LMA && !s->s;
}

static size_t descriptor_size(const struct pvhload_x86_cpu *state,
			      const struct pvhload_x86_segment *s)
{
	return has_second_half(state, s) ? 2 * DESCRIPTOR_SIZE : DESCRIPTOR_SIZE;
}

static size_t descriptor_at(const struct pvhload_x86_segment *s)
{
	return s->selector & ~(size_t)(DESCRIPTOR_SIZE - 1);
}

static struct pvhload_x86_segment real_mode(uint8_t type, uint8_t s)
{
	return (struct pvhload_x86_segment){
		.limit = RESET_LIMIT, .type = type, .s = s, .present = 1
	};
}

static struct pvhload_x86_cpu reset_state(void)
{
	const struct pvhload_x86_table table = { .limit = RESET_LIMIT };
	struct pvhload_x86_cpu made = PVHLOAD_X86_CPU_INIT;

	made.rip = PVL_X86_RESET_IP;
	made.rflags = RFLAGS_FIXED;
	made.cs = real_mode(TYPE_CODE, 1);
	made.cs.selector = PVL_X86_RESET_CS;
	made.cs.base = PVL_X86_RESET_CS_BASE;
	made.ds = made.es = made.fs = made.gs = made.ss = real_mode(TYPE_DATA, 1);
	made.tr = real_mode(TYPE_TSS, 0);
	made.ldt = real_mode(TYPE_LDT, 0);
	made.gdt = made.idt = table;
	made.cr0 = CR0_CD | CR0_NW | CR0_ET;
	made.lapic.lint0 = made.lapic.lint1 = LVT_MASKED;
	return made;
}

enum pvhload_status pvhload_x86_cpu_init_reset(struct pvhload_x86_cpu *state,
					       struct pvhload_error *err)
{
	const struct pvhload_x86_cpu made = reset_state();

	PVL_TRY(check_state(state, err));
	pvl_sized_out(state, &made, sizeof(made));
	return PVHLOAD_OK;
}

enum pvhload_status pvhload_x86_cpu_gdt(const struct pvhload_x86_cpu *caller, uint8_t *bytes,
					size_t capacity, struct pvhload_error *err)
{
	struct pvhload_x86_cpu state;
	const struct pvhload_x86_segment *const segments[] = { &state.cs, &state.ds, &state.es,
							       &state.fs, &state.gs, &state.ss,
							       &state.tr };
	const size_t count = sizeof(segments) / sizeof(segments[0]);
	size_t size;

	if (!pvl_error_usable(err))
		return PVHLOAD_E_USAGE;
	if (!bytes || !pvl_sized_in(&state, sizeof(state), caller, PVL_V1_X86_CPU))
		return pvl_fail(err, PVHLOAD_E_USAGE, PVL_ANYWHERE,
				"the processor state or the table is NULL or has a wrong size");
	size = (size_t)state.gdt.limit + 1;
	for (size_t i = 0; i < count; i++)
		if (segments[i]->selector & TABLE_INDICATOR ||
		    descriptor_at(segments[i]) + descriptor_size(&state, segments[i]) > size)
			return pvl_fail(err, PVHLOAD_E_USAGE, PVL_ANYWHERE,
					"selector 0x%x has no descriptor of %zu bytes in a GDT of "
					"%zu bytes",
					segments[i]->selector, descriptor_size(&state, segments[i]),
					size);
	if (size > capacity)
		return pvl_fail(err, PVHLOAD_E_CAPACITY, PVL_ANYWHERE,
				"the GDT takes %zu bytes, there are %zu", size, capacity);

	memset(bytes, 0, size);
	for (size_t i = 0; i < count; i++) {
		const size_t at = descriptor_at(segments[i]);

		if (at == 0) /* the first descriptor is the null descriptor */
			continue;
		pvl_store_le64(bytes + at, encode(segments[i]));
		if (has_second_half(&state, segments[i]))
			pvl_store_le64(bytes + at + DESCRIPTOR_SIZE, segments[i]->base >> 32);
	}
	return PVHLOAD_OK;
}
