/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * Splitting a command line into words, as Linux does it.
 *
 * ABI source: Linux, lib/cmdline.c, next_arg(); kernel/params.c, parse_args() and parameq().
 */
#ifndef PVL_CMDLINE_WORD_H
#define PVL_CMDLINE_WORD_H

#include <stdbool.h>
#include <stddef.h>

/* Offsets into the text. */
struct pvl_word {
	size_t start, end; /* the word with its quotes */
	size_t key, key_end;
	size_t value, value_end;
	bool has_value;
	bool open; /* its quotes are not closed, so it reaches to the end of the text */
};

bool pvl_cmdline_is_space(char c);

/* The first word at or after @at; false if there is none. */
bool pvl_word_next(const char *text, size_t length, size_t at, struct pvl_word *ret);

/* Is the word "--", with or without quotes?  It ends the parameters. */
bool pvl_word_is_dashes(const char *text, const struct pvl_word *word);

/* How many words are between the first "--" and the second: the arguments that init gets. */
size_t pvl_word_count_init(const char *text, size_t length);

/* Are two names equal?  Linux takes '-' and '_' for the same. */
bool pvl_key_equal(const char *a, size_t a_length, const char *b, size_t b_length);

#endif
