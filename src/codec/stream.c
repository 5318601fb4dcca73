/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
#include "codec/stream.h"

#include <inttypes.h>
#include <stdlib.h>

#include "core/checked.h"
#include "core/error.h"

#define FIRST_ROOM (64u << 10)

enum pvhload_status pvl_output_room(struct pvl_output *output, size_t want,
				    struct pvhload_error *err)
{
	uint64_t size;
	uint8_t *moved;

	if (!output->grows || output->size - output->used >= want || output->size >= output->most)
		return PVHLOAD_OK;
	size = pvl_max_u64(2 * (uint64_t)output->size, FIRST_ROOM);
	size = pvl_max_u64(size, (uint64_t)output->used + want);
	size = pvl_min_u64(size, output->most);
	moved = size <= SIZE_MAX ? realloc(output->data, (size_t)size) : NULL;
	if (!moved)
		return pvl_fail_no_memory(err, size);
	output->data = moved;
	output->size = (size_t)size;
	return PVHLOAD_OK;
}

enum pvhload_status pvl_stream_run(pvl_step_fn *step, void *state, struct pvl_stream stream,
				   uint64_t *at, struct pvl_output *output,
				   struct pvhload_error *err)
{
	for (;;) {
		struct pvl_step s = { .stream = stream, .at = *at };
		enum pvhload_status status = pvl_output_room(output, 1, err);
		uint64_t before = *at;
		bool full;
		uint8_t spare;

		if (status != PVHLOAD_OK)
			return status;
		/*
		 * A full output may be just what the stream decodes to, with its end mark still to
		 * come: one more byte shows whether there is more.
		 */
		full = output->used == output->size;
		s.out = full ? &spare : output->data + output->used;
		s.room = full ? 1 : output->size - output->used;
		status = step(state, &s, err);
		if (status != PVHLOAD_OK)
			return status;
		*at = s.at;
		if (full && s.made > 0)
			return pvl_stream_too_long(stream, *at, output, err);
		output->used += s.made;
		if (s.ended)
			return PVHLOAD_OK;
		if (s.at == before && s.made == 0)
			return pvl_stream_truncated(stream, err);
	}
}

enum pvhload_status pvl_stream_truncated(struct pvl_stream stream, struct pvhload_error *err)
{
	const uint64_t end = stream.offset + stream.bytes.size;

	return pvl_fail(err, PVHLOAD_E_MALFORMED, PVL_AT(end),
			"truncated: the stream still goes on at offset 0x%" PRIx64
			", where it ends",
			end);
}

enum pvhload_status pvl_stream_too_short(struct pvl_stream stream, uint64_t at,
					 const struct pvl_output *output, struct pvhload_error *err)
{
	return pvl_fail(err, PVHLOAD_E_MALFORMED, PVL_AT(stream.offset + at),
			"the stream ends at offset 0x%" PRIx64
			" after %zu decoded bytes, but declares %zu",
			stream.offset + at, output->used, output->size);
}

enum pvhload_status pvl_stream_too_long(struct pvl_stream stream, uint64_t at,
					const struct pvl_output *output, struct pvhload_error *err)
{
	if (output->grows)
		return pvl_fail(err, PVHLOAD_E_LIMIT, PVL_AT(stream.offset + at),
				"it decodes to more than %s, %" PRIu64
				" bytes (at offset 0x%" PRIx64 ")",
				output->limit_name, output->most, stream.offset + at);
	return pvl_fail(err, PVHLOAD_E_MALFORMED, PVL_AT(stream.offset + at),
			"the stream decodes to more than the %zu bytes it declares (at offset "
			"0x%" PRIx64 ")",
			output->size, stream.offset + at);
}

enum pvhload_status pvl_stream_corrupt(struct pvl_stream stream, uint64_t at, const char *why,
				       struct pvhload_error *err)
{
	return pvl_fail(err, PVHLOAD_E_MALFORMED, PVL_AT(stream.offset + at),
			"corrupt at offset 0x%" PRIx64 ": %s", stream.offset + at, why);
}

enum pvhload_status pvl_stream_unsupported(struct pvl_stream stream, uint64_t at, const char *what,
					   struct pvhload_error *err)
{
	return pvl_fail(err, PVHLOAD_E_UNSUPPORTED, PVL_AT(stream.offset + at),
			"unsupported at offset 0x%" PRIx64 ": %s", stream.offset + at, what);
}
