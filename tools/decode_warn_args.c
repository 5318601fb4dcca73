/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * ABI source: Linux, init/main.c: set_init_arg(), and CONFIG_INIT_ENV_ARG_LIMIT, which is always 32.
 */
#include <stdlib.h>
#include <string.h>

#include "decode_warn.h"

#define INIT_ARGS_MAX 32u

/* What the library's command line takes none of, but Linux does: it is not to count. */
static void make_printable(char *text)
{
	for (; *text; text++) {
		if (strchr("\t\n\v\f\r", *text))
			*text = ' ';
		else if (*text < 0x20 || *text > 0x7e)
			*text = '?';
	}
}

static size_t count_init_args(const char *text)
{
	struct pvhload_cmdline_param param = PVHLOAD_CMDLINE_PARAM_INIT;
	struct pvhload_cmdline *line = NULL;
	size_t count = 0;

	if (pvhload_cmdline_new(strlen(text) + 1, &line, NULL) == PVHLOAD_OK &&
	    pvhload_cmdline_parse(line, text, NULL) == PVHLOAD_OK)
		while (pvhload_cmdline_next(line, &param, NULL) == PVHLOAD_OK)
			count += param.section == PVHLOAD_CMDLINE_INIT;
	pvhload_cmdline_free(line);
	return count;
}

/* Of the words before "--", only the kernel knows which it leaves to init; behind, it is all. */
void warn_of_init_args(const char *cmdline, struct warnings *w)
{
	char *text = strdup(cmdline);
	size_t count;

	if (!text)
		return;
	make_printable(text);
	count = count_init_args(text);
	if (count > INIT_ARGS_MAX)
		warn(w,
		     "the command line has %zu words behind \"--\", %zu more than the %u that Linux "
		     "takes for init: it panics, \"Too many boot init vars\"",
		     count, count - INIT_ARGS_MAX, INIT_ARGS_MAX);
	free(text);
}
