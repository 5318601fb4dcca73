/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* Reading a text in guest memory that should be NUL-terminated. */
#ifndef PVL_MEMORY_READ_TEXT_H
#define PVL_MEMORY_READ_TEXT_H

#include "memory/access.h"

struct pvl_text {
	char *bytes;     /* NUL-terminated in any case; to be freed */
	uint64_t length; /* without the NUL */
	bool ended;      /* false: no NUL came before the limit, or before the end of RAM */
};

/*
 * Read the text at @gpa up to its NUL, or @limit bytes if there is none among these.  PVHLOAD_E_RANGE
 * if there is no RAM at @gpa; *@ret is filled on success only.
 */
enum pvhload_status pvl_read_text(const struct pvl_memory *mem, uint64_t gpa, uint64_t limit,
				  struct pvl_text *ret, struct pvhload_error *err);

#endif
