/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "options_table.h"
#include "suggest.h"

#define MEMORY_DEFAULT ((uint64_t)512 << 20)
#define FIRST_ROW      256 /* getopt_long() answers this for row 0; below are characters */

#define LETTERS_MAX 8u /* options that have one, and a ':' before them */

/* The rows that @verb takes, as getopt_long() wants them. */
static void make_getopt_table(const struct verb *verb, struct option ret[OPTION_ROWS_MAX + 1],
			      char letters[LETTERS_MAX])
{
	size_t count = 0, used = 0;

	letters[used++] = ':'; /* a value that is missing is told apart */
	for (size_t i = 0; i < option_row_count; i++) {
		if ((option_rows[i].verbs & verb->bit) == 0)
			continue;
		ret[count++] = (struct option){
			option_rows[i].name,
			option_rows[i].argument ? required_argument : no_argument,
			NULL,
			FIRST_ROW + (int)i,
		};
		if (OPTION_LETTER_OF(&option_rows[i]))
			letters[used++] = OPTION_LETTER_OF(&option_rows[i]);
	}
	letters[used] = '\0';
	memset(&ret[count], 0, sizeof(ret[count]));
}

/* The row that getopt_long() answers with: by its number, or by its letter. */
static const struct option_row *row_of(int answer)
{
	if (answer >= FIRST_ROW)
		return &option_rows[answer - FIRST_ROW];
	for (size_t i = 0; i < option_row_count; i++)
		if (OPTION_LETTER_OF(&option_rows[i]) == answer)
			return &option_rows[i];
	return NULL;
}

/* Say what is wrong with @word, which is not one of the verb's options. */
static int refuse_word(const struct verb *verb, const char *word)
{
	struct suggestion near = { .typed = word + 2 };

	for (size_t i = 0; i < option_row_count; i++) {
		const struct option_row *row = &option_rows[i];
		const size_t length = strlen(row->name);

		if ((row->verbs & verb->bit) != 0)
			suggest_offer(&near, row->name);
		else if (strncmp(word + 2, row->name, length) == 0 &&
			 (word[2 + length] == '\0' || word[2 + length] == '='))
			return tool_usage("%s does not take --%s", verb->name, row->name);
	}
	if (near.best)
		return tool_usage("unknown option '%s': did you mean --%s?", word, near.best);
	return tool_usage("unknown option '%s'", word);
}

/* @answer is what getopt_long() says of something that it does not take. */
static int refuse_option(const struct verb *verb, int answer, char **argv)
{
	const struct option_row *row = row_of(optopt);

	if (answer == ':' && row)
		return tool_usage("--%s takes %s, which is missing", row->name, row->argument);
	if (optopt >= FIRST_ROW && row)
		return tool_usage("--%s takes no value", row->name);
	if (optopt != 0)
		return tool_usage("unknown option '-%c'", optopt);
	return refuse_word(verb, argv[optind - 1]);
}

/* Of the options of @verb that are OPTION_ONE_OF, exactly one has been given. */
static int check_one_of(const struct verb *verb, uint64_t given)
{
	char names[128] = "";
	unsigned int count = 0;

	for (size_t i = 0; i < option_row_count; i++) {
		const struct option_row *row = &option_rows[i];
		const size_t used = strlen(names);

		if (!option_is_own(row, verb) || (row->flags & OPTION_ONE_OF) == 0)
			continue;
		count += (given >> i & 1) != 0;
		(void)snprintf(names + used, sizeof(names) - used, "%s--%s", used != 0 ? ", " : "",
			       row->name);
	}
	if (names[0] == '\0' || count == 1)
		return TOOL_DONE;
	return tool_usage("%s takes exactly one of %s", verb->name, names);
}

/* A firmware is in place of a kernel, and what else is said of kernels is of it. */
static int check_firmware(struct options *o)
{
	if (o->firmware_vars && !o->firmware)
		return tool_usage("--firmware-vars goes with --firmware");
	if (o->firmware && o->kernel)
		return tool_usage("--kernel and --firmware do not go together");
	if (o->firmware)
		o->kernel = o->firmware;
	return TOOL_DONE;
}

static int check_given(const struct verb *verb, uint64_t given, const struct options *o)
{
	for (size_t i = 0; i < option_row_count; i++)
		if ((option_rows[i].verbs & verb->bit) != 0 &&
		    (option_rows[i].flags & OPTION_REQUIRED) != 0 && (given >> i & 1) == 0 &&
		    !(o->firmware && strcmp(option_rows[i].name, "kernel") == 0))
			return tool_usage("--%s is missing", option_rows[i].name);
	return check_one_of(verb, given);
}

static int parse_operand(int argc, char **argv, const struct verb *verb, struct options *ret)
{
	if (verb->operand && optind != argc - 1)
		return tool_usage("%s takes one %s", verb->name, verb->operand);
	if (!verb->operand && optind < argc && (verb->bit & VERBS_PLANNING) != 0 && !ret->kernel)
		return tool_usage("'%s' is not an option: did you mean --kernel %s?", argv[optind],
				  argv[optind]);
	if (!verb->operand && optind < argc)
		return tool_usage("'%s' is not an option", argv[optind]);
	ret->operand = argv[optind];
	return TOOL_DONE;
}

int options_parse(int argc, char **argv, const struct verb *verb, struct options *ret)
{
	struct option table[OPTION_ROWS_MAX + 1];
	char letters[LETTERS_MAX];
	uint64_t given = 0;
	int answer;

	memset(ret, 0, sizeof(*ret));
	ret->memory = MEMORY_DEFAULT;
	ret->append = "";
	ret->cpus = 1;
	make_getopt_table(verb, table, letters);
	opterr = 0;
	optind = 1;
	while ((answer = getopt_long(argc, argv, letters, table, NULL)) != -1) {
		const struct option_row *row = row_of(answer);

		if (answer == '?' || answer == ':' || !row)
			return refuse_option(verb, answer, argv);
		TOOL_TRY(row->set(row, ret, optarg));
		given |= (uint64_t)1 << (row - option_rows);
		if (ret->help || ret->version)
			return TOOL_DONE;
	}
	TOOL_TRY(parse_operand(argc, argv, verb, ret));
	TOOL_TRY(check_firmware(ret));
	return check_given(verb, given, ret);
}

void options_free(struct options *options)
{
	free(options->initrds);
	free(options->modules);
	free(options->reserves);
	free(options->claims);
	free(options->places);
	free(options->setup_data);
}
