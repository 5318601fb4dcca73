/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* Rules on the kernel's command line, for all protocols. */
#ifndef PVL_CMDLINE_RULES_H
#define PVL_CMDLINE_RULES_H

#include <stdbool.h>
#include <stdint.h>

#include <pvhload/status.h>

/* PVHLOAD_E_CMDLINE if it has more than the @max bytes that the kernel takes; @assumed: it did not say. */
enum pvhload_status pvl_check_cmdline_length(const char *text, uint32_t max, bool assumed,
					     struct pvhload_error *err);

/* PVHLOAD_E_CMDLINE if it has more arguments of init than Linux takes. */
enum pvhload_status pvl_check_init_args(const char *text, struct pvhload_error *err);

/*
 * Does it have @option as a word, as the code that decodes a bzImage looks for it: with no quotes, and after a "--"
 * as well?
 */
bool pvl_cmdline_has_option(const char *text, const char *option);

#endif
