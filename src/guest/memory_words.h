/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * The words of a command line by which Linux changes the memory map that it is told: mem= and memmap=.  What they do
 * is for others to say: Linux (guest/memory_effects.h) and its own KASLR (boot/kaslr.c) differ.
 */
#ifndef PVL_GUEST_MEMORY_WORDS_H
#define PVL_GUEST_MEMORY_WORDS_H

#include "cmdline/word.h"
#include "core/libc.h"
#include "layout/part.h"

enum pvl_memory_kind {
	PVL_MEMORY_UNREADABLE, /* memmap= without a number */
	PVL_MEMORY_LIMIT,   /* mem=SIZE; memmap=SIZE, and what follows is none of the signs below */
	PVL_MEMORY_TAKEN,   /* memmap=SIZE$START, SIZE#START, SIZE!START */
	PVL_MEMORY_CHANGED, /* memmap=SIZE%START-FROM+TO */
	PVL_MEMORY_GIVEN,   /* memmap=SIZE@START */
	PVL_MEMORY_EXACT,   /* memmap=exactmap */
};

/* What one says; a memmap= may have several, with a ',' between. */
struct pvl_memory_word {
	enum pvl_memory_kind kind;
	bool is_mem;              /* of mem=; one without a number has a size of 0 */
	uint64_t size, start;     /* a start without a number is 0 */
	uint32_t from, to;        /* types, of CHANGED; 0: none */
	bool trailing;            /* of CHANGED: there is more that nobody reads */
	size_t word;              /* where the word begins in the text */
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

/* The next, in the order of the text; false if there is none before a "--". */
bool pvl_memory_words_next(struct pvl_memory_words *words, struct pvl_memory_word *ret);

#endif
