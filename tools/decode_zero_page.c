/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* decode --zero-page: what a guest was told by the Linux boot protocol. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "decode.h"
#include "json.h"
#include "records.h"

/* The kernel's own words in its setup_header. */
static const struct {
	const char *name;
	uint32_t offset;
} header_fields[] = {
	{ "version", PVHLOAD_SETUP_VERSION },
	{ "code32_start", PVHLOAD_SETUP_CODE32_START },
	{ "initrd_addr_max", PVHLOAD_SETUP_INITRD_ADDR_MAX },
	{ "kernel_alignment", PVHLOAD_SETUP_ALIGNMENT },
	{ "relocatable", PVHLOAD_SETUP_RELOCATABLE },
	{ "cmdline_size", PVHLOAD_SETUP_CMDLINE_SIZE },
	{ "pref_address", PVHLOAD_SETUP_PREF_ADDRESS },
	{ "init_size", PVHLOAD_SETUP_INIT_SIZE },
};
#define HEADER_FIELDS (sizeof(header_fields) / sizeof(header_fields[0]))

/* NULL for a type without a name. */
static const char *type_name(uint32_t type)
{
	const char *name = pvhload_setup_data_name(type);

	return strcmp(name, "unknown") == 0 ? NULL : name;
}

#define NODE(member) AT_MEMBER(struct pvhload_linux_node, member)
#define VIEW(member) AT_MEMBER(struct pvhload_linux_view, member)

static const struct field node_fields[] = {
	{ "type", FIELD_NAME_OR_TYPE, NODE(type), .name = type_name },
	{ "gpa", FIELD_HEX10, NODE(gpa) },
	{ "data_gpa", FIELD_HEX, NODE(data_gpa) },
	{ "size", FIELD_DEC, NODE(size) },
	{ "indirect", FIELD_BOOL, NODE(indirect) },
};
static const struct field_line node_lines[] = {
	{ .text = "  {gpa} {type}, {size} bytes" },
	{ .when = "+indirect", .text = " at {data_gpa}" },
	{ .text = "\n" },
};
static const struct record node_record = { RECORD_FIELDS(node_fields), RECORD_LINES(node_lines) };

static const void *node(const void *record, size_t i)
{
	const struct pvhload_linux_view *view = record;

	return i < view->setup_data_count ? view->setup_data[i] : NULL;
}

static const void *map_entry(const void *record, size_t i)
{
	const struct pvhload_memmap *map = ((const struct pvhload_linux_view *)record)->memmap;

	return i < map->count ? &map->entries[i] : NULL;
}

/* Entries in the page itself: what it counts, or what there is room for. */
static const void *entries_in_page(const void *record)
{
	static const uint32_t room = PVHLOAD_E820_TABLE_MAX;
	const struct pvhload_linux_view *view = record;

	return view->e820_entries < room ? &view->e820_entries : &room;
}

static const void *cmdline(const void *record)
{
	const struct pvhload_linux_view *view = record;

	return decode_cmdline(view->cmdline, view->cmdline_gpa, view->incomplete);
}

static const struct field initrd_fields[] = {
	{ "gpa", FIELD_HEX, VIEW(initrd_gpa) },
	{ "size", FIELD_DEC, VIEW(initrd_size) },
};
static const struct record initrd_record = { RECORD_FIELDS(initrd_fields) };

static const void *initrd(const void *record)
{
	return ((const struct pvhload_linux_view *)record)->initrd_size != 0 ? record : NULL;
}

/* What the protocol does not have is not there, rather than null. */
static struct json_object *make_header(const void *record)
{
	const struct pvhload_linux_view *view = record;
	struct json_object *object = json_object_new_object();
	uint64_t value;

	for (size_t i = 0; i < HEADER_FIELDS; i++)
		if (pvhload_linux_header_field(view, header_fields[i].offset, &value))
			json_add(object, header_fields[i].name, json_object_new_uint64(value));
	return object;
}

static void print_header(const void *record)
{
	const struct pvhload_linux_view *view = record;
	uint64_t value;

	printf("setup_header:\n");
	for (size_t i = 0; i < HEADER_FIELDS; i++)
		if (pvhload_linux_header_field(view, header_fields[i].offset, &value))
			printf("  %-16s 0x%" PRIx64 "\n", header_fields[i].name, value);
}

static const struct field zero_page_fields[] = {
	{ "boot_protocol", FIELD_VERSION, VIEW(boot_protocol) },
	{ "type_of_loader", FIELD_HEX, VIEW(type_of_loader) },
	{ "loadflags", FIELD_HEX, VIEW(loadflags) },
	{ "xloadflags", FIELD_HEX, VIEW(xloadflags) },
	{ "sentinel", FIELD_HEX, VIEW(sentinel) },
	{ "cmdline", FIELD_TEXT, .get = cmdline },
	{ "cmdline_gpa", FIELD_HEX, VIEW(cmdline_gpa) },
	{ "initrd", FIELD_OBJECT, .get = initrd, .of = &initrd_record },
	{ "rsdp", FIELD_HEX, VIEW(rsdp_gpa) },
	{ "setup_data", FIELD_LIST, .item = node, .of = &node_record },
	{ "memmap", FIELD_LIST, .item = map_entry, .of = &memmap_entry_record },
	{ "e820_entries", FIELD_DEC, VIEW(e820_entries) },
	{ "setup_header", FIELD_MADE, .make = make_header },

	{ "cmdline_cut", FIELD_FLAG, true, VIEW(incomplete), .bits = PVHLOAD_PART_CMDLINE },
	{ "setup_data_count", FIELD_DEC, true, VIEW(setup_data_count) },
	{ "setup_data_cut", FIELD_FLAG, true, VIEW(incomplete), .bits = PVHLOAD_PART_SETUP_DATA },
	{ "memmap_count", FIELD_DEC, true,
	  AT_MEMBER_VIA(struct pvhload_linux_view, memmap, struct pvhload_memmap, count) },
	{ "memmap_cut", FIELD_FLAG, true, VIEW(incomplete), .bits = PVHLOAD_PART_MEMMAP },
	{ "memmap_in_page", FIELD_DEC, true, .get = entries_in_page, .size = sizeof(uint32_t) },
};

static const struct field_line zero_page_lines[] = {
	{ .text = "zero page: boot protocol {boot_protocol}, type_of_loader {type_of_loader}, "
		  "loadflags {loadflags}, xloadflags {xloadflags}\n" },
	{ .when = "+sentinel", .text = "sentinel {sentinel}: the kernel wipes most of this\n" },
	DECODE_CMDLINE_LINES,
	{ .when = "initrd", .text = "initrd at {initrd.gpa}, {initrd.size} bytes\n" },
	{ .when = "!initrd", .text = "initrd: none\n" },
	{ .text = "RSDP at {rsdp}\n" },
	{ .print = print_header },
	{ .text = "{setup_data_count} setup_data" },
	{ .when = "setup_data_cut", .text = " that can be read" },
	{ .text = "\n" },
	{ .list = "setup_data" },
	{ .text = "{memmap_count} memory map entries" },
	{ .when = "memmap_cut", .text = " that can be read" },
	{ .text = ", {memmap_in_page} of them in the zero page\n" },
	{ .list = "memmap" },
};

static const struct record zero_page_record = { RECORD_FIELDS(zero_page_fields),
						RECORD_LINES(zero_page_lines) };

int decode_zero_page(const struct pvhload_memory *mem, const struct options *options)
{
	struct pvhload_error err = PVHLOAD_ERROR_INIT;
	struct json_object *object = NULL;
	struct pvhload_check *check;
	struct pvhload_linux_view *view;

	if (pvhload_linux_check(mem, options->gpa, 0, &check, &err) != PVHLOAD_OK)
		return tool_fail(options->operand, "%s", err.message);
	if (pvhload_linux_read(mem, options->gpa, PVHLOAD_READ_PARTIAL, &view, &err) !=
	    PVHLOAD_OK) {
		pvhload_check_free(check);
		return tool_fail(options->operand, "%s", err.message);
	}
	if (options->json)
		object = record_json(&zero_page_record, view);
	else
		record_print(&zero_page_record, view);
	pvhload_linux_view_free(view);
	return decode_finish(object, check, PVHLOAD_GUEST_LINUX);
}
