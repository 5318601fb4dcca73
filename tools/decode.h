/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* What decode can read: each prints what it found, or fails with a message about the file at @path. */
#ifndef TOOL_DECODE_H
#define TOOL_DECODE_H

#include "tool.h"

typedef int decode_fn(const struct pvhload_memory *mem, const char *path, uint64_t gpa, bool json);
decode_fn decode_start_info, decode_zero_page;

/* Guest text may hold anything; a terminal gets printable ASCII. */
void decode_print_text(const char *text);

void decode_print_memmap(const struct pvhload_memmap_entry *entries, size_t count);

#endif
