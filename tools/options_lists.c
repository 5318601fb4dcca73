/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* The options that append to a list. */
#include <stdlib.h>
#include <string.h>

#include "options_table.h"
#include "place_names.h"

/* Room for one more in an array that holds @count; exits the parse with NULL if there is none. */
static void *one_more(void *array, size_t count, size_t element)
{
	return reallocarray(array, count + 1, element);
}

static int no_memory(void)
{
	return tool_fail("options", "no memory");
}

int option_append_initrd(const struct option_row *row, struct options *o, char *arg)
{
	const char **grown = one_more(o->initrds, o->initrd_count, sizeof(*grown));

	(void)row;
	if (!grown)
		return no_memory();
	o->initrds = grown;
	o->initrds[o->initrd_count++] = arg;
	return TOOL_DONE;
}

/* FILE[,CMDLINE]: the first comma ends the file's name. */
int option_append_module(const struct option_row *row, struct options *o, char *text)
{
	struct module_option *grown = one_more(o->modules, o->module_count, sizeof(*grown));
	char *comma = strchr(text, ',');

	(void)row;
	if (!grown)
		return no_memory();
	o->modules = grown;
	if (comma)
		*comma++ = '\0';
	o->modules[o->module_count++] = (struct module_option){ text, comma };
	return TOOL_DONE;
}

/* GPA,SIZE[,TYPE] */
int option_append_reserve(const struct option_row *row, struct options *o, char *text)
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
		return tool_usage("--%s takes %s", row->name, row->argument);
	r.type = (uint32_t)number;
	o->reserves[o->reserve_count++] = r;
	return TOOL_DONE;
}

static bool is_printable(const char *text)
{
	for (; *text; text++)
		if (*text < ' ' || *text > '~')
			return false;
	return true;
}

/* GPA,SIZE[,NAME]: all after the second comma is the name, whatever is in it. */
int option_append_claim(const struct option_row *row, struct options *o, char *text)
{
	struct claim_option *grown = one_more(o->claims, o->claim_count, sizeof(*grown));
	struct claim_option c = { 0, 0, NULL };
	char *size = strchr(text, ','), *name = size ? strchr(size + 1, ',') : NULL;

	if (!grown)
		return no_memory();
	o->claims = grown;
	if (size)
		*size++ = '\0';
	if (name)
		*name++ = '\0';
	if (!size || !tool_parse_number(text, true, &c.gpa) ||
	    !tool_parse_number(size, true, &c.size) || (name && (!*name || !is_printable(name))))
		return tool_usage("--%s takes %s, NAME of printable ASCII", row->name,
				  row->argument);
	c.name = name;
	o->claims[o->claim_count++] = c;
	return TOOL_DONE;
}

static int append_file(struct options *o, uint32_t type, const char *path)
{
	struct setup_data_option *grown =
		one_more(o->setup_data, o->setup_data_count, sizeof(*grown));

	if (!grown)
		return no_memory();
	o->setup_data = grown;
	o->setup_data[o->setup_data_count++] = (struct setup_data_option){ path, type, 0 };
	return TOOL_DONE;
}

int option_append_rng_seed(const struct option_row *row, struct options *o, char *path)
{
	(void)row;
	return append_file(o, PVHLOAD_SETUP_RNG_SEED, path);
}

int option_append_dtb(const struct option_row *row, struct options *o, char *path)
{
	(void)row;
	return append_file(o, PVHLOAD_SETUP_DTB, path);
}

/* The number of a type, by its number or its name. */
static bool parse_type(const char *text, uint64_t *ret)
{
	for (uint32_t type = 1; type < 256; type++)
		if (strcmp(pvhload_setup_data_name(type), text) == 0 &&
		    strcmp(text, "unknown") != 0) {
			*ret = type;
			return true;
		}
	return tool_parse_number(text, false, ret) && *ret <= UINT32_MAX;
}

/* TYPE[:apart],FILE */
int option_append_setup_data(const struct option_row *row, struct options *o, char *text)
{
	char *path = strchr(text, ','), *suffix;
	uint64_t type;
	int result;

	if (path)
		*path++ = '\0';
	suffix = strchr(text, ':');
	if (suffix)
		*suffix++ = '\0';
	if (!path || !parse_type(text, &type) || (suffix && strcmp(suffix, "apart") != 0))
		return tool_usage("--%s takes %s, TYPE a name or a number", row->name,
				  row->argument);
	result = append_file(o, (uint32_t)type, path);
	if (result == TOOL_DONE && suffix)
		o->setup_data[o->setup_data_count - 1].flags = PVHLOAD_SETUP_DATA_INDIRECT;
	return result;
}

/* REGION,GPA */
int option_append_place(const struct option_row *row, struct options *o, char *text)
{
	struct place_option *grown = one_more(o->places, o->place_count, sizeof(*grown));
	struct place_option p = { text, 0 };
	char *gpa = strchr(text, ',');

	if (!grown)
		return no_memory();
	o->places = grown;
	if (gpa)
		*gpa++ = '\0';
	if (!gpa || !tool_parse_number(gpa, true, &p.gpa) || p.gpa == 0 || !places_is_name(text))
		return tool_usage("--%s takes %s, REGION a name that plan prints, other than "
				  "'kernel image', GPA not 0",
				  row->name, row->argument);
	for (size_t i = 0; i < o->place_count; i++)
		if (strcmp(o->places[i].region, text) == 0)
			return tool_usage("--%s gives '%s' two places", row->name, text);
	o->places[o->place_count++] = p;
	return TOOL_DONE;
}
