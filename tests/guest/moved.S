/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * A PVH kernel that runs wherever it is loaded, linked as a position-independent file of 32 or 64 bits: where it was
 * entered, what the note says, and start info's magic.  Start info is its first stack, as Linux has it.
 */
#include <pvhload/guest.h>

	.code32
	.text
	.globl	pvh_entry
pvh_entry:
	movl	(%ebx), %edi			/* the magic, kept while a return address is there */
	leal	4(%ebx), %esp
	call	1f
1:	popl	%ebp
	movl	%edi, (%ebx)
	subl	$1b - pvh_entry, %ebp
	leal	stack_end - pvh_entry(%ebp), %esp
	cld

	leal	eip - pvh_entry(%ebp), %esi
	movl	%ebp, %edi
	call	line
	leal	note - pvh_entry(%ebp), %esi
	leal	at_note - pvh_entry(%ebp), %eax
	movl	(%eax), %edi
	movl	(%edi, %eax), %edi
	call	line
	leal	magic - pvh_entry(%ebp), %esi
	movl	(%ebx), %edi
	call	line
	leal	last - pvh_entry(%ebp), %esi
	call	text
1:	movw	$0x3fd, %dx			/* until the last character is out */
	inb	%dx, %al
	testb	$0x40, %al
	jz	1b
	pushl	$0				/* no interrupt table and an interrupt: a reset */
	pushl	$0
	lidtl	(%esp)
	int3

/* The text at ESI, and EDI in hex. */
line:
	call	text
	movl	$8, %ecx
1:	roll	$4, %edi
	movl	%edi, %eax
	andl	$15, %eax
	movb	digits - pvh_entry(%ebp, %eax), %al
	call	put
	loop	1b
	movb	$'\n', %al
	jmp	put

text:
	lodsb
	testb	%al, %al
	jz	1f
	call	put
	jmp	text
1:	ret

put:
	movb	%al, %ah
	movw	$0x3fd, %dx
1:	inb	%dx, %al
	testb	$0x20, %al
	jz	1b
	movb	%ah, %al
	movw	$0x3f8, %dx
	outb	%al, %dx
	ret

eip:	.asciz	"\neip "
note:	.asciz	"note "
magic:	.asciz	"magic "
last:	.asciz	"end\n"
digits:	.ascii	"0123456789abcdef"
at_note: .long	pvhload_guest_entry_note - .
	.balign	16
	.skip	256
stack_end:

PVHLOAD_GUEST_NOTE_ENTRY_PIE(pvh_entry, pvh_note)
PVHLOAD_GUEST_NOTE_RELOC(0x200000, 0x200000, 0x3fffffff)
	.section .note.GNU-stack, "", @progbits
