/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* The processor's state at the entry, and the guest's own image. */
#include "guest.h"

#ifdef __x86_64__
static void print_registers(const struct entry_state *s)
{
	line("rax", s->rax);
	line("rcx", s->rcx);
	line("rdx", s->rdx);
	line("rbx", s->rbx);
	line("rsp", s->rsp);
	line("rbp", s->rbp);
	line("rsi", s->rsi);
	line("rdi", s->rdi);
	line("r8", s->r8);
	line("r9", s->r9);
	line("r10", s->r10);
	line("r11", s->r11);
	line("r12", s->r12);
	line("r13", s->r13);
	line("r14", s->r14);
	line("r15", s->r15);
	line("rflags", s->rflags);
	line("cr8", s->cr8);
	line("efer", s->efer);
}
#else
static void print_registers(const struct entry_state *s)
{
	line("eax", s->eax);
	line("ecx", s->ecx);
	line("edx", s->edx);
	line("ebx", s->ebx);
	line("esp", s->esp);
	line("ebp", s->ebp);
	line("esi", s->esi);
	line("edi", s->edi);
	line("eflags", s->eflags);
	line("efer", (uint64_t)s->efer_high << 32 | s->efer_low);
}
#endif

/* Two registers of the local APIC, where it is after reset. */
static void print_lapic(void)
{
	line("lint0", *(volatile const uint32_t *)(uintptr_t)0xfee00350);
	line("lint1", *(volatile const uint32_t *)(uintptr_t)0xfee00360);
}

void print_state(void)
{
	const struct entry_state *s = &entry_state;

	print_registers(s);
	line("entry", s->entry);
	line("cr0", s->cr0);
	line("cr2", s->cr2);
	line("cr3", s->cr3);
	line("cr4", s->cr4);
	line("cs", s->cs);
	line("ds", s->ds);
	line("es", s->es);
	line("fs", s->fs);
	line("gs", s->gs);
	line("ss", s->ss);
	line("tr", s->tr);
	line("ldt", s->ldt);
	line("gdt.base", s->gdt.base);
	line("gdt.limit", s->gdt.limit);
	line("idt.base", s->idt.base);
	line("idt.limit", s->idt.limit);
	print_lapic();
	if (reachable(s->gdt.base, s->gdt.limit + 1u))
		bytes("gdt.bytes", at(s->gdt.base), s->gdt.limit + 1u);
}

/* .bss that the loader has to have made zero; and data that it has to have copied. */
static uint8_t bss[20000];
static uint8_t data[20000] = { 1, 2, 3 };

void print_image(void)
{
	uint32_t sum = 0, zeros = 0;

	for (uint32_t i = 0; i < sizeof(bss); i++)
		zeros += bss[i] == 0;
	for (uint32_t i = 0; i < sizeof(data); i++)
		sum += data[i];
	line("bss.zeros", zeros);
	line("data.sum", sum);
	/* so that neither is a constant to the compiler */
	bss[sum] = 1;
	data[zeros - 1] = 1;
}
