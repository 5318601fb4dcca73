/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* The options that set one member of struct options. */
#include <string.h>

#include "kvm/kvm.h"
#include "options_table.h"

#define TIMEOUT_MAX 1000000u
#define REBOOTS_MAX 1000000u

static void store(const struct option_row *row, struct options *o, const void *value, size_t size)
{
	memcpy((char *)o + row->at, value, size);
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

#define SIZE_TEXT_MAX 64u /* of what is looked at more closely */

/* 512MB: powers of 1000 are none that memory comes in. */
static bool is_decimal_unit(const char *arg, size_t length)
{
	char without[SIZE_TEXT_MAX];
	uint64_t value;

	if (length < 3 || strchr("bB", arg[length - 1]) == NULL ||
	    strchr("kKmMgGtT", arg[length - 2]) == NULL)
		return false;
	memcpy(without, arg, length - 1);
	without[length - 1] = '\0';
	return tool_parse_number(without, true, &value);
}

/* 0.3G: it would be a size without what follows the point. */
static bool is_part_of_byte(const char *arg, size_t length)
{
	const size_t point = strcspn(arg, "."), digits = strspn(arg, "0123456789");
	char whole[SIZE_TEXT_MAX];
	uint64_t value;
	size_t rest;

	if (point == length || digits != point)
		return false;
	rest = point + 1 + strspn(arg + point + 1, "0123456789");
	if (rest == point + 1)
		return false;
	memcpy(whole, arg, point);
	memcpy(whole + point, arg + rest, length - rest + 1);
	return tool_parse_number(whole, true, &value);
}

/* @arg is no size: say what is wrong with it where that is plain. */
static int refuse_size(const struct option_row *row, const char *arg)
{
	const size_t length = strlen(arg);

	if (length < SIZE_TEXT_MAX && is_decimal_unit(arg, length))
		return tool_usage("--%s %s: units are powers of 1024: write %.*s or %.*siB",
				  row->name, arg, (int)length - 1, arg, (int)length - 1, arg);
	if (length < SIZE_TEXT_MAX && is_part_of_byte(arg, length))
		return tool_usage("--%s %s is no whole number of bytes", row->name, arg);
	return tool_usage("--%s takes a size below 2^64 bytes, as in 512M, 0.5G or 1TiB",
			  row->name);
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
		return refuse_size(row, arg);
	return TOOL_DONE;
}

int option_set_size(const struct option_row *row, struct options *o, char *arg)
{
	uint64_t value;

	if (!tool_parse_number(arg, true, &value) || value == 0)
		return refuse_size(row, arg);
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

int option_set_protocol(const struct option_row *row, struct options *o, char *arg)
{
	uint32_t value;

	if (pvhload_protocol_from_name(arg, &value, NULL) != PVHLOAD_OK)
		return tool_usage("--%s takes %s", row->name, row->argument);
	store(row, o, &value, sizeof(value));
	return TOOL_DONE;
}

/* auto without a choice is off: x86 kernels are not relocated, and others take a seed. */
int option_set_kaslr(const struct option_row *row, struct options *o, char *arg)
{
	o->has_kaslr_seed = false;
	if (strcmp(arg, "off") == 0 || strcmp(arg, "auto") == 0)
		return TOOL_DONE;
	if (!tool_parse_number(arg, false, &o->kaslr_seed))
		return tool_usage("--%s takes off, auto or a number", row->name);
	o->has_kaslr_seed = true;
	return TOOL_DONE;
}

int option_set_ram_base(const struct option_row *row, struct options *o, char *arg)
{
	if (!tool_parse_number(arg, true, &o->ram_base))
		return tool_usage("--%s takes an address", row->name);
	o->has_ram_base = true;
	return TOOL_DONE;
}

int option_set_number(const struct option_row *row, struct options *o, char *arg)
{
	uint64_t value;

	if (!tool_parse_number(arg, false, &value))
		return tool_usage("--%s takes a number", row->name);
	store(row, o, &value, sizeof(value));
	return TOOL_DONE;
}

int option_set_cpus(const struct option_row *row, struct options *o, char *arg)
{
	uint64_t count;

	if (!tool_parse_number(arg, false, &count) || count == 0 || count > KVM_CPUS_MAX)
		return tool_usage("--%s takes a number from 1 to %u", row->name, KVM_CPUS_MAX);
	o->cpus = (unsigned int)count;
	return TOOL_DONE;
}

int option_set_reboots(const struct option_row *row, struct options *o, char *arg)
{
	uint64_t count;

	if (!tool_parse_number(arg, false, &count) || count > REBOOTS_MAX)
		return tool_usage("--%s takes a number up to %u", row->name, REBOOTS_MAX);
	o->reboots = (unsigned int)count;
	return TOOL_DONE;
}

int option_set_timeout(const struct option_row *row, struct options *o, char *arg)
{
	uint64_t seconds;

	if (!tool_parse_number(arg, false, &seconds) || seconds > TIMEOUT_MAX)
		return tool_usage("--%s takes seconds, up to %u", row->name, TIMEOUT_MAX);
	o->timeout = (unsigned int)seconds;
	return TOOL_DONE;
}

int option_set_profile(const struct option_row *row, struct options *o, char *arg)
{
	uint64_t number;
	uint32_t profile;

	if (!tool_parse_number(arg, false, &number) || number >= PVHLOAD_UKI_BASE)
		return tool_usage("--%s takes a number, from 0 on", row->name);
	profile = (uint32_t)number;
	store(row, o, &profile, sizeof(profile));
	return TOOL_DONE;
}

int option_set_start_info(const struct option_row *row, struct options *o, char *arg)
{
	o->reads = READS_START_INFO;
	return option_set_gpa(row, o, arg);
}

int option_set_zero_page(const struct option_row *row, struct options *o, char *arg)
{
	o->reads = READS_ZERO_PAGE;
	return option_set_gpa(row, o, arg);
}

int option_set_fdt(const struct option_row *row, struct options *o, char *arg)
{
	o->reads = READS_FDT;
	return option_set_gpa(row, o, arg);
}

/* GPA[,SIZE]: whether there is room for the table is the library's to say. */
int option_set_hashes_table(const struct option_row *row, struct options *o, char *text)
{
	char *size = strchr(text, ',');

	if (size)
		*size++ = '\0';
	o->hashes_size = PVHLOAD_KERNEL_HASHES_SIZE;
	if (!tool_parse_number(text, true, &o->hashes_gpa) ||
	    (size && !tool_parse_number(size, true, &o->hashes_size)))
		return tool_usage("--%s takes %s", row->name, row->argument);
	o->hashes_table = true;
	return TOOL_DONE;
}
