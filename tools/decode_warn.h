/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * What decode finds that would stop Linux without a word.  Most of the rules are the library's: what
 * was read is handed to the function that writes it, with a memory that keeps nothing, and what that
 * refuses is the warning.  Of what could not be read, nothing is said but that.
 */
#ifndef TOOL_DECODE_WARN_H
#define TOOL_DECODE_WARN_H

#include <json-c/json.h>

#include "tool.h"

struct warnings {
	char **texts;
	size_t count;
};

__attribute__((format(printf, 2, 3))) void warn(struct warnings *w, const char *format, ...);
void warnings_free(struct warnings *w);
void warnings_print(const struct warnings *w);
struct json_object *warnings_json(const struct warnings *w);

/* What the library says of what cannot be read. */
void warn_of_problems(struct warnings *w, const struct pvhload_error *const *problems,
		      size_t count);

void warn_of_start_info(const struct pvhload_pvh_view *view, uint64_t gpa, struct warnings *w);
void warn_of_zero_page(const struct pvhload_linux_view *view, const struct pvhload_memory *mem,
		       uint64_t gpa, struct warnings *w);

/* Part of the latter: what lies over what. */
void warn_of_overlaps(const struct pvhload_linux_view *view, const struct pvhload_memory *mem,
		      uint64_t gpa, struct warnings *w);

/* A memory of @map's RAM that takes what is written and keeps nothing. */
struct pvhload_memory warn_memory(const struct pvhload_memmap *map);

/* A map without fault: all that a guest can have. */
const struct pvhload_memmap *warn_good_map(void);

/*
 * The RAM that places are held against: @map's, or, if it is NULL or cannot be used, any.  With @spare,
 * *@spare is a page of RAM that the map does not have, for a structure that the guest was not given, or 0
 * if there is none to be found.  False if there is no memory; free the entries.
 */
bool warn_ram(const struct pvhload_memmap *map, uint64_t *spare, struct pvhload_memmap *ret);

#endif
