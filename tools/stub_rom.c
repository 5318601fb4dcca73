/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * The ROM's code, instruction by instruction.  Encodings: Intel SDM, volume 2.  The processor starts
 * in real mode at 0xfffffff0 with CS based at 0xffff0000, the ROM's first byte.
 */
#include "stub_rom.h"

#include <string.h>

#define ROM_BASE     (0x100000000u - STUB_ROM_SIZE)
#define RESET_VECTOR 0xfff0u
#define TABLES       0x0f00u /* where the ROM's own data is; the code is far shorter */
#define OWN_GDT      (TABLES + 0x00u)
#define OWN_GDTR     (TABLES + 0x20u)
#define GUEST_GDTR   (TABLES + 0x28u)
#define GUEST_IDTR   (TABLES + 0x30u)
#define OWN_CODE     0x08u
#define OWN_DATA     0x10u

#define CR0_PE   0x1u
#define CR0_PG   0x80000000u
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

/* mov crN, eax */
static void mov_cr(struct writer *w, uint8_t cr, uint64_t value)
{
	mov_imm(w, 0, value);
	PUT(w, 0x0f, 0x22, (uint8_t)(0xc0 | cr << 3));
}

/* mov Sreg, ax: 0 es, 2 ss, 3 ds, 4 fs, 5 gs */
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

static void store_table_register(uint8_t *dst, uint64_t base, uint16_t limit)
{
	store(dst, limit, 2);
	store(dst + 2, base, 4);
}

static void put_tables(uint8_t *rom, const struct pvhload_cpu_state *cpu)
{
	/* Accessed bits are set: the processor could not set them in a ROM. */
	store(rom + OWN_GDT + OWN_CODE, 0x00cf9b000000ffffu, 8);
	store(rom + OWN_GDT + OWN_DATA, 0x00cf93000000ffffu, 8);
	store_table_register(rom + OWN_GDTR, ROM_BASE + OWN_GDT, 3 * 8 - 1);
	store_table_register(rom + GUEST_GDTR, cpu->gdt.base, cpu->gdt.limit);
	store_table_register(rom + GUEST_IDTR, cpu->idt.base, cpu->idt.limit);
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

static void put_system_state(struct writer *w, const struct pvhload_cpu_state *cpu)
{
	mov_segment(w, 3, OWN_DATA);
	/*
	 * The guest's TSS is busy, as its state says, and ltr refuses a busy one: make it available
	 * in the guest's GDT; ltr makes it busy again.
	 */
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
	mov_cr(w, 4, cpu->cr4);
	mov_cr(w, 3, cpu->cr3);
	mov_cr(w, 2, cpu->cr2);
	mov_imm(w, 1, MSR_EFER);
	mov_imm(w, 0, cpu->efer);
	mov_imm(w, 2, cpu->efer >> 32);
	PUT(w, 0x0f, 0x30); /* wrmsr */
	mov_cr(w, 0, cpu->cr0);
	mov_segment(w, 0, cpu->es.selector);
	mov_segment(w, 2, cpu->ss.selector);
	mov_segment(w, 4, cpu->fs.selector);
	mov_segment(w, 5, cpu->gs.selector);
	mov_segment(w, 3, cpu->ds.selector);
}

static void put_registers(struct writer *w, const struct pvhload_cpu_state *cpu)
{
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

bool stub_rom_build(const struct pvhload_cpu_state *cpu, uint8_t rom[STUB_ROM_SIZE])
{
	struct writer w = { rom, 0 };

	if (!(cpu->cr0 & CR0_PE) || cpu->cr0 & CR0_PG || cpu->cs.l || !cpu->cs.db)
		return false;
	memset(rom, 0xf4, STUB_ROM_SIZE); /* hlt */
	memset(rom + TABLES, 0, 0x40);
	put_tables(rom, cpu);
	put_real_mode(&w);
	put_system_state(&w, cpu);
	put_registers(&w, cpu);

	w.at = RESET_VECTOR;
	PUT(&w, 0xe9); /* jmp rel16 */
	put_value(&w, 0x10000u - (RESET_VECTOR + 3), 2);
	return true;
}
