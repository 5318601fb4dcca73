/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * The walk through the ELF notes of one segment or section: each number of bytes from 0 to BOUND, of any content; the
 * segment's offset, size and alignment are any numbers of 64 bits.  What an earlier segment had found is any as well.
 * So namesz and descsz are any; BOUND is for up to four notes.
 *
 * Proved: nothing outside the bytes is read, however the sizes in them lie; the walk ends; what is found keeps its form:
 * at most three words of PHYS32_RELOC, a GUEST_OS that is a text, faults that have a message.
 *
 * eva: -eva-split-return auto -eva-split-return-function read_note:full,pvl_span_sub:full
 * eva: -eva-slevel-merge-after-loop walk,read_guest_os,is_zero,take_reloc
 * eva: -eva-slevel-function read_guest_os:40,take_reloc:40,blame:0,blame_both:0,blame_owner:0,is_zero:20
 * proves: pvl_notes_scan walk read_note round_up take_note take_xen take_entry take_reloc read_guest_os
 * proves: is_owner is_xen is_zero blame blame_both blame_owner say pvl_note_say_entry pvl_note_say_reloc
 */
#include "core/span.h"

#define BOUND 48

/* A case of each offset in the bytes: see proof.h. */
#define pvl_span_sub(s, offset, length, ret) \
	(SPLIT_UP_TO(offset, BOUND), pvl_span_sub(s, offset, length, ret))
#include "image/elf_note.c"

/* The notes end where the array does, so reading after them is an alarm. */
static uint8_t bytes[BOUND];

static struct pvl_note_problem any_problem(void)
{
	return (struct pvl_note_problem){ (enum pvl_note_fault)Frama_C_interval(0, PVL_NOTE_CUT),
					  any_u64(), any_u64() };
}

/* What segments before this one may have left. */
static struct pvl_notes any_notes(void)
{
	struct pvl_notes notes = { .has_entry = any_bool(), .has_reloc = any_bool() };

	notes.entry_problem = any_problem();
	notes.reloc_problem = any_problem();
	notes.reloc_words = (unsigned int)Frama_C_interval(0, 3);
	return notes;
}

static void say_it(const struct pvl_notes *notes)
{
	char text[PVL_NOTE_PROBLEM_SIZE];

	pvl_note_say_entry(&notes->entry_problem, text, sizeof(text));
	pvl_note_say_reloc(&notes->reloc_problem, text, sizeof(text));
}

static void scan(size_t size)
{
	const struct pvl_notes_part part = {
		any_u64(), any_u64(), { bytes + BOUND - size, size }, any_u64()
	};
	struct pvl_notes notes = any_notes();

	pvl_notes_scan(&part, &notes);
	/*@ assert notes.reloc_words <= 3; */
	/*@ assert notes.guest_os[31] == 0; */
	/*@ assert notes.entry_problem.fault <= 5 && notes.reloc_problem.fault <= 5; */
	say_it(&notes);
}

int main(void)
{
	any_bytes(bytes, sizeof(bytes));
	for (size_t size = 0; size <= BOUND; size++)
		scan(size);
	return 0;
}
