/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* The JSON of the verbs.  Addresses are numbers, keys are snake_case. */
#ifndef TOOL_JSON_H
#define TOOL_JSON_H

#include <json-c/json.h>
#include <stdio.h>

#include "tool.h"

/* Add a member; NULL for @text or @value is JSON's null. */
void json_add_number(struct json_object *object, const char *key, uint64_t number);
void json_add_bool(struct json_object *object, const char *key, bool value);
void json_add_text(struct json_object *object, const char *key, const char *text);
void json_add(struct json_object *object, const char *key, struct json_object *value);

struct json_object *json_memmap(const struct pvhload_memmap_entry *entries, size_t count);
struct json_object *json_cpu(const struct pvhload_x86_cpu *cpu);

/* Print @object, a newline after it, to @file, and free it; false if that failed. */
bool json_print(struct json_object *object, FILE *file);

#endif
