/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* A command line that is built word by word. */
#include "counts.h"

#include <stdio.h>
#include <string.h>

#define WORDS     100u
#define TEXT_SIZE 2047u /* with the NUL: as much as Linux takes, and what it takes apart */

static struct pvhload_cmdline *line;
static char keys[WORDS][16], values[WORDS][32];

/* Words of one length, but for some that are one byte longer. */
static void make_words(void)
{
	const size_t text = TEXT_SIZE - 1 - (WORDS - 1); /* without NUL and spaces */

	for (size_t i = 0; i < WORDS; i++) {
		const size_t word = text / WORDS + (i < text % WORDS);
		const int key = snprintf(keys[i], sizeof(keys[i]), "key%03zu", i);

		memset(values[i], 'v', word - (size_t)key - 1);
	}
	must(pvhload_cmdline_new(2 * TEXT_SIZE, &line, &stage_error));
}

static void add_words(void)
{
	for (size_t i = 0; i < WORDS; i++)
		must(pvhload_cmdline_add(line, keys[i], values[i], &stage_error));
}

static void check_text(void)
{
	must_hold(pvhload_cmdline_length(line) + 1 == TEXT_SIZE,
		  "the command line has another length");
	pvhload_cmdline_free(line);
}

const struct scene cmdline_scenes[] = {
	{ "cmdline-100", "100 additions to a command line, 2047 bytes in the end", 60000,
	  make_words, add_words, check_text },
	{ 0 },
};
