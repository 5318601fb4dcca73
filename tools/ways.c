/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
#include "ways.h"

#include <stdio.h>

#include "json.h"

const char *ways_unpacker(uint32_t decompress)
{
	if (decompress == PVHLOAD_DECOMPRESS_HOST)
		return "host";
	return decompress == PVHLOAD_DECOMPRESS_GUEST ? "guest" : NULL;
}

/* All that can, or all that cannot, the title before the first. */
static void print_those(const struct pvhload_image_explanation *explanation, bool can,
			const char *title)
{
	for (size_t i = 0; i < explanation->count; i++) {
		const struct pvhload_image_method *way = explanation->methods[i];
		const char *unpacker = ways_unpacker(way->decompress);

		if (way->can != can)
			continue;
		printf("  %-13s %s%s%s: %s\n", title, pvhload_protocol_name(way->protocol),
		       unpacker ? ", unpacked by the " : "", unpacker ? unpacker : "", way->reason);
		title = "";
	}
}

void ways_print(const struct pvhload_image_explanation *explanation)
{
	print_those(explanation, true, "boots by");
	print_those(explanation, false, "not by");
}

struct json_object *ways_json(const struct pvhload_image_explanation *explanation)
{
	struct json_object *array = json_object_new_array();

	for (size_t i = 0; i < explanation->count; i++) {
		const struct pvhload_image_method *way = explanation->methods[i];
		struct json_object *object = json_object_new_object();

		json_add_text(object, "protocol", pvhload_protocol_name(way->protocol));
		json_add_text(object, "decompress", ways_unpacker(way->decompress));
		json_add_bool(object, "can", way->can);
		json_add_text(object, "reason", way->reason);
		json_object_array_add(array, object);
	}
	return array;
}
