/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * What a command line must be, said in another way than the library does it: lists of words.  Any bytes
 * become calls that edit one; after each the library's is held against the model's.
 */
#ifndef SUPPORT_CMDLINE_MODEL_H
#define SUPPORT_CMDLINE_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A word taken apart; texts are to be freed by model_word_free(). */
struct model_word {
	char *raw, *key, *value; /* value: NULL if a flag */
	bool open;               /* its quotes are not closed */
};

/* Take the next word off *@text; false if there is none. */
bool model_word_next(const char **text, struct model_word *ret);
void model_word_free(struct model_word *word);
bool model_word_is_dashes(const struct model_word *word);

/* Make a command line and edit it as @data says; abort() at the first difference. */
void model_edit(const uint8_t *data, size_t size);

#endif
