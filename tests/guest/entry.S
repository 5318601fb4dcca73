/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * The PVH entry: keep everything the processor came with, before anything here changes it.  mov
 * leaves the flags alone, so they are still the loader's when they are pushed.
 */
	.text
	.code32
	.globl	entry
entry:
	movl	%eax, entry_state + 0
	movl	%ecx, entry_state + 4
	movl	%edx, entry_state + 8
	movl	%ebx, entry_state + 12
	movl	%esp, entry_state + 16
	movl	%ebp, entry_state + 20
	movl	%esi, entry_state + 24
	movl	%edi, entry_state + 28
	movl	$stack_end, %esp
	pushfl
	popl	entry_state + 32
	movl	%cr0, %eax
	movl	%eax, entry_state + 36
	movl	%cr2, %eax
	movl	%eax, entry_state + 40
	movl	%cr3, %eax
	movl	%eax, entry_state + 44
	movl	%cr4, %eax
	movl	%eax, entry_state + 48
	movl	$0xc0000080, %ecx		/* EFER */
	rdmsr
	movl	%eax, entry_state + 52
	movl	%edx, entry_state + 56
	movw	%cs, entry_state + 60
	movw	%ds, entry_state + 62
	movw	%es, entry_state + 64
	movw	%fs, entry_state + 66
	movw	%gs, entry_state + 68
	movw	%ss, entry_state + 70
	strw	entry_state + 72
	sldtw	entry_state + 74
	sgdtl	entry_state + 76
	sidtl	entry_state + 82

	cld
	call	guest_main

	/* No interrupt table and an interrupt: the machine resets. */
	lidtl	no_table
	int3
1:	hlt
	jmp	1b

	.data
	.balign	4
	.globl	entry_state
entry_state:
	.skip	88
no_table:
	.skip	6

	.section .bss.stack, "aw", @nobits
	.balign	16
	.skip	8192
stack_end:

	.section .note.GNU-stack, "", @progbits
