/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
#include "tool.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <langinfo.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <wchar.h>
#include <wctype.h>

#define EXACT_DIGITS 4u /* of a size, and no decimals; longer ones are rounded */

/* The line is written at once: a guest's process may say something as well. */
int tool_fail(const char *subject, const char *format, ...)
{
	char *text = NULL;
	va_list args;

	va_start(args, format);
	if (vasprintf(&text, format, args) < 0)
		text = NULL;
	va_end(args);
	fprintf(stderr, "pvhload: %s: %s\n", subject, text ? text : "no memory");
	free(text);
	return TOOL_FAILED;
}

int tool_fail_with(const char *subject, const struct pvhload_error *err)
{
	/* The library says what its caller sets; here that is an option. */
	const bool decoding =
		err->status == PVHLOAD_E_LIMIT && strstr(err->message, "decode_limit") != NULL;

	return tool_fail(subject, "%s%s", err->message,
			 decoding ? "; --decode-limit raises it" : "");
}

enum pvhload_status tool_open_image(const struct pvhload_source *source, uint32_t format,
				    uint64_t decode_limit, const struct pvhload_progress *progress,
				    struct pvhload_image **image, struct pvhload_error *err)
{
	struct pvhload_image_options options = PVHLOAD_IMAGE_OPTIONS_INIT;

	options.decode_limit = decode_limit;
	options.format = format;
	options.progress = progress;
	return pvhload_image_open(source, &options, image, err);
}

int tool_usage(const char *format, ...)
{
	va_list args;

	fputs("pvhload: ", stderr);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fprintf(stderr, "%s 'pvhload --help' lists what there is\n",
		format[strlen(format) - 1] == '?' ? "" : ";");
	return TOOL_USAGE;
}

int tool_open(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		(void)tool_fail(path, "cannot open: %s", strerror(errno));
	return fd;
}

/* The powers of 1024 that may follow a number, "G" or "GiB": how far to shift; -1 for anything else. */
static int unit_shift(const char *text)
{
	static const char letters[] = "kmgt";
	const char *letter = *text ? strchr(letters, tolower((unsigned char)*text)) : NULL;

	if (*text == '\0')
		return 0;
	if (!letter || (text[1] != '\0' && strcasecmp(text + 1, "ib") != 0))
		return -1;
	return 10 * (int)(letter - letters + 1);
}

/* What digits after the point are worth in a unit, if that is a whole number of bytes. */
static bool parse_fraction(const char **text, int shift_max, uint64_t *numerator, int *shift_less)
{
	uint64_t value = 0, fives = 1;
	int digits = 0, zeros = 0;

	for (; isdigit((unsigned char)**text); (*text)++) {
		zeros++;
		if (**text == '0')
			continue;
		for (; zeros > 0; zeros--, digits++) {
			if (digits == shift_max)
				return false;
			value *= 10;
			fives *= 5;
		}
		value += (uint64_t)(**text - '0');
	}
	/* 10^digits is 2^digits 5^digits. */
	*numerator = value / fives;
	*shift_less = digits;
	return value % fives == 0;
}

#define FRACTION_DIGITS 18 /* fewer than 2^64 has, and no unit has more that count */

bool tool_parse_number(const char *text, bool suffixes, uint64_t *ret)
{
	const bool hexadecimal = text[0] == '0' && (text[1] == 'x' || text[1] == 'X');
	unsigned long long value;
	uint64_t fraction = 0;
	const char *rest;
	int shift, less = 0;
	char *end;

	if (!isdigit((unsigned char)text[0]))
		return false;
	errno = 0;
	/* Hexadecimal with 0x, decimal otherwise: a leading 0 is no base. */
	value = strtoull(text, &end, hexadecimal ? 16 : 10);
	if (errno != 0 || value > UINT64_MAX)
		return false;
	rest = end;
	if (suffixes && !hexadecimal && rest[0] == '.' && isdigit((unsigned char)rest[1])) {
		rest++;
		if (!parse_fraction(&rest, FRACTION_DIGITS, &fraction, &less))
			return false;
	}
	shift = *rest == '\0' ? 0 : suffixes ? unit_shift(rest) : -1;
	if (shift < less || value > UINT64_MAX >> shift)
		return false;
	*ret = ((uint64_t)value << shift) + (fraction << (shift - less));
	return true;
}

/* By powers of 1024, so that every size below 2^64 has one. */
static const char *const units[] = { "B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB" };

#define UNIT_COUNT (sizeof(units) / sizeof(units[0]))

const char *tool_exact_text(uint64_t bytes, char buffer[32])
{
	size_t unit = 0;

	while (bytes != 0 && bytes % 1024 == 0) {
		bytes /= 1024;
		unit++;
	}
	snprintf(buffer, 32, "%" PRIu64 " %s", bytes, units[unit]);
	return buffer;
}

const char *tool_size_text(uint64_t bytes, char buffer[32])
{
	double value = (double)bytes;
	size_t unit = 0;

	(void)tool_exact_text(bytes, buffer);
	if (strcspn(buffer, " ") <= EXACT_DIGITS)
		return buffer;
	/* From here on it would be rounded to 1024.0. */
	while (value >= 1023.95 && unit + 1 < UNIT_COUNT) {
		value /= 1024;
		unit++;
	}
	snprintf(buffer, 32, "%.*f %s", value < 9.995 ? 2 : 1, value, units[unit]);
	return buffer;
}

/* Characters that change the direction of text: with them a line can be made to look like another. */
static bool turns_text(wint_t c)
{
	return c == 0x61c || (c >= 0x200e && c <= 0x200f) || (c >= 0x202a && c <= 0x202e) ||
	       (c >= 0x2066 && c <= 0x2069);
}

/* The bytes of the character that @text begins with, 1 where it is none; *@shown if it can be printed. */
static size_t next_character(const char *text, bool utf8, bool *shown)
{
	mbstate_t state;
	wchar_t c;
	size_t n;

	*shown = *text >= 0x20 && *text < 0x7f;
	if (*shown || !utf8)
		return 1;
	memset(&state, 0, sizeof(state));
	n = mbrtowc(&c, text, strlen(text), &state);
	if (n == (size_t)-1 || n == (size_t)-2)
		return 1;
	*shown = iswprint((wint_t)c) && !turns_text((wint_t)c);
	return n;
}

void tool_print_text(const char *text)
{
	const bool utf8 = strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
	bool shown;

	while (*text) {
		const size_t n = next_character(text, utf8, &shown);

		if (shown)
			(void)fwrite(text, 1, n, stdout);
		else
			putchar('?');
		text += n;
	}
}

int tool_finish_output(void)
{
	if (fflush(stdout) != 0 || ferror(stdout))
		return tool_fail("standard output", "cannot write: %s", strerror(errno));
	return TOOL_DONE;
}
