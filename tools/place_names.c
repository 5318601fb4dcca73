/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
#include "place_names.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const struct {
	const char *name;
	uint32_t kind;
} fixed[] = {
	{ "kernel", PVHLOAD_REGION_KERNEL },
	{ "initrd", PVHLOAD_REGION_INITRD },
	{ "cmdline", PVHLOAD_REGION_CMDLINE },
	{ "gdt", PVHLOAD_REGION_X86_GDT },
	{ "start_info", PVHLOAD_REGION_PVH_START_INFO },
	{ "modlist", PVHLOAD_REGION_PVH_MODLIST },
	{ "memmap", PVHLOAD_REGION_PVH_MEMMAP },
	{ "module cmdlines", PVHLOAD_REGION_PVH_MODULE_CMDLINES },
	{ "zero page", PVHLOAD_REGION_X86_ZERO_PAGE },
	{ "page tables", PVHLOAD_REGION_X86_PAGE_TABLES },
	{ "fdt", PVHLOAD_REGION_FDT },
	{ "multiboot info", PVHLOAD_REGION_MULTIBOOT_INFO },
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

/* The region of that name; false if there is none. */
static bool parse_region(const char *name, struct pvhload_boot_place *place)
{
	size_t number = 0;
	bool data;

	for (size_t i = 0; i < FIXED_COUNT; i++)
		if (strcmp(fixed[i].name, name) == 0) {
			place->kind = fixed[i].kind;
			return true;
		}
	if (is_module(name, &number))
		place->kind = PVHLOAD_REGION_MODULE;
	else if (is_setup_data(name, &number, &data))
		place->kind =
			data ? PVHLOAD_REGION_X86_SETUP_DATA_BYTES : PVHLOAD_REGION_X86_SETUP_DATA;
	else
		return false;
	place->index = (uint32_t)number;
	return true;
}

bool places_is_name(const char *name)
{
	struct pvhload_boot_place place = PVHLOAD_BOOT_PLACE_INIT;

	return parse_region(name, &place);
}

void places_give(const struct options *o, struct pvhload_boot_place *places)
{
	for (size_t i = 0; i < o->place_count; i++) {
		places[i] = (struct pvhload_boot_place)PVHLOAD_BOOT_PLACE_INIT;
		places[i].gpa = o->places[i].gpa;
		(void)parse_region(o->places[i].region, &places[i]);
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

/* Why there is no region of that name, or "". */
static const char *why_none(const struct options *o, const struct pvhload_plan_info *info,
			    const char *name)
{
	if (strcmp(name, "initrd") == 0 && o->initrd_count > 0)
		return "the initrd is empty";
	/* A method with such a region may have failed before: the reason has that. */
	return info->attempt_count > 1 ? info->reason : "";
}

int places_check(const struct options *o, const struct pvhload_plan_info *info)
{
	for (size_t i = 0; i < o->place_count; i++) {
		const char *why = why_none(o, info, o->places[i].region);
		bool found = false;

		for (size_t k = 0; k < info->region_count; k++)
			found |= is_of(info->regions[k]->name, o->places[i].region);
		if (!found)
			return tool_fail(o->kernel,
					 "--place: the plan, by %s, has no region '%s'%s%s",
					 pvhload_protocol_name(info->protocol), o->places[i].region,
					 why[0] ? "; " : "", why);
	}
	return TOOL_DONE;
}
