/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * ABI source: Linux, init/main.c: set_init_arg() and CONFIG_INIT_ENV_ARG_LIMIT; arch/x86/boot/cmdline.c:
 * __cmdline_find_option_bool().
 */
#include "guest/cmdline_rules.h"

#include <pvhload/cmdline.h>

#include "cmdline/word.h"
#include "core/error.h"
#include "core/libc.h"

enum pvhload_status pvl_check_cmdline_length(const char *text, uint32_t max, bool assumed,
					     struct pvhload_error *err)
{
	const size_t length = strlen(text);

	if (length > max)
		return pvl_fail(err, PVHLOAD_E_CMDLINE, PVL_ANYWHERE,
				"the command line has %zu bytes, %zu more than the %" PRIu32
				" the kernel takes%s",
				length, length - max, max,
				assumed ? " (assumed: an ELF file does not say)" : "");
	return PVHLOAD_OK;
}

enum pvhload_status pvl_check_init_args(const char *text, struct pvhload_error *err)
{
	const size_t args = pvl_word_count_init(text, strlen(text));

	if (args > PVHLOAD_CMDLINE_INIT_ARGS_MAX)
		return pvl_fail(
			err, PVHLOAD_E_CMDLINE, PVL_ANYWHERE,
			"the command line has %zu arguments of init after its \"--\", %zu more "
			"than the %u that Linux takes without a panic",
			args, args - PVHLOAD_CMDLINE_INIT_ARGS_MAX, PVHLOAD_CMDLINE_INIT_ARGS_MAX);
	return PVHLOAD_OK;
}

/* Everything up to the blank is white space there. */
static bool is_blank(char c)
{
	return (unsigned char)c <= ' ';
}

bool pvl_cmdline_has_option(const char *text, const char *option)
{
	const size_t length = strlen(option), end = strlen(text);

	for (size_t at = 0; at + length <= end; at++)
		if ((at == 0 || is_blank(text[at - 1])) && memcmp(text + at, option, length) == 0 &&
		    is_blank(text[at + length]))
			return true;
	return false;
}
