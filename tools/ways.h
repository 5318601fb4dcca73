/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* What an image can be booted by, and what not, as pvhload_image_explain() says. */
#ifndef TOOL_WAYS_H
#define TOOL_WAYS_H

#include "fields.h"
#include "tool.h"

/* "host", "guest", or NULL if there is nothing to unpack. */
const char *ways_unpacker(uint32_t decompress);

void ways_print(const struct pvhload_image_explanation *explanation);
extern const struct record method_record; /* of a struct pvhload_image_method; no text */

#endif
