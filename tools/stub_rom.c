/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * The ROM's code, instruction by instruction.  Encodings: Intel SDM, volume 2.  The processor starts
 * in real mode at 0xfffffff0 with CS based at 0xffff0000, the ROM's first byte.  From protected mode
 * on, the ROM runs where QEMU shows it below 1 MiB: if there is paging at the end, the code that
 * turns it on must be in a page that the guest's tables map, and Linux needs the first MiB mapped.
 */
#include "stub_rom.h"

#include <string.h>

#define ROM_BASE     0xf0000u
#define RESET_VECTOR 0xfff0u
#define TABLES       0x0f00u /* where the ROM's own data is; the code is far shorter */
#define OWN_GDT      (TABLES + 0x00u)
#define OWN_GDTR     (TABLES + 0x20u)
#define GUEST_GDTR   (TABLES + 0x30u)
#define GUEST_IDTR   (TABLES + 0x40u)
#define IRET_FRAME   (TABLES + 0x50u)
#define TABLES_SIZE  0x80u
#define OWN_CODE     0x08u
#define OWN_DATA     0x10u
#define OWN_CODE64   0x18u

#define CR0_PE   0x1u
#define CR0_PG   0x80000000u
#define CR4_PAE  0x20u
#define EFER_LME 0x100u
#define EFER_LMA 0x400u
#define MSR_EFER 0xc0000080u

/* The ROM, and where the next byte of code goes. */
struct writer {
	uint8_t *rom;
	uint32_t at;
};

static void put(struct writer *w, const uint8_t *bytes, size_t count)
{
	memcpy(w->rom + w->at, bytes, count);
	w->at += (uint32_t)count;
}

static void store(uint8_t *dst, uint64_t value, size_t count)
{
	for (size_t i = 0; i < count; i++)
		dst[i] = (uint8_t)(value >> (8 * i));
}

static void put_value(struct writer *w, uint64_t value, size_t count)
{
	uint8_t bytes[8];

	store(bytes, value, count);
	put(w, bytes, count);
}

#define PUT(w, ...) \
	put((w), (const uint8_t[]){ __VA_ARGS__ }, sizeof((const uint8_t[]){ __VA_ARGS__ }))

/* mov r32, imm32: 0 eax, 1 ecx, 2 edx, 3 ebx, 4 esp, 5 ebp, 6 esi, 7 edi */
static void mov_imm(struct writer *w, uint8_t reg, uint64_t value)
{
	PUT(w, (uint8_t)(0xb8 + reg));
	put_value(w, value, 4);
}

/* movabs r64, imm64: as above, and 8 to 15 are r8 to r15 */
static void mov_imm64(struct writer *w, uint8_t reg, uint64_t value)
{
	PUT(w, (uint8_t)(reg < 8 ? 0x48 : 0x49), (uint8_t)(0xb8 + reg % 8));
	put_value(w, value, 8);
}

/* mov crN, eax; in 32-bit code */
static void mov_cr(struct writer *w, uint8_t cr, uint64_t value)
{
	mov_imm(w, 0, value);
	PUT(w, 0x0f, 0x22, (uint8_t)(0xc0 | cr << 3));
}

/* mov Sreg, ax, in 32-bit or 64-bit code: 0 es, 2 ss, 3 ds, 4 fs, 5 gs */
static void mov_segment(struct writer *w, uint8_t sreg, uint16_t selector)
{
	mov_imm(w, 0, selector);
	PUT(w, 0x8e, (uint8_t)(0xc0 | sreg << 3));
}

/* ljmp selector:offset */
static void far_jump(struct writer *w, uint16_t selector, uint64_t offset)
{
	PUT(w, 0xea);
	put_value(w, offset, 4);
	put_value(w, selector, 2);
}

/* 6 bytes for lgdt and lidt in 32-bit code, and 4 more for those in 64-bit code. */
static void store_table_register(uint8_t *dst, uint64_t base, uint16_t limit)
{
	store(dst, limit, 2);
	store(dst + 2, base, 8);
}

static void put_tables(uint8_t *rom, const struct pvhload_x86_cpu *cpu)
{
	/* Accessed bits are set: the processor could not set them in a ROM. */
	store(rom + OWN_GDT + OWN_CODE, 0x00cf9b000000ffffu, 8);
	store(rom + OWN_GDT + OWN_DATA, 0x00cf93000000ffffu, 8);
	store(rom + OWN_GDT + OWN_CODE64, 0x00af9b000000ffffu, 8);
	store_table_register(rom + OWN_GDTR, ROM_BASE + OWN_GDT, 4 * 8 - 1);
	store_table_register(rom + GUEST_GDTR, cpu->gdt.base, cpu->gdt.limit);
	store_table_register(rom + GUEST_IDTR, cpu->idt.base, cpu->idt.limit);
	store(rom + IRET_FRAME + 0, cpu->rip, 8);
	store(rom + IRET_FRAME + 8, cpu->cs.selector, 8);
	store(rom + IRET_FRAME + 16, cpu->rflags, 8);
	store(rom + IRET_FRAME + 24, cpu->rsp, 8);
	store(rom + IRET_FRAME + 32, cpu->ss.selector, 8);
}

/* From real mode to flat 32-bit code in the ROM. */
static void put_real_mode(struct writer *w)
{
	const uint32_t jump_size = 8;

	PUT(w, 0xfa);                         /* cli */
	PUT(w, 0xfc);                         /* cld */
	PUT(w, 0x2e, 0x66, 0x0f, 0x01, 0x16); /* lgdtl %cs:disp16 */
	put_value(w, OWN_GDTR, 2);
	PUT(w, 0x66, 0xb8); /* mov eax, imm32 */
	put_value(w, CR0_PE | 0x10, 4);
	PUT(w, 0x0f, 0x22, 0xc0); /* mov cr0, eax: clears CD and NW */
	PUT(w, 0x66);             /* 32-bit operand for the jump */
	far_jump(w, OWN_CODE, ROM_BASE + w->at - 1 + jump_size);
}

/* CR4, CR3, EFER and CR0, in an order that the processor takes. */
static void put_control_registers(struct writer *w, const struct pvhload_x86_cpu *cpu)
{
	mov_cr(w, 4, cpu->cr4);
	mov_cr(w, 3, cpu->cr3);
	mov_imm(w, 1, MSR_EFER);
	mov_imm(w, 0, cpu->efer & ~(uint64_t)EFER_LMA); /* which follows from LME and paging */
	mov_imm(w, 2, cpu->efer >> 32);
	PUT(w, 0x0f, 0x30); /* wrmsr */
	mov_cr(w, 0, cpu->cr0);
}

/* All data segments but SS.  DS comes last: until then it is ours. */
static void put_data_segments(struct writer *w, const struct pvhload_x86_cpu *cpu)
{
	mov_segment(w, 0, cpu->es.selector);
	mov_segment(w, 4, cpu->fs.selector);
	mov_segment(w, 5, cpu->gs.selector);
	mov_segment(w, 3, cpu->ds.selector);
}

/*
 * The guest's GDT, IDT, TSS and LDT.  The TSS is busy, as the state says, and ltr refuses a busy one:
 * make it available in the guest's GDT; ltr makes it busy again.
 */
static void put_tables32(struct writer *w, const struct pvhload_x86_cpu *cpu)
{
	PUT(w, 0x80, 0x25); /* andb imm8, disp32 */
	put_value(w, cpu->gdt.base + cpu->tr.selector + 5, 4);
	PUT(w, 0xfd);
	PUT(w, 0x0f, 0x01, 0x15); /* lgdt disp32 */
	put_value(w, ROM_BASE + GUEST_GDTR, 4);
	PUT(w, 0x0f, 0x01, 0x1d); /* lidt disp32 */
	put_value(w, ROM_BASE + GUEST_IDTR, 4);
	mov_imm(w, 0, cpu->tr.selector);
	PUT(w, 0x0f, 0x00, 0xd8); /* ltr ax */
	mov_imm(w, 0, cpu->ldt.selector);
	PUT(w, 0x0f, 0x00, 0xd0); /* lldt ax */
}

static void put_tables64(struct writer *w, const struct pvhload_x86_cpu *cpu)
{
	mov_imm64(w, 0, cpu->gdt.base + cpu->tr.selector + 5);
	PUT(w, 0x80, 0x20, 0xfd); /* andb imm8, (rax) */
	mov_imm64(w, 0, ROM_BASE + GUEST_GDTR);
	PUT(w, 0x0f, 0x01, 0x10); /* lgdt (rax) */
	mov_imm64(w, 0, ROM_BASE + GUEST_IDTR);
	PUT(w, 0x0f, 0x01, 0x18); /* lidt (rax) */
	mov_imm64(w, 0, cpu->tr.selector);
	PUT(w, 0x0f, 0x00, 0xd8); /* ltr ax */
	mov_imm64(w, 0, cpu->ldt.selector);
	PUT(w, 0x0f, 0x00, 0xd0); /* lldt ax */
}

/* To 32-bit code without paging: the last jump is a far one. */
static void put_state32(struct writer *w, const struct pvhload_x86_cpu *cpu)
{
	put_tables32(w, cpu);
	mov_cr(w, 2, cpu->cr2);
	put_control_registers(w, cpu);
	mov_segment(w, 2, cpu->ss.selector);
	put_data_segments(w, cpu);
	/* OF, by a subtraction that does not overflow; then SF, ZF, AF, PF and CF by sahf. */
	PUT(w, 0x29, 0xc0); /* sub eax, eax */
	mov_imm(w, 0, (cpu->rflags & 0xff) << 8);
	PUT(w, 0x9e); /* sahf */
	mov_imm(w, 1, cpu->rcx);
	mov_imm(w, 2, cpu->rdx);
	mov_imm(w, 3, cpu->rbx);
	mov_imm(w, 4, cpu->rsp);
	mov_imm(w, 5, cpu->rbp);
	mov_imm(w, 6, cpu->rsi);
	mov_imm(w, 7, cpu->rdi);
	mov_imm(w, 0, cpu->rax);
	far_jump(w, cpu->cs.selector, cpu->rip);
}

/*
 * To 64-bit code: first through 64-bit code of our own, as only that can name a GDT above 4 GiB.  At
 * the end iretq takes all that is left from the ROM: RIP, CS, RFLAGS, RSP and SS.
 */
static void put_state64(struct writer *w, const struct pvhload_x86_cpu *cpu)
{
	const uint64_t general[16] = { cpu->rax, cpu->rcx, cpu->rdx, cpu->rbx, 0,        cpu->rbp,
				       cpu->rsi, cpu->rdi, cpu->r8,  cpu->r9,  cpu->r10, cpu->r11,
				       cpu->r12, cpu->r13, cpu->r14, cpu->r15 };
	const uint32_t jump_size = 7;

	put_control_registers(w, cpu);
	far_jump(w, OWN_CODE64, ROM_BASE + w->at + jump_size);
	put_tables64(w, cpu);
	mov_imm64(w, 0, cpu->cr2);
	PUT(w, 0x0f, 0x22, 0xd0); /* mov cr2, rax */
	mov_imm64(w, 0, cpu->cr8);
	PUT(w, 0x44, 0x0f, 0x22, 0xc0); /* mov cr8, rax */
	put_data_segments(w, cpu);
	for (uint8_t reg = 0; reg < 16; reg++)
		mov_imm64(w, reg, reg == 4 ? ROM_BASE + IRET_FRAME : general[reg]);
	PUT(w, 0x48, 0xcf); /* iretq */
}

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

bool stub_rom_build(const struct pvhload_x86_cpu *cpu, uint8_t rom[STUB_ROM_SIZE])
{
	struct writer w = { rom, 0 };

	if (!is_state32(cpu) && !is_state64(cpu))
		return false;
	memset(rom, 0xf4, STUB_ROM_SIZE); /* hlt */
	memset(rom + TABLES, 0, TABLES_SIZE);
	put_tables(rom, cpu);
	put_real_mode(&w);
	mov_segment(&w, 3, OWN_DATA);
	if (is_state64(cpu))
		put_state64(&w, cpu);
	else
		put_state32(&w, cpu);

	w.at = RESET_VECTOR;
	PUT(&w, 0xe9); /* jmp rel16 */
	put_value(&w, 0x10000u - (RESET_VECTOR + 3), 2);
	return true;
}
