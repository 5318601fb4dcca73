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
	OPT_RESERVE,
	OPT_JSON,
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
	{ "reserve", required_argument, NULL, OPT_RESERVE },
	{ "json", no_argument, NULL, OPT_JSON },
	{ "vmm", required_argument, NULL, OPT_VMM },
	{ "timeout", required_argument, NULL, OPT_TIMEOUT },
	{ "memory-file", required_argument, NULL, OPT_MEMORY_FILE },
	{ "cpu-file", required_argument, NULL, OPT_CPU_FILE },
	{ NULL, 0, NULL, 0 },
};

/* Room for one more in an array that holds @count; exits the parse with NULL if there is none. */
static void *one_more(void *array, size_t count, size_t element)
{
	return reallocarray(array, count + 1, element);
}

/* Well understood, and not to be had: said once the kernel's name is known. */
static int refuse(struct options *o, const char *why)
{
	o->refusal = why;
	return TOOL_DONE;
}

static int no_memory(void)
{
	return tool_fail("options", "no memory");
}

static int add_initrd(struct options *o, const char *path)
{
	const char **grown = one_more(o->initrds, o->initrd_count, sizeof(*grown));

	if (!grown)
		return no_memory();
	o->initrds = grown;
	o->initrds[o->initrd_count++] = path;
	return TOOL_DONE;
}

/* FILE[,CMDLINE]: the first comma ends the file's name. */
static int add_module(struct options *o, char *text)
{
	struct module_option *grown = one_more(o->modules, o->module_count, sizeof(*grown));
	char *comma = strchr(text, ',');

	if (!grown)
		return no_memory();
	o->modules = grown;
	if (comma)
		*comma++ = '\0';
	o->modules[o->module_count++] = (struct module_option){ text, comma };
	return TOOL_DONE;
}

/* GPA,SIZE[,TYPE] */
static int add_reserve(struct options *o, char *text)
{
	struct reserve_option *grown = one_more(o->reserves, o->reserve_count, sizeof(*grown));
	struct reserve_option r = { 0, 0, PVHLOAD_MEMMAP_RESERVED };
	char *size = strchr(text, ','), *type = size ? strchr(size + 1, ',') : NULL;
	uint64_t number = PVHLOAD_MEMMAP_RESERVED;

	if (!grown)
		return no_memory();
	o->reserves = grown;
	if (size)
		*size++ = '\0';
	if (type)
		*type++ = '\0';
	if (!size || !tool_parse_number(text, true, &r.gpa) ||
	    !tool_parse_number(size, true, &r.size) ||
	    (type && !tool_parse_number(type, false, &number)) || number > UINT32_MAX)
		return tool_usage("--reserve takes GPA,SIZE[,TYPE]");
	r.type = (uint32_t)number;
	o->reserves[o->reserve_count++] = r;
	return TOOL_DONE;
}

static int parse_protocol(struct options *o, const char *text)
{
	if (strcmp(text, "auto") == 0)
		o->protocol = PVHLOAD_PROTOCOL_AUTO;
	else if (strcmp(text, "pvh") == 0)
		o->protocol = PVHLOAD_PROTOCOL_PVH;
	else if (strcmp(text, "linux64") == 0 || strcmp(text, "linux32") == 0)
		return refuse(o, strcmp(text, "linux64") == 0
					 ? "--protocol linux64: this version boots by PVH only"
					 : "--protocol linux32: this version boots by PVH only");
	else
		return tool_usage("--protocol takes auto, pvh, linux64 or linux32");
	return TOOL_DONE;
}

static int parse_decompress(struct options *o, const char *text)
{
	if (strcmp(text, "auto") == 0 || strcmp(text, "host") == 0)
		return TOOL_DONE;
	if (strcmp(text, "guest") == 0)
		return refuse(o, "--decompress guest: a PVH guest does not unpack itself, as its "
				 "entry is in the ELF file inside");
	return tool_usage("--decompress takes auto, host or guest");
}

/* auto without a choice is off: a PVH entry cannot be combined with virtual relocation. */
static int parse_kaslr(struct options *o, const char *text)
{
	uint64_t seed;

	if (strcmp(text, "off") == 0 || strcmp(text, "auto") == 0)
		return TOOL_DONE;
	if (tool_parse_number(text, false, &seed))
		return refuse(o, "--kaslr: virtual relocation needs the 64-bit Linux entry; by PVH "
				 "kernels die of it");
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
		return add_initrd(o, arg);
	case OPT_MODULE:
		return add_module(o, arg);
	case OPT_APPEND:
		o->append = arg;
		return TOOL_DONE;
	case OPT_MEMORY:
		if (!tool_parse_number(arg, true, &o->memory) || o->memory == 0)
			return tool_usage("--memory takes a size, as in 512M");
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
	case OPT_DTB:
		return refuse(o,
			      option == OPT_DTB
				      ? "--dtb: PVH start info has no place for it; it needs the "
					"Linux boot protocol"
				      : "--rng-seed: PVH start info has no place for it; it needs "
					"the Linux boot protocol");
	case OPT_RESERVE:
		return add_reserve(o, arg);
	default:
		return -1;
	}
}

static int take_verb_option(struct options *o, unsigned int verb, int option, char *arg)
{
	uint64_t seconds;

	if (option == OPT_JSON && verb == OPTIONS_PLAN) {
		o->json = true;
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
}
