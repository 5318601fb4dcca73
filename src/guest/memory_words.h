/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* The words of a command line by which Linux changes the memory map that it is told: mem= and memmap=. */
#ifndef PVL_GUEST_MEMORY_WORDS_H
#define PVL_GUEST_MEMORY_WORDS_H

#include "cmdline/word.h"
#include "core/range.h"
#include "layout/part.h"

enum pvl_memory_effect {
	PVL_MEMORY_LIMIT,   /* mem=SIZE, memmap=SIZE: there is no RAM from range.start on */
	PVL_MEMORY_TAKEN,   /* memmap=SIZE$START, SIZE#START, SIZE!START: not RAM */
	PVL_MEMORY_CHANGED, /* memmap=SIZE%START-OLD+NEW: nothing, or of another type */
	PVL_MEMORY_GIVEN,   /* memmap=SIZE@START: RAM */
	PVL_MEMORY_EXACT, /* memmap=exactmap: what was told, and every word before, counts no more */
};

/* One effect; a memmap= has several, with a ',' between. */
struct pvl_memory_word {
	enum pvl_memory_effect effect;
	struct pvl_range range;   /* what it takes or gives; never empty, but for EXACT */
	size_t start;             /* where the word begins in the text */
	char name[PVL_NAME_SIZE]; /* for messages, "memmap=64M$16M" */
};

/* Set by pvl_memory_words_begin(). */
struct pvl_memory_words {
	const char *text;
	size_t length;
	struct pvl_word word; /* the one that is read */
	bool is_mem;          /* it is a mem=, not a memmap= */
	bool open;            /* it has more to read, from @at on */
	size_t at;
};

void pvl_memory_words_begin(const char *cmdline, struct pvl_memory_words *ret);

/*
 * The next effect, in the order of the text; false if there is none before a "--".  Words of another form are passed
 * over: what they mean is Linux's business alone.
 */
bool pvl_memory_words_next(struct pvl_memory_words *words, struct pvl_memory_word *ret);

#endif
