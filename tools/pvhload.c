/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* pvhload: what the library sees and does, on the command line. */
#include <fcntl.h>
#include <locale.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "help.h"
#include "options.h"
#include "suggest.h"
#include "verbs.h"

const struct verb verbs[] = {
	{ "info", VERB_INFO, "IMAGE", "say what an image is, and what it can be booted by",
	  verb_info },
	{ "plan", VERB_PLAN, NULL, "show where everything would go, and draw it", verb_plan },
	{ "boot", VERB_BOOT, NULL, "run the guest, by KVM or in QEMU", verb_boot },
	{ "dump", VERB_DUMP, NULL, "write what a guest would start with to files", verb_dump },
	{ "measure", VERB_MEASURE, NULL, "print digests of what a guest would start with",
	  verb_measure },
	{ "extract", VERB_EXTRACT, "IMAGE", "write what is loaded of an image", verb_extract },
	{ "decode", VERB_DECODE, "MEMORY-FILE", "read back what a guest was told", verb_decode },
};
const size_t verb_count = sizeof(verbs) / sizeof(verbs[0]);
const struct verb verb_none = { "pvhload", VERB_NONE, NULL, "look at, plan and boot guest kernels",
				NULL };

/* A file opened in the place of standard input or output would be taken for it. */
static void open_standard_files(void)
{
	int fd;

	do {
		fd = open("/dev/null", O_RDWR);
	} while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd >= 0)
		close(fd);
}

/* NULL if there is none of that name. */
static const struct verb *verb_named(const char *name)
{
	for (size_t i = 0; i < verb_count; i++)
		if (strcmp(verbs[i].name, name) == 0)
			return &verbs[i];
	return NULL;
}

static int act(const struct verb *verb, const struct options *options)
{
	if (options->version)
		printf("pvhload %s\n", pvhload_version());
	else if (options->help)
		help_print(verb);
	else
		return verb->start(options);
	return tool_finish_output();
}

/* A file in a verb's place is one to look at. */
static int refuse_verb(const char *word)
{
	struct suggestion near = { .typed = word };

	if (access(word, F_OK) == 0)
		return tool_usage("no verb given: did you mean 'pvhload info %s'?", word);
	for (size_t i = 0; i < verb_count; i++)
		suggest_offer(&near, verbs[i].name);
	if (near.best)
		return tool_usage("unknown verb '%s': did you mean %s?", word, near.best);
	return tool_usage("unknown verb '%s'", word);
}

/* help, or help VERB; who asks help for help gets it */
static int help_verb(const char *name)
{
	const bool general = !name || strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0;
	const struct verb *verb = general ? &verb_none : verb_named(name);

	if (!verb)
		return refuse_verb(name);
	help_print(verb);
	return tool_finish_output();
}

int main(int argc, char **argv)
{
	const struct verb *verb;
	struct options options;
	int result;

	open_standard_files();
	(void)setlocale(LC_CTYPE, "");
	if (argc < 2)
		return tool_usage("no verb given");
	if (strcmp(argv[1], "help") == 0)
		return argc > 3 ? tool_usage("help takes one verb") : help_verb(argv[2]);
	verb = argv[1][0] == '-' ? &verb_none : verb_named(argv[1]);
	if (!verb)
		return refuse_verb(argv[1]);
	result = verb == &verb_none ? options_parse(argc, argv, verb, &options)
				    : options_parse(argc - 1, argv + 1, verb, &options);
	if (result == TOOL_DONE)
		result = act(verb, &options);
	options_free(&options);
	return result;
}
