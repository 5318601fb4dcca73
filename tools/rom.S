/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * The ROM that boot gives to QEMU: from the reset vector it loads one processor state, register by
 * register, and jumps.  The state is filled in by stub_rom.c.
 *
 * The processor starts in real mode at 0xfffffff0, 16 bytes before the ROM's end.  The ROM then runs
 * where QEMU shows it below 1 MiB: if there is paging at the end, the code that turns it on must be in
 * a page that the guest's tables map, and Linux needs the first MiB mapped.
 *
 * Source: Intel SDM, volume 3, "Processor Management and Initialization".
 */
#include "rom_layout.h"

#define OWN_CODE   0x08
#define OWN_DATA   0x10
#define OWN_CODE64 0x18

#define CR0_PE   0x1
#define CR0_ET   0x10
#define MSR_EFER 0xc0000080

/* The local APIC, where it is after reset. */
#define APIC_LINT0 0xfee00350
#define APIC_LINT1 0xfee00360

#define TSS_BUSY 0x2 /* in the type of a TSS descriptor */

/* The address of a label, and of a place in the state.  The code segment is flat, like all of ours. */
#define AT(label)    (ROM_BASE + (label) - rom_image)
#define STATE(place) (ROM_BASE + ROM_STATE + (place))

	.section .rodata.rom, "a", @progbits
	.globl	rom_image
	.hidden	rom_image
	.balign	16
rom_image:
	.code16
	cli
	cld
	lgdtl	%cs:(own_gdtr - rom_image)
	movl	$(CR0_PE | CR0_ET), %eax
	movl	%eax, %cr0			/* CD and NW become 0 */
	ljmpl	$OWN_CODE, $AT(protected_mode)

	.code32
protected_mode:
	movl	$OWN_DATA, %eax
	movl	%eax, %ds
	/* As a BIOS does: without it, a timer that comes through the 8259 never interrupts. */
	movl	%cs:STATE(ROM_LINT0), %eax
	movl	%eax, APIC_LINT0
	movl	%cs:STATE(ROM_LINT1), %eax
	movl	%eax, APIC_LINT1
	/* In an order that the processor takes: LME is set before paging. */
	movl	%cs:STATE(ROM_CR4), %eax
	movl	%eax, %cr4
	movl	%cs:STATE(ROM_CR3), %eax
	movl	%eax, %cr3
	movl	$MSR_EFER, %ecx
	movl	%cs:STATE(ROM_EFER), %eax
	movl	%cs:STATE(ROM_EFER + 4), %edx
	wrmsr
	movl	%cs:STATE(ROM_CR0), %eax
	movl	%eax, %cr0
	cmpl	$0, %cs:STATE(ROM_LONG_MODE)
	je	state32
	ljmp	$OWN_CODE64, $AT(long_mode)

/* To 32-bit code without paging.  Once DS is the guest's, memory is reached through our CS. */
state32:
	/* The state says that the TSS is busy, and ltr refuses a busy one, but makes it busy. */
	movl	%cs:STATE(ROM_TSS_TYPE), %eax
	andb	$~TSS_BUSY, (%eax)
	lgdt	%cs:STATE(ROM_GDTR)
	lidt	%cs:STATE(ROM_IDTR)
	movw	%cs:STATE(ROM_TR), %ax
	ltr	%ax
	movw	%cs:STATE(ROM_LDT), %ax
	lldt	%ax
	movl	%cs:STATE(ROM_CR2), %eax
	movl	%eax, %cr2
	movw	%cs:STATE(ROM_SS), %ax
	movw	%ax, %ss
	movw	%cs:STATE(ROM_ES), %ax
	movw	%ax, %es
	movw	%cs:STATE(ROM_FS), %ax
	movw	%ax, %fs
	movw	%cs:STATE(ROM_GS), %ax
	movw	%ax, %gs
	movw	%cs:STATE(ROM_DS), %ax
	movw	%ax, %ds
	/* OF by a subtraction that does not overflow; SF, ZF, AF, PF and CF by sahf. */
	subl	%eax, %eax
	movl	%cs:STATE(ROM_FLAGS), %eax
	sahf
	movl	%cs:STATE(ROM_RCX), %ecx
	movl	%cs:STATE(ROM_RDX), %edx
	movl	%cs:STATE(ROM_RBX), %ebx
	movl	%cs:STATE(ROM_RSP), %esp
	movl	%cs:STATE(ROM_RBP), %ebp
	movl	%cs:STATE(ROM_RSI), %esi
	movl	%cs:STATE(ROM_RDI), %edi
	movl	%cs:STATE(ROM_RAX), %eax
	ljmp	*%cs:STATE(ROM_JUMP)

/*
 * To 64-bit code: through 64-bit code of our own, as only that can name a GDT above 4 GiB.  At the end
 * iretq takes all that is left from the state: RIP, CS, RFLAGS, RSP and SS.
 */
	.code64
long_mode:
	movq	STATE(ROM_TSS_TYPE), %rax
	andb	$~TSS_BUSY, (%rax)
	lgdt	STATE(ROM_GDTR)
	lidt	STATE(ROM_IDTR)
	movw	STATE(ROM_TR), %ax
	ltr	%ax
	movw	STATE(ROM_LDT), %ax
	lldt	%ax
	movq	STATE(ROM_CR2), %rax
	movq	%rax, %cr2
	movq	STATE(ROM_CR8), %rax
	movq	%rax, %cr8
	movw	STATE(ROM_ES), %ax
	movw	%ax, %es
	movw	STATE(ROM_FS), %ax
	movw	%ax, %fs
	movw	STATE(ROM_GS), %ax
	movw	%ax, %gs
	movw	STATE(ROM_DS), %ax
	movw	%ax, %ds
	movq	STATE(ROM_RCX), %rcx
	movq	STATE(ROM_RDX), %rdx
	movq	STATE(ROM_RBX), %rbx
	movq	STATE(ROM_RBP), %rbp
	movq	STATE(ROM_RSI), %rsi
	movq	STATE(ROM_RDI), %rdi
	movq	STATE(ROM_R8), %r8
	movq	STATE(ROM_R9), %r9
	movq	STATE(ROM_R10), %r10
	movq	STATE(ROM_R11), %r11
	movq	STATE(ROM_R12), %r12
	movq	STATE(ROM_R13), %r13
	movq	STATE(ROM_R14), %r14
	movq	STATE(ROM_R15), %r15
	movq	STATE(ROM_RAX), %rax
	movl	$STATE(ROM_FRAME), %esp
	iretq

	/* Accessed bits are set: the processor could not set them in a ROM. */
	.balign	8
own_gdt:
	.quad	0
	.quad	0x00cf9b000000ffff		/* OWN_CODE */
	.quad	0x00cf93000000ffff		/* OWN_DATA */
	.quad	0x00af9b000000ffff		/* OWN_CODE64 */
own_gdtr:
	.word	own_gdtr - own_gdt - 1
	.long	AT(own_gdt)

	/* What is not used is hlt. */
	.org	rom_image + ROM_STATE, 0xf4
	.skip	ROM_STATE_SIZE
	.org	rom_image + ROM_SIZE - 16, 0xf4
	.code16
	ljmpw	$(ROM_BASE >> 4), $0		/* to rom_image */
	.org	rom_image + ROM_SIZE, 0xf4

	.section .note.GNU-stack, "", @progbits
