/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * What the guests have in common.  A guest does nothing but say what it was given, a line each,
 * "name value", numbers in hex.
 *
 * The Linux guests run at any address without being relocated: no pointer may be initialised at
 * compile time, which also rules out arrays of strings.
 */
#ifndef GUEST_H
#define GUEST_H

#include <stddef.h>
#include <stdint.h>

/* Hidden: reached relative to the code, not by a table of addresses. */
#pragma GCC visibility push(hidden)

struct table {
	uint16_t limit;
	uintptr_t base;
} __attribute__((packed));

/* In the order in which entry32.S and entry64.S store it. */
struct entry_state {
#ifdef __x86_64__
	uint64_t rax, rcx, rdx, rbx, rsp, rbp, rsi, rdi, r8, r9, r10, r11, r12, r13, r14, r15;
	uint64_t rflags, cr0, cr2, cr3, cr4, cr8, efer, entry;
#else
	uint32_t eax, ecx, edx, ebx, esp, ebp, esi, edi;
	uint32_t eflags, cr0, cr2, cr3, cr4, efer_low, efer_high, entry;
#endif
	uint16_t cs, ds, es, fs, gs, ss, tr, ldt;
	struct table gdt, idt;
} __attribute__((packed));

extern const struct entry_state entry_state;

/* Called with the state stored, on a stack of our own. */
void guest_main(void);

/* print.c */
void text(const char *s);
void hex(uint64_t value);
void line(const char *name, uint64_t value);
void bytes(const char *name, const uint8_t *data, size_t size);
void end(void);
uint32_t crc32(const uint8_t *data, uint64_t size);

/* state.c: the processor as it came; and that .data was copied and .bss made zero. */
void print_state(void);
void print_image(void);

/*
 * reach.c: how many bytes the page at an address has, if the loader's page tables map that page to
 * itself, and can be written; else 0.  Without paging everything below 4 GiB is in pages of 4 GiB.
 */
uint64_t reach(uint64_t gpa);
int reachable(uint64_t gpa, uint64_t size);
/* Page tables of our own that map all that a test's machine has. */
void map_everything(void);

#pragma GCC visibility pop

/* An address that has been found reachable. */
static inline const uint8_t *at(uint64_t gpa)
{
	return (const uint8_t *)(uintptr_t)gpa;
}

#endif
