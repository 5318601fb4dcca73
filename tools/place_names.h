/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* Regions that --place names, by the names that plan prints. */
#ifndef TOOL_PLACE_NAMES_H
#define TOOL_PLACE_NAMES_H

#include "options.h"

/* Is it a name that a region may have? */
bool places_is_name(const char *name);

/* The same for a config: as many as the options have. */
void places_give(const struct options *o, struct pvhload_boot_place *places);

/* TOOL_DONE if the plan has a region for each; else prints which it lacks. */
int places_check(const struct options *o, const struct pvhload_plan_info *info);

#endif
