/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* What the notes of an ELF kernel say about PVH. */
#ifndef PVL_IMAGE_ELF_NOTE_H
#define PVL_IMAGE_ELF_NOTE_H

#include "core/span.h"

#define PVL_GUEST_OS_SIZE 32u

/* What was found so far, in all segments and sections; the first valid note of a kind counts. */
struct pvl_notes {
	bool has_entry;
	uint32_t entry;
	bool has_reloc;
	uint32_t reloc[3];        /* align, min, max; @reloc_words of them */
	unsigned int reloc_words; /* how many of them the note has */
	const char *problem;      /* why an entry note was ignored, or NULL */
	bool owner_linux;         /* there is a note of owner "Linux" */
	bool has_guest_os;        /* there is Xen's note GUEST_OS; */
	char guest_os
		[PVL_GUEST_OS_SIZE]; /* its text, cut, with '?' for what no terminal should get */
};

/* Read the notes of one segment or section; @align is its p_align or sh_addralign. */
void pvl_notes_scan(struct pvl_span bytes, uint64_t align, struct pvl_notes *notes);

#endif
