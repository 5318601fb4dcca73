/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * gzip in one piece, by libdeflate: the only user of it.  It takes about half of zlib's time, but knows a
 * stream only as a whole, and not where one is wrong: what it refuses is zlib's to judge.  It takes some tables of
 * codes that zlib refuses, if the decoded bytes match the trailer's CRC32 and ISIZE.
 *
 * ABI source: RFC 1952, section 2.3.
 */
#include <libdeflate.h>

#include "codec/codec.h"

#define FLG        3u
#define FHCRC      0x02u /* the header has a CRC, which zlib checks and libdeflate does not */
#define HEADER_MIN 10u

bool pvl_gzip_at_once(struct pvl_span in, size_t *ret_taken, uint8_t *dst, size_t size)
{
	struct libdeflate_decompressor *decompressor;
	bool done;

	if (in.size < HEADER_MIN || (in.data[FLG] & FHCRC))
		return false;
	decompressor = libdeflate_alloc_decompressor();
	if (!decompressor)
		return false;
	/* Without a place for the size of the output, less than @size is refused as well as more. */
	done = libdeflate_gzip_decompress_ex(decompressor, in.data, in.size, dst, size, ret_taken,
					     NULL) == LIBDEFLATE_SUCCESS;
	libdeflate_free_decompressor(decompressor);
	return done;
}
