/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * A firmware of 64 KiB: says at port 0xe9 what it starts with, goes from the ROM up to 4 GiB to the copy of it below
 * 1 MiB, compares both, tries to change the copy, and resets.
 *
 * Source: Intel SDM, volume 3, "Processor State After Reset"; of the reset, the keyboard controller of a PC.
 */
#define DEBUG         0xe9
#define I8042_COMMAND 0x64
#define I8042_RESET   0xfe
#define LOW_SEGMENT   0xf000
#define MARK          0x1234

#define OTHER_FLAGS (~0x8d5) /* all but OF, SF, ZF, AF, PF, CF */

	.code16
	.text
	.globl	_start

/* Texts are read by %cs, where we are; %ax and %si are lost. */
.macro say text
	movw	$9f, %si
	call	say_text
	jmp	8f
9:	.asciz	"\text"
8:
.endm

_start:
high:
	movl	%esp, %edi
	movw	$0x7c00, %sp
	movl	%edi, %ebx
	say	"esp "
	call	say_long
	movw	%cs, %bx
	say	"cs "
	call	say_word
	movw	%ds, %bx
	say	"ds "
	call	say_word
	movw	%ss, %bx
	say	"ss "
	call	say_word
	movl	%cr0, %ebx
	say	"cr0 "
	call	say_long
	pushfl
	popl	%ebx
	andl	$OTHER_FLAGS, %ebx		/* without those that the code above has set */
	say	"eflags "
	call	say_long
	subw	$8, %sp
	movw	%sp, %bp
	sgdtl	(%bp)
	movw	(%bp), %bx
	say	"gdt "
	call	say_word
	sidtl	(%bp)
	movw	(%bp), %bx
	say	"idt "
	call	say_word
	addw	$8, %sp
	movw	%cs:mark, %bx
	say	"mark "
	call	say_word
	ljmpw	$LOW_SEGMENT, $low

low:
	movw	%cs, %bx
	say	"cs "
	call	say_word
	movw	%cs:mark, %bx
	say	"mark "
	call	say_word
	movw	%cs, %bx
	movw	%bx, %ds
	notw	mark
	movw	mark, %bx
	say	"changed "
	call	say_word
	movb	$I8042_RESET, %al
	outb	%al, $I8042_COMMAND
1:	hlt
	jmp	1b

say_text:
	movb	%cs:(%si), %al
	incw	%si
	orb	%al, %al
	jz	1f
	outb	%al, $DEBUG
	jmp	say_text
1:	ret

say_word:
	shll	$16, %ebx
	movw	$4, %cx
	jmp	say_digits
say_long:
	movw	$8, %cx
say_digits:
	roll	$4, %ebx
	movb	%bl, %al
	andb	$0xf, %al
	addb	$'0', %al
	cmpb	$'9', %al
	jbe	1f
	addb	$('a' - '9' - 1), %al
1:	outb	%al, $DEBUG
	loop	say_digits
	movb	$'\n', %al
	outb	%al, $DEBUG
	ret

	.balign	16
mark:	.word	MARK

	.org	0xfff0
	.byte	0xe9 /* jmp high, written out: clang's assembler knows no way around 64 KiB */
	.word	0x10000 + high - (. + 2)
	.org	0x10000
