/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
#include <lz4.h>
#include <lz4frame.h>
#include <lz4hc.h>

#include "streams.h"

/* The legacy frame: magic, then chunks of at most 8 MiB. */
struct bytes compress_lz4(const struct bytes *raw)
{
	const size_t chunk = 8u << 20;
	const size_t chunks = (raw->size + chunk - 1) / chunk;
	const size_t largest = raw->size < chunk ? raw->size : chunk;
	struct bytes out = bytes_zero(4 + chunks * (4 + (size_t)LZ4_compressBound((int)largest)));
	size_t at = 4;

	poke(&out, 0, 0x184c2102, 4);
	for (size_t done = 0; done < raw->size; done += chunk) {
		const size_t n = raw->size - done < chunk ? raw->size - done : chunk;
		const int size =
			LZ4_compress_HC((const char *)raw->data + done, (char *)out.data + at + 4,
					(int)n, LZ4_compressBound((int)n), 9);

		poke(&out, at, (uint64_t)size, 4);
		at += 4 + (size_t)size;
	}
	out.size = at;
	return out;
}

struct bytes compress_lz4_frame(const struct bytes *raw)
{
	LZ4F_preferences_t preferences = { .frameInfo = { .contentChecksumFlag =
								  LZ4F_contentChecksumEnabled } };
	struct bytes out = bytes_zero(LZ4F_compressFrameBound(raw->size, &preferences));

	out.size = LZ4F_compressFrame(out.data, out.size, raw->data, raw->size, &preferences);
	return out;
}
