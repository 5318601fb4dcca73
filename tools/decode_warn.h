/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* What decode finds that would stop a guest without a word: the problems that the library has found. */
#ifndef TOOL_DECODE_WARN_H
#define TOOL_DECODE_WARN_H

#include <json-c/json.h>

#include "tool.h"

/* PVHLOAD_GUEST_* @guest is by whose rules they were looked for. */
void warnings_print(const struct pvhload_check *check, uint32_t guest);
struct json_object *warnings_json(const struct pvhload_check *check);

#endif
