/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* What the verbs of the program share. */
#ifndef TOOL_H
#define TOOL_H

#include <stdbool.h>

#include <pvhload/pvhload.h>

/* Exit statuses: done; refused or failed, with one line on standard error; wrong usage. */
enum { TOOL_DONE = 0, TOOL_FAILED = 1, TOOL_USAGE = 2 };

/* Return what @call returned, unless it is TOOL_DONE. */
#define TOOL_TRY(call)                        \
	do {                                  \
		const int tool_try_ = (call); \
		if (tool_try_ != TOOL_DONE)   \
			return tool_try_;     \
	} while (0)

/* Print "pvhload: SUBJECT: MESSAGE" and return TOOL_FAILED. */
__attribute__((format(printf, 2, 3))) int tool_fail(const char *subject, const char *format, ...);

/* The same with the library's message, and, where one of the program's options may help, its name. */
int tool_fail_with(const char *subject, const struct pvhload_error *err);

/*
 * Open an image whose payload may decode to @decode_limit bytes; 0 is the library's default.  @format is
 * PVHLOAD_FORMAT_FIRMWARE, or 0 for what it is by its content.  @progress is told of decoding; NULL: nobody is.
 */
enum pvhload_status tool_open_image(const struct pvhload_source *source, uint32_t format,
				    uint64_t decode_limit, const struct pvhload_progress *progress,
				    struct pvhload_image **image, struct pvhload_error *err);

/* Print "pvhload: MESSAGE", and where help is, and return TOOL_USAGE. */
__attribute__((format(printf, 1, 2))) int tool_usage(const char *format, ...);

/* Open a file for reading: a descriptor, or -1 with the message printed. */
int tool_open(const char *path);

/*
 * "4096" or "0x1000", and with @suffixes "512M", "1TiB", "0.5G": false if it is not a number, too large, or no
 * whole number of bytes.
 */
bool tool_parse_number(const char *text, bool suffixes, uint64_t *ret);

/* Bytes by the largest unit that makes a whole number of them: "65537 GiB", "5001 B". */
const char *tool_exact_text(uint64_t bytes, char buffer[32]);

/* Bytes for people: exact with up to four digits, "639 KiB", and else rounded, "55.9 MiB". */
const char *tool_size_text(uint64_t bytes, char buffer[32]);

/*
 * Text of a guest's, or for one, may hold anything: what is shown is printable ASCII, and where the locale's
 * character set is UTF-8, what is printable in it.
 */
void tool_print_text(const char *text);

/* Flush standard output; TOOL_FAILED with a message if what was printed did not all get out. */
int tool_finish_output(void);

#endif
