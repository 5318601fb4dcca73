/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * The PVH entry and, with LINUX32, Linux's 32-bit entry: keep everything the processor came with,
 * before anything here changes it.  mov and lea leave the flags alone, so they are still the loader's
 * when they are pushed.
 *
 * Two registers are needed to find out where this is; what was in them is kept in debug registers, as
 * there is no memory yet whose address is known.
 */
	.section .entry, "ax"
	.code32
	.globl	entry
entry:
	movl	%esp, %dr0
	movl	%ebp, %dr1
#ifdef LINUX32
	leal	0x1e8(%esi), %esp		/* after the zero page's scratch: Linux's own way */
	call	1f
1:	popl	%ebp
	leal	entry_state - 1b(%ebp), %ebp
#else
	movl	$entry_state, %ebp
#endif
	movl	%eax, 0(%ebp)
	movl	%ecx, 4(%ebp)
	movl	%edx, 8(%ebp)
	movl	%ebx, 12(%ebp)
	movl	%dr0, %eax
	movl	%eax, 16(%ebp)
	movl	%dr1, %eax
	movl	%eax, 20(%ebp)
	movl	%esi, 24(%ebp)
	movl	%edi, 28(%ebp)
	leal	stack_end - entry_state(%ebp), %esp
	pushfl
	popl	32(%ebp)
	movl	%cr0, %eax
	movl	%eax, 36(%ebp)
	movl	%cr2, %eax
	movl	%eax, 40(%ebp)
	movl	%cr3, %eax
	movl	%eax, 44(%ebp)
	movl	%cr4, %eax
	movl	%eax, 48(%ebp)
	movl	$0xc0000080, %ecx		/* EFER */
	rdmsr
	movl	%eax, 52(%ebp)
	movl	%edx, 56(%ebp)
	call	2f
2:	popl	%eax
	leal	entry - 2b(%eax), %eax
	movl	%eax, 60(%ebp)
	movw	%cs, 64(%ebp)
	movw	%ds, 66(%ebp)
	movw	%es, 68(%ebp)
	movw	%fs, 70(%ebp)
	movw	%gs, 72(%ebp)
	movw	%ss, 74(%ebp)
	strw	76(%ebp)
	sldtw	78(%ebp)
	sgdtl	80(%ebp)
	sidtl	86(%ebp)

	cld
	call	guest_main

	/* No interrupt table and an interrupt: the machine resets. */
	pushl	$0
	pushl	$0
	lidtl	(%esp)
	int3
1:	hlt
	jmp	1b

/* Data and stack in one section, so that the distances between them are known here. */
	.data
	.balign	16
	.hidden	entry_state
	.globl	entry_state
entry_state:
	.skip	92
	.balign	16
	.skip	8192
stack_end:

	.section .note.GNU-stack, "", @progbits
