/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
#include "memory/read_text.h"

#include "core/checked.h"
#include "core/error.h"
#include "core/libc.h"

#define CHUNK 256u /* read at a time: most texts are short */

/* Read up to the NUL into @text, which holds @max bytes; *@ret_length is without it. */
static enum pvhload_status read_chunks(const struct pvl_memory *mem, uint64_t gpa, char *text,
				       uint64_t max, uint64_t *ret_length, bool *ret_ended,
				       struct pvhload_error *err)
{
	for (uint64_t have = 0; have < max;) {
		const size_t n = (size_t)pvl_min_u64(max - have, CHUNK);
		const char *end;

		PVL_TRY(pvl_memory_read(mem, gpa + have, text + have, n, err));
		end = memchr(text + have, 0, n);
		if (end) {
			*ret_length = (uint64_t)(end - text);
			*ret_ended = true;
			return PVHLOAD_OK;
		}
		have += n;
	}
	*ret_length = max;
	*ret_ended = false;
	return PVHLOAD_OK;
}

enum pvhload_status pvl_read_text(const struct pvl_memory *mem, uint64_t gpa, uint64_t limit,
				  struct pvl_text *ret, struct pvhload_error *err)
{
	const uint64_t max = pvl_min_u64(pvl_ram_until(mem->ram, gpa) - gpa, limit);
	enum pvhload_status status;
	char *text, *shrunk;

	if (max == 0)
		return pvl_memory_check(mem, gpa, 1, err);
	text = malloc((size_t)max + 1);
	if (!text)
		return pvl_fail_no_memory(err, max + 1);
	status = read_chunks(mem, gpa, text, max, &ret->length, &ret->ended, err);
	if (status != PVHLOAD_OK) {
		free(text);
		return status;
	}
	text[ret->length] = '\0';
	shrunk = realloc(text, (size_t)ret->length + 1);
	ret->bytes = shrunk ? shrunk : text;
	return PVHLOAD_OK;
}
