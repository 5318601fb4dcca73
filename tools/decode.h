/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* What decode can read: each prints what it found, or fails with a message about the file at @path. */
#ifndef TOOL_DECODE_H
#define TOOL_DECODE_H

#include "decode_warn.h"
#include "tool.h"

typedef int decode_fn(const struct pvhload_memory *mem, const char *path, uint64_t gpa, bool json);
decode_fn decode_start_info, decode_zero_page;

void decode_print_memmap(const struct pvhload_memmap_entry *entries, size_t count);

/* The command line, as far as there is one; NULL if there is none, or none of it can be read. */
const char *decode_cmdline(const char *text, uint64_t gpa, uint32_t incomplete);
void decode_print_cmdline(const char *text, uint64_t gpa, uint32_t incomplete);

/* Behind how many there are of @part: that there may be more. */
const char *decode_more(uint32_t incomplete, uint32_t part);

/* Print @object, the warnings its last member; or the text's end, with NULL.  Frees both. */
int decode_finish(struct json_object *object, struct warnings *w);

/* A little-endian number of the zero page. */
uint64_t decode_field(const struct pvhload_linux_view *view, uint32_t offset, uint32_t size);

#endif
