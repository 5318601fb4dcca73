/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* The methods to boot an image, those that it can be booted by and those that it cannot, as pvhload_image_explain() says. */
#ifndef TOOL_METHODS_H
#define TOOL_METHODS_H

#include "fields.h"
#include "tool.h"

/* "host", "guest", or NULL if there is nothing to decode. */
const char *methods_decoder(uint32_t decompress);

void methods_print(const struct pvhload_image_explanation *explanation);
extern const struct record method_record; /* of a struct pvhload_image_method; no text */

/* "linux" or "other", of PVHLOAD_GUEST_*. */
const char *guest_name(uint32_t guest);

#endif
