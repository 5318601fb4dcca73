/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
#include "ways.h"

#include <stdio.h>

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

#define METHOD(member) AT_MEMBER(struct pvhload_image_method, member)

static const struct field method_fields[] = {
	{ "protocol", FIELD_NAME, METHOD(protocol), .name = pvhload_protocol_name },
	{ "decompress", FIELD_NAME, METHOD(decompress), .name = ways_unpacker },
	{ "can", FIELD_BOOL, METHOD(can) },
	{ "reason", FIELD_WORDS, METHOD(reason) },
};
const struct record method_record = { RECORD_FIELDS(method_fields) };
