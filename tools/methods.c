/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
#include "methods.h"

#include <stdio.h>

const char *methods_decoder(uint32_t decompress)
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
		const struct pvhload_image_method *method = explanation->methods[i];
		const char *decoder = methods_decoder(method->decompress);

		if (method->can != can)
			continue;
		printf("  %-13s %s%s%s: %s\n", title, pvhload_protocol_name(method->protocol),
		       decoder ? ", decoded by the " : "", decoder ? decoder : "", method->reason);
		title = "";
	}
}

void methods_print(const struct pvhload_image_explanation *explanation)
{
	print_those(explanation, true, "boots by");
	print_those(explanation, false, "not by");
}

#define METHOD(member) AT_MEMBER(struct pvhload_image_method, member)

static const struct field method_fields[] = {
	{ "protocol", FIELD_NAME, METHOD(protocol), .name = pvhload_protocol_name },
	{ "decompress", FIELD_NAME, METHOD(decompress), .name = methods_decoder },
	{ "can", FIELD_BOOL, METHOD(can) },
	{ "reason", FIELD_WORDS, METHOD(reason) },
};
const struct record method_record = { RECORD_FIELDS(method_fields) };

const char *guest_name(uint32_t guest)
{
	return guest == PVHLOAD_GUEST_LINUX ? "linux" : "other";
}
