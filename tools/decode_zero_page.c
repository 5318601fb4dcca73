/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* decode --zero-page: what a guest was told by the Linux boot protocol. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "decode.h"
#include "json.h"

/* The kernel's own words in its setup_header, each since the protocol that brought it. */
static const struct {
	const char *name;
	uint32_t offset;
	uint32_t size;
	uint32_t since;
} header_fields[] = {
	{ "version", PVHLOAD_SETUP_VERSION, 2, 0x200 },
	{ "code32_start", PVHLOAD_SETUP_CODE32_START, 4, 0x200 },
	{ "initrd_addr_max", PVHLOAD_SETUP_INITRD_ADDR_MAX, 4, 0x203 },
	{ "kernel_alignment", PVHLOAD_SETUP_ALIGNMENT, 4, 0x205 },
	{ "relocatable", PVHLOAD_SETUP_RELOCATABLE, 1, 0x205 },
	{ "cmdline_size", PVHLOAD_SETUP_CMDLINE_SIZE, 4, 0x206 },
	{ "pref_address", PVHLOAD_SETUP_PREF_ADDRESS, 8, 0x20a },
	{ "init_size", PVHLOAD_SETUP_INIT_SIZE, 4, 0x20a },
};
#define HEADER_FIELDS (sizeof(header_fields) / sizeof(header_fields[0]))

uint64_t decode_field(const struct pvhload_linux_view *view, uint32_t offset, uint32_t size)
{
	uint64_t value = 0;

	for (uint32_t i = size; i > 0; i--)
		value = value << 8 | view->zero_page[offset + i - 1];
	return value;
}

static uint64_t field(const struct pvhload_linux_view *view, size_t i)
{
	return decode_field(view, header_fields[i].offset, header_fields[i].size);
}

/* NULL for a type without a name. */
static const char *type_name(uint32_t type)
{
	const char *name = pvhload_setup_data_name(type);

	return strcmp(name, "unknown") == 0 ? NULL : name;
}

static struct json_object *json_setup_data(const struct pvhload_linux_view *view)
{
	struct json_object *array = json_object_new_array();

	for (size_t i = 0; i < view->setup_data_count; i++) {
		const struct pvhload_linux_node *node = view->setup_data[i];
		struct json_object *object = json_object_new_object();

		if (type_name(node->type))
			json_add_text(object, "type", type_name(node->type));
		else
			json_add_number(object, "type", node->type);
		json_add_number(object, "gpa", node->gpa);
		json_add_number(object, "data_gpa", node->data_gpa);
		json_add_number(object, "size", node->size);
		json_add_bool(object, "indirect", node->indirect);
		json_object_array_add(array, object);
	}
	return array;
}

static struct json_object *json_initrd(const struct pvhload_linux_view *view)
{
	struct json_object *object;

	if (view->initrd_size == 0)
		return NULL;
	object = json_object_new_object();
	json_add_number(object, "gpa", view->initrd_gpa);
	json_add_number(object, "size", view->initrd_size);
	return object;
}

static struct json_object *json_header(const struct pvhload_linux_view *view)
{
	struct json_object *object = json_object_new_object();

	for (size_t i = 0; i < HEADER_FIELDS; i++)
		if (view->boot_protocol >= header_fields[i].since)
			json_add_number(object, header_fields[i].name, field(view, i));
	return object;
}

static struct json_object *to_json(const struct pvhload_linux_view *view)
{
	struct json_object *object = json_object_new_object();

	json_add_number(object, "boot_protocol", view->boot_protocol);
	json_add_number(object, "type_of_loader", view->type_of_loader);
	json_add_number(object, "loadflags", view->loadflags);
	json_add_number(object, "xloadflags", view->xloadflags);
	json_add_number(object, "sentinel", view->sentinel);
	json_add_text(object, "cmdline",
		      decode_cmdline(view->cmdline, view->cmdline_gpa, view->incomplete));
	json_add_number(object, "cmdline_gpa", view->cmdline_gpa);
	json_add(object, "initrd", json_initrd(view));
	json_add_number(object, "rsdp", view->rsdp_gpa);
	json_add(object, "setup_data", json_setup_data(view));
	json_add(object, "memmap", json_memmap(view->memmap->entries, view->memmap->count));
	json_add_number(object, "e820_entries", view->e820_entries);
	json_add(object, "setup_header", json_header(view));
	return object;
}

static void print_setup_data(const struct pvhload_linux_node *node)
{
	printf("  0x%010" PRIx64 " ", node->gpa);
	if (type_name(node->type))
		printf("%s", type_name(node->type));
	else
		printf("type 0x%" PRIx32, node->type);
	printf(", %" PRIu64 " bytes%s", node->size, node->indirect ? " at" : "");
	if (node->indirect)
		printf(" 0x%" PRIx64, node->data_gpa);
	printf("\n");
}

static void print_text(const struct pvhload_linux_view *view)
{
	/* What it counts, or what there is room for. */
	const uint32_t in_page = view->e820_entries < PVHLOAD_E820_TABLE_MAX
					 ? view->e820_entries
					 : PVHLOAD_E820_TABLE_MAX;

	printf("zero page: boot protocol %" PRIu32 ".%02" PRIu32 ", type_of_loader 0x%" PRIx32
	       ", loadflags 0x%" PRIx32 ", xloadflags 0x%" PRIx32 "\n",
	       view->boot_protocol >> 8, view->boot_protocol & 0xff, view->type_of_loader,
	       view->loadflags, view->xloadflags);
	if (view->sentinel)
		printf("sentinel 0x%" PRIx32 ": the kernel wipes most of this\n", view->sentinel);
	decode_print_cmdline(view->cmdline, view->cmdline_gpa, view->incomplete);
	if (view->initrd_size)
		printf("initrd at 0x%" PRIx64 ", %" PRIu64 " bytes\n", view->initrd_gpa,
		       view->initrd_size);
	else
		printf("initrd: none\n");
	printf("RSDP at 0x%" PRIx64 "\n", view->rsdp_gpa);
	printf("setup_header:\n");
	for (size_t i = 0; i < HEADER_FIELDS; i++)
		if (view->boot_protocol >= header_fields[i].since)
			printf("  %-16s 0x%" PRIx64 "\n", header_fields[i].name, field(view, i));
	printf("%zu setup_data%s\n", view->setup_data_count,
	       decode_more(view->incomplete, PVHLOAD_PART_SETUP_DATA));
	for (size_t i = 0; i < view->setup_data_count; i++)
		print_setup_data(view->setup_data[i]);
	printf("%zu memory map entries%s, %" PRIu32 " of them in the zero page\n",
	       view->memmap->count, decode_more(view->incomplete, PVHLOAD_PART_MEMMAP), in_page);
	decode_print_memmap(view->memmap->entries, view->memmap->count);
}

int decode_zero_page(const struct pvhload_memory *mem, const char *path, uint64_t gpa, bool json)
{
	struct pvhload_error err = PVHLOAD_ERROR_INIT;
	struct warnings w = { NULL, 0 };
	struct json_object *object = NULL;
	struct pvhload_linux_view *view;

	if (pvhload_linux_read(mem, gpa, PVHLOAD_READ_PARTIAL, &view, &err) != PVHLOAD_OK)
		return tool_fail(path, "%s", err.message);
	warn_of_zero_page(view, mem, gpa, &w);
	if (json)
		object = to_json(view);
	else
		print_text(view);
	pvhload_linux_view_free(view);
	return decode_finish(object, &w);
}
