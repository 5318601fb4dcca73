/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
#include "memory/text.h"

#include <stdlib.h>
#include <string.h>

#include "core/checked.h"
#include "core/error.h"

#define CHUNK 256u /* read at a time: most texts are short */

enum pvhload_status pvl_read_text(const struct pvl_memory *mem, uint64_t gpa, uint64_t most,
				  struct pvl_text *ret, struct pvhload_error *err)
{
	const uint64_t ram = pvl_ram_until(mem->ram, gpa) - gpa;
	const char *end = NULL;
	uint64_t have = 0;
	char *text, *fit;

	most = pvl_min_u64(ram, most);
	if (ram == 0)
		return pvl_memory_check(mem, gpa, 1, err);
	text = malloc((size_t)most + 1);
	if (!text)
		return pvl_fail_no_memory(err, most + 1);
	while (have < most && !end) {
		const size_t n = (size_t)pvl_min_u64(most - have, CHUNK);
		enum pvhload_status status = pvl_memory_read(mem, gpa + have, text + have, n, err);

		if (status != PVHLOAD_OK) {
			free(text);
			return status;
		}
		end = memchr(text + have, 0, n);
		have += n;
	}
	ret->ended = end != NULL;
	ret->length = end ? (uint64_t)(end - text) : most;
	text[ret->length] = '\0';
	fit = realloc(text, (size_t)ret->length + 1);
	ret->bytes = fit ? fit : text;
	return PVHLOAD_OK;
}
