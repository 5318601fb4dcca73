/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* The JSON of the verbs.  Addresses are numbers, keys are snake_case. */
#ifndef TOOL_JSON_H
#define TOOL_JSON_H

#include <json-c/json.h>
#include <stdio.h>

#include "tool.h"

/* Add a member; NULL for @value is JSON's null. */
void json_add(struct json_object *object, const char *key, struct json_object *value);

/* A string of @text; null for NULL. */
struct json_object *json_text(const char *text);

/* Print @object, a newline after it, to @file, and free it; false if that failed. */
bool json_print(struct json_object *object, FILE *file);

#endif
