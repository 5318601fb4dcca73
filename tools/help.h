/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* --help, made of the tables of verbs and options. */
#ifndef TOOL_HELP_H
#define TOOL_HELP_H

#include "verbs.h"

/* Print the help of @verb; of the whole program for VERB_NONE. */
void help_print(const struct verb *verb);

#endif
