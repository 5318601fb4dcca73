/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* Words of a command line, by copying and cutting. */
#include "cmdline_model.h"

#include <stdlib.h>
#include <string.h>

#define SPACES " \t\n\v\f\r"

bool model_word_next(const char **text, struct model_word *ret)
{
	const char *start = *text + strspn(*text, SPACES), *end;
	char *rest, *equals;
	size_t quotes = 0;

	if (*start == '\0')
		return false;
	for (end = start; *end && (quotes % 2 == 1 || !strchr(SPACES, *end)); end++)
		quotes += *end == '"';
	*text = end;
	ret->raw = strndup(start, (size_t)(end - start));
	ret->open = quotes % 2 == 1;
	rest = ret->key = strdup(ret->raw + (ret->raw[0] == '"'));
	ret->value = NULL;
	equals = *rest ? strchr(rest + 1, '=') : NULL;
	if (equals) {
		*equals = '\0';
		ret->value = strdup(equals + 1);
		rest = ret->value;
		if (rest[0] == '"') /* it has quotes of its own */
			memmove(rest, rest + 1, strlen(rest));
		else if (ret->raw[0] != '"')
			return true;
	} else if (ret->raw[0] != '"') {
		return true;
	}
	if (*rest && rest[strlen(rest) - 1] == '"')
		rest[strlen(rest) - 1] = '\0';
	return true;
}

void model_word_free(struct model_word *word)
{
	free(word->raw);
	free(word->key);
	free(word->value);
}

bool model_word_is_dashes(const struct model_word *word)
{
	return !word->value && strcmp(word->key, "--") == 0;
}
