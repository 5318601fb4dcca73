/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
#include "stub_rom.h"

#include <assert.h>
#include <string.h>

#include "rom_layout.h"

#define CR0_PE   0x1u
#define CR0_PG   0x80000000u
#define CR4_PAE  0x20u
#define EFER_LME 0x100u
#define EFER_LMA 0x400u

static_assert(STUB_ROM_SIZE == ROM_SIZE, "what rom.S makes");

static bool is_state32(const struct pvhload_x86_cpu *cpu)
{
	return cpu->cr0 & CR0_PE && !(cpu->cr0 & CR0_PG) && !cpu->cs.l && cpu->cs.db;
}

/* Its page tables are named by 32-bit code, so they are below 4 GiB. */
static bool is_state64(const struct pvhload_x86_cpu *cpu)
{
	return cpu->cr0 & CR0_PE && cpu->cr0 & CR0_PG && cpu->cr4 & CR4_PAE &&
	       cpu->efer & EFER_LME && cpu->cs.l && !cpu->cs.db && cpu->cr3 <= UINT32_MAX;
}

#ifdef HAVE_ROM
extern const uint8_t rom_image[ROM_SIZE]; /* rom.S */

static void store(uint8_t *rom, uint32_t place, uint64_t value, size_t size)
{
	for (size_t i = 0; i < size; i++)
		rom[ROM_STATE + place + i] = (uint8_t)(value >> (8 * i));
}

static void fill_general(uint8_t *rom, const struct pvhload_x86_cpu *cpu)
{
	const uint64_t values[] = { cpu->rax, cpu->rcx, cpu->rdx, cpu->rbx, cpu->rsp, cpu->rbp,
				    cpu->rsi, cpu->rdi, cpu->r8,  cpu->r9,  cpu->r10, cpu->r11,
				    cpu->r12, cpu->r13, cpu->r14, cpu->r15 };

	for (uint32_t i = 0; i < sizeof(values) / sizeof(values[0]); i++)
		store(rom, ROM_RAX + 8 * i, values[i], 8);
}

static void fill_control(uint8_t *rom, const struct pvhload_x86_cpu *cpu)
{
	store(rom, ROM_CR0, cpu->cr0, 8);
	store(rom, ROM_CR2, cpu->cr2, 8);
	store(rom, ROM_CR3, cpu->cr3, 8);
	store(rom, ROM_CR4, cpu->cr4, 8);
	store(rom, ROM_CR8, cpu->cr8, 8);
	/* LMA follows from LME and paging. */
	store(rom, ROM_EFER, cpu->efer & ~(uint64_t)EFER_LMA, 8);
}

static void fill_segments(uint8_t *rom, const struct pvhload_x86_cpu *cpu)
{
	store(rom, ROM_ES, cpu->es.selector, 2);
	store(rom, ROM_SS, cpu->ss.selector, 2);
	store(rom, ROM_DS, cpu->ds.selector, 2);
	store(rom, ROM_FS, cpu->fs.selector, 2);
	store(rom, ROM_GS, cpu->gs.selector, 2);
	store(rom, ROM_TR, cpu->tr.selector, 2);
	store(rom, ROM_LDT, cpu->ldt.selector, 2);
	store(rom, ROM_GDTR, cpu->gdt.limit, 2);
	store(rom, ROM_GDTR + 2, cpu->gdt.base, 8);
	store(rom, ROM_IDTR, cpu->idt.limit, 2);
	store(rom, ROM_IDTR + 2, cpu->idt.base, 8);
	store(rom, ROM_TSS_TYPE, cpu->gdt.base + cpu->tr.selector + 5, 8);
}

static void fill_lapic(uint8_t *rom, const struct pvhload_x86_lapic *lapic)
{
	store(rom, ROM_LINT0, lapic->lint0, 4);
	store(rom, ROM_LINT1, lapic->lint1, 4);
}

/* What the last instruction takes, in 64-bit and in 32-bit code. */
static void fill_jump(uint8_t *rom, const struct pvhload_x86_cpu *cpu)
{
	const uint64_t frame[] = { cpu->rip, cpu->cs.selector, cpu->rflags, cpu->rsp,
				   cpu->ss.selector };

	for (uint32_t i = 0; i < sizeof(frame) / sizeof(frame[0]); i++)
		store(rom, ROM_FRAME + 8 * i, frame[i], 8);
	store(rom, ROM_JUMP, cpu->rip, 4);
	store(rom, ROM_JUMP + 4, cpu->cs.selector, 2);
	store(rom, ROM_FLAGS, (cpu->rflags & 0xff) << 8, 4);
	store(rom, ROM_LONG_MODE, is_state64(cpu), 4);
}

static void fill(uint8_t *rom, const struct pvhload_x86_cpu *cpu)
{
	memcpy(rom, rom_image, ROM_SIZE);
	fill_general(rom, cpu);
	fill_control(rom, cpu);
	fill_segments(rom, cpu);
	fill_lapic(rom, &cpu->lapic);
	fill_jump(rom, cpu);
}
#endif

const char *stub_rom_build(const struct pvhload_x86_cpu *cpu, uint8_t rom[STUB_ROM_SIZE])
{
	if (!is_state32(cpu) && !is_state64(cpu))
		return "cannot start a guest in this state";
#ifdef HAVE_ROM
	fill(rom, cpu);
	return NULL;
#else
	(void)rom;
	return "cannot start a guest: the ROM for it is x86 code, and this program was built "
	       "without an x86 compiler";
#endif
}
