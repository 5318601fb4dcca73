/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * Linux's 64-bit entry: keep everything the processor came with, before anything here changes it.
 * mov and lea leave the flags alone, so they are still the loader's when they are pushed.
 */
	.section .entry, "ax"
	.code64

/* A bzImage's 32-bit entry is here; tests/boot/guests.py puts it there. */
	.fill	0x200, 1, 0xcc

	.globl	entry
entry:
	movq	%rax, entry_state + 0(%rip)
	movq	%rcx, entry_state + 8(%rip)
	movq	%rdx, entry_state + 16(%rip)
	movq	%rbx, entry_state + 24(%rip)
	movq	%rsp, entry_state + 32(%rip)
	movq	%rbp, entry_state + 40(%rip)
	movq	%rsi, entry_state + 48(%rip)
	movq	%rdi, entry_state + 56(%rip)
	movq	%r8, entry_state + 64(%rip)
	movq	%r9, entry_state + 72(%rip)
	movq	%r10, entry_state + 80(%rip)
	movq	%r11, entry_state + 88(%rip)
	movq	%r12, entry_state + 96(%rip)
	movq	%r13, entry_state + 104(%rip)
	movq	%r14, entry_state + 112(%rip)
	movq	%r15, entry_state + 120(%rip)
	leaq	stack_end(%rip), %rsp
	pushfq
	popq	entry_state + 128(%rip)
	movq	%cr0, %rax
	movq	%rax, entry_state + 136(%rip)
	movq	%cr2, %rax
	movq	%rax, entry_state + 144(%rip)
	movq	%cr3, %rax
	movq	%rax, entry_state + 152(%rip)
	movq	%cr4, %rax
	movq	%rax, entry_state + 160(%rip)
	movq	%cr8, %rax
	movq	%rax, entry_state + 168(%rip)
	movl	$0xc0000080, %ecx		/* EFER */
	rdmsr
	movl	%eax, entry_state + 176(%rip)
	movl	%edx, entry_state + 180(%rip)
	leaq	entry(%rip), %rax
	movq	%rax, entry_state + 184(%rip)
	movw	%cs, entry_state + 192(%rip)
	movw	%ds, entry_state + 194(%rip)
	movw	%es, entry_state + 196(%rip)
	movw	%fs, entry_state + 198(%rip)
	movw	%gs, entry_state + 200(%rip)
	movw	%ss, entry_state + 202(%rip)
	strw	entry_state + 204(%rip)
	sldtw	entry_state + 206(%rip)
	sgdtq	entry_state + 208(%rip)
	sidtq	entry_state + 218(%rip)

	cld
	call	guest_main

	/* No interrupt table and an interrupt: the machine resets. */
	pushq	$0
	pushq	$0
	lidtq	(%rsp)
	int3
1:	hlt
	jmp	1b

	.data
	.balign	16
	.hidden	entry_state
	.globl	entry_state
entry_state:
	.skip	228
	.balign	16
	.skip	8192
stack_end:

	.section .note.GNU-stack, "", @progbits
