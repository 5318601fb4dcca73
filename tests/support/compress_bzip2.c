/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
#include <bzlib.h>

#include "streams.h"

#define BLOCK_UNIT 100000u

/* In blocks no larger than what they are for: memory of both sides is by that. */
struct bytes compress_bzip2(const struct bytes *raw)
{
	unsigned int size = (unsigned int)(raw->size + raw->size / 64 + 1024);
	const size_t units = 1 + raw->size / BLOCK_UNIT;
	struct bytes out = bytes_zero(size);

	BZ2_bzBuffToBuffCompress((char *)out.data, &size, (char *)raw->data,
				 (unsigned int)raw->size, units < 9 ? (int)units : 9, 0, 0);
	out.size = size;
	return out;
}
