/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
#include "decode_warn.h"

#include <stdio.h>

void warnings_print(const struct pvhload_check *check, uint32_t guest)
{
	if (check->count == 0) {
		printf("nothing in it is known to stop %s\n",
		       guest == PVHLOAD_GUEST_LINUX ? "Linux" : "a guest that is not Linux");
		return;
	}
	printf("warnings, %zu:\n", check->count);
	for (size_t i = 0; i < check->count; i++)
		printf("  %s\n", check->problems[i]->message);
}

struct json_object *warnings_json(const struct pvhload_check *check)
{
	struct json_object *array = json_object_new_array();

	for (size_t i = 0; i < check->count; i++)
		json_object_array_add(array, json_object_new_string(check->problems[i]->message));
	return array;
}
