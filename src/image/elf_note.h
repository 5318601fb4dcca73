/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* What the notes of an ELF kernel say about PVH. */
#ifndef PVL_IMAGE_ELF_NOTE_H
#define PVL_IMAGE_ELF_NOTE_H

#include "core/span.h"

#define PVL_GUEST_OS_SIZE 32u

/* Why there is no note of a kind; what tells more comes first. */
enum pvl_note_fault {
	PVL_NOTE_FINE,
	PVL_NOTE_SIZE,    /* it has @value bytes */
	PVL_NOTE_VALUE,   /* an entry, or an alignment, of @value */
	PVL_NOTE_OWNER,   /* its owner is "Xen" in @value bytes, without the NUL */
	PVL_NOTE_DAMAGED, /* the note at @offset passes the end: others may follow it */
	PVL_NOTE_CUT,     /* @value bytes are read from @offset on, and there are more */
};
struct pvl_note_problem {
	enum pvl_note_fault fault;
	uint64_t offset; /* in the file */
	uint64_t value;
};

#define PVL_NOTE_PROBLEM_SIZE 144u

/* Say it, of the PHYS32_ENTRY or the PHYS32_RELOC note; "" if there is nothing to say. */
void pvl_note_say_entry(const struct pvl_note_problem *problem, char *text, size_t size);
void pvl_note_say_reloc(const struct pvl_note_problem *problem, char *text, size_t size);

/* What was found so far, in all segments and sections; the first valid note of a kind counts. */
struct pvl_notes {
	bool has_entry;
	uint32_t entry;
	bool has_reloc;
	uint32_t reloc[3];        /* align, min, max; @reloc_words of them */
	unsigned int reloc_words; /* how many of them the note has */
	struct pvl_note_problem entry_problem, reloc_problem; /* where there is no such note */
	bool owner_linux;                                     /* there is a note of owner "Linux" */
	bool has_guest_os;                                    /* there is Xen's note GUEST_OS; */
	char guest_os
		[PVL_GUEST_OS_SIZE]; /* its text, cut, with '?' for what no terminal should get */
};

/* Notes of one segment or section. */
struct pvl_notes_part {
	uint64_t offset;       /* in the file */
	uint64_t size;         /* as the file has it; */
	struct pvl_span bytes; /* what is read of it may be less */
	uint64_t align;        /* p_align or sh_addralign */
};
void pvl_notes_scan(const struct pvl_notes_part *part, struct pvl_notes *notes);

#endif
