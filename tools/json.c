/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
#include "json.h"

#include <stdlib.h>
#include <string.h>

void json_add(struct json_object *object, const char *key, struct json_object *value)
{
	json_object_object_add(object, key, value);
}

/* Bytes of the UTF-8 sequence at @s, or 0 if it is none. */
static size_t sequence(const unsigned char *s)
{
	const size_t n = s[0] < 0x80             ? 1
			 : (s[0] & 0xe0) == 0xc0 ? 2
			 : (s[0] & 0xf0) == 0xe0 ? 3
			 : (s[0] & 0xf8) == 0xf0 ? 4
						 : 0;
	static const unsigned char least_second[5] = { 0, 0, 0x80, 0xa0, 0x90 };

	if (n > 1 && (s[0] == 0xc0 || s[0] == 0xc1 || s[0] > 0xf4))
		return 0;
	for (size_t i = 1; i < n; i++)
		if ((s[i] & 0xc0) != 0x80)
			return 0;
	if (n > 2 && (s[0] & 0x0f) == 0 && s[1] < least_second[n])
		return 0;
	if ((s[0] == 0xed && s[1] > 0x9f) || (s[0] == 0xf4 && s[1] > 0x8f))
		return 0;
	return n;
}

/* JSON is UTF-8; a byte of a command line that is not becomes U+FFFD. */
struct json_object *json_text(const char *text)
{
	static const char replacement[] = "\xef\xbf\xbd";
	struct json_object *value = NULL;
	char *clean = text ? malloc(3 * strlen(text) + 1) : NULL;

	if (clean) {
		const unsigned char *s = (const unsigned char *)text;
		char *out = clean;

		while (*s) {
			const size_t n = sequence(s);

			memcpy(out, n ? (const void *)s : replacement, n ? n : 3);
			out += n ? n : 3;
			s += n ? n : 1;
		}
		*out = '\0';
		value = json_object_new_string(clean);
	}
	free(clean);
	return value;
}

bool json_print(struct json_object *object, FILE *file)
{
	const char *text =
		json_object_to_json_string_ext(object, JSON_C_TO_STRING_PRETTY |
							       JSON_C_TO_STRING_SPACED |
							       JSON_C_TO_STRING_NOSLASHESCAPE);
	bool done = text && fputs(text, file) >= 0 && fputc('\n', file) != EOF;

	json_object_put(object);
	return done;
}
