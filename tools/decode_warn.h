/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* What decode finds that would stop Linux without a word: the problems that the library has found. */
#ifndef TOOL_DECODE_WARN_H
#define TOOL_DECODE_WARN_H

#include <json-c/json.h>

#include "tool.h"

void warnings_print(const struct pvhload_check *check);
struct json_object *warnings_json(const struct pvhload_check *check);

#endif
