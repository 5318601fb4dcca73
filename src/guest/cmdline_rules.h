/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* Rules on the kernel's command line, by whatever protocol it is handed over. */
#ifndef PVL_CMDLINE_RULES_H
#define PVL_CMDLINE_RULES_H

#include <stdbool.h>
#include <stdint.h>

#include <pvhload/status.h>

struct pvl_cmdline_rule {
	uint32_t max;   /* bytes that the kernel takes */
	bool assumed;   /* it did not say it */
	bool not_linux; /* words mean nothing to us */
};

enum pvhload_status pvl_cmdline_check(const char *text, const struct pvl_cmdline_rule *rule,
				      struct pvhload_error *err);

#endif
