/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* decode --start-info: what a PVH guest was told. */
#include "decode.h"
#include "records.h"

#define MODULE(member) AT_MEMBER(struct pvhload_pvh_module, member)
#define VIEW(member)   AT_MEMBER(struct pvhload_pvh_view, member)

static const struct field module_fields[] = {
	{ "gpa", FIELD_HEX10, MODULE(gpa) },
	{ "size", FIELD_DEC, MODULE(size) },
	{ "cmdline", FIELD_TEXT, MODULE(cmdline) },
};
static const struct field_line module_lines[] = {
	{ .text = "  {gpa} {size} bytes" },
	{ .when = "cmdline", .text = ": {cmdline}" },
	{ .text = "\n" },
};
static const struct record module_record = { RECORD_FIELDS(module_fields),
					     RECORD_LINES(module_lines) };

static const void *module(const void *record, size_t i)
{
	const struct pvhload_pvh_view *view = record;

	return i < view->module_count ? &view->modules[i] : NULL;
}

static const void *map_entry(const void *record, size_t i)
{
	const struct pvhload_pvh_view *view = record;

	return i < view->memmap_count ? &view->memmap[i] : NULL;
}

static const void *cmdline(const void *record)
{
	const struct pvhload_pvh_view *view = record;

	return decode_cmdline(view->cmdline, view->cmdline_gpa, view->incomplete);
}

static const struct field start_info_fields[] = {
	{ "magic", FIELD_HEX, VIEW(magic) },
	{ "version", FIELD_DEC, VIEW(version) },
	{ "flags", FIELD_HEX, VIEW(flags) },
	{ "cmdline", FIELD_TEXT, .get = cmdline },
	{ "rsdp", FIELD_HEX, VIEW(rsdp_gpa) },
	{ "modules", FIELD_LIST, .item = module, .of = &module_record },
	{ "memmap", FIELD_LIST, .item = map_entry, .of = &memmap_entry_record },

	{ "cmdline_gpa", FIELD_HEX, true, VIEW(cmdline_gpa) },
	{ "cmdline_cut", FIELD_FLAG, true, VIEW(incomplete), .bits = PVHLOAD_PART_CMDLINE },
	{ "module_count", FIELD_DEC, true, VIEW(module_count) },
	{ "modules_cut", FIELD_FLAG, true, VIEW(incomplete), .bits = PVHLOAD_PART_MODULES },
	{ "modlist_gpa", FIELD_HEX, true, VIEW(modlist_gpa) },
	{ "memmap_count", FIELD_DEC, true, VIEW(memmap_count) },
	{ "memmap_cut", FIELD_FLAG, true, VIEW(incomplete), .bits = PVHLOAD_PART_MEMMAP },
	{ "memmap_gpa", FIELD_HEX, true, VIEW(memmap_gpa) },
};

static const struct field_line start_info_lines[] = {
	{ .text = "start info: magic {magic}, version {version}, flags {flags}\n" },
	DECODE_CMDLINE_LINES,
	{ .text = "RSDP at {rsdp}\n" },
	{ .text = "{module_count} modules" },
	{ .when = "modules_cut", .text = " that can be read" },
	{ .text = ", listed at {modlist_gpa}\n" },
	{ .list = "modules" },
	{ .text = "{memmap_count} memory map entries" },
	{ .when = "memmap_cut", .text = " that can be read" },
	{ .text = " at {memmap_gpa}\n" },
	{ .list = "memmap" },
};

static const struct record start_info_record = { RECORD_FIELDS(start_info_fields),
						 RECORD_LINES(start_info_lines) };

int decode_start_info(const struct pvhload_memory *mem, const struct options *options)
{
	const bool other = options->guest == PVHLOAD_GUEST_OTHER;
	struct pvhload_error err = PVHLOAD_ERROR_INIT;
	struct json_object *object = NULL;
	struct pvhload_check *check;
	struct pvhload_pvh_view *view;

	if (pvhload_pvh_check(mem, options->gpa, other ? PVHLOAD_PVH_NOT_LINUX : 0, &check, &err) !=
	    PVHLOAD_OK)
		return tool_fail(options->operand, "%s", err.message);
	if (pvhload_pvh_read(mem, options->gpa, PVHLOAD_READ_PARTIAL, &view, &err) != PVHLOAD_OK) {
		pvhload_check_free(check);
		return tool_fail(options->operand, "%s", err.message);
	}
	if (options->json)
		object = record_json(&start_info_record, view);
	else
		record_print(&start_info_record, view);
	pvhload_pvh_view_free(view);
	return decode_finish(object, check, other ? PVHLOAD_GUEST_OTHER : PVHLOAD_GUEST_LINUX);
}
