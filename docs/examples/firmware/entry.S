/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * From the PVH entry to C in long mode: 32-bit protected mode without paging, EBX has the address of start info, and
 * there is neither a GDT nor a stack that could be kept.
 *
 * Sources: Xen, docs/misc/pvh.pandoc; Intel SDM, volume 3, "Initializing IA-32e Mode".
 */
#define CODE64   0x10 /* where Linux wants its own */
#define DATA     0x18
#define CR0_PG   0x80000000
#define CR4_PAE  0x20
#define MSR_EFER 0xc0000080
#define EFER_LME 0x100
#define TABLE    3    /* of a page table's entry: present, writable */
#define PAGE_2M  0x83 /* and a page itself */

	.section .entry, "ax"
	.code32
	.globl	entry
entry:
	cli
	cld
	movl	$stack_end, %esp

	/* All below 4 GiB at its own address, as pages of 2 MiB.  What is not set is 0, as in all of .bss. */
	movl	$(directory_pointers + TABLE), root
	movl	$(directories + TABLE), directory_pointers
	movl	$(directories + 0x1000 + TABLE), directory_pointers + 8
	movl	$(directories + 0x2000 + TABLE), directory_pointers + 16
	movl	$(directories + 0x3000 + TABLE), directory_pointers + 24
	movl	$directories, %edi
	movl	$PAGE_2M, %eax
1:	movl	%eax, (%edi)
	addl	$8, %edi
	addl	$0x200000, %eax
	jnc	1b			/* until 4 GiB */

	movl	$CR4_PAE, %eax
	movl	%eax, %cr4
	movl	$root, %eax
	movl	%eax, %cr3
	movl	$MSR_EFER, %ecx
	rdmsr
	orl	$EFER_LME, %eax
	wrmsr
	movl	%cr0, %eax
	orl	$CR0_PG, %eax
	movl	%eax, %cr0
	lgdt	gdtr
	ljmp	$CODE64, $long_mode

	.code64
long_mode:
	movl	$DATA, %eax
	movl	%eax, %ds
	movl	%eax, %es
	movl	%eax, %ss
	movl	%ebx, %edi		/* the upper half becomes 0 */
	call	firmware_main

	/* There is nothing to start.  An interrupt without a table for it resets the machine. */
	pushq	$0
	pushq	$0
	lidt	(%rsp)
	int3

	.section .rodata
	.balign	8
gdt:
	.quad	0, 0
	.quad	0x00af9b000000ffff	/* code of 64 bits */
	.quad	0x00cf93000000ffff	/* data */
gdtr:
	.word	. - gdt - 1
	.long	gdt, 0

	.bss
	.balign	4096
root:
	.skip	4096
directory_pointers:
	.skip	4096
directories:
	.skip	4 * 4096
	.skip	65536
stack_end:

	.section .note.GNU-stack, "", @progbits
