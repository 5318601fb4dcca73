/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* Command lines for tests, and what they must be. */
#ifndef SUPPORT_CMDLINE_FIXTURE_H
#define SUPPORT_CMDLINE_FIXTURE_H

#include "suite.h"

static inline struct pvhload_cmdline *line_of(size_t capacity)
{
	struct pvhload_cmdline *line = NULL;
	struct pvhload_error err;

	ck_status(PVHLOAD_OK, err, pvhload_cmdline_new(capacity, &line, &err));
	return line;
}

/* 4096 bytes, with this in it. */
static inline struct pvhload_cmdline *parsed(const char *text)
{
	struct pvhload_cmdline *line = line_of(4096);
	struct pvhload_error err;

	ck_status(PVHLOAD_OK, err, pvhload_cmdline_parse(line, text, &err));
	return line;
}

static inline void is_text(const struct pvhload_cmdline *line, const char *text)
{
	ck_assert_str_eq(pvhload_cmdline_str(line), text);
	ck_assert_uint_eq(pvhload_cmdline_length(line), strlen(text));
}

/* @call is done, and then the text of @line is this. */
#define ck_done(line, text, call)                       \
	do {                                            \
		struct pvhload_error done_err_;         \
		ck_status(PVHLOAD_OK, done_err_, call); \
		is_text(line, text);                    \
	} while (0)

/* @call, which has &refused among its arguments, is refused with all of this said; @line stays. */
#define ck_refused(line, status, call, ...)                        \
	do {                                                       \
		char *before_ = strdup(pvhload_cmdline_str(line)); \
		ck_status(status, refused, call);                  \
		ck_says(refused, __VA_ARGS__);                     \
		is_text(line, before_);                            \
		free(before_);                                     \
	} while (0)

#endif
