/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* "Did you mean": the word that somebody is likely to have meant. */
#ifndef TOOL_SUGGEST_H
#define TOOL_SUGGEST_H

#include <stddef.h>

struct suggestion {
	const char *typed; /* up to a '=', and SUGGEST_WORD_MAX bytes of it count */
	const char *best;  /* or NULL */
	size_t distance;   /* of the best */
};
#define SUGGEST_WORD_MAX 32u

/* Take @word, which lives on, as the best if it is near to what was typed, and nearer than the best so far. */
void suggest_offer(struct suggestion *suggestion, const char *word);

#endif
