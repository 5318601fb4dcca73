/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
#include "place_names.h"

#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#define PLACE(member) offsetof(struct pvhload_boot_places, member)

static const struct {
	const char *name;
	size_t offset;
} fixed[] = {
	{ "kernel", PLACE(kernel_gpa) },         { "initrd", PLACE(initrd_gpa) },
	{ "cmdline", PLACE(cmdline_gpa) },       { "gdt", PLACE(gdt_gpa) },
	{ "start_info", PLACE(start_info_gpa) }, { "modlist", PLACE(modlist_gpa) },
	{ "memmap", PLACE(memmap_gpa) },         { "module cmdlines", PLACE(module_cmdlines_gpa) },
	{ "zero page", PLACE(zero_page_gpa) },   { "page tables", PLACE(page_tables_gpa) },
};
#define FIXED_COUNT (sizeof(fixed) / sizeof(fixed[0]))

/* "KIND N", with @rest after it; false if @name is something else. */
static bool is_numbered(const char *name, const char *kind, size_t *number, const char **rest)
{
	const size_t length = strlen(kind);
	int end = 0;

	if (strncmp(name, kind, length) != 0 || name[length] != ' ' || name[length + 1] < '0' ||
	    name[length + 1] > '9' || sscanf(name + length, " %4zu%n", number, &end) != 1)
		return false;
	*rest = name + length + end;
	return **rest == '\0' || **rest == ' ';
}

static bool is_module(const char *name, size_t *number)
{
	const char *rest;

	return is_numbered(name, "module", number, &rest) && *rest == '\0';
}

/* "setup_data N", with its type or without, and "setup_data N TYPE data". */
static bool is_setup_data(const char *name, size_t *number, bool *data)
{
	static const char suffix[] = " data";
	const char *rest;

	*number = 0;
	*data = false;
	if (strcmp(name, "setup_data") == 0)
		return true;
	if (!is_numbered(name, "setup_data", number, &rest))
		return false;
	*data = strlen(rest) > sizeof(suffix) &&
		strcmp(rest + strlen(rest) - (sizeof(suffix) - 1), suffix) == 0;
	return true;
}

bool places_is_name(const char *name)
{
	size_t number;
	bool data;

	for (size_t i = 0; i < FIXED_COUNT; i++)
		if (strcmp(fixed[i].name, name) == 0)
			return true;
	return is_module(name, &number) || is_setup_data(name, &number, &data);
}

static void give_fixed(const struct place_option *p, struct pvhload_boot_places *places)
{
	for (size_t i = 0; i < FIXED_COUNT; i++)
		if (strcmp(fixed[i].name, p->region) == 0)
			memcpy((char *)places + fixed[i].offset, &p->gpa, sizeof(p->gpa));
}

void places_give(const struct options *o, const struct pvhload_boot_config *config,
		 struct pvhload_boot_places *places, struct pvhload_boot_module *modules,
		 struct pvhload_linux_setup_data *setup_data)
{
	/* As the guest counts them: an initrd is a module, and what is too long a map, setup_data. */
	const size_t initrd = config->initrd_count > 0 ? 1 : 0;
	const size_t map = config->memmap->count > PVHLOAD_E820_TABLE_MAX ? 1 : 0;

	for (size_t i = 0; i < o->place_count; i++) {
		const struct place_option *p = &o->places[i];
		size_t n;
		bool data;

		give_fixed(p, places);
		if (is_module(p->region, &n) && n >= initrd && n - initrd < config->module_count)
			modules[n - initrd].gpa = p->gpa;
		if (!is_setup_data(p->region, &n, &data))
			continue;
		if (n < map)
			places->setup_data_gpa = p->gpa;
		else if (n - map < config->x86->setup_data_count)
			*(data ? &setup_data[n - map].data_gpa : &setup_data[n - map].gpa) = p->gpa;
	}
}

/* A setup_data's type may be left out of its node's name, and "kernel" is all of its regions. */
static bool is_of(const char *region, const char *name)
{
	const size_t length = strlen(name);
	size_t number;
	bool data;

	if (strcmp(region, name) == 0)
		return true;
	if (strcmp(name, "kernel") == 0)
		return strncmp(region, "kernel ", 7) == 0;
	if (strcmp(name, "setup_data") == 0)
		return is_setup_data(region, &number, &data) && number == 0 && !data;
	return strncmp(name, "setup_data ", 11) == 0 && strncmp(region, name, length) == 0 &&
	       region[length] == ' ' && strchr(name + 11, ' ') == NULL &&
	       is_setup_data(region, &number, &data) && !data;
}

int places_check(const struct options *o, const struct pvhload_plan_info *info)
{
	/* A method with such a region may have failed before: the reason has that. */
	const bool failed_before = info->attempt_count > 1;

	for (size_t i = 0; i < o->place_count; i++) {
		bool found = false;

		for (size_t k = 0; k < info->region_count; k++)
			found |= is_of(info->regions[k]->name, o->places[i].region);
		if (!found)
			return tool_fail(o->kernel,
					 "--place: the plan, by %s, has no region '%s'%s%s",
					 pvhload_protocol_name(info->protocol), o->places[i].region,
					 failed_before ? "; " : "",
					 failed_before ? info->reason : "");
	}
	return TOOL_DONE;
}
