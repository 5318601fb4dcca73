/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
#include "options.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#define MEMORY_DEFAULT ((uint64_t)512 << 20)
#define TIMEOUT_MAX    1000000u

enum {
	OPT_KERNEL = 256,
	OPT_INITRD,
	OPT_MODULE,
	OPT_APPEND,
	OPT_MEMORY,
	OPT_PROTOCOL,
	OPT_DECOMPRESS,
	OPT_KASLR,
	OPT_RSDP,
	OPT_RNG_SEED,
	OPT_DTB,
	OPT_SETUP_DATA,
	OPT_PLACE,
	OPT_PAGING,
	OPT_RESERVE,
	OPT_CLAIM,
	OPT_JSON,
	OPT_SVG,
	OPT_VMM,
	OPT_TIMEOUT,
	OPT_MEMORY_FILE,
	OPT_CPU_FILE,
};

static const struct option long_options[] = {
	{ "kernel", required_argument, NULL, OPT_KERNEL },
	{ "initrd", required_argument, NULL, OPT_INITRD },
	{ "module", required_argument, NULL, OPT_MODULE },
	{ "append", required_argument, NULL, OPT_APPEND },
	{ "memory", required_argument, NULL, OPT_MEMORY },
	{ "protocol", required_argument, NULL, OPT_PROTOCOL },
	{ "decompress", required_argument, NULL, OPT_DECOMPRESS },
	{ "kaslr", required_argument, NULL, OPT_KASLR },
	{ "rsdp", required_argument, NULL, OPT_RSDP },
	{ "rng-seed", required_argument, NULL, OPT_RNG_SEED },
	{ "dtb", required_argument, NULL, OPT_DTB },
	{ "setup-data", required_argument, NULL, OPT_SETUP_DATA },
	{ "place", required_argument, NULL, OPT_PLACE },
	{ "paging", required_argument, NULL, OPT_PAGING },
	{ "reserve", required_argument, NULL, OPT_RESERVE },
	{ "claim", required_argument, NULL, OPT_CLAIM },
	{ "json", no_argument, NULL, OPT_JSON },
	{ "svg", required_argument, NULL, OPT_SVG },
	{ "vmm", required_argument, NULL, OPT_VMM },
	{ "timeout", required_argument, NULL, OPT_TIMEOUT },
	{ "memory-file", required_argument, NULL, OPT_MEMORY_FILE },
	{ "cpu-file", required_argument, NULL, OPT_CPU_FILE },
	{ NULL, 0, NULL, 0 },
};

/* Well understood, and not to be had: said once the kernel's name is known. */
static int refuse(struct options *o, const char *why)
{
	o->refusal = why;
	return TOOL_DONE;
}

/* The place of @text among @count names, or -1. */
static int find_name(const char *const *names, int count, const char *text)
{
	for (int i = 0; i < count; i++)
		if (strcmp(names[i], text) == 0)
			return i;
	return -1;
}

static int parse_protocol(struct options *o, const char *text)
{
	static const char *const names[] = { "auto", "pvh", "linux64", "linux32" };
	const int found = find_name(names, 4, text); /* by PVHLOAD_PROTOCOL_* */

	if (found < 0)
		return tool_usage("--protocol takes auto, pvh, linux64 or linux32");
	o->protocol = (uint32_t)found;
	return TOOL_DONE;
}

static int parse_decompress(struct options *o, const char *text)
{
	static const char *const names[] = { "auto", "host", "guest" };
	const int found = find_name(names, 3, text); /* by PVHLOAD_DECOMPRESS_* */

	if (found < 0)
		return tool_usage("--decompress takes auto, host or guest");
	o->decompress = (uint32_t)found;
	return TOOL_DONE;
}

/* LEVELS[,1G] */
static int parse_paging(struct options *o, const char *text)
{
	static const char *const names[] = { "4", "5", "4,1G", "5,1G" };
	const int found = find_name(names, 4, text);

	if (found < 0)
		return tool_usage("--paging takes 4 or 5, and ,1G for larger pages");
	o->paging_levels = found % 2 == 0 ? 4 : 5;
	o->page_size = found < 2 ? 0 : (uint64_t)1 << 30;
	return TOOL_DONE;
}

/* auto without a choice is off: what this version boots is not relocated. */
static int parse_kaslr(struct options *o, const char *text)
{
	uint64_t seed;

	if (strcmp(text, "off") == 0 || strcmp(text, "auto") == 0)
		return TOOL_DONE;
	if (tool_parse_number(text, false, &seed))
		return refuse(o, "--kaslr: this version does not relocate kernels itself");
	return tool_usage("--kaslr takes off, auto or a number");
}

static int parse_vmm(struct options *o, const char *text)
{
	if (strcmp(text, "auto") == 0 || strcmp(text, "qemu") == 0)
		return TOOL_DONE;
	if (strcmp(text, "kvm") == 0)
		return refuse(o, "--vmm kvm: this version runs guests in QEMU only");
	return tool_usage("--vmm takes auto, kvm or qemu");
}

static int parse_gpa(const char *option, const char *text, uint64_t *ret)
{
	return tool_parse_number(text, false, ret) ? TOOL_DONE
						   : tool_usage("%s takes an address", option);
}

static int take_boot_option(struct options *o, int option, char *arg)
{
	switch (option) {
	case OPT_KERNEL:
		o->kernel = arg;
		return TOOL_DONE;
	case OPT_INITRD:
		return options_add_initrd(o, arg);
	case OPT_MODULE:
		return options_add_module(o, arg);
	case OPT_APPEND:
		o->append = arg;
		return TOOL_DONE;
	case OPT_MEMORY:
		if (!tool_parse_number(arg, true, &o->memory) || o->memory == 0)
			return tool_usage(
				"--memory takes a size below 2^64 bytes, as in 512M or 1T");
		return TOOL_DONE;
	case OPT_PROTOCOL:
		return parse_protocol(o, arg);
	case OPT_DECOMPRESS:
		return parse_decompress(o, arg);
	case OPT_KASLR:
		return parse_kaslr(o, arg);
	case OPT_RSDP:
		return parse_gpa("--rsdp", arg, &o->rsdp);
	case OPT_RNG_SEED:
		return options_add_file(o, PVHLOAD_SETUP_RNG_SEED, arg);
	case OPT_DTB:
		return options_add_file(o, PVHLOAD_SETUP_DTB, arg);
	case OPT_SETUP_DATA:
		return options_add_setup_data(o, arg);
	case OPT_PLACE:
		return options_add_place(o, arg);
	case OPT_PAGING:
		return parse_paging(o, arg);
	case OPT_RESERVE:
		return options_add_reserve(o, arg);
	case OPT_CLAIM:
		return options_add_claim(o, arg);
	default:
		return -1;
	}
}

static int take_verb_option(struct options *o, unsigned int verb, int option, char *arg)
{
	uint64_t seconds;

	if (option == OPT_JSON && verb == OPTIONS_PLAN) {
		o->json = true;
	} else if (option == OPT_SVG && verb == OPTIONS_PLAN) {
		o->svg = arg;
	} else if (option == OPT_VMM && verb == OPTIONS_BOOT) {
		return parse_vmm(o, arg);
	} else if (option == OPT_TIMEOUT && verb == OPTIONS_BOOT) {
		if (!tool_parse_number(arg, false, &seconds) || seconds > TIMEOUT_MAX)
			return tool_usage("--timeout takes seconds");
		o->timeout = (unsigned int)seconds;
	} else if (option == OPT_MEMORY_FILE && verb == OPTIONS_DUMP) {
		o->memory_file = arg;
	} else if (option == OPT_CPU_FILE && verb == OPTIONS_DUMP) {
		o->cpu_file = arg;
	} else {
		return tool_usage("this verb does not take that option");
	}
	return TOOL_DONE;
}

int options_parse(int argc, char **argv, unsigned int verb, struct options *ret)
{
	int option;

	memset(ret, 0, sizeof(*ret));
	ret->memory = MEMORY_DEFAULT;
	ret->append = "";
	opterr = 0;
	optind = 1;
	while ((option = getopt_long(argc, argv, "", long_options, NULL)) != -1) {
		int status;

		if (option == '?')
			return tool_usage("unknown option, or one without its value: '%s'",
					  argv[optind - 1]);
		status = take_boot_option(ret, option, optarg);
		if (status < 0)
			status = take_verb_option(ret, verb, option, optarg);
		if (status != TOOL_DONE)
			return status;
	}
	if (optind < argc)
		return tool_usage("'%s' is not an option", argv[optind]);
	if (!ret->kernel)
		return tool_usage("--kernel is missing");
	if (verb == OPTIONS_DUMP && (!ret->memory_file || !ret->cpu_file))
		return tool_usage("dump needs --memory-file and --cpu-file");
	if (verb == OPTIONS_DUMP && strcmp(ret->memory_file, ret->cpu_file) == 0)
		return tool_usage("--memory-file and --cpu-file are the same file");
	return TOOL_DONE;
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
