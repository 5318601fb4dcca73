/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
#include "tool.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EXACT_DIGITS 4u /* of a size, and no decimals; longer ones are rounded */

int tool_fail(const char *subject, const char *format, ...)
{
	va_list args;

	fprintf(stderr, "pvhload: %s: ", subject);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
	return TOOL_FAILED;
}

int tool_usage(const char *format, ...)
{
	va_list args;

	fputs("pvhload: ", stderr);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputs("; 'pvhload --help' lists what there is\n", stderr);
	return TOOL_USAGE;
}

int tool_open(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		(void)tool_fail(path, "cannot open: %s", strerror(errno));
	return fd;
}

bool tool_parse_number(const char *text, bool suffixes, uint64_t *ret)
{
	unsigned int shift = 0;
	unsigned long long value;
	char *end;

	if (!isdigit((unsigned char)text[0]))
		return false;
	errno = 0;
	/* Hexadecimal with 0x, decimal otherwise: a leading 0 is no base. */
	value = strtoull(text, &end,
			 text[0] == '0' && (text[1] == 'x' || text[1] == 'X') ? 16 : 10);
	if (errno != 0 || value > UINT64_MAX)
		return false;
	if (suffixes && *end != '\0' && strchr("KMGTkmgt", *end)) {
		const char unit = (char)toupper((unsigned char)*end);

		shift = unit == 'K' ? 10 : unit == 'M' ? 20 : unit == 'G' ? 30 : 40;
		end++;
	}
	if (*end != '\0' || value > UINT64_MAX >> shift)
		return false;
	*ret = (uint64_t)value << shift;
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

void tool_print_text(const char *text)
{
	for (; *text; text++)
		putchar(*text >= 0x20 && *text < 0x7f ? *text : '?');
}

int tool_finish_output(void)
{
	if (fflush(stdout) != 0 || ferror(stdout))
		return tool_fail("standard output", "cannot write: %s", strerror(errno));
	return TOOL_DONE;
}
