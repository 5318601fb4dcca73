/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* pvhload plan: where everything would go, and how the guest would start. */
#include <inttypes.h>
#include <stdio.h>

#include "draw.h"
#include "json.h"
#include "output.h"
#include "records.h"
#include "session.h"
#include "svg.h"
#include "verbs.h"
#include "methods.h"

#define REGION(member) AT_MEMBER(struct pvhload_plan_region, member)
#define PLAN(member)   AT_MEMBER(struct pvhload_plan_info, member)

/* PVHLOAD_PLACED_*, for scripts. */
static const char *placed_name(uint32_t reason)
{
	static const char *const names[] = { [PVHLOAD_PLACED_ASKED] = "asked",
					     [PVHLOAD_PLACED_USUAL] = "usual",
					     [PVHLOAD_PLACED_PREFERRED] = "preferred",
					     [PVHLOAD_PLACED_MOVED] = "moved",
					     [PVHLOAD_PLACED_ONLY] = "only" };

	return reason < sizeof(names) / sizeof(names[0]) ? names[reason] : NULL;
}

static const struct field region_fields[] = {
	{ "name", FIELD_WORDS, REGION(name) },
	{ "gpa", FIELD_HEX10, REGION(gpa) },
	{ "size", FIELD_DEC, REGION(size) },
	{ "placed", FIELD_NAME, REGION(reason), .name = placed_name },
};
static const struct record region_record = { RECORD_FIELDS(region_fields) };

static const void *region(const void *record, size_t i)
{
	const struct pvhload_plan_info *info = record;

	return i < info->region_count ? info->regions[i] : NULL;
}

static const void *map_entry(const void *record, size_t i)
{
	const struct pvhload_memmap *map = ((const struct pvhload_plan_info *)record)->memmap;

	return i < map->count ? &map->entries[i] : NULL;
}

static struct json_object *plan_cpu(const void *record)
{
	return cpu_json(record);
}

static const struct field plan_fields[] = {
	{ "protocol", FIELD_NAME, PLAN(protocol), .name = pvhload_protocol_name },
	{ "reason", FIELD_WORDS, PLAN(reason) },
	{ "guest", FIELD_NAME, PLAN(guest), .name = guest_name },
	{ "decompress", FIELD_NAME, PLAN(decompress), .name = methods_decoder },
	{ "entry", FIELD_HEX, PLAN(entry) },
	{ "kaslr_offset", FIELD_HEX, PLAN(kaslr_offset) },
	{ "regions", FIELD_LIST, .item = region, .of = &region_record },
	{ "memmap", FIELD_LIST, .item = map_entry, .of = &memmap_entry_record },
	{ "cmdline", FIELD_TEXT, PLAN(cmdline) },
	{ "arch", FIELD_NAME, PLAN(arch), .name = pvhload_arch_name },
	{ "cpu", FIELD_MADE, .make = plan_cpu },
};
static const struct record plan_record = { RECORD_FIELDS(plan_fields) }; /* no text */

/* The register that has the address of what the kernel is told. */
static const char *told_by(const struct pvhload_plan_info *info)
{
	if (info->arm64_cpu)
		return "x0";
	if (info->riscv64_cpu)
		return "a1";
	return info->zero_page_gpa != 0 ? "rsi" : "ebx";
}

static void print_text(const struct pvhload_plan_info *info, const struct picture *picture)
{
	const struct draw_style drawn = draw_style_of_output();

	printf("protocol %s, entry 0x%" PRIx64, pvhload_protocol_name(info->protocol), info->entry);
	if (info->protocol != PVHLOAD_PROTOCOL_X86_RESET)
		printf(", %s 0x%" PRIx64, told_by(info),
		       info->fdt_gpa | info->start_info_gpa | info->zero_page_gpa |
			       info->multiboot_info_gpa);
	printf("\n");
	printf("because %s\n", info->reason);
	if (methods_decoder(info->decompress))
		printf("decoded by the %s\n", methods_decoder(info->decompress));
	if (info->guest != PVHLOAD_GUEST_LINUX)
		printf("the guest is not Linux\n");
	printf("command line: ");
	tool_print_text(info->cmdline);
	printf("\n");
	printf("memory map:\n");
	for (size_t i = 0; i < info->memmap->count; i++) {
		const struct pvhload_memmap_entry *e = &info->memmap->entries[i];

		printf("  0x%010" PRIx64 "-0x%010" PRIx64 " type %" PRIu32 "\n", e->gpa,
		       e->gpa + e->size - 1, e->type);
	}
	printf("regions:\n");
	for (size_t i = 0; i < info->region_count; i++) {
		const struct pvhload_plan_region *r = info->regions[i];
		char size[32];

		printf("  0x%010" PRIx64 "-0x%010" PRIx64 " %10s  %s\n", r->gpa,
		       r->gpa + r->size - 1, tool_size_text(r->size, size), r->name);
	}
	draw_picture(picture, &drawn, stdout);
}

static int show(const struct session *session, const struct options *options)
{
	const struct pvhload_plan_info *info = pvhload_plan_get_info(session->plan);
	struct picture picture;
	int result = TOOL_DONE;

	if (options->svg) {
		TOOL_TRY(output_is_apart(options->svg, session->fds, session->fd_count));
		TOOL_TRY(output_is_not_printed_to(options->svg));
	}
	if (!picture_make(session, &picture))
		result = tool_fail(options->kernel, "no memory");
	if (result == TOOL_DONE && options->svg)
		result = svg_write(&picture, info, options->svg);
	if (result == TOOL_DONE && options->json)
		(void)json_print(record_json(&plan_record, info), stdout);
	else if (result == TOOL_DONE)
		print_text(info, &picture);
	picture_free(&picture);
	return result == TOOL_DONE ? tool_finish_output() : result;
}

int verb_plan(const struct options *options)
{
	struct progress progress = { .on = false };
	struct session session;
	int result;

	result = session_open(&session, options, &progress);
	if (result == TOOL_DONE)
		result = show(&session, options);
	session_close(&session);
	return result;
}
