/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* pvhload plan: where everything would go, and how the guest would start. */
#include <inttypes.h>
#include <stdio.h>

#include "draw.h"
#include "json.h"
#include "session.h"
#include "svg.h"
#include "verbs.h"
#include "ways.h"

static bool print_json(const struct pvhload_plan_info *info)
{
	struct json_object *object = json_object_new_object();
	struct json_object *regions = json_object_new_array();

	for (size_t i = 0; i < info->region_count; i++) {
		struct json_object *region = json_object_new_object();

		json_add_text(region, "name", info->regions[i]->name);
		json_add_number(region, "gpa", info->regions[i]->gpa);
		json_add_number(region, "size", info->regions[i]->size);
		json_object_array_add(regions, region);
	}
	json_add_text(object, "protocol", pvhload_protocol_name(info->protocol));
	json_add_text(object, "reason", info->reason);
	json_add_text(object, "decompress", ways_unpacker(info->decompress));
	json_add_number(object, "entry", info->entry);
	json_add_number(object, "kaslr_offset", info->kaslr_offset);
	json_add(object, "regions", regions);
	json_add(object, "memmap", json_memmap(info->memmap->entries, info->memmap->count));
	json_add_text(object, "cmdline", info->cmdline);
	json_add(object, "cpu", json_cpu(info->cpu));
	return json_print(object, stdout);
}

static void print_text(const struct pvhload_plan_info *info, const struct picture *picture)
{
	const struct draw_style drawn = draw_style_of_output();
	const bool pvh = info->protocol == PVHLOAD_PROTOCOL_PVH;

	printf("protocol %s, entry 0x%" PRIx64 ", %s 0x%" PRIx64 "\n",
	       pvhload_protocol_name(info->protocol), info->entry, pvh ? "ebx" : "rsi",
	       pvh ? info->cpu->rbx : info->cpu->rsi);
	printf("because %s\n", info->reason);
	if (ways_unpacker(info->decompress))
		printf("unpacked by the %s\n", ways_unpacker(info->decompress));
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

	if (!picture_make(session, &picture))
		result = tool_fail(options->kernel, "no memory");
	if (result == TOOL_DONE && options->svg)
		result = svg_write(&picture, info, options->svg);
	if (result == TOOL_DONE && options->json)
		(void)print_json(info);
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
