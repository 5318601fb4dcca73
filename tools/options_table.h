/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * The program's options, one row each.  The parser, --help, and through --help the check of the manual
 * page all go by these rows.
 */
#ifndef TOOL_OPTIONS_TABLE_H
#define TOOL_OPTIONS_TABLE_H

#include "options.h"
#include "verbs.h"

struct option_row;

/* Store the option's value @arg in @o: TOOL_DONE, or what to exit with. */
typedef int option_set_fn(const struct option_row *row, struct options *o, char *arg);

enum {
	OPTION_REQUIRED = 1, /* the verb does not do without it */
	OPTION_ONE_OF = 2,   /* the verb takes exactly one of its options that are so marked */
	OPTION_REPEATS = 4,  /* may be given again, and adds to what was given */
};
/* The option as one letter as well; in the flags beside these. */
#define OPTION_LETTER(letter)    ((uint32_t)(letter) << 8)
#define OPTION_LETTER_OF(option) ((char)((option)->flags >> 8))

struct option_row {
	const char *name;     /* without the "--" */
	const char *argument; /* NULL for none; words in capitals stand for values, '|' is "or" */
	uint32_t verbs;       /* which take it: VERB_* */
	uint32_t flags;       /* OPTION_*, and OPTION_LETTER() */
	const char *help;     /* a line, or lines, for --help */
	option_set_fn *set;
	size_t at; /* where in struct options it is stored, for a setter that serves several */
};

#define OPTION_ROWS_MAX 64u
extern const struct option_row option_rows[];
extern const size_t option_row_count;

/* Does @verb take it, and is it neither one of all verbs nor one of all that plan? */
bool option_is_own(const struct option_row *row, const struct verb *verb);

/* Options that set one member. */
option_set_fn option_set_true;   /* a bool at @at */
option_set_fn option_set_text;   /* a const char * at @at */
option_set_fn option_set_gpa;    /* a uint64_t at @at */
option_set_fn option_set_size;   /* the same, with a suffix, and not 0 */
option_set_fn option_set_choice; /* a uint32_t at @at: which word of the row's argument it is */
option_set_fn option_set_number, option_set_ram_base;
option_set_fn option_set_memory, option_set_paging, option_set_kaslr, option_set_cpus;
option_set_fn option_set_protocol;
option_set_fn option_set_timeout, option_set_reboots, option_set_start_info, option_set_zero_page;
option_set_fn option_set_fdt;
option_set_fn option_set_hashes_table;
option_set_fn option_set_profile; /* a uint32_t at @at */

/* Options that append to a list. */
option_set_fn option_append_initrd, option_append_module, option_append_reserve;
option_set_fn option_append_claim, option_append_rng_seed, option_append_dtb;
option_set_fn option_append_setup_data, option_append_place;

#endif
