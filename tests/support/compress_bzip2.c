/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
#include <bzlib.h>

#include "streams.h"

struct bytes compress_bzip2(const struct bytes *raw)
{
	unsigned int size = (unsigned int)(raw->size + raw->size / 64 + 1024);
	struct bytes out = bytes_zero(size);

	BZ2_bzBuffToBuffCompress((char *)out.data, &size, (char *)raw->data,
				 (unsigned int)raw->size, 9, 0, 0);
	out.size = size;
	return out;
}
