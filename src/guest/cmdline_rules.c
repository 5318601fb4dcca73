/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* ABI source: Linux, init/main.c: set_init_arg() and CONFIG_INIT_ENV_ARG_LIMIT. */
#include "guest/cmdline_rules.h"

#include <inttypes.h>
#include <string.h>

#include <pvhload/cmdline.h>

#include "cmdline/word.h"
#include "core/error.h"

enum pvhload_status pvl_cmdline_check(const char *text, const struct pvl_cmdline_rule *rule,
				      struct pvhload_error *err)
{
	const size_t length = strlen(text);
	const size_t args = rule->not_linux ? 0 : pvl_word_count_init(text, length);

	if (length > rule->max)
		return pvl_fail(err, PVHLOAD_E_CMDLINE, PVL_ANYWHERE,
				"the command line has %zu bytes, %zu more than the %" PRIu32
				" the kernel takes%s",
				length, length - rule->max, rule->max,
				rule->assumed ? " (assumed: an ELF file does not say)" : "");
	if (args > PVHLOAD_CMDLINE_INIT_ARGS_MAX)
		return pvl_fail(
			err, PVHLOAD_E_CMDLINE, PVL_ANYWHERE,
			"the command line has %zu arguments of init behind its \"--\", %zu more "
			"than the %u that Linux takes without a panic",
			args, args - PVHLOAD_CMDLINE_INIT_ARGS_MAX, PVHLOAD_CMDLINE_INIT_ARGS_MAX);
	return PVHLOAD_OK;
}
