/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* The verbs of the program, one table of them. */
#ifndef TOOL_VERBS_H
#define TOOL_VERBS_H

#include <stddef.h>
#include <stdint.h>

struct options;

/* Sets of verbs are masks of these. */
enum {
	VERB_INFO = 1u << 0,
	VERB_PLAN = 1u << 1,
	VERB_BOOT = 1u << 2,
	VERB_DUMP = 1u << 3,
	VERB_EXTRACT = 1u << 4,
	VERB_DECODE = 1u << 5,
	VERB_MEASURE = 1u << 6,
	VERB_NONE = 1u << 7, /* the program without a verb */
};
#define VERBS_PLANNING (VERB_PLAN | VERB_BOOT | VERB_DUMP | VERB_MEASURE)
#define VERBS_ALL      (VERBS_PLANNING | VERB_INFO | VERB_EXTRACT | VERB_DECODE)

/* Does what the options say, and returns an exit status. */
typedef int verb_fn(const struct options *options);
verb_fn verb_info, verb_plan, verb_boot, verb_dump, verb_measure, verb_extract, verb_decode;

struct verb {
	const char *name;
	uint32_t bit;        /* VERB_* */
	const char *operand; /* what it takes beside options, exactly one; or NULL */
	const char *summary; /* what it does, for --help */
	verb_fn *start;
};

extern const struct verb verbs[];
extern const size_t verb_count;
extern const struct verb verb_none; /* the program itself, for --help and --version */

#endif
