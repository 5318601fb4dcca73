/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * The PVH entry: in 32-bit mode, without paging and without a stack, for a kernel of 64 bits as well.  Every register
 * is kept as it came, for hello.c to print; then there is a stack, long mode for 64 bits, and C.
 */
	.comm	registers, 4 * 23, 4
	.comm	first_esp, 4, 4
	.comm	gdt_at_entry, 6, 2
	.comm	idt_at_entry, 6, 2
	.comm	stack, 8192, 16

	.section .text.entry, "ax"
	.code32
	.globl	pvh_entry
pvh_entry:
	movl	%esp, first_esp			/* neither mov nor push changes a flag */
	movl	$registers + 4 * 23, %esp	/* pushed, so that the last one is the first in memory */
	.irp	name, eax, ebx, ecx, edx, esi, edi, ebp
	pushl	%\name
	.endr
	pushl	first_esp
	pushl	$pvh_entry
	pushfl
	cld
	.irp	name, cr0, cr2, cr3, cr4
	movl	%\name, %eax
	pushl	%eax
	.endr
	movl	$0xc0000080, %ecx		/* EFER */
	rdmsr
	pushl	%eax
	.irp	name, cs, ds, es, fs, gs, ss
	movl	%\name, %eax
	pushl	%eax
	.endr
	strl	%eax
	pushl	%eax
	sldtl	%eax
	pushl	%eax
	sgdtl	gdt_at_entry
	sidtl	idt_at_entry
	movl	$stack + 8192, %esp

#ifdef __x86_64__
	.comm	root, 4096, 4096
	.comm	directory, 4096, 4096
	.comm	pages, 4 * 4096, 4096
	/* The first 4 GiB at their own addresses, in pages of 2 MiB: present, writable, large. */
	movl	$pages, %edi
	movl	$0x83, %eax
1:	movl	%eax, (%edi)
	addl	$8, %edi
	addl	$0x200000, %eax
	jnc	1b
	movl	$pages + 3, %eax		/* present, writable */
	movl	$directory, %edi
1:	movl	%eax, (%edi)
	addl	$8, %edi
	addl	$4096, %eax
	cmpl	$pages + 4 * 4096, %eax
	jb	1b
	movl	$directory + 3, root
	movl	$root, %eax
	movl	%eax, %cr3
	movl	$0x20, %eax			/* PAE */
	movl	%eax, %cr4
	movl	$0x100, %eax			/* LME; ECX is still EFER's number */
	xorl	%edx, %edx
	wrmsr
	movl	$0x80000011, %eax		/* PG, ET, PE */
	movl	%eax, %cr0
	lgdt	gdtr
	ljmp	$8, $1f
gdt:	.quad	0, 0x00af9b000000ffff		/* code of 64 bits */
gdtr:	.word	15
	.long	gdt
	.code64
1:
#endif
	call	kernel_main

	.section .note.GNU-stack, "", @progbits
