/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
#include "suggest.h"

#include <stdbool.h>
#include <string.h>

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* Letters that are added, left out or changed, and pairs that are exchanged, from @a to @b. */
static size_t distance(const char *a, size_t a_size, const char *b, size_t b_size)
{
	size_t rows[3][SUGGEST_WORD_MAX + 1]; /* before the last, the last, this */

	for (size_t k = 0; k <= b_size; k++)
		rows[1][k] = rows[0][k] = k;
	for (size_t i = 1; i <= a_size; i++) {
		rows[2][0] = i;
		for (size_t k = 1; k <= b_size; k++) {
			const size_t change = rows[1][k - 1] + (a[i - 1] != b[k - 1]);

			rows[2][k] = least(change, least(rows[1][k], rows[2][k - 1]) + 1);
			if (i > 1 && k > 1 && a[i - 1] == b[k - 2] && a[i - 2] == b[k - 1])
				rows[2][k] = least(rows[2][k], rows[0][k - 2] + 1);
		}
		memmove(rows[0], rows[1], 2 * sizeof(rows[0]));
	}
	return rows[1][b_size];
}

/* The start of a word is as good as one wrong letter; else one in three may be wrong. */
void suggest_offer(struct suggestion *s, const char *word)
{
	const size_t typed = least(strcspn(s->typed, "="), SUGGEST_WORD_MAX);
	const size_t length = strnlen(word, SUGGEST_WORD_MAX);
	const bool start = typed >= 2 && strncmp(s->typed, word, typed) == 0;
	const size_t far = start ? 1 : distance(s->typed, typed, word, length);

	if (far > (length + 2) / 3 || (s->best && far >= s->distance))
		return;
	s->best = word;
	s->distance = far;
}
