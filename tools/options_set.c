/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* The options that set one member of struct options. */
#include <string.h>

#include "options_table.h"

#define TIMEOUT_MAX 1000000u

static void store(const struct option_row *row, struct options *o, const void *value, size_t size)
{
	memcpy((char *)o + row->at, value, size);
}

/* Well understood, and not to be had: said once the kernel's name is known. */
static int refuse(struct options *o, const char *why)
{
	o->refusal = why;
	return TOOL_DONE;
}

int option_set_true(const struct option_row *row, struct options *o, char *arg)
{
	const bool value = true;

	(void)arg;
	store(row, o, &value, sizeof(value));
	return TOOL_DONE;
}

int option_set_text(const struct option_row *row, struct options *o, char *arg)
{
	store(row, o, &arg, sizeof(arg));
	return TOOL_DONE;
}

int option_set_gpa(const struct option_row *row, struct options *o, char *arg)
{
	uint64_t value;

	if (!tool_parse_number(arg, false, &value))
		return tool_usage("--%s takes an address", row->name);
	store(row, o, &value, sizeof(value));
	return TOOL_DONE;
}

int option_set_choice(const struct option_row *row, struct options *o, char *arg)
{
	const char *word = row->argument;

	for (uint32_t value = 0; *word; value++) {
		const size_t length = strcspn(word, "|");

		if (strlen(arg) == length && memcmp(arg, word, length) == 0) {
			store(row, o, &value, sizeof(value));
			return TOOL_DONE;
		}
		word += length + (word[length] != '\0');
	}
	return tool_usage("--%s takes %s", row->name, row->argument);
}

/* Nobody means so few bytes: the unit has been forgotten. */
#define MEMORY_UNIT_FORGOTTEN 65536u

int option_set_memory(const struct option_row *row, struct options *o, char *arg)
{
	if (tool_parse_number(arg, false, &o->memory) && o->memory != 0 &&
	    o->memory <= MEMORY_UNIT_FORGOTTEN)
		return tool_usage("--%s %s is %s bytes: did you mean %sM?", row->name, arg, arg,
				  arg);
	if (!tool_parse_number(arg, true, &o->memory) || o->memory == 0)
		return tool_usage("--%s takes a size below 2^64 bytes, as in 512M, 0.5G or 1TiB",
				  row->name);
	return TOOL_DONE;
}

int option_set_size(const struct option_row *row, struct options *o, char *arg)
{
	uint64_t value;

	if (!tool_parse_number(arg, true, &value) || value == 0)
		return tool_usage("--%s takes a size, as in 512M", row->name);
	store(row, o, &value, sizeof(value));
	return TOOL_DONE;
}

int option_set_paging(const struct option_row *row, struct options *o, char *arg)
{
	if ((arg[0] != '4' && arg[0] != '5') || (arg[1] != '\0' && strcmp(arg + 1, ",1G") != 0))
		return tool_usage("--%s takes 4 or 5, and ,1G for larger pages", row->name);
	o->paging_levels = arg[0] == '4' ? 4 : 5;
	o->page_size = arg[1] == '\0' ? 0 : (uint64_t)1 << 30;
	return TOOL_DONE;
}

/* auto without a choice is off: what this version boots is not relocated. */
int option_set_kaslr(const struct option_row *row, struct options *o, char *arg)
{
	uint64_t seed;

	if (strcmp(arg, "off") == 0 || strcmp(arg, "auto") == 0)
		return TOOL_DONE;
	if (tool_parse_number(arg, false, &seed))
		return refuse(o, "--kaslr: this version does not relocate kernels itself");
	return tool_usage("--%s takes off, auto or a number", row->name);
}

/* kvm is a word of the next versions. */
int option_set_vmm(const struct option_row *row, struct options *o, char *arg)
{
	if (strcmp(arg, "auto") == 0 || strcmp(arg, "qemu") == 0)
		return TOOL_DONE;
	if (strcmp(arg, "kvm") == 0)
		return refuse(o, "--vmm kvm: this version runs guests in QEMU only");
	return tool_usage("--%s takes auto, kvm or qemu", row->name);
}

int option_set_timeout(const struct option_row *row, struct options *o, char *arg)
{
	uint64_t seconds;

	if (!tool_parse_number(arg, false, &seconds) || seconds > TIMEOUT_MAX)
		return tool_usage("--%s takes seconds, up to %u", row->name, TIMEOUT_MAX);
	o->timeout = (unsigned int)seconds;
	return TOOL_DONE;
}

int option_set_start_info(const struct option_row *row, struct options *o, char *arg)
{
	o->zero_page = false;
	return option_set_gpa(row, o, arg);
}

int option_set_zero_page(const struct option_row *row, struct options *o, char *arg)
{
	o->zero_page = true;
	return option_set_gpa(row, o, arg);
}
