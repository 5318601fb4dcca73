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

const char *tool_size_text(uint64_t bytes, char buffer[32])
{
	if (bytes < 10000)
		snprintf(buffer, 32, "%" PRIu64 " B", bytes);
	else if (bytes < 10000000)
		snprintf(buffer, 32, "%.1f kB", (double)bytes / 1e3);
	else if (bytes < 10000000000)
		snprintf(buffer, 32, "%.1f MB", (double)bytes / 1e6);
	else if (bytes < 10000000000000)
		snprintf(buffer, 32, "%.1f GB", (double)bytes / 1e9);
	else
		snprintf(buffer, 32, "%.1f TB", (double)bytes / 1e12);
	return buffer;
}

int tool_finish_output(void)
{
	if (fflush(stdout) != 0 || ferror(stdout))
		return tool_fail("standard output", "cannot write: %s", strerror(errno));
	return TOOL_DONE;
}
