/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
#include "help.h"

#include <stdio.h>
#include <string.h>

#include "options_table.h"

#define VERB_WIDTH 7
#define NAME_WIDTH 24 /* of "--NAME ARGUMENT"; a longer one has its help on the next line */

static const char more[] =
	"  boot runs the guest by KVM, or in QEMU, its serial console on this terminal; Ctrl-A x\n"
	"  ends it.  extract and dump write what they name; plan draws what goes where, with\n"
	"  --svg as a picture for documents too; measure prints SHA-256 and SHA-384 of files and\n"
	"  regions; decode shows what can be read and says what cannot, and what would stop Linux.\n"
	"  'pvhload help VERB' lists a verb's options; more is in pvhload(1).\n";

static void print_option(const struct option_row *row)
{
	printf("--%s%s%s", row->name, row->argument ? " " : "", row->argument ? row->argument : "");
}

/* The verb's own options with one of @flags, or with neither if that is 0. */
static void print_own(const struct verb *verb, uint32_t flags, const char *before,
		      const char *after)
{
	for (size_t i = 0; i < option_row_count; i++) {
		const struct option_row *row = &option_rows[i];

		if (!option_is_own(row, verb) ||
		    (row->flags & (OPTION_REQUIRED | OPTION_ONE_OF)) != flags)
			continue;
		printf("%s", before);
		print_option(row);
		printf("%s", after);
		before = flags == OPTION_ONE_OF ? "|" : before;
	}
}

static void print_usage(const struct verb *verb)
{
	printf("  pvhload");
	if (verb->bit != VERB_NONE)
		printf(" %-*s", VERB_WIDTH, verb->name);
	if ((VERBS_PLANNING & verb->bit) != 0)
		printf(" BOOT-OPTIONS");
	print_own(verb, 0, " [", "]");
	if (verb->operand)
		printf(" %s", verb->operand);
	print_own(verb, OPTION_REQUIRED, " ", "");
	print_own(verb, OPTION_ONE_OF, " ", "");
	printf("\n");
}

/* The name, and beside it, or below it, each line of the help. */
static void print_row(const struct option_row *row)
{
	const char *line = row->help;
	int used = (int)strlen(row->name) + 2;

	if (row->argument)
		used += (int)strlen(row->argument) + 1;
	printf("  ");
	print_option(row);
	if (used > NAME_WIDTH) {
		printf("\n");
		used = -2;
	}
	while (*line) {
		const int length = (int)strcspn(line, "\n");

		printf("%*s%.*s\n", NAME_WIDTH + 1 - used, "", length, line);
		line += length + (line[length] != '\0');
		used = -2;
	}
}

static void print_boot_options(void)
{
	printf("\nBOOT-OPTIONS\n");
	for (size_t i = 0; i < option_row_count; i++)
		if (option_rows[i].verbs == VERBS_PLANNING)
			print_row(&option_rows[i]);
}

static void print_program(void)
{
	for (size_t i = 0; i < verb_count; i++)
		print_usage(&verbs[i]);
	print_usage(&verb_none);
	print_boot_options();
	printf("\n%s\nExit status: 0 done, 1 refused or failed, 2 wrong usage.\n", more);
}

void help_print(const struct verb *verb)
{
	printf("pvhload: %s\n\n", verb->summary);
	if (verb->bit == VERB_NONE) {
		print_program();
		return;
	}
	print_usage(verb);
	printf("\nOPTIONS\n");
	for (size_t i = 0; i < option_row_count; i++)
		if (option_is_own(&option_rows[i], verb))
			print_row(&option_rows[i]);
	if ((VERBS_PLANNING & verb->bit) != 0)
		print_boot_options();
}
