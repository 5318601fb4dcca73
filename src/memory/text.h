/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* Reading a NUL-terminated text that a guest points to, and that may have no end. */
#ifndef PVL_MEMORY_TEXT_H
#define PVL_MEMORY_TEXT_H

#include "memory/access.h"

struct pvl_text {
	char *bytes;     /* NUL-terminated in any case; to be freed */
	uint64_t length; /* without the NUL */
	bool ended; /* false: there is no NUL in these bytes, the most allowed or all RAM there */
};

/*
 * Read up to the NUL at or behind @gpa, @most bytes with it.  PVHLOAD_E_RANGE if there is no RAM at
 * @gpa; *@ret is filled on success only.
 */
enum pvhload_status pvl_read_text(const struct pvl_memory *mem, uint64_t gpa, uint64_t most,
				  struct pvl_text *ret, struct pvhload_error *err);

#endif
